package mock_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// ask sends a request whose headers may come more than once.
func (s *server) ask(method, path, body string, headers ...string) reply {
	s.t.Helper()
	r, _ := http.NewRequest(method, s.http.URL+path, strings.NewReader(body))
	r.Header.Set("X-API-Key", s.key)
	r.Header.Set("Content-Type", "application/json")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
	}
	conforming := s.conforming()
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return conforming(r, body, reply{s.t, response.StatusCode, response.Header, string(data), method + " " + path + " " + strings.Join(headers, "; ")})
}

// Every row of control.md section 2 that changes an answer, as headers and as a query.
func TestDirectives(t *testing.T) {
	s := start(t)
	unavailable := `{"statusCode":503,"message":"Service Unavailable"}`
	for _, c := range []struct {
		query   string
		headers []string
		status  int
		body    string
		want    []string
	}{
		{"__error=rate-limited", []string{"X-Mock-Error: rate_limited"}, 429, `{"statusCode":429,"message":"Too Many Requests"}`, []string{"Retry-After: 30", "X-RateLimit-Remaining: 0"}},
		{"__status=400", []string{"X-Mock-Status: 400"}, 400, `{"statusCode":400,"message":"Bad Request","error":"Validation failed"}`, nil},
		{"__code=404", []string{"X-Mock-Response-Code: 404"}, 404, `{"statusCode":404,"message":"Lead with id abc123 not found"}`, nil},
		{"__status=413", []string{"X-Mock-Status: 413"}, 413, `{"statusCode":413,"message":"request entity too large","error":"Payload Too Large"}`, nil},
		{"__status=418", []string{"X-Mock-Status: 418"}, 418, `{"statusCode":418,"message":"I'm a teapot"}`, nil},
		{"__status=503&__error=unavailable", []string{"X-Mock-Status: 503", "X-Mock-Error: unavailable"}, 503, unavailable, nil},
		{"__status=504&__message=slow", []string{"X-Mock-Status: 504", "X-Mock-Message: slow"}, 504, `{"statusCode":504,"message":"slow"}`, nil},
		{"__error=internal&__message=%3Cb%3E", []string{"X-Mock-Error: internal", "X-Mock-Message: <b>"}, 500, `{"statusCode":500,"message":"<b>"}`, nil},
		{"__error=conflict&__message=a&__message=b", []string{"X-Mock-Error: conflict", "X-Mock-Message: a", "X-Mock-Message: b"}, 409, `{"statusCode":409,"message":["a","b"],"error":"Conflict"}`, nil},
		{"__error=validation&__fields=lastName,email", []string{"X-Mock-Error: validation", "X-Mock-Fields: lastName, email"}, 400, `{"statusCode":400,"message":["email must be an email","lastName should not be empty"],"error":"Bad Request"}`, nil},
		{"__error=validation&__fields=status,leadScore", []string{"X-Mock-Error: validation", "X-Mock-Fields: status", "X-Mock-Fields: leadScore"}, 400,
			`{"statusCode":400,"message":["status must be one of: NEW, CONTACTED, QUALIFIED, LOST","leadScore must be an integer number"],"error":"Bad Request"}`, nil},
		{"__error=unavailable&__retry_after=7", []string{"X-Mock-Error: unavailable", "X-Mock-Retry-After: 7"}, 503, unavailable, []string{"Retry-After: 7"}},
		{"__error=unavailable&__retry-after=none", []string{"X-Mock-Error: unavailable", "X-Mock-Retry-After: none"}, 503, unavailable, []string{"Retry-After: "}},
		{"__error=unavailable&__retry_after=-1", []string{"X-Mock-Error: unavailable", "X-Mock-Retry-After: -1"}, 503, unavailable, []string{"Retry-After: -1"}},
		{"__error=rate_limited&__retry_after=soon", []string{"X-Mock-Error: rate_limited", "X-Mock-Retry-After: soon"}, 429, `{"statusCode":429,"message":"Too Many Requests"}`, []string{"Retry-After: soon", "X-RateLimit-Remaining: 0"}},
		{"__error=unavailable&__retry_after=Wed,%2021%20Oct%202015%2007:28:00%20GMT", []string{"X-Mock-Error: unavailable", "X-Mock-Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"}, 503, unavailable, []string{"Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"}},
		{"__error=not_found&__retry_after=3", []string{"X-Mock-Error: not_found", "X-Mock-Retry-After: 3"}, 404, `{"statusCode":404,"message":"Lead with id abc123 not found"}`, []string{"Retry-After: 3"}},
		{"__error=internal&__delay=5", []string{"X-Mock-Error: internal", "X-Mock-Delay: 5"}, 500, `{"statusCode":500,"message":"Internal Server Error"}`, nil},
		{"__error=internal&__chance=1", []string{"X-Mock-Error: internal", "X-Mock-Chance: 1"}, 500, `{"statusCode":500,"message":"Internal Server Error"}`, nil},
		{"__error=internal&__commit=before", []string{"X-Mock-Error: internal", "X-Mock-Commit: before"}, 500, `{"statusCode":500,"message":"Internal Server Error"}`, nil},
		{"__error=unavailable", []string{"Prefer: respond-async, code=503; x=y"}, 503, unavailable, nil},
		{"__error=unavailable", []string{`Prefer: code="503"`}, 503, unavailable, nil},
		{"__error=validation", []string{"Prefer: example=validation"}, 400, `{"statusCode":400,"message":["email must be an email","firstName should not be empty","status must be one of: NEW, CONTACTED, QUALIFIED, LOST"],"error":"Bad Request"}`, nil},
	} {
		for _, r := range []reply{s.ask("GET", "/api/leads", "", c.headers...), s.ask("GET", "/api/leads?"+c.query, ""), s.ask("GET", "/api/leads?"+strings.ReplaceAll(c.query, "__", "%5F%5f"), "")} {
			r.is(c.status, c.body).header("X-Mock-Decision", "directive")
			for _, header := range c.want {
				name, value, _ := strings.Cut(header, ": ")
				r.header(name, value)
			}
			if r.Header.Get("X-Mock-Warning") != "" {
				t.Errorf("%s: warning %q", r.Request, r.Header.Get("X-Mock-Warning"))
			}
		}
	}
}

func TestRetryAfterAsADate(t *testing.T) {
	s := start(t)
	s.do("POST", "/__admin/clock", `{"advance":"1000h"}`).status(200) // real time rules the date
	r := s.do("GET", "/api/leads", "", "X-Mock-Error: unavailable", "X-Mock-Retry-After: date+30")
	at, err := http.ParseTime(r.Header.Get("Retry-After"))
	if ahead := time.Until(at); err != nil || ahead < 27*time.Second || ahead > 31*time.Second {
		t.Errorf("Retry-After %q: %v, %s ahead", r.Header.Get("Retry-After"), err, ahead)
	}
}

func TestPreferences(t *testing.T) {
	s := start(t)
	s.ask("GET", "/api/leads", "", "Prefer: code=503, wait=10").status(503).header("Preference-Applied", "code=503")
	s.ask("GET", "/api/leads", "", "Prefer: example=validation").status(400).header("Preference-Applied", "example=validation")
	s.ask("GET", "/api/leads", "", "Prefer: code=400, example=validation").status(400).header("Preference-Applied", "example=validation, code=400")
	for _, ignored := range []string{"Prefer: code=200", "Prefer: code=204, return=minimal", "Prefer: handling=lenient", "Prefer: ", "X-Mock-Response-Code: 200"} {
		s.ask("GET", "/api/leads", "", ignored).status(200).header("Preference-Applied", "").header("X-Mock-Decision", "fixture")
	}
	once := []string{"Prefer: code=503", "X-Mock-Times: 1"}
	s.ask("GET", "/api/leads", "", once...).status(503).header("Preference-Applied", "code=503")
	s.ask("GET", "/api/leads", "", once...).status(200).header("Preference-Applied", "")
}

// What makes no sense is never ignored: 400 in the documented shape, which names directive, value, what is allowed and the nearest name.
func TestDirectiveErrors(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		headers []string
		query   string
		want    []string
	}{
		{[]string{"X-Mock-Error: rate_limted"}, "__error=rate_limted", []string{`"rate_limted"`, "bad_request, validation,", "did you mean rate_limited?"}},
		{[]string{"X-Mock-Eror: internal"}, "__eror=internal", []string{"unknown directive", `"internal"`, "rror?"}},
		{[]string{"X-Mock-Banana: 1"}, "__banana=1", []string{"unknown directive", "allowed: "}},
		{[]string{"X-Mock-Status: 200"}, "__status=200", []string{`"200"`, "400 to 599"}},
		{[]string{"X-Mock-Status: 600"}, "__code=600", []string{`"600"`, "400 to 599"}},
		{[]string{"X-Mock-Status: five"}, "__status=five", []string{`"five"`}},
		{[]string{"X-Mock-Error: internal", "X-Mock-Status: 503"}, "__error=internal&__status=503", []string{"503", "contradicts", "internal"}},
		{[]string{"X-Mock-Error: internal", "X-Mock-Fault: HANG"}, "__error=internal&__fault=HANG", []string{"contradicts"}},
		{[]string{"X-Mock-Error: internal", "X-Mock-Error: conflict"}, "__error=internal&__error=conflict", []string{"internal", "conflict", "contradict"}},
		{[]string{"X-Mock-Error: internal", "Prefer: code=503"}, "__error=internal&__code=503", []string{"contradicts"}},
		{[]string{"X-Mock-Error;"}, "__error=", []string{"empty", "rate_limited"}},
		{[]string{"X-Mock-Fault: HAGN"}, "__fault=HAGN", []string{`"HAGN"`, "EMPTY_RESPONSE", "did you mean HANG?"}},
		{[]string{"X-Mock-Delay: soon"}, "__delay=soon", []string{`"soon"`, "200ms-2s"}},
		{[]string{"X-Mock-Delay: -5"}, "__delay=-5", []string{`"-5"`}},
		{[]string{"X-Mock-Delay: 2s-1s"}, "__delay=2s-1s", []string{"shorter"}},
		{[]string{"X-Mock-Error: internal", "X-Mock-Times: 0"}, "__error=internal&__times=0", []string{`"0"`, "1 to"}},
		{[]string{"X-Mock-Error: internal", "X-Mock-Chance: 2"}, "__error=internal&__chance=2", []string{`"2"`, "0 to 1"}},
		{[]string{"X-Mock-Error: internal", "X-Mock-Commit: later"}, "__error=internal&__commit=later", []string{`"later"`, "before, after"}},
		{[]string{"X-Mock-Error: validation", "X-Mock-Fields: emial"}, "__error=validation&__fields=emial", []string{"emial", "did you mean email?"}},
		{[]string{"X-Mock-Error: internal", "X-Mock-Fields: email"}, "__error=internal&__fields=email", []string{"no answer to modify", "validation"}},
		{[]string{"X-Mock-Scenario: flaky-lst"}, "__scenario=flaky-lst", []string{`"flaky-lst"`, "did you mean flaky-list?"}},
		{[]string{"X-Mock-Session: a b"}, "__session=a%20b", []string{`"a b"`, "1 to 64"}},
		{[]string{"X-Mock-Times: 2"}, "__times=2", []string{"no answer to modify"}},
		{[]string{"X-Mock-Chance: 0.5"}, "__chance=0.5", []string{"no answer to modify"}},
		{[]string{"X-Mock-Message: x"}, "__message=x", []string{"no answer to modify"}},
		{[]string{"X-Mock-Fields: email"}, "__fields=email", []string{"no answer to modify"}},
		{[]string{"X-Mock-Retry-After: 3"}, "__retry_after=3", []string{"no answer to modify"}},
		{[]string{"X-Mock-Commit: after"}, "__commit=after", []string{"no answer to modify"}},
		{[]string{"X-Mock-Delay: 5", "X-Mock-Times: 2"}, "__delay=5&__times=2", []string{"no answer to modify"}},
		{[]string{"X-Mock-Fault: TRUNCATED_BODY", "X-Mock-Commit: before"}, "__fault=TRUNCATED_BODY&__commit=before", []string{"TRUNCATED_BODY", "real answer"}},
		{[]string{"X-Mock-Decision: fixture"}, "__decision=fixture", []string{`"fixture"`}},
	} {
		c.headers[0] = strings.Replace(c.headers[0], ";", ": ", 1)
		for form, r := range map[string]reply{"header": s.ask("GET", "/api/leads", "", c.headers...), "query": s.ask("GET", "/api/leads?"+c.query, "")} {
			r.status(400).header("X-Mock-Decision", "directive-error").header("Content-Type", "application/json; charset=utf-8")
			body := decode[struct {
				StatusCode     int
				Message, Error string
			}](r)
			named := strings.SplitN(strings.SplitN(c.headers[len(c.headers)-1], ":", 2)[0], "=", 2)[0]
			if form == "query" {
				named = "__"
			}
			for _, want := range append(c.want, strings.TrimPrefix(named, "Prefer")) {
				if !strings.Contains(body.Message, want) {
					t.Errorf("%s: %q does not say %q", r.Request, body.Message, want)
				}
			}
			if body.StatusCode != 400 || body.Error != "Bad Request" {
				t.Errorf("%s: %s", r.Request, r.Body)
			}
		}
	}
	s.do("POST", "/api/leads", `{"firstName":"A","lastName":"B"}`, "X-Mock-Eror: internal").status(400)
	s.do("GET", "/api/leads", "").header("X-Total-Count", "214") // nothing was carried out
}

// A mistake is answered in the session that the request names.
func TestDirectiveErrorsBelongToTheirSession(t *testing.T) {
	s := start(t)
	s.do("GET", "/api/leads", "", "X-Mock-Session: mine", "X-Mock-Eror: x").status(400).header("X-Mock-Session", "mine").header("X-RateLimit-Remaining", "99")
	s.do("GET", "/api/leads?__session=mine&__error=x", "").status(400).header("X-Mock-Session", "mine").header("X-RateLimit-Remaining", "98")
	s.do("GET", "/api/leads", "").header("X-RateLimit-Remaining", "99")
}

func TestDelays(t *testing.T) {
	s := start(t, mock.Scenarios(folder(t, map[string]string{"slow.yaml": "rules:\n  - respond: {delay: 30s}\n  - when: {method: POST}\n    respond: {error: conflict}\n"})), mock.Watch("off"))
	for value, least := range map[string]time.Duration{"60": 60 * time.Millisecond, "0.07s": 70 * time.Millisecond, "50ms-60ms": 50 * time.Millisecond, "0": 0} {
		began := time.Now()
		s.do("GET", "/api/leads", "", "X-Mock-Delay: "+value).status(200).header("X-Mock-Decision", "fixture")
		if took := time.Since(began); took < least || took > 5*time.Second {
			t.Errorf("%s: took %s", value, took)
		}
	}
	// A directive that only delays replaces a rule's delay, and leaves the rest to the rules.
	began := time.Now()
	s.do("POST", "/api/leads", "{}", "X-Mock-Scenario: slow", "X-Mock-Delay: 10").status(409).header("X-Mock-Decision", "scenario")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestTimes(t *testing.T) {
	s := start(t)
	s.do("POST", "/__admin/clock", `{"set":"2026-05-04T03:02:01Z","frozen":true}`)
	twice := []string{"X-Mock-Error: unavailable", "X-Mock-Times: 2"}
	for n := range 2 {
		s.do("GET", "/api/leads", "", twice...).status(503).header("X-Mock-Step", fmt.Sprintf("%d/2", n+1)).header("X-Mock-Warning", "")
	}
	r := s.do("GET", "/api/leads", "", twice...).status(200).header("X-Mock-Decision", "fixture").header("X-Mock-Step", "")
	if w := r.Header.Get("X-Mock-Warning"); !strings.Contains(w, "X-Mock-Times: 2 is used up since 2026-05-04T03:02:01.000Z") {
		t.Errorf("warning %q", w)
	}
	// Counted apart: another path, method, set of directives or session; not the query, nor the spelling.
	s.do("GET", "/api/leads/"+adaID, "", twice...).status(503)
	s.do("HEAD", "/api/leads", "", twice...).status(503)
	s.do("GET", "/api/leads", "", append([]string{"X-Mock-Retry-After: 1"}, twice...)...).status(503)
	s.do("GET", "/api/leads", "", append([]string{"X-Mock-Session: other"}, twice...)...).status(503).header("X-Mock-Step", "1/2")
	s.do("GET", "/__s/other/api/leads", "", twice...).status(503).header("X-Mock-Step", "2/2")
	s.do("GET", "/api/leads?__error=unavailable&__times=2&page=2", "").status(200)
	s.do("POST", "/__admin/reset", "").status(200)
	s.do("GET", "/api/leads", "", twice...).status(503).header("X-Mock-Step", "1/2")
}

func TestChanceOfDirectives(t *testing.T) {
	course := func(seed uint64, chance string) (course string) {
		s := start(t, mock.Seed(seed))
		for n := range 60 {
			course += strconv.Itoa(s.do("GET", "/api/leads/"+adaID+"?n="+strconv.Itoa(n), "", "X-Mock-Error: internal", "X-Mock-Chance: "+chance).Status)[:1]
		}
		return course
	}
	first := course(1, "0.5")
	if n := strings.Count(first, "5"); n < 15 || n > 45 {
		t.Errorf("%d of 60 failed by a chance of a half", n)
	}
	if course(1, "0.5") != first || course(2, "0.5") == first {
		t.Error("chance must follow from the seed")
	}
	if strings.Contains(course(1, "0"), "5") || strings.Contains(course(1, "1"), "2") {
		t.Error("0 is never, 1 is always")
	}
}

func TestCommit(t *testing.T) {
	s := start(t)
	body := func(n int) string {
		return fmt.Sprintf(`{"firstName":"C","lastName":"C","email":"c%d@example.org"}`, n)
	}
	there := func(n int) bool {
		return s.do("GET", fmt.Sprintf("/api/leads?email=c%d@example.org", n), "").status(200).Body != "[]"
	}
	for n, c := range []struct {
		headers []string
		status  int
		written bool
	}{
		{[]string{"X-Mock-Error: internal"}, 500, false},
		{[]string{"X-Mock-Error: internal", "X-Mock-Commit: before"}, 500, false},
		{[]string{"X-Mock-Error: internal", "X-Mock-Commit: after"}, 500, true},
		{[]string{"X-Mock-Status: 504", "X-Mock-Commit: after", "X-Mock-Delay: 1"}, 504, true},
		{[]string{"X-Mock-Fault: MALFORMED_JSON"}, 200, true}, // it needs the real answer
		{[]string{"X-Mock-Fault: MALFORMED_JSON", "X-Mock-Commit: after"}, 200, true},
		{[]string{"X-Mock-Error: internal", "X-Mock-Commit: after", "X-API-Key: sk_test_read"}, 500, false}, // the real answer is 403
	} {
		s.do("POST", "/api/leads", body(n), c.headers...).status(c.status).header("X-Mock-Decision", "directive")
		if there(n) != c.written {
			t.Errorf("%v: written is %v", c.headers, !c.written)
		}
	}
	lead := s.create(body(99))
	s.do("DELETE", path(lead), "", "X-Mock-Error: unavailable", "X-Mock-Commit: after").status(503)
	s.do("GET", path(lead), "").status(404)
}

func TestScenarioOfOneRequest(t *testing.T) {
	s := start(t, mock.Scenarios(folder(t, map[string]string{
		"b.yaml": "rules:\n  - respond: {error: unavailable, times: 2}\n",
		"a.yaml": "active: true\nrules:\n  - when: {method: POST}\n    respond: {error: conflict}\n",
	})), mock.Watch("off"))
	s.do("GET", "/api/leads", "").status(200)
	s.do("GET", "/api/leads", "", "X-Mock-Scenario: b").status(503).header("X-Mock-Step", "1/2").header("X-Mock-Decision", "scenario")
	s.do("POST", "/api/leads", "{}", "X-Mock-Scenario: b").status(409) // rules of active files keep their order
	s.do("GET", "/api/leads?__scenario=b", "").status(503).header("X-Mock-Step", "2/2")
	s.do("GET", "/api/leads", "", "X-Mock-Scenario: b").status(200)
	s.do("GET", "/api/leads", "", "X-Mock-Scenario: b", "X-Mock-Error: internal").status(500)
}
