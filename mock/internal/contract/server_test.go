package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/contract"
)

// What a server did is judged by its document; here it is judged by another one, in which a status and a route are missing.
func TestTheJournalIsHeldAgainstTheDocument(t *testing.T) {
	m, err := mock.New()
	if err != nil {
		t.Fatal(err)
	}
	ask := contract.Handler(m.Handler())
	for _, path := range []string{"/api/leads?limit=0", "/api/leads", "/api/status", "/api/nothing"} {
		ask(path)
	}
	if problems, checked := contract.Journal(ask, contract.New); problems != nil || checked != 4 {
		t.Errorf("of %d exchanges: %q", checked, problems)
	}
	problems, _ := contract.Journal(func(path string) (int, []byte) {
		status, body := ask(path)
		if path == "/__admin/openapi.json" {
			body = []byte(strings.NewReplacer(`"401": {`, `"402": {`, `"/status": {`, `"/state": {`).Replace(string(body)))
		}
		return status, body
	}, contract.New)
	for _, want := range []string{"the status 401 is not documented", "is no documented operation"} {
		if !slices.ContainsFunc(problems, func(problem string) bool { return strings.Contains(problem, want) }) {
			t.Errorf("nothing was said of this: %s; %q", want, problems)
		}
	}
}

// Where nothing can be known, nothing is said; where there should be a journal, its absence is.
func TestAJournalThatCannotBeRead(t *testing.T) {
	m, err := mock.New()
	if err != nil {
		t.Fatal(err)
	}
	ask := contract.Handler(m.Handler())
	hiding := func(what string, status int) contract.Get {
		return func(path string) (int, []byte) {
			if strings.HasPrefix(path, "/__admin/"+what) {
				return status, nil
			}
			return ask(path)
		}
	}
	if problems, checked := contract.Journal(hiding("openapi", http.StatusUnauthorized), contract.New); problems != nil || checked != 0 {
		t.Errorf("a token is asked for: %d, %q", checked, problems)
	}
	if problems, _ := contract.Journal(hiding("requests", http.StatusNotFound), contract.New); len(problems) != 1 {
		t.Errorf("there is no journal: %q", problems)
	}
}
