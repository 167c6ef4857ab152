package operation_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

func table(t *testing.T, canned ...operation.CannedRoute) *operation.Table {
	t.Helper()
	leads := schema.NewDefinition("leads", "Lead", []schema.Field{{Name: "id", Type: schema.String}})
	contacts := schema.NewDefinition("contacts", "Contact", []schema.Field{{Name: "id", Type: schema.String}})
	all, err := operation.New([]*schema.Definition{leads, contacts}, canned)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLookup(t *testing.T) {
	all := table(t, operation.CannedRoute{Method: "GET", Path: "/campaigns/{campaign}/stats/{id}", Answer: operation.Answer{Status: 200}})
	for _, c := range []struct{ method, path, operation, id string }{
		{"GET", "/leads", "listLeads", ""},
		{"HEAD", "/leads", "listLeads", ""},
		{"GET", "/leads/", "listLeads", ""},
		{"POST", "/leads", "createLead", ""},
		{"GET", "/leads/stats", "getLeadStats", ""},
		{"GET", "/leads/abc123", "getLead", "abc123"},
		{"GET", "/leads/a%2Fb%20c", "getLead", "a/b c"},
		{"PATCH", "/leads/1", "updateLead", "1"},
		{"PUT", "/leads/1", "replaceLead", "1"},
		{"DELETE", "/leads/1", "deleteLead", "1"},
		{"DELETE", "/leads/stats", "deleteLead", "stats"}, // a static segment that lacks the method gives way
		{"GET", "/leads/bulk", "getLead", "bulk"},
		{"POST", "/leads/bulk/update", "bulkUpdateLeads", ""},
		{"POST", "/leads/1/convert", "convertLead", "1"},
		{"POST", "/leads/bulk/convert", "convertLead", "bulk"},
		{"GET", "/contacts/1", "getContact", "1"},
		{"POST", "/auth/login", "login", ""},
		{"GET", "/campaigns/7/stats/8", "getCampaignsCampaignStatsId", "8"},
		{"POST", "/contacts/1/convert", "", ""},
		{"PATCH", "/leads", "", ""},
		{"PATCH", "/nothing", "", ""},
		{"GET", "/leads//", "", ""},
		{"GET", "//leads", "", ""},
		{"GET", "", "", ""},
		{"GET", "/", "", ""},
		{"get", "/leads", "", ""},
	} {
		match, ok := all.Lookup(c.method, c.path)
		got := ""
		if ok {
			got = match.Operation.ID
		}
		if got != c.operation || match.ID != c.id {
			t.Errorf("%s %s: got %q with id %q, want %q with %q", c.method, c.path, got, match.ID, c.operation, c.id)
		}
	}
}

func TestMethods(t *testing.T) {
	all := table(t)
	if got := strings.Join(all.Methods("/leads"), " "); got != "GET POST HEAD OPTIONS" {
		t.Error(got)
	}
	if got := all.Methods("/nothing"); got != nil {
		t.Error(got)
	}
}

func TestTwoOperationsForOneRouteAreAnError(t *testing.T) {
	canned := operation.CannedRoute{Method: "GET", Path: "/leads/{key}", Answer: operation.Answer{Status: 200}}
	leads := schema.NewDefinition("leads", "Lead", nil)
	_, err := operation.New([]*schema.Definition{leads}, []operation.CannedRoute{canned})
	if err == nil || !strings.Contains(err.Error(), "GET /leads/{key} is defined twice") {
		t.Error(err)
	}
}

// The rows are the sentence of control.md's introduction that begins "It fits".
func TestFits(t *testing.T) {
	all := table(t,
		operation.CannedRoute{Method: "POST", Path: "/activities", Answer: operation.Answer{Status: 201}},
		operation.CannedRoute{Method: "GET", Path: "/status", Public: true, Answer: operation.Answer{Status: 200}})
	always := "rate_limited internal unavailable"
	for id, want := range map[string]string{
		"listLeads":       "validation unauthorized forbidden",
		"createLead":      "bad_request validation unauthorized forbidden conflict",
		"getLead":         "unauthorized forbidden not_found",
		"updateLead":      "bad_request validation unauthorized forbidden not_found conflict unprocessable",
		"replaceLead":     "bad_request validation unauthorized forbidden not_found conflict unprocessable",
		"deleteLead":      "unauthorized forbidden not_found",
		"convertLead":     "bad_request validation unauthorized forbidden not_found conflict unprocessable",
		"scoreLead":       "unauthorized forbidden not_found",
		"bulkUpdateLeads": "bad_request validation unauthorized forbidden conflict",
		"bulkDeleteLeads": "bad_request validation unauthorized forbidden",
		"getLeadStats":    "unauthorized forbidden",
		"updateContact":   "bad_request validation unauthorized forbidden not_found conflict",
		"login":           "bad_request validation unauthorized",
		"refreshToken":    "unauthorized forbidden",
		"getOAuthStatus":  "",
		"postActivities":  "bad_request validation unauthorized forbidden",
		"getStatus":       "",
	} {
		o := all.ByID(id)
		if o == nil {
			t.Errorf("there is no operation %s", id)
			continue
		}
		wanted := strings.Fields(want + " " + always)
		for _, entry := range apierror.Catalogue() {
			if got := o.Fits(entry.Name); got != slices.Contains(wanted, string(entry.Name)) {
				t.Errorf("%s fits %s: got %v", entry.Name, id, got)
			}
		}
	}
}

func TestOperationIDsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range table(t).All() {
		if seen[o.ID] {
			t.Errorf("%s stands twice", o.ID)
		}
		seen[o.ID] = true
		if o.Method == http.MethodGet && o.Writes() {
			t.Errorf("%s writes with GET", o.ID)
		}
	}
}
