package generate

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/mock/internal/validatorjs"
)

// checkLead holds a lead against what a lead can be.
func checkLead(t rapid.TB, def *schema.Definition, r row) {
	t.Helper()
	bad := func(what string) {
		t.Helper()
		lead, _ := json.MarshalIndent(r, "", "  ")
		t.Errorf("%s: %s", what, lead)
	}
	status := r.text("status")
	qualified := status == "QUALIFIED" || status == "CONVERTED"
	converted := status == "CONVERTED"
	if string(r["isQualified"]) == "true" != qualified || r.has("qualifiedDate") != qualified {
		bad("status, isQualified and qualifiedDate disagree")
	}
	for _, name := range []string{"convertedDate", "convertedAccountId", "convertedContactId", "convertedOpportunityId"} {
		if r.has(name) != converted {
			bad(name + " does not fit the status")
		}
	}
	if r.has("disqualifiedReason") && status != "LOST" {
		bad("disqualifiedReason of one that is not lost")
	}
	if r.has("lastContactedAt") == (status == "NEW") {
		bad("lastContactedAt does not fit the status")
	}
	order := func(names ...string) {
		t.Helper()
		last := ""
		for _, name := range names {
			if at := r.text(name); at != "" {
				if at < last {
					bad(name + " is too early")
				}
				last = at
			}
		}
	}
	order("createdAt", "qualifiedDate", "convertedDate")
	order("createdAt", "updatedAt", "convertedDate")
	order("createdAt", "lastContactedAt", "updatedAt")
	if !converted {
		order("qualifiedDate", "updatedAt")
	}
	for i := range def.Fields {
		checkValue(t, &def.Fields[i], r[def.Fields[i].Name])
	}
}

func TestLeadsAreConsistentAndLookReal(t *testing.T) {
	g := leads(t)
	emails, ids, industries := map[string]bool{}, map[string]bool{}, map[string]string{}
	first, last := g.def.Generate.Until.AddDate(0, 0, -g.def.Generate.Days).Format("2006-01-02T15:04:05.000Z"), "2026-06-30T18:00:00.000Z"
	for n := range 5000 {
		r := rowOf(g.def, g.Record(n))
		checkLead(t, g.def, r)
		email := r.text("email")
		if emails[email] || ids[r.text("id")] {
			t.Fatalf("record %d: %s or %s is there twice", n, email, r["id"])
		}
		emails[email], ids[r.text("id")] = true, true
		plain := strings.NewReplacer("'", "").Replace
		if want := strings.ToLower(plain(r.text("firstName")) + "." + plain(r.text("lastName"))); !strings.HasPrefix(email, want) {
			t.Errorf("%s does not fit %s", email, want)
		}
		_, domain, _ := strings.Cut(email, "@")
		if site := r.text("website"); site != "" && site != "https://www."+domain {
			t.Errorf("%s does not fit %s", email, site)
		}
		if !strings.HasPrefix(domain, strings.ToLower(strings.Fields(r.text("company"))[0])) || !strings.HasSuffix(domain, ".example.com") {
			t.Errorf("%s does not fit %s", email, r["company"])
		}
		if at := r.text("createdAt"); at < first || r.text("updatedAt") > last {
			t.Errorf("%s to %s is outside the period", at, r["updatedAt"])
		}
		if was, ok := industries[r.text("company")]; ok && was != r.text("industry") {
			t.Errorf("%s is in %s and in %s", r["company"], was, r["industry"])
		}
		industries[r.text("company")] = r.text("industry")
		if r.text("salutation") == "Mr." && slices.Contains(women(), r.text("firstName")) {
			t.Errorf("Mr. %s", r["firstName"])
		}
	}
}

func TestProportions(t *testing.T) {
	g := leads(t)
	const count = 4000
	seen := map[string]map[string]int{"status": {}, "rating": {}, "leadSource": {}}
	scores, scored := map[string]int{}, map[string]int{}
	for n := range count {
		r := rowOf(g.def, g.Record(n))
		for field, values := range seen {
			values[r.text(field)]++
		}
		var score int
		if json.Unmarshal(r["leadScore"], &score) == nil && r.has("leadScore") {
			scores[r.text("rating")] += score
			scored[r.text("rating")]++
		}
	}
	for field, values := range seen {
		tolerance := map[string]float64{"status": 2.5, "rating": 6, "leadSource": 2.5}[field]
		for _, w := range g.def.Field(field).Fake.Weights {
			value := w.Value
			if value == "none" {
				value = ""
			}
			if got := float64(values[value]) * 100 / count; got < w.Weight-tolerance || got > w.Weight+tolerance {
				t.Errorf("%s %s: %.1f%%, want about %v%%", field, w.Value, got, w.Weight)
			}
		}
	}
	mean := func(rating string) int { return scores[rating] / scored[rating] }
	if mean("HOT") < mean("WARM")+10 || mean("WARM") < mean("COLD")+10 {
		t.Errorf("mean scores: HOT %d, WARM %d, COLD %d", mean("HOT"), mean("WARM"), mean("COLD"))
	}
}

func TestCompleteLead(t *testing.T) {
	g := leads(t)
	tests := []struct {
		written string
		want    map[string]string // JSON of fields
	}{
		{`{"firstName":"Ada","status":"LOST"}`, map[string]string{"isQualified": "false", "qualifiedDate": "null"}},
		{`{"isQualified":true}`, map[string]string{"status": `"QUALIFIED"`}},
		{`{"qualifiedDate":"2026-02-01T10:00:00.000Z"}`, map[string]string{"status": `"QUALIFIED"`, "isQualified": "true"}},
		{`{"convertedDate":"2026-02-01T10:00:00.000Z"}`, map[string]string{"status": `"CONVERTED"`, "updatedAt": `"2026-02-01T10:00:00.000Z"`}},
		{`{"isQualified":true,"convertedAccountId":"00000000-0000-4000-8000-0000000000aa"}`, map[string]string{"status": `"CONVERTED"`}},
		{`{"disqualifiedReason":"No budget"}`, map[string]string{"status": `"LOST"`}},
		{`{"status":"CONVERTED","createdAt":"2026-06-30T17:59:59.000Z"}`, nil},
		{`{"status":"QUALIFIED","createdAt":"2020-02-29T00:00:00.000Z"}`, nil},
		{`{"status":"CONTACTED","createdAt":"2030-01-01T00:00:00.000Z"}`, map[string]string{"updatedAt": `"2030-01-01T00:00:00.000Z"`}},
		{`{"status":"CONTACTED","updatedAt":"2001-01-01T00:00:00.000Z"}`, nil},
		{`{"company":null,"status":"NEW"}`, map[string]string{"website": "null"}},
		{`{"city":"Paris","status":"NEW"}`, map[string]string{"state": "null", "postalCode": "null", "country": "null"}},
		{`{"state":"Ohio","postalCode":"43210","status":"NEW"}`, nil},
		{`{"rating":"HOT","status":"NEW"}`, nil},
	}
	for _, test := range tests {
		for _, identity := range []string{"a", "b", "c", "d", "e", "f"} {
			r := complete(t, g, identity, test.written)
			checkLead(t, g.def, r)
			var written map[string]json.RawMessage
			_ = json.Unmarshal([]byte(test.written), &written)
			for name, v := range written {
				if string(r[name]) != string(v) {
					t.Errorf("%s: %s became %s", test.written, name, r[name])
				}
			}
			for name, v := range test.want {
				if string(r[name]) != v {
					t.Errorf("%s: %s is %s, want %s", test.written, name, r[name], v)
				}
			}
		}
	}
	if r := complete(t, g, "x", `{"firstName":"Ada","company":"Acme Widgets, Inc."}`); !strings.HasPrefix(r.text("email"), "ada.") ||
		!strings.HasSuffix(r.text("email"), "@acme-widgets.example.com") || r.has("website") && r.text("website") != "https://www.acme-widgets.example.com" {
		t.Errorf("email %s, website %s", r["email"], r["website"])
	}
	if r := complete(t, g, "x", `{"state":"Ohio"}`); r.has("city") && !slices.Contains([]string{"Columbus", "Cleveland", "Cincinnati"}, r.text("city")) {
		t.Errorf("%s in Ohio", r["city"])
	}
}

// TestCompleteKeepsWhatIsConsistent writes any part of a consistent lead and expects a consistent lead.
func TestCompleteKeepsWhatIsConsistent(t *testing.T) {
	g := leads(t)
	rapid.Check(t, func(t *rapid.T) {
		whole := g.Record(rapid.IntRange(0, 1_000_000).Draw(t, "n"))
		written := make([]json.RawMessage, len(whole))
		for i := range whole {
			// A lead that was never contacted may have any status: its null alone tells none and contradicts none.
			silent := g.def.Fields[i].Name == "lastContactedAt" && string(whole[i]) == "null"
			if rapid.Bool().Draw(t, g.def.Fields[i].Name) && !silent {
				written[i] = whole[i]
			}
		}
		made := g.Complete(rapid.String().Draw(t, "identity"), written)
		for i := range written {
			if written[i] != nil && string(made[i]) != string(written[i]) {
				t.Fatalf("%s: %s became %s", g.def.Fields[i].Name, written[i], made[i])
			}
		}
		checkLead(t, g.def, rowOf(g.def, made))
	})
}

func TestCompleteDependsOnIdentity(t *testing.T) {
	g := leads(t)
	one, again, other := complete(t, g, "a", `{}`), complete(t, g, "a", `{}`), complete(t, g, "b", `{}`)
	for name := range one {
		if string(one[name]) != string(again[name]) {
			t.Errorf("%s: %s, then %s", name, one[name], again[name])
		}
	}
	if one.text("id") == other.text("id") || one.text("email") == other.text("email") {
		t.Error("two identities share id or e-mail")
	}
	if !validatorjs.IsEmail(one.text("email")) || !strings.Contains(one.text("email"), "+") {
		t.Errorf("email %s", one["email"])
	}
}

func TestAddressesOfPeopleWithOtherNames(t *testing.T) {
	g := leads(t)
	for _, written := range []string{
		`{"firstName":"明","lastName":"王","company":"株式会社"}`, `{"firstName":"Zoë","lastName":"O'Brien-Łukasiewicz"}`,
		`{"firstName":"","lastName":"","company":""}`, `{"firstName":"<img src=x>","lastName":"` + strings.Repeat("long", 60) + `","company":"` + strings.Repeat("long ", 50) + `"}`,
		`{"firstName":"7","lastName":"9","company":"..."}`, `{"firstName":null,"lastName":"A.B.","company":"-"}`,
	} {
		if r := complete(t, g, "x", written); !validatorjs.IsEmail(r.text("email")) {
			t.Errorf("%s: %s", written, r["email"])
		}
	}
	if r := complete(t, g, "x", `{"firstName":"Zoë","lastName":"Łąk"}`); !strings.HasPrefix(r.text("email"), "zoe.lak+") {
		t.Errorf("email %s", r["email"])
	}
}

// TestTakenAddressesAreLeftAlone takes the addresses that leads would have had.
func TestTakenAddressesAreLeftAlone(t *testing.T) {
	def := shipped(t, "leads")
	free := generator(t, def)
	taken := map[string]bool{}
	for n := range 10 {
		taken[rowOf(def, free.Record(n)).text("email")] = true
	}
	g, err := New(def, Related{Taken: func(field, value string) bool { return field == "email" && taken[value] }})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		was, is := rowOf(def, free.Record(n)).text("email"), rowOf(def, g.Record(n)).text("email")
		if taken[is] || !validatorjs.IsEmail(is) || n >= 10 && was != is {
			t.Errorf("record %d: %s became %s", n, was, is)
		}
	}
}

// TestWorkspaceWithMoreStatuses adds one, as the schema file says a team may.
func TestWorkspaceWithMoreStatuses(t *testing.T) {
	def := shipped(t, "leads")
	f := def.Field("status")
	f.Enum = append(f.Enum, "NURTURING")
	f.Fake.Weights = append(f.Fake.Weights, schema.Weight{Value: "NURTURING", Weight: 50})
	g, seen := generator(t, def), 0
	for n := range 200 {
		r := rowOf(def, g.Record(n))
		checkLead(t, def, r)
		if r.text("status") == "NURTURING" {
			seen++
		}
	}
	if seen < 40 {
		t.Errorf("%d of 200 are NURTURING", seen)
	}
}

// TestLeadWithFewFields leaves out what the rules of leads speak of.
func TestLeadWithFewFields(t *testing.T) {
	full := shipped(t, "leads")
	def := schema.NewDefinition("leads", "Lead", []schema.Field{*full.Field("status"), *full.Field("isQualified"), *full.Field("rating")})
	g := generator(t, def)
	for n := range 100 {
		r := rowOf(def, g.Record(n))
		if want := r.text("status") == "QUALIFIED" || r.text("status") == "CONVERTED"; string(r["isQualified"]) == "true" != want {
			t.Errorf("%v", r)
		}
	}
	plans := generator(t, def)
	if at := time.UnixMilli(plans.until).UTC().Format(time.RFC3339); at != "2026-06-30T18:00:00Z" {
		t.Errorf("without x-generate dates end at %s", at)
	}
}
