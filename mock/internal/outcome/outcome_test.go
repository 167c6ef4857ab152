package outcome_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// table has the routes of the leads, as the documentation has them, and of another resource.
func table(t *testing.T) *operation.Table {
	t.Helper()
	leads := schema.NewDefinition("leads", "Lead", []schema.Field{
		{Name: "id", Type: schema.String, Format: schema.UUID, ReadOnly: true},
		{Name: "email", Type: schema.String, Format: schema.Email, Unique: true},
		{Name: "firstName", Type: schema.String, Required: true},
		{Name: "company", Type: schema.String},
		{Name: "status", Type: schema.String, Enum: []string{"NEW", "CONTACTED", "QUALIFIED", "LOST"}, Reserved: []string{"CONVERTED"}},
	})
	campaigns := schema.NewDefinition("campaigns", "Campaign", []schema.Field{{Name: "name", Type: schema.String, Required: true}})
	all, err := operation.New([]*schema.Definition{leads, campaigns}, []operation.CannedRoute{{Method: "GET", Path: "/ping", Answer: operation.Answer{Status: 200}}})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

const documented = `"email must be an email","firstName should not be empty","status must be one of: NEW, CONTACTED, QUALIFIED, LOST"`

func TestForcedErrorsAreAsIfEarned(t *testing.T) {
	operations := table(t)
	for _, c := range []struct {
		operation string
		id, email string
		o         outcome.Outcome
		want      string
	}{
		{"getLead", "42", "", outcome.Outcome{Error: "not_found"}, `{"statusCode":404,"message":"Lead with id 42 not found"}`},
		{"listLeads", "", "", outcome.Outcome{Error: "not_found"}, `{"statusCode":404,"message":"Lead with id abc123 not found"}`},
		{"getCampaign", "42", "", outcome.Outcome{Status: 404}, `{"statusCode":404,"message":"Campaign with id 42 not found"}`},
		{"", "", "", outcome.Outcome{Error: "not_found"}, `{"statusCode":404,"message":"Lead with id abc123 not found"}`},
		{"createLead", "", "bob@example.org", outcome.Outcome{Error: "conflict"}, `{"statusCode":409,"message":"Lead with email bob@example.org already exists","error":"Conflict"}`},
		{"createLead", "", "", outcome.Outcome{Status: 409}, `{"statusCode":409,"message":"Lead with email ada@example.com already exists","error":"Conflict"}`},
		{"createLead", "", "", outcome.Outcome{Error: "validation"}, `{"statusCode":400,"message":[` + documented + `],"error":"Bad Request"}`},
		{"bulkAssignLeads", "", "", outcome.Outcome{Error: "validation"}, `{"statusCode":400,"message":[` + documented + `],"error":"Bad Request"}`},
		{"createCampaign", "", "", outcome.Outcome{Error: "validation"}, `{"statusCode":400,"message":["name should not be empty"],"error":"Bad Request"}`},
		{"login", "", "", outcome.Outcome{Error: "validation"}, `{"statusCode":400,"message":["email must be an email","password should not be empty"],"error":"Bad Request"}`},
		{"getPing", "", "", outcome.Outcome{Error: "validation"}, `{"statusCode":400,"message":["name should not be empty"],"error":"Bad Request"}`},
		{"getPing", "", "", outcome.Outcome{Error: "not_found"}, `{"statusCode":404,"message":"Ping with id abc123 not found"}`},
		{"createLead", "", "", outcome.Outcome{Error: "validation", Fields: []string{"status", "email"}}, `{"statusCode":400,"message":["email must be an email","status must be one of: NEW, CONTACTED, QUALIFIED, LOST"],"error":"Bad Request"}`},
		{"createLead", "", "", outcome.Outcome{Error: "validation", Fields: []string{"email", "x"}}, `{"statusCode":400,"message":["property x should not exist","email must be an email"],"error":"Bad Request"}`},
		{"bulkAssignLeads", "", "", outcome.Outcome{Error: "validation", Fields: []string{"newOwnerId"}}, `{"statusCode":400,"message":["newOwnerId should not be empty"],"error":"Bad Request"}`},
		{"createLead", "", "", outcome.Outcome{Status: 400}, `{"statusCode":400,"message":"Bad Request","error":"Validation failed"}`},
		{"createLead", "", "", outcome.Outcome{Status: 413}, `{"statusCode":413,"message":"request entity too large","error":"Payload Too Large"}`},
		{"createLead", "", "", outcome.Outcome{Status: 502}, `{"statusCode":502,"message":"Bad Gateway"}`},
		{"createLead", "", "", outcome.Outcome{Error: "forbidden", Message: &outcome.Message{Texts: []string{"no"}}}, `{"statusCode":403,"message":"no"}`},
		{"createLead", "", "", outcome.Outcome{Status: 500, Message: &outcome.Message{Texts: []string{"a"}, Array: true}}, `{"statusCode":500,"message":["a"]}`},
		{"createLead", "", "", outcome.Outcome{Error: "validation", Message: &outcome.Message{Texts: []string{"no"}}}, `{"statusCode":400,"message":"no","error":"Bad Request"}`},
		{"createLead", "", "", outcome.Outcome{Status: 202, Body: json.RawMessage(`[1]`)}, `[1]`},
	} {
		s := outcome.Subject{ID: c.id, Unique: c.email}
		if c.operation != "" {
			if s.Operation = operations.ByID(c.operation); s.Operation == nil {
				t.Fatalf("no operation %s", c.operation)
			}
		}
		a, ok := c.o.Answer(s, time.Time{}, 0)
		if !ok || string(a.Body) != c.want {
			t.Errorf("%s: got %s\nwant %s", c.operation, a.Body, c.want)
		}
	}
	if _, ok := (&outcome.Outcome{Fault: "HANG"}).Answer(outcome.Subject{}, time.Time{}, 0); ok {
		t.Error("a fault has an answer of its own")
	}
}

func TestEachCatalogueErrorIsAsDocumented(t *testing.T) {
	for _, entry := range apierror.Catalogue() {
		o := outcome.Outcome{Error: entry.Name}
		a, _ := o.Answer(outcome.Subject{}, time.Time{}, 0)
		if string(a.Body) != string(entry.Error.Body()) || a.Name != entry.Name || a.Status != entry.Error.Status || (len(a.Headers) > 0) != (entry.Error.RetryAfter != "") {
			t.Errorf("%s: %+v %s", entry.Name, a, a.Body)
		}
	}
}

func TestCheckFields(t *testing.T) {
	operations := table(t)
	o := outcome.Outcome{Error: "validation", Fields: []string{"email", "frstName"}}
	err := o.CheckFields(outcome.Subject{Operation: operations.ByID("createLead")})
	if err == nil || err.Error() != `X-Mock-Fields: unknown field "frstName"; allowed: id, email, firstName, company, status; did you mean firstName?` {
		t.Errorf("got %v", err)
	}
	err = o.CheckFields(outcome.Subject{})
	if err == nil || err.Error() != `X-Mock-Fields: this route has no fields, so none is called "email"` {
		t.Errorf("got %v", err)
	}
	o.Fields = []string{"email"}
	if err := o.CheckFields(outcome.Subject{Operation: operations.ByID("login")}); err != nil {
		t.Error(err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 31, 23, 59, 50, 0, time.FixedZone("", 3600))
	for text, want := range map[string]string{
		"30": "30", "none": "", "-1": "-1", "soon": "soon", "date+30": "Sat, 31 Jan 2026 23:00:20 GMT",
		"date+x": "date+x", "date+-1": "date+-1", "until-window-ends": "until-window-ends", "99999999999999999999": "99999999999999999999",
	} {
		if got := outcome.ParseRetryAfter(text).Value(now, 0, "30"); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	if got := (outcome.RetryAfter{}).Value(now, 0, "30"); got != "30" {
		t.Errorf("default: %q", got)
	}
	for ends, want := range map[time.Duration]string{0: "0", time.Nanosecond: "1", 2 * time.Second: "2", 2001 * time.Millisecond: "3", -time.Hour: "0"} {
		if got := outcome.RetryUntilWindowEnds().Value(now, ends, "30"); got != want {
			t.Errorf("%s: %q", ends, got)
		}
	}
}

func TestDelay(t *testing.T) {
	spread := outcome.Delay{Min: time.Second, Max: 3 * time.Second}
	if spread.Wait(0) != time.Second || spread.Wait(0.5) != 2*time.Second || !spread.IsRandom() {
		t.Error("a range")
	}
	lognormal := outcome.Delay{Median: 400 * time.Millisecond, Sigma: 0.5}
	if got := lognormal.Wait(0.5); got != 400*time.Millisecond || !lognormal.IsRandom() {
		t.Errorf("median: %s", got)
	}
	// One standard deviation above the median stands at 84.13 %.
	if got, want := lognormal.Wait(0.841344746), 400*math.Exp(0.5); math.Abs(float64(got.Milliseconds())-want) > 1 {
		t.Errorf("got %s, want %f ms", got, want)
	}
	last := time.Duration(0)
	for i := range 1000 {
		wait := lognormal.Wait(float64(i) / 1000)
		if wait < last || wait <= 0 || wait > 3*time.Second {
			t.Fatalf("at %d: %s after %s", i, wait, last)
		}
		last = wait
	}
	wild := outcome.Delay{Median: outcome.MaxDelay, Sigma: 10}
	if wild.Wait(0) < 0 || wild.Wait(1-1e-16) != outcome.MaxDelay {
		t.Error("not bounded")
	}
	dribble := outcome.Delay{Dribble: &outcome.Dribble{Chunks: 3, Over: time.Second}}
	if dribble.Wait(0.9) != 0 || dribble.IsRandom() {
		t.Error("a body that dribbles waits")
	}
}

func TestMergePatch(t *testing.T) {
	for _, c := range [][3]string{
		// the examples of RFC 7396, appendix A, but for those whose target is a list
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		// order, lists, odd names
		{`{"z":1,"a":2,"m":3}`, `{"n":4,"a":5,"b":6}`, `{"z":1,"a":5,"m":3,"n":4,"b":6}`},
		{`[{"a":1},{"b":2},3]`, `{"a":9}`, `[{"a":9},{"b":2,"a":9},3]`},
		{`[]`, `{"a":9}`, `[]`},
		{` {"<\"é": 1 } `, `{"x\n":2}`, `{"<\"é":1,"x\n":2}`},
		{`3`, `{"a":1}`, `{"a":1}`},
	} {
		got, err := outcome.MergePatch([]byte(c[0]), []byte(c[1]))
		if err != nil || string(got) != c[2] {
			t.Errorf("%s + %s: got %s, %v, want %s", c[0], c[1], got, err, c[2])
		}
	}
	for _, c := range [][2]string{{`{`, `{}`}, {`{}`, `{`}, {``, `{}`}} {
		if _, err := outcome.MergePatch([]byte(c[0]), []byte(c[1])); err == nil {
			t.Errorf("%q + %q is accepted", c[0], c[1])
		}
	}
}

// FuzzMergePatch compares with the pseudocode of the RFC, on maps.
func FuzzMergePatch(f *testing.F) {
	f.Add(`{"a":{"b":1,"c":[2]}}`, `{"a":{"b":null,"d":{"e":null}}}`)
	f.Add(`{"a":1,"a":2}`, `{"a":{}}`)
	f.Fuzz(func(t *testing.T, target, patch string) {
		var before, change, after any
		if json.Unmarshal([]byte(target), &before) != nil || json.Unmarshal([]byte(patch), &change) != nil {
			return
		}
		if _, list := before.([]any); list {
			return
		}
		got, err := outcome.MergePatch([]byte(target), []byte(patch))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(got, &after); err != nil {
			t.Fatalf("%s: %v", got, err)
		}
		if want := merge(before, change); !reflect.DeepEqual(after, want) {
			t.Errorf("%s + %s: got %s, want %v", target, patch, got, want)
		}
	})
}

func merge(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	object, ok := target.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	for name, value := range changes {
		if value == nil {
			delete(object, name)
		} else {
			object[name] = merge(object[name], value)
		}
	}
	return object
}

func TestCarriesOut(t *testing.T) {
	patches := []json.RawMessage{json.RawMessage(`{}`)}
	for _, c := range []struct {
		o    outcome.Outcome
		want bool
	}{
		{outcome.Outcome{Error: "internal"}, false}, {outcome.Outcome{Error: "internal", Commit: outcome.After}, true},
		{outcome.Outcome{Fault: "TRUNCATED_BODY"}, true}, {outcome.Outcome{Fault: "MALFORMED_JSON"}, true}, {outcome.Outcome{Fault: "HANG"}, false},
		{outcome.Outcome{Patches: patches}, true}, {outcome.Outcome{}, false},
	} {
		if got := c.o.CarriesOut(); got != c.want {
			t.Errorf("%+v: %v", c.o, got)
		}
	}
}
