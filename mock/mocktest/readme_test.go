package mocktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/mocktest"
)

// salesos stands for the package of the client that README.md tests.
var salesos = struct {
	NewClient func(url, key string) client
}{func(url, key string) client { return client{url, key} }}

type client struct{ url, key string }

// Leads asks again when it is told when.
func (c client) Leads(ctx context.Context) (leads []any, err error) {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/leads", nil)
		if err != nil {
			return nil, err
		}
		r.Header.Set("X-API-Key", c.key)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		if response.StatusCode == http.StatusOK {
			err = json.NewDecoder(response.Body).Decode(&leads)
			http.DefaultClient.CloseIdleConnections()
			return leads, err
		}
		wait, err := time.ParseDuration(response.Header.Get("Retry-After") + "s")
		if err != nil {
			return nil, fmt.Errorf("%s", response.Status)
		}
		<-time.After(wait)
	}
}

// The examples of README.md, word by word.

func TestTheListIsRetried(t *testing.T) {
	t.Parallel()
	srv := mocktest.New(t) // on a free port; it closes with the test
	conforms(t, srv)
	srv.Force("GET", "/leads", mocktest.Unavailable.RetryAfter(2).Times(2))

	leads, err := salesos.NewClient(srv.URL, srv.APIKey()).Leads(t.Context()) // the client under test
	if err != nil || len(leads) == 0 {
		t.Errorf("%d leads, %v", len(leads), err)
	}

	srv.Verify(t, mocktest.Requests("GET", "/leads").Exactly(3))
	srv.Audit(t) // it waited as long as it was told to
}

func TestErrorsAreShown(t *testing.T) {
	srv := mocktest.New(t)
	conforms(t, srv)
	for name, outcome := range map[string]mocktest.Outcome{"no right": mocktest.Forbidden, "no network": mocktest.ConnectionReset} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := srv.For(t)
			s.Force("POST", "/leads", outcome)
			// … call s.URL, and look at what the user is told
			_, _ = send(t, s, http.MethodPost, "/leads", "{}")
			s.Verify(t, mocktest.Requests("POST", "/leads").Exactly(1))
		})
	}
}

// TestReadmeIsTested finds each line of the Go examples of README.md in this file, in their order.
func TestReadmeIsTested(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(readme, -1)
	if len(blocks) < 2 {
		t.Fatalf("README.md has %d Go examples", len(blocks))
	}
	for _, block := range blocks {
		rest := string(here)
		for line := range strings.Lines(string(block[1])) {
			_, after, found := strings.Cut(rest, line)
			if !found {
				t.Errorf("not tested: %s", line)
				break
			}
			rest = after
		}
	}
}
