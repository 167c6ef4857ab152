package mocktest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/mocktest"
)

// leads is the client under test: it asks again when it is told that the service is unavailable.
func leads(client *http.Client, url string) (int, error) {
	for try := 1; ; try++ {
		response, err := client.Get(url + "/leads?limit=5")
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()
		switch {
		case response.StatusCode == http.StatusServiceUnavailable && try < 3:
			wait, err := time.ParseDuration(response.Header.Get("Retry-After") + "s")
			if err != nil {
				return 0, err
			}
			<-time.After(wait)
			continue
		case response.StatusCode != http.StatusOK:
			return 0, fmt.Errorf("the list of leads cannot be read: %s", response.Status)
		}
		var list []struct{ ID string }
		err = json.NewDecoder(response.Body).Decode(&list)
		return len(list), err
	}
}

// A server without a test, as TestMain would start it. In a test, New is all that is needed.
func Example() {
	srv, err := mocktest.Start()
	if err != nil {
		panic(err)
	}
	defer srv.Close()

	srv.Force("GET", "/leads", mocktest.Unavailable.RetryAfter(1).Times(1))
	fmt.Println(leads(srv.Client(), srv.URL))

	for _, r := range srv.Requests() {
		fmt.Println(r.Method, r.Path, r.Status, r.Decision)
	}
	// Output:
	// 5 <nil>
	// GET /api/leads 503 scenario
	// GET /api/leads 200 fixture
}

// In a test there is nothing to start, to close or to clean up.
func ExampleNew() {
	_ = func(t *testing.T) {
		srv := mocktest.New(t)
		srv.Force("GET", "/leads", mocktest.Unavailable.RetryAfter(1).Times(1))

		if n, err := leads(srv.Client(), srv.URL); n != 5 || err != nil {
			t.Errorf("%d leads, %v", n, err)
		}
		srv.Verify(t, mocktest.Requests("GET", "/leads").Exactly(2))
		srv.Audit(t)
	}
}

// Parallel tests share one server. Each has a session of its own.
func ExampleServer_For() {
	_ = func(t *testing.T) {
		srv := mocktest.New(t)
		for name, outcome := range map[string]mocktest.Outcome{
			"no right":   mocktest.Forbidden,
			"no service": mocktest.Unavailable.RetryAfter(0),
			"no network": mocktest.ConnectionReset,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := srv.For(t)
				s.Force("GET", "/leads", outcome)
				if _, err := leads(s.Client(), s.URL); err == nil {
					t.Error("the error is not told")
				}
			})
		}
	}
}

func ExampleServer_Session() {
	srv, err := mocktest.Start()
	if err != nil {
		panic(err)
	}
	defer srv.Close()

	checkout := srv.Session("checkout")
	checkout.Force("GET", "/leads", mocktest.Forbidden)
	_, err = leads(checkout.Client(), checkout.URL)
	fmt.Println(err)
	_, err = leads(srv.Client(), srv.URL) // the default session
	fmt.Println(err)
	// Output:
	// the list of leads cannot be read: 403 Forbidden
	// <nil>
}

func ExampleSession_Advance() {
	srv, err := mocktest.Start()
	if err != nil {
		panic(err)
	}
	defer srv.Close()

	request, err := http.NewRequest(http.MethodGet, srv.URL+"/auth/me", nil)
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", "Bearer "+srv.Token("USER"))
	for range 2 {
		response, err := srv.Client().Do(request)
		if err != nil {
			panic(err)
		}
		_ = response.Body.Close()
		fmt.Println(response.StatusCode)
		srv.Advance(25 * time.Hour) // tokens live a day
	}
	// Output:
	// 200
	// 401
}

func ExampleSession_Findings() {
	srv, err := mocktest.Start()
	if err != nil {
		panic(err)
	}
	defer srv.Close()

	srv.Force("GET", "/leads", mocktest.Unavailable.RetryAfter(30).Times(1))
	for range 2 { // a client that does not wait
		response, err := srv.Client().Get(srv.URL + "/leads")
		if err != nil {
			panic(err)
		}
		_ = response.Body.Close()
	}
	for _, f := range srv.Findings() {
		fmt.Println(f.Rule, f.Call)
		fmt.Println(f.Fix)
	}
	// Output:
	// retry-after GET /leads
	// Read Retry-After (seconds or an HTTP date), and hold back the call, after a 429 every call of this credential, until then.
}

func ExampleOutcome_Then() {
	srv, err := mocktest.Start()
	if err != nil {
		panic(err)
	}
	defer srv.Close()

	srv.Force("", "/leads/**", mocktest.Unavailable.Times(2).Then(mocktest.RateLimited.Times(1)))
	for range 4 {
		response, err := srv.Client().Get(srv.URL + "/leads/stats")
		if err != nil {
			panic(err)
		}
		_ = response.Body.Close()
		fmt.Print(response.StatusCode, " ")
	}
	// Output:
	// 503 503 429 200
}

func ExampleRequests() {
	_ = func(t *testing.T, srv *mocktest.Server) {
		created := mocktest.Requests("POST", "/leads").Body(map[string]string{"email": "ada@example.com"})
		srv.Verify(t,
			created.Exactly(1),
			mocktest.Requests("DELETE", "/leads/{id}").Never(),
			mocktest.InOrder(mocktest.Requests("POST", "/auth/login"), created.Answered(201)),
		)
	}
}
