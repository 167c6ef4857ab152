package mocktest_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/salesos/salesos-mock/mock/mocktest"
)

// retryable is a client of the library as it comes, but for shorter waits where nobody asks for longer ones.
func retryable(s *mocktest.Session) *retryablehttp.Client {
	c := retryablehttp.NewClient()
	c.HTTPClient, c.Logger = s.Client(), nil
	c.RetryWaitMin, c.RetryWaitMax, c.RetryMax = 120*time.Millisecond, time.Second, 3
	return c
}

// What the audit says of go-retryablehttp, and why.
func TestGoRetryableHTTP(t *testing.T) {
	srv := begin(t)
	lead := `{"firstName":"Alan","lastName":"Turing"}`
	for name, c := range map[string]struct {
		method, path, body string
		outcome            mocktest.Outcome
		tries              int
		want               []mocktest.Rule // in any order
	}{
		// It reads Retry-After of a 429 and a 503, in seconds and as a date, and waits as long.
		"a 503 that says when":  {"GET", "/leads", "", mocktest.Unavailable.RetryAfter(1).Times(1), 2, nil},
		"a 429 that says when":  {"GET", "/leads", "", mocktest.RateLimited.RetryAfter(1).Times(1), 2, nil},
		"a date":                {"GET", "/leads", "", mocktest.Unavailable.RetryAfterText("date+2").Times(1), 2, nil},
		"a 503 that says never": {"GET", "/leads", "", mocktest.Unavailable.RetryAfterText("none").Times(3), 4, nil}, // its waits double
		// What the request itself is to blame for is not sent again.
		"a refusal":    {"GET", "/leads", "", mocktest.Forbidden, 1, nil},
		"a duplicate":  {"POST", "/leads", lead, mocktest.Conflict, 1, nil},
		"a wrong lead": {"POST", "/leads", `{"email":"no"}`, mocktest.AsUsual, 1, nil},
		// It repeats a POST as it repeats a GET: one that failed after it was carried out is carried out twice, or refused as a duplicate
		// that the user has not made. Whoever posts with this library needs a CheckRetry of his own.
		"a POST that happened": {"POST", "/leads", lead, mocktest.Internal.Committed().Times(1), 2, []mocktest.Rule{mocktest.UnsafeRetry}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := srv.For(t)
			s.Force(c.method, c.path, c.outcome)
			request, err := retryablehttp.NewRequestWithContext(t.Context(), c.method, s.URL+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			response, err := retryable(s).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			s.Verify(t, mocktest.Requests(c.method, c.path).Exactly(c.tries))
			var found []mocktest.Rule
			for _, f := range s.Findings() {
				found = append(found, f.Rule)
			}
			if slices.Sort(found); !slices.Equal(found, c.want) {
				t.Errorf("found %v, want %v", found, c.want)
			}
			s.Audit(t, c.want...)
		})
	}
}

// The repair: POST is left out of what is retried.
func TestGoRetryableHTTPThatLeavesPostsAlone(t *testing.T) {
	s := begin(t).Session("repaired")
	s.Force("POST", "/leads", mocktest.Internal.Committed().Times(1))
	client := retryable(s)
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	retry := client.CheckRetry
	client.CheckRetry = func(ctx context.Context, response *http.Response, err error) (bool, error) {
		if response != nil && response.Request.Method == http.MethodPost {
			return false, err
		}
		return retry(ctx, response, err)
	}
	response, err := client.Post(s.URL+"/leads", "application/json", strings.NewReader(`{"firstName":"Alan","lastName":"Turing","email":"alan@example.com"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	s.Verify(t, mocktest.Requests("POST", "/leads").Exactly(1))
	s.Audit(t)
}
