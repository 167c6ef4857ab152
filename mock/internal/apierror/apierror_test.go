package apierror_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
)

// The bytes are written out here once more on purpose: they are the published contract, and a change in the
// constructors must show up as a difference from it.
func TestDocumentedBytes(t *testing.T) {
	want := map[string]string{}
	data, err := os.ReadFile("testdata/documented.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, entry := range apierror.Catalogue() {
		got[string(entry.Name)] = string(entry.Error.Body())
	}
	got["unmatched"] = string(apierror.NewUnmatched("PATCH", "/api/nothing").Body())
	got["too_large"] = string(apierror.NewTooLarge().Body())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRetryAfterOnlyWhereDocumented(t *testing.T) {
	for _, entry := range apierror.Catalogue() {
		waits := entry.Error.Status == http.StatusTooManyRequests || entry.Error.Status == http.StatusServiceUnavailable
		if got := entry.Error.RetryAfter; (got == "30") != waits || (got == "") == waits {
			t.Errorf("%s: Retry-After %q", entry.Name, got)
		}
	}
}

func TestLookup(t *testing.T) {
	for _, name := range append(apierror.Names(), "rate-limited", "not-found") {
		if _, ok := apierror.Lookup(name); !ok {
			t.Errorf("%s is not found", name)
		}
	}
	for _, name := range []string{"", "ratelimited", "RATE_LIMITED", "503"} {
		if _, ok := apierror.Lookup(name); ok {
			t.Errorf("%q is found", name)
		}
	}
}

func TestFromStatus(t *testing.T) {
	for status, want := range map[int]string{
		400: `{"statusCode":400,"message":"Bad Request","error":"Validation failed"}`,
		404: `{"statusCode":404,"message":"Lead with id abc123 not found"}`,
		413: `{"statusCode":413,"message":"request entity too large","error":"Payload Too Large"}`,
		418: `{"statusCode":418,"message":"I'm a teapot"}`,
		502: `{"statusCode":502,"message":"Bad Gateway"}`,
		599: `{"statusCode":599,"message":"Unknown Error"}`,
	} {
		if got := string(apierror.FromStatus(status).Body()); got != want {
			t.Errorf("%d: got %s, want %s", status, got, want)
		}
	}
}

func TestBodyKeepsMarkup(t *testing.T) {
	got := string(apierror.NewNotFound("Lead", `<b>&"é`).Body())
	if want := `{"statusCode":404,"message":"Lead with id <b>&\"é not found"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
