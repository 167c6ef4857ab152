package mock_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock"
)

// message is what an error of the admin API says, its shape checked.
func (r reply) message() string {
	r.t.Helper()
	r.header("Content-Type", "application/json; charset=utf-8")
	if !strings.HasPrefix(r.Body, `{"statusCode":`) {
		r.t.Errorf("%s: the keys of %s are not in their order", r.Request, r.Body)
	}
	return decode[struct{ Message string }](r).Message
}

func TestAdminBodiesAreJudgedForPeople(t *testing.T) {
	s := start(t)
	const durations = "a duration such as 25h, 90s or -1h30m"
	for _, c := range []struct{ method, path, body, want string }{
		{"PUT", "/scenarios/flaky-list", `{"activ":true}`, `unknown key "activ"; allowed: active; did you mean "active"?`},
		{"PUT", "/scenarios/flaky-list", `{"active":"yes"}`, `active must be true or false, found "yes"`},
		{"PUT", "/scenarios/flaky-list", `{"active":[1]}`, `active must be true or false, found an array`},
		{"PUT", "/scenarios/flaky-list", `{"active":null}`, `active is missing: {"active": true} or {"active": false} is allowed`},
		{"PUT", "/scenarios/flaky-list", ``, `active is missing: {"active": true} or {"active": false} is allowed`},
		{"PUT", "/scenarios/flaky-list", `{"active":true,"active":false}`, `the key "active" comes more than once`},
		{"PUT", "/scenarios/flaky-list/state", `{"state":1}`, `state must be a string, found 1`},
		{"POST", "/clock", `{"set":"tomorrow"}`, `set must be a time such as 2026-01-31T12:00:00Z, found "tomorrow"`},
		{"POST", "/clock", `{"set":5}`, `set must be a time such as 2026-01-31T12:00:00Z, found 5`},
		{"POST", "/clock", `{"set":"9999-12-31T00:00:00Z"}`, `set must be a time from 1970-01-01T00:00:00Z to 2261-12-31T23:59:59Z, found "9999-12-31T00:00:00Z"`},
		{"POST", "/clock", `{"advance":"9999999h"}`, `advance must be from -2562047h to 2562047h, found "9999999h"`},
		{"POST", "/clock", `{"advance":"2562047h"}`, `advance 2562047h0m0s leads out of the times that a clock shows, 1970-01-01 to 2261-12-31`},
		{"POST", "/clock", `{"advance":"1d"}`, `advance must be a duration in hours, minutes and seconds, a day being 24h, found "1d"`},
		{"POST", "/clock", `{"advance":"soon"}`, `advance must be ` + durations + `, found "soon"`},
		{"POST", "/clock", `{"advance":3600}`, `advance must be ` + durations + `, found 3600`},
		{"POST", "/clock", `{"advance":}`, `request body is not valid JSON: unexpected '}' (a value was expected) at byte 11`},
		{"POST", "/clock", `[1]`, `request body must be a JSON object, but is an array at byte 0`},
		{"POST", "/sessions", `{"seed":"7"}`, `seed must be a whole number from 0 to 9007199254740991, found "7"`},
		{"POST", "/sessions", `{"seed":-1}`, `seed must be a whole number from 0 to 9007199254740991, found -1`},
		{"POST", "/sessions", `{"seed":9007199254740992}`, `seed must be a whole number from 0 to 9007199254740991, found 9007199254740992`},
		{"POST", "/sessions", `{"id":7}`, `id must be a string, found 7`},
		{"POST", "/tokens", `{"role":"admin"}`, `unknown role "admin"; allowed: ADMIN, MANAGER, USER, VIEWER; did you mean "ADMIN"?`},
		{"POST", "/tokens", `{"expiresIn":"7 days"}`, `expiresIn must be a duration in hours, minutes and seconds, a day being 24h, found "7 days"`},
	} {
		if got := s.do(c.method, "/__admin"+c.path, c.body).status(400).message(); got != c.want {
			t.Errorf("%s %s:\n got %s\nwant %s", c.path, c.body, got, c.want)
		}
	}
	if got := s.do("POST", "/__admin/tokens", `{"user":"uma.usr@example.com"}`).status(400).message(); !strings.HasSuffix(got, `; did you mean "uma.user@example.com"?`) {
		t.Errorf("got %s", got)
	}
	s.do("POST", "/__admin/sessions", `{"seed":9007199254740991}`).status(201)
	s.do("POST", "/__admin/clock", `{"set":null,"advance":"1h","frozen":false}`).status(200)
	s.do("POST", "/__admin/clock", `{"reset":true,"set":"2261-12-31T00:00:00Z","advance":"24h"}`).status(400)
}

func TestAdminQueriesAreJudged(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		method, target string
		status         int
		want           string
	}{
		{"POST", "/reset?sesion=a", 400, `unknown query parameter "sesion"; allowed: session; did you mean "session"?`},
		{"GET", "/clock?format=json", 400, `unknown query parameter "format"; allowed: session`},
		{"GET", "/clock?session=%zz", 400, `the query "session=%zz" is escaped wrongly`},
		{"POST", "/reset?session=typo", 404, `Session with id typo not found`},
		{"GET", "/clock?session=typo", 404, `Session with id typo not found`},
		{"GET", "/sessions/defalt", 404, `Session with id defalt not found; did you mean default?`},
		{"GET", "/healt", 404, `Cannot GET /__admin/healt; did you mean /__admin/health?; GET /__admin lists the routes`},
		{"GET", "/clock/", 404, `Cannot GET /__admin/clock/; did you mean /__admin/clock?; GET /__admin lists the routes`},
		{"PUT", "/reset", 404, `Cannot PUT /__admin/reset; allowed: POST; GET /__admin lists the routes`},
		{"POST", "/health", 404, `Cannot POST /__admin/health; allowed: GET; GET /__admin lists the routes`},
		{"PATCH", "/rules/x", 404, `Cannot PATCH /__admin/rules/x; allowed: GET, POST, PUT, DELETE; GET /__admin lists the routes`},
		{"POST", "", 404, `Cannot POST /__admin; GET /__admin lists the routes`},
		{"GET", "/schema/fixtur.json", 404, `unknown schema "fixtur.json"; allowed: auth.json, fixture.json, records-leads.json, routes.json, scenario.json; did you mean "fixture.json"?`},
	} {
		if got := s.do(c.method, "/__admin"+c.target, "").status(c.status).message(); got != c.want {
			t.Errorf("%s %s:\n got %s\nwant %s", c.method, c.target, got, c.want)
		}
	}
	if all := s.do("GET", "/__admin/sessions", "").Body; strings.Contains(all, "typo") {
		t.Errorf("asking about a session made it: %s", all)
	}
	s.do("POST", "/__admin/clock?session=fresh", `{"advance":"1h"}`).status(200) // sessions appear on first use
	s.do("POST", "/__admin/reset?session=fresh", "").status(200)
	got := s.do("PUT", "/__admin/scenarios/flaky-lst", `{"active":true}`).status(404).message()
	if !strings.HasPrefix(got, `unknown scenario "flaky-lst"; allowed: `) || !strings.HasSuffix(got, "; did you mean flaky-list?") {
		t.Errorf("got %s", got)
	}
}

func TestAdminIndex(t *testing.T) {
	s := start(t)
	for _, target := range []string{"/__admin", "/__admin/"} {
		r := s.do("GET", target, "").status(200).header("Content-Type", "application/json; charset=utf-8")
		index := decode[struct {
			Name   string
			Routes []struct{ Method, Path, Does string }
		}](r)
		if index.Name != "salesos-mock" || len(index.Routes) < 25 {
			t.Errorf("%s: %s", target, r.Body)
		}
		for _, route := range index.Routes {
			if route.Does == "" {
				t.Errorf("%s %s is not explained", route.Method, route.Path)
			}
			if route.Method == "GET" && !strings.Contains(route.Path, "{") && route.Path != "/__admin/overlay.js" && route.Path != "/__admin/events" { // which goes on and on
				s.do("GET", route.Path, "").status(200).header("Content-Type", "application/json; charset=utf-8")
			}
		}
	}
}

func TestAdminRulesAreAdvised(t *testing.T) {
	s := start(t)
	type added struct{ Warnings []string }
	got := decode[added](s.do("POST", "/__admin/rules", `{"when":{"path":"/lead"},"respond":{"error":"internal"}}`).status(201)).Warnings
	if len(got) != 1 || !strings.Contains(got[0], `no route fits the path "/lead"`) || !strings.HasSuffix(got[0], `did you mean "/leads"?`) {
		t.Errorf("got %q", got)
	}
	if r := s.do("POST", "/__admin/rules", `{"when":{"path":"/leads"},"respond":{"error":"internal"}}`).status(201); strings.Contains(r.Body, "warnings") {
		t.Errorf("got %s", r.Body)
	}
	broken := s.do("POST", "/__admin/rules", `{"respond":{"eror":"internal"}}`).status(400)
	at := -1
	for _, key := range []string{`"statusCode"`, `"message"`, `"error":"Bad Request"`, `"problems"`} {
		next := strings.Index(broken.Body, key)
		if next <= at {
			t.Errorf("%s is out of its place in %s", key, broken.Body)
		}
		at = next
	}
}

// A body of another content type than JSON is not read, by rules either.
func TestBodiesOfOtherTypesMatchNoRule(t *testing.T) {
	s := start(t)
	s.do("POST", "/__admin/rules", `{"when":{"body":{"email":"x@example.com"}},"respond":{"error":"internal"}}`).status(201)
	const body = `{"email":"x@example.com"}`
	s.do("POST", "/api/leads", body).status(500)
	s.do("POST", "/api/leads", body, "Content-Type: text/plain").status(400)
	s.do("POST", "/api/leads", body, "Content-Type: -").status(400)
	s.do("POST", "/api/leads", body, "Content-Type: text/plain", "X-Mock-Error: conflict").
		is(409, `{"statusCode":409,"message":"Lead with email ada@example.com already exists","error":"Conflict"}`)
}

func TestForcedConflictNamesTheUniqueField(t *testing.T) {
	dir := folder(t, map[string]string{
		"products.schema.yaml": "properties:\n  id: {type: string, format: uuid, readOnly: true}\n  name: {type: string}\n  sku: {type: string, x-unique: true}\n",
		"products.yaml":        "[]\n",
	})
	s := start(t, mock.Fixtures(dir), mock.Watch("off"))
	s.do("POST", "/api/products", `{"sku":"A-1"}`, "X-Mock-Error: conflict").is(409, `{"statusCode":409,"message":"Product with sku A-1 already exists","error":"Conflict"}`)
	s.do("POST", "/api/products", `{"name":"N"}`, "X-Mock-Error: conflict").is(409, `{"statusCode":409,"message":"Product with sku abc123 already exists","error":"Conflict"}`)
}

func TestWrongSessionNamesAreTold(t *testing.T) {
	s := start(t)
	warning := s.do("GET", "/api/leads", "", "Cookie: mock_session=a/b").status(200).Header.Get("X-Mock-Warning")
	if !strings.Contains(warning, `"a/b" is no session name`) {
		t.Errorf("got %q", warning)
	}
	warning = s.do("GET", "/__s/a%20b/api/leads", "").status(404).Header.Get("X-Mock-Warning")
	if !strings.HasPrefix(warning, `"a b" is no session name: 1 to 64 of `) {
		t.Errorf("got %q", warning)
	}
}

// A rule that only patches is named where it patched something.
func TestPatchesAreCreditedWhereTheyApply(t *testing.T) {
	s := start(t)
	s.do("PUT", "/__admin/rules/p", `{"name":"spoil","respond":{"patch":{"company":"Patched"}}}`).status(201)
	r := s.do("GET", "/api/leads/"+adaID, "").status(200).header("X-Mock-Rule", "rules/p spoil").header("X-Mock-Step", "").header("X-Mock-Decision", "fixture")
	if decode[map[string]json.RawMessage](r)["company"] == nil || !strings.Contains(r.Body, `"Patched"`) {
		t.Errorf("got %s", r.Body)
	}
	s.do("GET", "/api/leads/nobody", "").status(404).header("X-Mock-Rule", "")
	s.do("PUT", "/__admin/rules/w", `{"name":"slow","respond":{"delay":"1ms"}}`).status(201)
	s.do("GET", "/api/leads/nobody", "").status(404).header("X-Mock-Rule", "rules/w slow")
}

func TestOneScenarioAtATime(t *testing.T) {
	got := start(t).do("GET", "/api/leads", "", "X-Mock-Scenario: flaky-list, offline").status(400).header("X-Mock-Decision", "directive-error").message()
	if !strings.HasPrefix(got, `X-Mock-Scenario: it takes the name of one scenario, found "flaky-list, offline"; allowed: `) || !strings.HasSuffix(got, "; did you mean flaky-list?") {
		t.Errorf("got %s", got)
	}
}
