package mocktest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/contract"
	"github.com/salesos/salesos-mock/mock/mocktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ada = "/leads/00000000-0000-4000-8000-000000000001"

// begin starts a server for a test. What it has answered to anybody is held against its document in the end.
func begin(t *testing.T, options ...mocktest.Option) *mocktest.Server {
	t.Helper()
	srv := mocktest.New(t, options...)
	conforms(t, srv)
	return srv
}

// conforms makes a test hold what a server has answered against its document. The examples for the documentation have no test that
// could: what they call is called in tests, too.
func conforms(t *testing.T, srv *mocktest.Server) {
	t.Helper()
	t.Cleanup(func() {
		u, err := url.Parse(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		problems, _ := contract.Journal(contract.Address("http://"+u.Host), contract.New)
		for _, problem := range problems {
			t.Error(problem)
		}
	})
}

// get asks for a path of a session, and gives the status and the body.
func get(t testing.TB, s *mocktest.Session, path string, header ...string) (int, string) {
	t.Helper()
	return send(t, s, http.MethodGet, path, "", header...)
}

func send(t testing.TB, s *mocktest.Session, method, path, body string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := s.Client().Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return response.StatusCode, err.Error()
	}
	return response.StatusCode, string(data)
}

// fake is a test that may fail: what it says is kept.
type fake struct {
	testing.TB
	mu       sync.Mutex
	said     strings.Builder
	failed   bool
	cleanups []func()
}

func (f *fake) say(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fmt.Fprintf(&f.said, format+"\n", args...)
}

func (f *fake) Helper()                           {}
func (f *fake) Log(args ...any)                   { f.say("%s", fmt.Sprint(args...)) }
func (f *fake) Logf(format string, args ...any)   { f.say(format, args...) }
func (f *fake) Cleanup(c func())                  { f.cleanups = append(f.cleanups, c) }
func (f *fake) Failed() bool                      { return f.failed }
func (f *fake) Errorf(format string, args ...any) { f.failed = true; f.say(format, args...) }
func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

// failing runs a test to its end, and gives what it said.
func failing(t *testing.T, test func(f *fake)) (said string, failed bool) {
	t.Helper()
	f := &fake{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for i := len(f.cleanups) - 1; i >= 0; i-- {
				f.cleanups[i]()
			}
		}()
		test(f)
	}()
	<-done
	return f.said.String(), f.failed
}

func TestAServerForATest(t *testing.T) {
	srv := begin(t)
	if status, body := get(t, srv.Session("other"), ada); status != 200 || !strings.Contains(body, "Lovelace") {
		t.Errorf("%d %s", status, body)
	}
	if !strings.HasSuffix(srv.URL, "/api") || srv.Name() != "default" {
		t.Errorf("%s at %s", srv.Name(), srv.URL)
	}
	for token, status := range map[string]int{srv.Token("VIEWER"): 403, srv.Token("USER"): 403, srv.Token("mia.manager@example.com"): 204} {
		if got, _ := send(t, srv.Session("default"), http.MethodDelete, ada, "", "Authorization", "Bearer "+token); got != status {
			t.Errorf("status %d, want %d", got, status)
		}
	}
	if n := len(srv.Requests()); n != 3 {
		t.Errorf("%d requests in the default session", n)
	}
}

func TestTheOptionsAreThoseOfTheServer(t *testing.T) {
	srv := begin(t, mocktest.Scenario("offline"), mock.BasePath("/v1"))
	if status, err := get(t, srv.Session("a"), "/leads"); status != 0 || !strings.HasSuffix(srv.URL, "/v1") {
		t.Errorf("%d %s", status, err)
	}
	srv.Deactivate("offline")
	if status, body := get(t, srv.Session("default"), "/leads/stats"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

func TestForcedOutcomes(t *testing.T) {
	srv := begin(t)
	for name, c := range map[string]struct {
		outcome mocktest.Outcome
		want    string // of each of three answers, parted by spaces
		body    string // of the first one
	}{
		"an error":     {mocktest.Unavailable, "503 503 503", `"Service Unavailable"`},
		"some times":   {mocktest.Unavailable.RetryAfter(2).Times(2), "503 503 200", ""},
		"one, another": {mocktest.Internal.Times(1).Then(mocktest.RateLimited.Times(1)), "500 429 200", ""},
		"a message":    {mocktest.NotFound.Message("gone"), "404 404 404", `"message":"gone"`},
		"messages":     {mocktest.Validation.Message("a", "b"), "400 400 400", `"message":["a","b"]`},
		"fields":       {mocktest.Validation.Fields("email"), "400 400 400", `"message":["email must be an email"]`},
		"a status":     {mocktest.Status(418).Times(1), "418 200 200", "teapot"},
		"a body":       {mocktest.Body(200, map[string]int{"a": 1}), "200 200 200", `{"a":1}`},
		"a patch":      {mocktest.Patched(map[string]any{"company": 5}), "200 200 200", `"company":5`},
		"a fault":      {mocktest.EmptyResponse.Times(1), "0 200 200", "EOF"},
		"broken JSON":  {mocktest.MalformedJSON.Times(1), "200 200 200", ""},
		"never":        {mocktest.Internal.Chance(0), "200 200 200", ""},
		"late":         {mocktest.AsUsual.After(time.Millisecond).Header("X-Late", "yes"), "200 200 200", "Lovelace"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := srv.For(t)
			lift := s.Force("GET", "/leads/{id}", c.outcome)
			var statuses []string
			for i := range 3 {
				status, body := get(t, s, ada)
				statuses = append(statuses, fmt.Sprint(status))
				if i == 0 && !strings.Contains(body, c.body) {
					t.Errorf("no %s in %s", c.body, body)
				}
			}
			if got := strings.Join(statuses, " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			lift()
			if status, _ := get(t, s, ada); status != 200 {
				t.Errorf("%d after it was lifted", status)
			}
		})
	}
}

func TestAWriteThatHappenedAllTheSame(t *testing.T) {
	s := begin(t).Session("ghost")
	s.Force("DELETE", "/leads/{id}", mocktest.Internal.Committed().Times(1))
	if status, _ := send(t, s, http.MethodDelete, ada, ""); status != 500 {
		t.Error(status)
	}
	if status, _ := get(t, s, ada); status != 404 {
		t.Error(status)
	}
}

func TestOutcomesAreValues(t *testing.T) {
	s := begin(t).Session("values")
	base := mocktest.Internal.Header("X-A", "1")
	_, _ = base.Header("X-B", "2"), base.Times(1)
	s.Force("", "/leads/stats", base)
	for range 2 {
		r, err := s.Client().Get(s.URL + "/leads/stats")
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != 500 || r.Header.Get("X-A") != "1" || r.Header.Get("X-B") != "" {
			t.Errorf("%d %v", r.StatusCode, r.Header)
		}
	}
}

func TestTheClockOfASession(t *testing.T) {
	srv := begin(t)
	s := srv.For(t)
	token := s.Token("USER")
	s.Freeze()
	start := s.Now()
	s.Advance(25 * time.Hour)
	if got := s.Now().Sub(start); got != 25*time.Hour {
		t.Errorf("advanced by %v", got)
	}
	if status, _ := get(t, s, "/leads", "Authorization", "Bearer "+token); status != 401 {
		t.Errorf("the token is accepted: %d", status)
	}
	if status, _ := get(t, srv.Session("default"), "/leads", "Authorization", "Bearer "+srv.Token("USER")); status != 200 {
		t.Errorf("another session's clock moved: %d", status)
	}
	s.SetTime(time.Date(2026, 12, 24, 18, 0, 0, 0, time.UTC))
	if s.Now().Month() != time.December {
		t.Error(s.Now())
	}
	s.Unfreeze()
	s.Reset()
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests after a reset", n)
	}
}

// Tests in parallel share a server: what one forces, deletes or advances, no other sees.
func TestParallelTestsShareAServer(t *testing.T) {
	srv := begin(t)
	for i := range 20 {
		t.Run(fmt.Sprint("test ", i), func(t *testing.T) {
			t.Parallel()
			s := srv.For(t)
			if i%2 == 0 {
				s.Force("GET", "/leads/{id}", mocktest.Unavailable.RetryAfter(1).Times(1))
				_, _ = get(t, s, ada)
				_, _ = send(t, s, http.MethodDelete, ada, "")
			}
			want := map[bool]int{true: 404, false: 200}[i%2 == 0]
			if status, body := get(t, s, ada); status != want {
				t.Errorf("%d %s", status, body)
			}
			s.Verify(t, mocktest.Requests("DELETE", "/leads/{id}").Exactly((i+1)%2), mocktest.Requests("GET", "/leads/{id}").Exactly(2-i%2))
		})
	}
}

func TestSessionsAreNamedAfterTests(t *testing.T) {
	srv := begin(t)
	names := map[string]bool{}
	for _, name := range []string{"a", "a b", "a_b", "ä", strings.Repeat("long", 30), strings.Repeat("long", 30) + "er"} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // go test -count=2
				s := srv.For(t)
				if names[s.Name()] || !regexp.MustCompile(`^TestSessionsAreNamedAfterTests[A-Za-z0-9._-]{1,34}$`).MatchString(s.Name()) {
					t.Errorf("%q is called %s", name, s.Name())
				}
				names[s.Name()] = true
			}
		})
	}
}

func TestVerifyCounts(t *testing.T) {
	s := begin(t).Session("counted")
	lead := func(email string) string { return `{"firstName":"A","lastName":"B","email":"` + email + `"}` }
	_, _ = send(t, s, http.MethodPost, "/leads", lead("a@example.com"), "X-Tenant", "acme")
	_, _ = send(t, s, http.MethodPost, "/leads", lead("a@example.com"))
	_, _ = get(t, s, "/leads?status=NEW")
	post := mocktest.Requests("POST", "/leads")
	s.Verify(t, post, post.Exactly(2), post.AtLeast(1).AtMost(2), post.Answered(201).Exactly(1), post.Answered(409, 422).Exactly(1), post.Header("x-tenant", "acme").Exactly(1),
		post.Body(map[string]string{"email": "a@example.com"}).Exactly(2), post.Within(time.Minute).Exactly(2), mocktest.Requests("", "/api/leads/**").Exactly(3),
		mocktest.Requests("GET", "/leads").Query("status", "NEW"), mocktest.Requests("DELETE", "").Never(), mocktest.InOrder(post.Answered(201), post.Answered(409), mocktest.Requests("GET", "/leads")))
}

func TestFailuresAreTold(t *testing.T) {
	srv := begin(t)
	for name, c := range map[string]struct {
		test func(f *fake, s *mocktest.Session)
		want []string
	}{
		"an expectation": {
			func(f *fake, s *mocktest.Session) {
				_, _ = send(t, s, http.MethodPatch, ada, "{}")
				s.Verify(f, mocktest.Requests("PUT", ada).Exactly(1).Named("the lead is replaced"))
			},
			[]string{"1 of 1 expectations not met", "the lead is replaced", "PATCH /leads/0000", "had 1 request\n  ", " PATCH /leads/00000000-0000-4000-8000-000000000001 → 200 fixture\n"},
		},
		"conduct": {
			func(f *fake, s *mocktest.Session) {
				for range 2 {
					_, _ = send(t, s, http.MethodPost, "/leads", `{"email":"no"}`)
				}
				s.Audit(f, mocktest.Backoff)
			},
			[]string{"failure no-retry", "POST /leads", "(attempt 2)", `"message":["email must be an email"`},
		},
		"a rule that makes no sense": {
			func(_ *fake, s *mocktest.Session) { s.Force("GET", "/leads", mocktest.Internal.Chance(2)) },
			[]string{"mocktest: the rule makes no sense:\n", "chance"},
		},
		"a path without a slash": {
			func(_ *fake, s *mocktest.Session) { s.Force("GET", "leads", mocktest.Internal) },
			[]string{`the path "leads" does not begin with a slash`},
		},
		"a body that is no JSON": {
			func(_ *fake, s *mocktest.Session) { s.Force("GET", "/leads", mocktest.Body(200, func() {})) },
			[]string{`mocktest: Force("GET", "/leads"): json: unsupported type`},
		},
		"no expectation": {
			func(f *fake, s *mocktest.Session) { s.Verify(f) },
			[]string{"nothing is expected: Verify needs an expectation"},
		},
		"counts that contradict": {
			func(f *fake, s *mocktest.Session) { s.Verify(f, mocktest.Requests("GET", "/leads").Exactly(1).Never()) },
			[]string{"the expectation makes no sense:\n", "contradicts"},
		},
		"a role":     {func(_ *fake, s *mocktest.Session) { s.Token("ADMN") }, []string{`role "ADMN" is unknown`}},
		"a scenario": {func(_ *fake, s *mocktest.Session) { s.Activate("flaky") }, []string{`unknown scenario "flaky"`}},
		"the other":  {func(_ *fake, s *mocktest.Session) { s.Deactivate("flaky") }, []string{`unknown scenario "flaky"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, failed := failing(t, func(f *fake) { c.test(f, srv.For(named{f, t.Name()})) })
			if !failed {
				t.Error("it did not fail")
			}
			for _, want := range c.want {
				if !strings.Contains(said, want) {
					t.Errorf("no %q in\n%s", want, said)
				}
			}
		})
	}
}

// named is a fake with a name.
type named struct {
	*fake
	name string
}

func (n named) Name() string { return n.name }

func TestWhatPassesSaysNothing(t *testing.T) {
	srv := begin(t)
	said, failed := failing(t, func(f *fake) {
		s := srv.For(named{f, t.Name()})
		s.Audit(f)
		_, _ = get(t, s, "/leads")
		s.Verify(f, mocktest.Requests("GET", "/leads"))
	})
	if failed || said != "" {
		t.Errorf("%v: %s", failed, said)
	}
	said, failed = failing(t, func(f *fake) { srv.For(named{f, t.Name()}).Force("GET", "/leeds", mocktest.Internal) })
	if failed || !strings.Contains(said, `is this meant?`) || !strings.Contains(said, "/leads") {
		t.Errorf("a path that no route has: %v %s", failed, said)
	}
}

func TestAServerThatCannotStart(t *testing.T) {
	said, failed := failing(t, func(f *fake) { mocktest.New(f, mocktest.Scenario("flaky-lits")) })
	if !failed || !strings.Contains(said, "flaky-list") {
		t.Errorf("%v: %s", failed, said)
	}
}

func TestWithoutATestWrongUsePanics(t *testing.T) {
	srv, err := mocktest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	defer srv.Close() // twice does no harm
	defer func() {
		if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "mocktest: ") || !strings.Contains(got, "is no session name") {
			t.Errorf("panic: %s", got)
		}
	}()
	srv.Session("no name")
}

func TestTheKeyStaysWithTheServer(t *testing.T) {
	one, other := begin(t), begin(t, mock.Auth("off"))
	r, err := one.Client().Get(other.URL + "/leads/stats")
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if headers := other.Requests()[0].Request.Headers; headers["X-Api-Key"] != nil {
		t.Errorf("the key was sent elsewhere: %v", headers)
	}
}

func TestCoverageOfATest(t *testing.T) {
	s := begin(t).Session("covered")
	s.Force("GET", "/leads", mocktest.Forbidden)
	_, _ = get(t, s, "/leads")
	if c := s.Coverage(); c.Exercised != 1 {
		t.Errorf("%d exercised", c.Exercised)
	}
}

func TestExpectationsAreFilesInJSON(t *testing.T) {
	got, err := json.Marshal(mocktest.Requests("GET", "/leads").Exactly(1).Within(time.Second))
	if want := `{"exactly":1,"when":{"method":"GET","path":"/leads"},"within":"1s"}`; string(got) != want || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
}
