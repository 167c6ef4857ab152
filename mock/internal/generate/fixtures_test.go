package generate

import (
	"encoding/json"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/salesos/salesos-mock/fixtures"
)

// TestShippedLeads completes the hand-written leads and holds them against the rules of leads.
func TestShippedLeads(t *testing.T) {
	data, err := fixtures.FS.ReadFile("leads.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if data[0] != '#' {
		t.Error("the first line is no comment")
	}
	var written []map[string]any
	if err := yaml.Unmarshal(data, &written); err != nil {
		t.Fatal(err)
	}
	g := leads(t)
	seen, ids, emails := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, lead := range written {
		text, err := json.Marshal(lead)
		if err != nil {
			t.Fatal(err)
		}
		r := complete(t, g, string(text), string(text))
		checkLead(t, g.def, r)
		seen[r.text("status")] = true
		if id := r.text("id"); ids[id] {
			t.Errorf("id %s twice", id)
		}
		if email := r.text("email"); email != "" && emails[email] {
			t.Errorf("email %s twice", email)
		}
		ids[r.text("id")], emails[r.text("email")] = true, true
		if i == 0 && (r.text("id") != "00000000-0000-4000-8000-000000000001" || r.text("email") != "ada@example.com" || r.text("status") != "QUALIFIED" || r.text("lastName") != "Lovelace") {
			t.Errorf("the first lead is %s", text)
		}
	}
	for _, status := range []string{"NEW", "CONTACTED", "QUALIFIED", "LOST", "CONVERTED"} {
		if !seen[status] {
			t.Errorf("no lead is %s", status)
		}
	}
	if len(written) < 12 {
		t.Errorf("%d leads", len(written))
	}
}
