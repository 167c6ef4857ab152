package outcome_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock/internal/outcome"
)

// What is remembered is what parsing gives, for whoever asks, in whatever order.
func TestMemoryGivesWhatParsingGives(t *testing.T) {
	var memory outcome.Memory
	requests := []struct {
		header http.Header
		query  string
	}{
		{http.Header{"X-Mock-Error": {"unavailable"}}, ""},
		{http.Header{"X-Mock-Error": {"unavailable"}}, "page=2"},
		{http.Header{"X-Mock-Error": {"conflict"}}, "page=2"},
		{http.Header{"X-Mock-Error": {"unavailable"}, "X-Mock-Delay": {"5"}}, ""},
		{http.Header{"X-Mock-Error": {"unavailable"}, "X-Mock-Message": {"a", "b"}}, ""},
		{http.Header{"X-Mock-Error": {"unavalable"}}, ""},
		{http.Header{}, "__error=internal"},
		{http.Header{}, "__error=internal&__session=a"},
		{http.Header{"Prefer": {"code=503"}}, ""},
	}
	for n := range 1200 { // more than are remembered
		requests = append(requests, struct {
			header http.Header
			query  string
		}{http.Header{}, fmt.Sprintf("__error=internal&n=%d", n)})
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 2 {
				for _, r := range requests {
					got, gotErr := memory.Parse(r.header, r.query)
					want, wantErr := outcome.ParseDirectives(r.header, r.query)
					if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome.RetryAfter{})); diff != "" {
						t.Errorf("%v %s: %s", r.header, r.query, diff)
						return
					}
					if diff := cmp.Diff(wantErr, gotErr); diff != "" {
						t.Errorf("%v %s: %s", r.header, r.query, diff)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}
