package mock_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// script is a server with one scenario, "s", in force.
func script(t *testing.T, rules string, options ...mock.Option) (s *server, dir string) {
	t.Helper()
	dir = folder(t, map[string]string{"s.yaml": "active: true\nrules:\n" + rules})
	return start(t, append([]mock.Option{mock.Scenarios(dir), mock.Watch("off")}, options...)...), dir
}

// course is the statuses of n like requests.
func (s *server) course(n int, method, path string, headers ...string) string {
	s.t.Helper()
	var all []string
	for range n {
		all = append(all, strconv.Itoa(s.do(method, path, "", headers...).Status))
	}
	return strings.Join(all, " ")
}

func wants(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %s, want %s", what, got, want)
	}
}

func TestStepsInTurn(t *testing.T) {
	for name, c := range map[string]struct{ rule, want string }{
		"endless":           {"{respond: {error: internal}}", "500 500 500 500 500 500"},
		"times":             {"{respond: {error: internal, times: 2}}", "500 500 200 200 200 200"},
		"a list":            {"{respond: [{error: internal}, {status: 504, times: 2}, {error: unavailable}]}", "500 504 504 503 200 200"},
		"a step that rests": {"{respond: [{error: internal}, {times: 2}, {error: unavailable}]}", "500 200 200 503 200 200"},
		"repeat":            {"{respond: [{error: internal}, {error: unavailable}], then: repeat}", "500 503 500 503 500 503"},
		"repeat of one":     {"{respond: [{error: internal}, {times: 2}], then: repeat}", "500 200 200 500 200 200"},
		"stay":              {"{respond: [{error: internal, times: 2}, {error: unavailable}], then: stay}", "500 500 503 503 503 503"},
		"a body":            {"{respond: {body: [], status: 206, times: 1}}", "206 200 200 200 200 200"},
		"chance 0":          {"{chance: 0, respond: {error: internal}}", "200 200 200 200 200 200"},
		"chance 1":          {"{chance: 1, respond: {error: internal}}", "500 500 500 500 500 500"},
	} {
		s, _ := script(t, "  - "+c.rule+"\n")
		wants(t, name, s.course(6, "GET", "/api/leads"), c.want)
		s.do("POST", "/__admin/reset", "").status(200)
		wants(t, name+" after a reset", s.course(6, "GET", "/api/leads"), c.want)
	}
}

func TestRuleAndStepAreTold(t *testing.T) {
	s, dir := script(t, "  - name: outage\n    respond: [{error: internal}, {error: unavailable, times: 3}]\n")
	for step := range 4 {
		s.do("GET", "/api/leads", "").header("X-Mock-Rule", dir+"/s.yaml:3 outage").header("X-Mock-Step", fmt.Sprintf("%d/4", step+1)).header("X-Mock-Decision", "scenario")
	}
	s.do("GET", "/api/leads", "").header("X-Mock-Rule", "").header("X-Mock-Step", "").header("X-Mock-Decision", "fixture")
}

func TestCountedApart(t *testing.T) {
	rule := "  - {respond: {error: internal, times: 1}, per: %s}\n"
	other := "X-API-Key: sk_test_read"
	for per, want := range map[string][4]string{
		"session": {"500 200", "200 200", "200 200", "500 200"},
		"caller":  {"500 200", "200 200", "500 200", "500 200"},
		"path":    {"500 200", "500 200", "200 200", "500 200"},
	} {
		s, _ := script(t, fmt.Sprintf(rule, per))
		wants(t, per, s.course(2, "GET", "/api/leads"), want[0])
		wants(t, per+", another path", s.course(2, "GET", "/api/leads/stats"), want[1])
		wants(t, per+", another caller", s.course(2, "GET", "/api/leads", other), want[2])
		wants(t, per+", another session", s.course(2, "GET", "/api/leads", "X-Mock-Session: x"), want[3])
	}
}

func TestPickAtRandom(t *testing.T) {
	rules := "  - {pick: random, respond: [{error: internal, weight: 3}, {error: unavailable}, {weight: 4}]}\n"
	s, dir := script(t, rules)
	first := s.course(160, "GET", "/api/leads")
	for status, around := range map[string]int{"500": 60, "503": 20, "200": 80} {
		if n := strings.Count(first, status); n < around/2 || n > around*2 {
			t.Errorf("%s came %d times, around %d are expected", status, n, around)
		}
	}
	again := start(t, mock.Scenarios(dir), mock.Watch("off"))
	wants(t, "the same seed", again.course(160, "GET", "/api/leads"), first)
	if start(t, mock.Scenarios(dir), mock.Watch("off"), mock.Seed(2)).course(160, "GET", "/api/leads") == first {
		t.Error("another seed gives the same course")
	}
	bounded, _ := script(t, "  - {pick: random, respond: [{error: internal, times: 2}, {error: unavailable, times: 1}]}\n")
	got := strings.Split(bounded.course(5, "GET", "/api/leads"), " ")
	slices.Sort(got)
	wants(t, "with times", strings.Join(got, " "), "200 200 500 500 503")
}

func TestWindows(t *testing.T) {
	s, _ := script(t, "  - name: down\n    window: {after: 30s, for: 20s}\n    respond: {error: unavailable, retryAfter: until-window-ends}\n")
	s.do("POST", "/__admin/clock", `{"frozen":true}`)
	advance := func(d string) { s.do("POST", "/__admin/clock", `{"advance":"`+d+`"}`).status(200) }
	s.do("GET", "/api/leads", "").status(200) // the session's first request begins it
	advance("29s")
	s.do("GET", "/api/leads", "").status(200)
	advance("1s")
	s.do("GET", "/api/leads", "").status(503).header("Retry-After", "20")
	advance("12500ms")
	s.do("GET", "/api/leads", "").status(503).header("Retry-After", "8") // rounded up: never too early
	advance("7500ms")
	s.do("GET", "/api/leads", "").status(200)
	s.do("GET", "/api/leads", "", "X-Mock-Session: later").status(200) // a clock and a beginning of its own

	s.do("POST", "/__admin/reset", "").status(200) // a reset begins anew
	s.do("GET", "/api/leads", "").status(200)
	advance("31s")
	s.do("GET", "/api/leads", "").status(503)
	s.do("PUT", "/__admin/scenarios/s", `{"active":false}`).status(200)
	s.do("GET", "/api/leads", "").status(200)
	s.do("PUT", "/__admin/scenarios/s", `{"active":true}`).status(200) // so does activation
	s.do("GET", "/api/leads", "").status(200)
	advance("30s")
	s.do("GET", "/api/leads", "").status(503).header("Retry-After", "20")
}

func TestLimits(t *testing.T) {
	s, _ := script(t, "  - name: quota\n    when: {path: /leads/**}\n    limit: {requests: 3, window: 10s, per: caller}\n")
	s.do("POST", "/__admin/clock", `{"frozen":true}`)
	ada, stats := "/api/leads/"+adaID, "/api/leads/stats"
	for n, p := range []string{ada, stats, "/api/leads"} {
		s.do("GET", p, "").status(200).header("X-RateLimit-Limit", "3").header("X-RateLimit-Remaining", strconv.Itoa(2-n)).header("X-Mock-Decision", "fixture")
	}
	r := s.do("GET", ada, "").is(429, `{"statusCode":429,"message":"Too Many Requests"}`).header("Retry-After", "10").
		header("X-RateLimit-Limit", "3").header("X-RateLimit-Remaining", "0").header("X-Mock-Decision", "scenario")
	reset, _ := strconv.ParseInt(r.Header.Get("X-RateLimit-Reset"), 10, 64)
	if ahead := time.Until(time.Unix(reset, 0)); ahead < 8*time.Second || ahead > 11*time.Second {
		t.Errorf("X-RateLimit-Reset is %s ahead", ahead)
	}
	s.do("GET", "/api/notifications", "").status(200).header("X-RateLimit-Limit", "100")
	s.do("GET", ada, "", "X-API-Key: sk_test_read").status(200).header("X-RateLimit-Remaining", "2")
	s.do("HEAD", ada, "").status(429)
	s.do("POST", "/__admin/clock", `{"advance":"4s"}`)
	s.do("GET", ada, "").status(429).header("Retry-After", "6")
	s.do("POST", "/__admin/clock", `{"advance":"6s"}`)
	s.do("GET", ada, "").status(200).header("X-RateLimit-Remaining", "2")
}

// A directive that answers ends the search: no rule is asked, no step, chance or limit used.
func TestDirectivesPrecedeRules(t *testing.T) {
	s, _ := script(t, "  - {limit: {requests: 2, window: 1h}}\n  - {respond: {error: unavailable, times: 1}}\n")
	for range 3 {
		s.do("GET", "/api/leads", "", "X-Mock-Error: conflict").status(409).header("X-Mock-Rule", "").header("X-RateLimit-Limit", "100")
	}
	s.do("GET", "/api/leads", "", "X-Mock-Error: conflict", "X-Mock-Chance: 0").status(503).header("X-RateLimit-Remaining", "1") // it did not answer
	s.do("GET", "/api/leads", "").status(200).header("X-RateLimit-Remaining", "0")
	s.do("GET", "/api/leads", "").status(429)
}

func TestDelaysOfRules(t *testing.T) {
	for delay, least := range map[string]time.Duration{"80": 80 * time.Millisecond, "80ms": 80 * time.Millisecond, "{min: 60ms, max: 90ms}": 60 * time.Millisecond, "{median: 70ms, sigma: 0}": 70 * time.Millisecond} {
		s, _ := script(t, "  - {respond: {delay: "+delay+", times: 1}}\n")
		began := time.Now()
		s.do("GET", "/api/leads", "").status(200).header("X-Mock-Step", "1/1")
		if took := time.Since(began); took < least || took > 5*time.Second {
			t.Errorf("%s: took %s", delay, took)
		}
	}
}

func TestStates(t *testing.T) {
	s, _ := script(t, `  - when: {method: POST, path: /leads}
    respond: {error: unavailable, times: 2}
    setState: degraded
  - when: {state: degraded, method: GET}
    respond: {error: internal}
  - when: {state: degraded, method: DELETE}
    setState: started
`)
	post := func() int { return s.do("POST", "/api/leads", `{"firstName":"A","lastName":"B"}`).Status }
	wants(t, "before", s.course(1, "GET", "/api/leads"), "200")
	wants(t, "writes", fmt.Sprintf("%d %s %d %d", post(), s.course(1, "GET", "/api/leads"), post(), post()), "503 200 503 201")
	wants(t, "degraded", s.course(2, "GET", "/api/leads"), "500 500")
	s.do("GET", "/api/leads", "", "X-Mock-Session: x").status(200) // states are those of a session
	s.do("PUT", "/__admin/scenarios/s/state", `{"state":"started"}`).status(200)
	wants(t, "set from outside", s.course(1, "GET", "/api/leads"), "200")
	s.do("PUT", "/__admin/scenarios/s/state", `{"state":"degraded"}`).status(200)
	wants(t, "set from outside", s.course(1, "GET", "/api/leads"), "500")
	s.do("DELETE", "/api/leads/"+adaID, "").status(204) // a rule that answers nothing, too
	wants(t, "recovered", s.course(1, "GET", "/api/leads"), "200")
}

func TestWhatARuleMatches(t *testing.T) {
	for when, c := range map[string]struct{ hit, miss []string }{
		"{method: [PUT, PATCH]}":                        {[]string{"PUT /api/leads/x {}", "PATCH /api/leads/x {}"}, []string{"GET /api/leads/x", "POST /api/leads {}"}},
		"{path: /leads}":                                {[]string{"GET /api/leads", "POST /api/leads {}", "GET /api/leads?page=2"}, []string{"GET /api/leads/x"}},
		"{path: /api/leads/**}":                         {[]string{"GET /api/leads", "GET /api/leads/x", "POST /api/leads/bulk/update {}"}, []string{"GET /api/leadsx", "GET /api/alerts"}},
		`{path: "/leads/{id}"}`:                         {[]string{"GET /api/leads/x"}, []string{"GET /api/leads", "POST /api/leads/x/convert {}"}},
		"{query: {status: NEW}}":                        {[]string{"GET /api/leads?status=NEW", "GET /api/leads?a=b&status=NEW"}, []string{"GET /api/leads?status=LOST", "GET /api/leads"}},
		`{body: {email: {matches: "@example\\.com$"}}}`: {[]string{`POST /api/leads {"email":"a@example.com"}`}, []string{`POST /api/leads {"email":"a@example.org"}`, "POST /api/leads {}", "GET /api/leads"}},
		"{body: {a: {b: 1}, c: {exists: false}}}":       {[]string{`POST /api/leads {"a":{"b":1,"x":2}}`}, []string{`POST /api/leads {"a":{"b":1},"c":null}`, `POST /api/leads {"a":{"b":2}}`}},
		"{body: {status: {oneOf: [NEW, LOST]}}}":        {[]string{`POST /api/leads {"status":"LOST"}`}, []string{`POST /api/leads {"status":"lost"}`}},
	} {
		s, _ := script(t, "  - {when: "+when+", respond: {status: 599}}\n")
		ask := func(request string) int {
			method, rest, _ := strings.Cut(request, " ")
			path, body, _ := strings.Cut(rest, " ")
			return s.do(method, path, body).Status
		}
		for _, request := range c.hit {
			if ask(request) != 599 {
				t.Errorf("%s does not match %s", when, request)
			}
		}
		for _, request := range c.miss {
			if ask(request) == 599 {
				t.Errorf("%s matches %s", when, request)
			}
		}
	}
	s, _ := script(t, "  - {when: {headers: {X-Tenant: acme}}, respond: {status: 598}}\n  - {when: {caller: {role: USER}}, respond: {status: 599}}\n  - {when: {caller: {apiKey: Read only}}, respond: {status: 597}}\n")
	s.do("GET", "/api/leads", "", "X-Tenant: acme").status(598)
	s.do("GET", "/api/leads", "", "X-Tenant: other").status(200)
	s.do("GET", "/api/leads", "", bearer(s.token("USER"))...).status(599)
	s.do("GET", "/api/leads", "", bearer(s.token("MANAGER"))...).status(200)
}

func TestPatches(t *testing.T) {
	s, dir := script(t, `  - name: one
    when: {method: GET}
    respond: {patch: {company: null, email: not-an-email, extra: {a: 1}}, headers: {X-Patched: "yes"}}
  - name: two
    respond: {patch: {title: two}}
`)
	r := s.do("GET", "/api/leads/"+adaID, "", "Origin: http://a.example").status(200).header("X-Mock-Decision", "fixture").
		header("X-Patched", "yes").header("X-Mock-Rule", dir+"/s.yaml:6 two")
	lead := decode[object](r)
	if _, there := lead["company"]; there || lead["email"] != "not-an-email" || lead["title"] != "two" || lead["firstName"] != "Ada" {
		t.Errorf("patched: %s", r.Body)
	}
	r.header("Content-Length", strconv.Itoa(len(r.Body)))
	if !strings.Contains(r.Header.Get("Access-Control-Expose-Headers")+",", ", X-Patched,") {
		t.Error("a header that a scenario sets is not exposed")
	}
	for _, one := range decode[[]object](s.do("GET", "/api/leads", "").status(200)) {
		if one["email"] != "not-an-email" || one["title"] != "two" {
			t.Fatalf("a record of the list is not patched: %v", one)
		}
	}
	s.do("GET", "/api/leads/abc123", "").is(404, `{"statusCode":404,"message":"Lead with id abc123 not found"}`)
	made := decode[object](s.do("POST", "/api/leads", `{"firstName":"W","lastName":"W","title":"one"}`).status(201)) // carried out, then patched
	if made["title"] != "two" {
		t.Errorf("a created lead is not patched: %v", made)
	}
	s.do("DELETE", "/api/leads/"+made["id"].(string), "").is(204, "")
}

// Documented headers that a rule sets are not sent twice in two spellings.
func TestRulesSetDocumentedHeaders(t *testing.T) {
	s, _ := script(t, "  - respond: {headers: {x-ratelimit-remaining: 7, X-CSRF-Token: t, Limit: a}}\n")
	r := s.do("POST", "/api/auth/login", `{"email":"ada.admin@example.com","password":"password"}`, "Origin: http://a.example").status(201)
	for name, want := range map[string]string{"X-Ratelimit-Remaining": "7", "X-Csrf-Token": "t"} {
		if got := r.Header[name]; !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if !strings.Contains(r.Header.Get("Access-Control-Expose-Headers")+",", ", Limit,") {
		t.Error("Limit is not exposed")
	}
}

// Several scenarios are asked in the order of their files; what they do adds up until one answers.
func TestScenariosCompose(t *testing.T) {
	dir := folder(t, map[string]string{
		"b-slow.yaml":  "rules:\n  - name: slow\n    respond: {delay: 40ms, headers: {X-B: b}}\n",
		"a-slow.yaml":  "rules:\n  - name: slow\n    respond: {delay: 40ms, headers: {X-A: a}}\n",
		"c-fails.yaml": "rules:\n  - name: fails\n    respond: {error: unavailable, delay: 40ms, times: 1}\n",
		"d-fails.yaml": "rules:\n  - name: fails\n    respond: {error: internal, times: 1}\n",
	})
	s := start(t, mock.Scenarios(dir), mock.Scenario("d-fails", "c-fails", "b-slow", "a-slow"), mock.Watch("off"))
	began := time.Now()
	s.do("GET", "/api/leads", "").status(503).header("X-Mock-Rule", dir+"/c-fails.yaml:2 fails").header("X-A", "a").header("X-B", "b")
	if took := time.Since(began); took < 120*time.Millisecond {
		t.Errorf("the delays do not add up: %s", took)
	}
	s.do("GET", "/api/leads", "").status(500).header("X-Mock-Rule", dir+"/d-fails.yaml:2 fails")
	s.do("GET", "/api/leads", "").status(200).header("X-Mock-Rule", dir+"/b-slow.yaml:2 slow").header("X-Mock-Decision", "fixture")
}

func TestHeadSeesTheStepOfGet(t *testing.T) {
	s, _ := script(t, "  - when: {path: /leads}\n    respond: [{error: internal}, {error: unavailable}]\n  - when: {method: HEAD, path: /leads/stats}\n    respond: {error: internal, times: 1}\n")
	for range 3 {
		s.do("HEAD", "/api/leads", "").is(500, "").header("X-Mock-Step", "1/2")
	}
	s.do("GET", "/api/leads", "").status(500)
	s.do("HEAD", "/api/leads", "").status(503).header("X-Mock-Step", "2/2").header("Retry-After", "30")
	s.do("GET", "/api/leads", "").status(503)
	s.do("HEAD", "/api/leads", "").status(200)
	wants(t, "a rule that names HEAD", s.course(2, "HEAD", "/api/leads/stats"), "500 200")
}

func TestReloadKeepsCountersOfUnchangedRules(t *testing.T) {
	kept, changed := "  - {when: {path: /leads}, respond: {error: internal, times: 3}}\n", "  - {when: {path: /alerts}, respond: {error: internal, times: 3}}\n"
	s, dir := script(t, kept+changed)
	wants(t, "kept", s.course(2, "GET", "/api/leads"), "500 500")
	wants(t, "changed", s.course(2, "GET", "/api/alerts"), "500 500")
	save(t, dir, "s.yaml", "active: true\nrules:\n"+strings.Replace(changed, "internal", "unavailable", 1)+"\n# moved down\n"+kept)
	s.do("POST", "/__admin/reload", "").status(200)
	s.do("GET", "/api/leads", "").status(500).header("X-Mock-Step", "3/3").header("X-Mock-Rule", dir+"/s.yaml:6")
	wants(t, "kept, after it", s.course(1, "GET", "/api/leads"), "200")
	wants(t, "changed, after it", s.course(4, "GET", "/api/alerts"), "503 503 503 200")

	save(t, dir, "s.yaml", "rules:\n  - {respond: {eror: internal}}\n")
	r := s.do("POST", "/__admin/reload", "").status(422)
	if !strings.Contains(r.Body, "s.yaml:2:16") || !strings.Contains(r.Body, "did you mean") {
		t.Error(r.Body)
	}
	wants(t, "the last good one", s.course(1, "GET", "/api/alerts"), "200")
}

func TestOneStepIsUsedOnce(t *testing.T) {
	s, _ := script(t, "  - {respond: {error: internal, times: 1}}\n")
	for round := range 5 {
		session := fmt.Sprintf("X-Mock-Session: s%d", round)
		var failed atomic.Int32
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() {
				if s.do("GET", "/api/leads/"+adaID, "", session).Status == 500 {
					failed.Add(1)
				}
			})
		}
		if all.Wait(); failed.Load() != 1 {
			t.Errorf("%d of 64 got the one step", failed.Load())
		}
	}
}

func TestRulesOfTheAdminAPI(t *testing.T) {
	s, _ := script(t, "  - {respond: {error: internal, times: 2}}\n")
	s.do("PUT", "/__admin/rules/r1", `{"name":"mine","when":{"method":"GET"},"respond":{"error":"unavailable","times":1}}`).status(201)
	s.do("GET", "/api/leads", "", "X-Mock-Session: x").status(500)
	s.do("GET", "/api/leads", "").status(503).header("X-Mock-Rule", "rules/r1 mine").header("X-Mock-Step", "1/1").header("X-Mock-Decision", "scenario")
	s.do("GET", "/api/leads", "").status(500)
	s.do("PUT", "/__admin/rules/r1", `{"respond":{"error":"conflict"}}`).status(201)
	s.do("GET", "/api/leads", "").status(409)
	s.do("DELETE", "/__admin/rules/r1", "").status(204)
	s.do("DELETE", "/__admin/rules/r1", "").status(404)
	s.do("GET", "/api/leads", "").status(500)
	for range 2 {
		s.do("POST", "/__admin/rules", `{"respond":{"error":"forbidden","times":1}}`).status(201)
	}
	wants(t, "two rules", s.course(3, "GET", "/api/leads"), "403 403 200")
	s.do("DELETE", "/__admin/rules", "").status(204)
	r := s.do("POST", "/__admin/rules", `{"respond":{"eror":"x"},"then":1}`).status(400)
	if !strings.Contains(r.Body, `"line":1,"column":13`) || !strings.Contains(r.Body, "did you mean") || !strings.Contains(r.Body, "then") {
		t.Error(r.Body)
	}
}
