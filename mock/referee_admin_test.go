package mock_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock"
)

// keysOf lists the paths of all members of a JSON value; the names of headers are left out, as data.
func keysOf(t *testing.T, text string) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var all []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(path+"[]", item)
			}
		case map[string]any:
			for name, member := range v {
				all = append(all, path+"."+name)
				if name != "headers" {
					walk(path+"."+name, member)
				}
			}
		}
	}
	walk("", v)
	slices.Sort(all)
	return slices.Compact(all)
}

// TestNamesOfReports holds the names in the JSON of the referee: programs read them.
func TestNamesOfReports(t *testing.T) {
	t.Parallel()
	s := start(t)
	for range 3 {
		s.do("POST", "/api/leads?a=1", `{"email":"x@example.com"}`, "X-Mock-Error: unavailable").status(503)
	}
	s.do("POST", "/__admin/rules", `{"when":{"method":"DELETE"},"respond":[{"error":"internal"},{"error":"internal"}]}`).status(201)
	s.do("DELETE", "/api/leads/x", "").status(500)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/requests", "", 200, `[].attempt [].caller [].caller.apiKey [].caller.role [].caller.user [].decision [].durationMs [].id [].method [].operation [].path [].query
			[].request [].request.body [].request.bytes [].request.headers [].requestId [].response [].response.body [].response.bytes [].response.headers [].rule [].session [].sessionTime
			[].status [].step [].time`},
		{"GET", "/audit", "", 200, `.findings .findings[].asks .findings[].call .findings[].caller .findings[].count .findings[].fix .findings[].message .findings[].requests
			.findings[].requests[].afterMs .findings[].requests[].id .findings[].requests[].method .findings[].requests[].path .findings[].requests[].retryAfter
			.findings[].requests[].sessionTime .findings[].requests[].status .findings[].requests[].time .findings[].rule .findings[].severity .passed .requests .session`},
		{"GET", "/coverage", "", 200, `.exercised .operations .operations[].errors .operations[].errors[].error .operations[].errors[].forced .operations[].errors[].header
			.operations[].errors[].natural .operations[].errors[].status .operations[].exercised .operations[].method .operations[].operation .operations[].path .percent .session .total`},
		{"POST", "/verify", `{"when":{"path":"/leads"},"exactly":3}`, 200, `.journalTruncated .passed .results .results[].actual .results[].expected .results[].name .results[].passed`},
		{"POST", "/verify", `[{"when":{"path":"/leads"},"exactly":1},{"when":{"path":"/lead"}}]`, 409, `.journalTruncated .passed .results .results[].actual .results[].diff .results[].expected
			.results[].misses .results[].name .results[].passed .results[].requests`},
	} {
		got := keysOf(t, s.do(c.method, "/__admin"+c.path, c.body).status(c.status).Body)
		if want := strings.Fields(c.want); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", c.path, strings.Join(got, " "), strings.Join(want, " "))
		}
	}
}

func TestRequestsAreListed(t *testing.T) {
	t.Parallel()
	s := start(t)
	for i := range 5 {
		s.do("GET", fmt.Sprintf("/api/leads/%d", i), "", "X-Request-Id: "+fmt.Sprint("r", i)).status(404)
	}
	s.do("GET", "/api/leads", "", "X-Mock-Error: internal", "X-Request-Id: forced").status(500)
	s.do("GET", "/api/leads", "", "X-Mock-Session: other", "X-Request-Id: elsewhere").status(200)
	ids := func(query string) string {
		var all []string
		for _, r := range decode[[]mock.Request](s.do("GET", "/__admin/requests"+query, "").status(200)) {
			all = append(all, r.RequestID)
		}
		return strings.Join(all, " ")
	}
	for query, want := range map[string]string{
		"": "r0 r1 r2 r3 r4 forced", "?limit=2": "r4 forced", "?since=4": "r4 forced", "?since=2&limit=1": "r2", "?session=other": "elsewhere",
		"?session=*&limit=2": "forced elsewhere", "?decision=directive": "forced", "?decision=directive,auth&decision=scenario": "forced", "?path=/leads": "forced",
		"?path=/api/leads/{id}&limit=1": "r4", "?since=2020-01-01T00:00:00Z&limit=1": "r0", "?since=2120-01-01T00:00:00Z": "",
	} {
		if got := ids(query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	for path, want := range map[string]string{"/1": "r0", "/r3": "r3", "/7": "elsewhere", "/elsewhere": "elsewhere", "/7?session=other": "elsewhere"} {
		if got := decode[mock.Request](s.do("GET", "/__admin/requests"+path, "").status(200)).RequestID; got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	s.do("DELETE", "/__admin/requests", "").status(204)
	if got := ids("?session=*"); got != "elsewhere" {
		t.Errorf("after DELETE there are %q", got)
	}
	s.do("DELETE", "/__admin/requests?session=*", "").status(204)
	if got := ids("?session=*"); got != "" {
		t.Errorf("after DELETE of all there are %q", got)
	}
}

func TestRefereeQueriesAreJudged(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, c := range []struct {
		method, target, body string
		status               int
		want                 string
	}{
		{"GET", "/requests?limit=0", "", 400, `limit must be a whole number from 1 to 1000, found "0"`},
		{"GET", "/requests?since=yesterday", "", 400, `since must be the id of a request, or a time such as 2026-01-31T12:00:00Z, found "yesterday"`},
		{"GET", "/requests?decision=directiv", "", 400, `unknown decision "directiv"; allowed: fixture, validation, auth, rate-limit, directive, scenario, unmatched, directive-error, transport-resend; did you mean "directive"?`},
		{"GET", "/requests?path=leads", "", 400, `path: the path "leads" does not begin with a slash`},
		{"GET", "/requests?session=typo", "", 404, `Session with id typo not found`},
		{"GET", "/requests?limt=1", "", 400, `unknown query parameter "limt"; allowed: session, since, limit, decision, path; did you mean "limit"?`},
		{"GET", "/requests/nobody", "", 404, `Request with id nobody not found; it never came, or the journal has let go of it`},
		{"GET", "/audit?format=jnit", "", 400, `unknown format "jnit"; allowed: text, json, junit, markdown; did you mean "junit"?`},
		{"GET", "/coverage?session=typo", "", 404, `Session with id typo not found`},
		{"POST", "/verify?session=*", `{"when":{"path":"/leads"}}`, 400, `verify asks one session at a time: session "*" is not possible here`},
		{"POST", "/verify?session=typo", `{"when":{"path":"/leads"}}`, 404, `Session with id typo not found`},
		{"GET", "/events?session=typo", "", 404, `Session with id typo not found`},
		{"GET", "/verify", "", 404, `Cannot GET /__admin/verify; allowed: POST; GET /__admin lists the routes`},
	} {
		if got := s.do(c.method, "/__admin"+c.target, c.body).status(c.status).message(); got != c.want {
			t.Errorf("%s %s:\n got %s\nwant %s", c.method, c.target, got, c.want)
		}
	}
	got := s.do("POST", "/__admin/verify", `{"when":{"pth":"/leads"},"exactly":-1}`).status(400)
	if problems := decode[struct{ Problems []object }](got).Problems; len(problems) != 2 || !strings.Contains(got.message(), `did you mean "path"?`) || !strings.Contains(got.message(), "expectations.json:1:10") {
		t.Errorf("got %s", got.Body)
	}
}

func TestReportsComeInEveryFormat(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.do("GET", "/api/leads", "", "X-Mock-Error: unavailable").status(503)
	for format, want := range map[string]struct{ contentType, begins string }{
		"text": {"text/plain; charset=utf-8", ""}, "json": {"application/json; charset=utf-8", "{"},
		"junit": {"application/xml; charset=utf-8", "<?xml"}, "markdown": {"text/markdown; charset=utf-8", "# "},
	} {
		for _, route := range []string{"GET /audit", "GET /coverage", "POST /verify"} {
			method, path, _ := strings.Cut(route, " ")
			body := ""
			if method == "POST" {
				body = `{"when":{"path":"/leads"}}`
			}
			for _, session := range []string{"default", "*"} {
				if method == "POST" && session == "*" {
					continue
				}
				r := s.do(method, "/__admin"+path+"?format="+format+"&session="+session, body).status(200).header("Content-Type", want.contentType)
				if !strings.HasPrefix(r.Body, want.begins) || len(r.Body) < 20 {
					t.Errorf("%s as %s: %s", path, format, r.Body)
				}
			}
		}
	}
}

// TestVerifyNeverPassesOnWhatWasEvicted: a journal of ten requests cannot say that something never came.
func TestVerifyNeverPassesOnWhatWasEvicted(t *testing.T) {
	t.Parallel()
	for entries, want := range map[int]string{10: `"actual":"never`, 0: `"actual":"never`} {
		s := start(t, mock.Journal(entries))
		for range 20 {
			s.do("GET", "/api/leads", "").status(200)
		}
		r := s.do("POST", "/__admin/verify", `{"when":{"method":"DELETE"},"never":true}`).status(409)
		if v := decode[mock.Verdict](r); v.Passed || !v.JournalTruncated || !v.Results[0].JournalTruncated {
			t.Errorf("a journal of %d: %s, want %s", entries, r.Body, want)
		}
	}
}

// listener reads an event stream.
type listener struct {
	t      *testing.T
	lines  *bufio.Scanner
	cancel context.CancelFunc
}

func listen(t *testing.T, m *mock.Server, target string, headers ...string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	response, err := http.DefaultTransport.RoundTrip(request(m, "GET", target, "", headers...).WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" || response.Header.Get("Content-Encoding") != "" || response.Uncompressed {
		t.Fatalf("%s: %d %v", target, response.StatusCode, response.Header)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	return &listener{t, lines, cancel}
}

// next is the next event: its kind and its data.
func (l *listener) next() (kind, data string) {
	l.t.Helper()
	for l.lines.Scan() {
		switch name, value, _ := strings.Cut(l.lines.Text(), ": "); name {
		case "event":
			kind = value
		case "data":
			return kind, value
		}
	}
	l.t.Fatalf("the stream ended: %v", l.lines.Err())
	return "", ""
}

func (l *listener) wants(id string) {
	l.t.Helper()
	kind, data := l.next()
	var r mock.Request
	if err := json.Unmarshal([]byte(data), &r); err != nil || kind != "request" || r.RequestID != id {
		l.t.Errorf("got %s %s, want request %s", kind, data, id)
	}
}

func TestEventsComeAsTheyHappen(t *testing.T) {
	t.Parallel()
	m := serve(t)
	c := newCaller(t, m)
	send := func(id string, more ...string) {
		c.wants(200, "GET", "/api/leads/"+adaID, "", append(more, "X-Request-Id: "+id)...)
	}
	send("before")
	own, all, later := listen(t, m, "/__admin/events"), listen(t, m, "/__admin/events?session=*"), listen(t, m, "/__admin/events?since=0")
	send("a")
	send("b", "X-Mock-Session: other")
	send("c")
	own.wants("a")
	own.wants("c")
	all.wants("a")
	all.wants("b")
	all.wants("c")
	for _, id := range []string{"before", "a", "c"} {
		later.wants(id)
	}
	listen(t, m, "/__admin/events", "Last-Event-ID: 2").wants("c")
}
