package mock_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/apierror"
)

// target is an operation, and a request to it that gives an error something to name.
type target struct {
	ID, Method, Path, Resource string
	Errors                     []apierror.Name
}

func (s *server) operations() []target {
	s.t.Helper()
	return decode[[]target](s.do("GET", "/__admin/operations", "").status(200))
}

func (o target) takesBody() bool { return slices.Contains(o.Errors, apierror.BadRequest) }
func (o target) takesID() bool   { return strings.Contains(o.Path, "{") }

func (o target) request(prefix string) (method, path, body string) {
	if o.takesBody() {
		body = `{"email":"eve@example.com","ids":[]}`
	}
	return o.Method, prefix + "/api" + strings.ReplaceAll(o.Path, "{id}", "some-id"), body
}

// canned says what errors call a record of a canned answer; all other shipped routes speak of leads.
func (o target) canned() (singular string, ok bool) {
	first, _, _ := strings.Cut(strings.TrimPrefix(o.Path, "/"), "/")
	singular, ok = map[string]string{
		"notifications": "Notification", "alerts": "Alert", "campaigns": "Campaign", "activities": "Activity", "dashboard": "Summary", "users": "Preference", "status": "Status",
	}[first]
	if !ok {
		singular = "Lead"
	}
	return singular, ok
}

// documented is what the operation answers when it fails so, as contract.md section 2 has it.
func (o target) documented(name apierror.Name, loginMessages string) string {
	entry, _ := apierror.Lookup(string(name))
	singular, canned := o.canned()
	id, email := apierror.ExampleID, apierror.ExampleEmail
	if o.takesID() {
		id = "some-id"
	}
	if o.takesBody() {
		email = "eve@example.com"
	}
	switch {
	case name == apierror.NotFound:
		return `{"statusCode":404,"message":"` + singular + ` with id ` + id + ` not found"}`
	case name == apierror.Conflict:
		return `{"statusCode":409,"message":"` + singular + ` with email ` + email + ` already exists","error":"Conflict"}`
	case name == apierror.Validation && canned:
		return `{"statusCode":400,"message":["name should not be empty"],"error":"Bad Request"}`
	case name == apierror.Validation && o.ID == "login":
		return loginMessages
	}
	return string(entry.Error.Body())
}

// isDocumented checks a forced error, headers and all.
func (r reply) isDocumented(name apierror.Name, body, decision string) {
	r.t.Helper()
	entry, _ := apierror.Lookup(string(name))
	r.is(entry.Error.Status, body).header("Content-Type", "application/json; charset=utf-8").header("Retry-After", entry.Error.RetryAfter).
		header("X-Mock-Decision", decision).header("Vary", "Origin, Accept-Encoding").header("Content-Length", strconv.Itoa(len(body)))
	left, err := strconv.Atoi(r.Header.Get("X-RateLimit-Remaining"))
	if err != nil || name == apierror.RateLimited && left != 0 {
		r.t.Errorf("%s: %s: X-RateLimit-Remaining %q", r.Request, name, r.Header.Get("X-RateLimit-Remaining"))
	}
	reset, err := strconv.ParseInt(r.Header.Get("X-RateLimit-Reset"), 10, 64)
	if ahead := time.Until(time.Unix(reset, 0)); err != nil || ahead < 0 || ahead > time.Minute+time.Second || name == apierror.RateLimited && (ahead < 25*time.Second || ahead > 32*time.Second) {
		r.t.Errorf("%s: %s: X-RateLimit-Reset %q is %s ahead", r.Request, name, r.Header.Get("X-RateLimit-Reset"), ahead)
	}
	if r.Header.Get("X-RateLimit-Limit") == "" || r.Header.Get("X-Request-Id") == "" {
		r.t.Errorf("%s: %s: without X-RateLimit-Limit or X-Request-Id", r.Request, name)
	}
}

// Every documented error, forced on every operation in every way that there is, without credentials: the same bytes.
func TestEveryErrorOnEveryOperationInEveryWay(t *testing.T) {
	s := start(t)
	login := s.do("POST", "/api/auth/login", `{"email":"nope"}`).status(400).Body
	operations := s.operations()
	if len(operations) < 20 {
		t.Fatalf("only %d operations", len(operations))
	}
	for _, entry := range apierror.Catalogue() {
		name := string(entry.Name)
		s.do("PUT", "/__admin/rules/"+name+"?session=rule."+name, `{"respond":{"error":"`+name+`"}}`).status(201)
		dir := folder(t, map[string]string{"forced.yaml": "rules:\n  - name: all\n    respond: {error: " + name + "}\n"})
		scripted := start(t, mock.Scenarios(dir), mock.Scenario("forced"), mock.Watch("off"))
		for _, o := range operations {
			want := o.documented(entry.Name, login)
			method, path, body := o.request("")
			anonymous := "X-API-Key: -"
			s.do(method, path, body, anonymous, "X-Mock-Error: "+name).isDocumented(entry.Name, want, "directive")
			s.do(method, path, body, anonymous, "X-Mock-Error: "+strings.ReplaceAll(name, "_", "-")).isDocumented(entry.Name, want, "directive")
			s.do(method, path+"?__error="+name, body, anonymous).isDocumented(entry.Name, want, "directive")
			if entry.Name != apierror.Validation {
				s.do(method, path, body, anonymous, fmt.Sprintf("X-Mock-Status: %d", entry.Error.Status)).isDocumented(entry.Name, want, "directive")
			}
			scripted.do(method, path, body, anonymous).header("X-Mock-Rule", dir+"/forced.yaml:2 all").isDocumented(entry.Name, want, "scenario")
			_, prefixed, _ := o.request("/__s/rule." + name)
			s.do(method, prefixed, body, anonymous).header("X-Mock-Rule", "rules/"+name).isDocumented(entry.Name, want, "scenario")
			if method == "GET" {
				head := s.do("HEAD", path, "", anonymous, "X-Mock-Error: "+name).is(entry.Error.Status, "")
				head.header("Content-Length", strconv.Itoa(len(want))).header("Retry-After", entry.Error.RetryAfter)
			}
		}
	}
}

// told are the headers of an answer but for those that differ from one request to the next.
func told(h http.Header) http.Header {
	kept := h.Clone()
	for _, name := range []string{"Date", "X-Request-Id", "X-Mock-Decision", "X-Ratelimit-Reset", "X-Ratelimit-Remaining"} {
		kept.Del(name)
	}
	return kept
}

// What is forced cannot be told from what a request earns.
func TestForcedAsEarned(t *testing.T) {
	s := start(t)
	viewer := bearer(s.token("VIEWER"))
	fresh := s.create(`{"firstName":"N","lastName":"N"}`)
	for name, c := range map[apierror.Name]struct {
		method, path, body string
		headers            []string
	}{
		apierror.Validation:    {"POST", "/api/leads", `{"email":"nope","firstName":"","lastName":"X","status":"WRONG"}`, nil},
		apierror.Unauthorized:  {"GET", "/api/leads", "", []string{"X-API-Key: wrong"}},
		apierror.Forbidden:     {"DELETE", "/api/leads/" + adaID, "", viewer},
		apierror.NotFound:      {"PATCH", "/api/leads/no%2Fbody", `{"company":"X"}`, nil},
		apierror.Conflict:      {"POST", "/api/leads", `{"firstName":"A","lastName":"B","email":"ADA@example.com"}`, nil},
		apierror.Unprocessable: {"POST", path(fresh) + "/convert", "{}", nil},
	} {
		earned := s.do(c.method, c.path, c.body, c.headers...)
		forced := s.do(c.method, c.path, c.body, append([]string{"X-Mock-Error: " + string(name)}, c.headers...)...)
		if earned.Status < 400 || earned.Status != forced.Status || earned.Body != forced.Body {
			t.Errorf("%s: earned %d %s, forced %d %s", name, earned.Status, earned.Body, forced.Status, forced.Body)
		}
		if diff := cmp.Diff(told(earned.Header), told(forced.Header)); diff != "" {
			t.Errorf("%s: earned - forced +\n%s", name, diff)
		}
	}
}

func TestForcedRateLimitAsEarned(t *testing.T) {
	s := start(t, mock.RateLimit(true))
	for range 5 {
		s.do("POST", "/api/auth/login", `{}`).status(400)
	}
	earned := s.do("POST", "/api/auth/login", `{}`).header("X-Mock-Decision", "rate-limit").header("X-RateLimit-Remaining", "0")
	forced := s.do("POST", "/api/auth/login", `{}`, "X-Mock-Error: rate_limited").header("X-Mock-Decision", "directive").header("X-RateLimit-Remaining", "0")
	forced.is(earned.Status, earned.Body)
	seconds, _ := strconv.Atoi(earned.Header.Get("Retry-After"))
	if seconds < 50 || seconds > 60 {
		t.Errorf("Retry-After %q", earned.Header.Get("Retry-After"))
	}
	e, f := told(earned.Header), told(forced.Header)
	e.Del("Retry-After")
	f.Del("Retry-After")
	if diff := cmp.Diff(e, f); diff != "" {
		t.Error(diff)
	}
}

func TestRequestsAreCountedOnceWhateverTheirAnswer(t *testing.T) {
	s := start(t)
	for n, headers := range [][]string{nil, {"X-Mock-Error: internal"}, {"X-Mock-Fault: MALFORMED_JSON"}, {"X-Mock-Eror: internal"}, {"X-Mock-Error: internal", "X-Mock-Commit: after"}} {
		s.do("GET", "/api/leads/"+adaID, "", headers...).header("X-RateLimit-Remaining", strconv.Itoa(99-n))
	}
	s.do("GET", "/api/nothing", "").header("X-RateLimit-Remaining", "94")
}

// The order of control.md section 1.
func TestOrderOfDecisions(t *testing.T) {
	dir := folder(t, map[string]string{"down.yaml": "rules:\n  - when: {headers: {X-Down: \"1\"}}\n    respond: {error: unavailable}\n"})
	s := start(t, mock.RateLimit(true), mock.Scenarios(dir), mock.Scenario("down"), mock.Watch("off"))
	for range 100 {
		s.do("GET", "/api/leads/"+adaID, "").status(200)
	}
	s.do("GET", "/api/leads/"+adaID, "", "X-Down: 1", "X-Mock-Error: internal").header("X-Mock-Decision", "directive").status(500)
	s.do("GET", "/api/leads/"+adaID, "", "X-Down: 1").header("X-Mock-Decision", "scenario").status(503)
	s.do("GET", "/api/leads/"+adaID, "").header("X-Mock-Decision", "rate-limit").status(429)
	s.do("GET", "/api/nothing", "").header("X-Mock-Decision", "rate-limit").status(429)
	fresh := "X-Mock-Session: fresh"
	s.do("GET", "/api/nothing", "", fresh, "X-API-Key: -").header("X-Mock-Decision", "unmatched").status(404).header("X-Mock-Session", "fresh")
	s.do("GET", "/api/nothing", "", fresh, "X-Down: 1").status(503)
	s.do("POST", "/api/leads", "not json", fresh, "X-API-Key: -").header("X-Mock-Decision", "auth").status(401)
	s.do("POST", "/api/leads", "not json", fresh).header("X-Mock-Decision", "validation").status(400)
	s.do("GET", "/api/leads/abc123", "", fresh).header("X-Mock-Decision", "fixture").status(404)
}

func TestPreflightsConsumeNothing(t *testing.T) {
	dir := folder(t, map[string]string{"once.yaml": "rules:\n  - respond: {error: unavailable, times: 1}\n"})
	s := start(t, mock.Scenarios(dir), mock.Scenario("once"), mock.Watch("off"))
	for range 3 {
		r := s.do("OPTIONS", "/api/leads?__error=internal&__bad=1", "", "X-API-Key: -", "Origin: http://a.example", "Access-Control-Request-Method: GET").is(204, "")
		if r.Header.Get("X-Mock-Rule") != "" || r.Header.Get("X-RateLimit-Remaining") != "" {
			t.Errorf("the preflight was decided: %v", r.Header)
		}
	}
	s.do("GET", "/api/leads", "").status(503).header("X-Mock-Step", "1/1").header("X-RateLimit-Remaining", "99")
	s.do("GET", "/api/leads", "").status(200)
}

// The headers of an answer are the caller's, also where no connection copies them.
func TestHeadersOutliveTheRequest(t *testing.T) {
	s := start(t)
	ask := func(id string) http.Header {
		w, r := httptest.NewRecorder(), sessionRequest(s.key, 1)
		r.Header.Set("X-Request-Id", id)
		s.Handler().ServeHTTP(w, r)
		return w.Header()
	}
	first, second := ask("one"), ask("two")
	for id, h := range map[string]http.Header{"one": first, "two": second} {
		if h.Get("X-Request-Id") != id || h.Get("X-Mock-Decision") != "fixture" {
			t.Errorf("%s: %v", id, h)
		}
	}
}

// The catalogue of the admin API is enough for a test suite to force each error where it fits.
func TestTheCatalogueCanBeLoopedOver(t *testing.T) {
	s := start(t)
	byID := map[string]target{}
	for _, o := range s.operations() {
		byID[o.ID] = o
	}
	all := decode[[]struct {
		Name       string
		Status     int
		Headers    map[string]string
		Operations []string
	}](s.do("GET", "/__admin/errors", "").status(200))
	if len(all) != 10 {
		t.Fatalf("%d errors", len(all))
	}
	for _, e := range all {
		for _, id := range e.Operations {
			method, path, body := byID[id].request("")
			r := s.do(method, path, body, "X-Mock-Error: "+e.Name).status(e.Status)
			for name, value := range e.Headers {
				r.header(name, value)
			}
		}
	}
}
