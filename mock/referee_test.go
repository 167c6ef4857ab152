package mock_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// last is the latest request of a session.
func last(t *testing.T, m *mock.Server, session string) mock.Request {
	t.Helper()
	all := m.Requests(session)
	if len(all) == 0 {
		t.Fatalf("nothing is recorded of session %q", session)
	}
	return all[len(all)-1]
}

// TestTheJournalHasWhatTheClientHas asks right after each answer, of whatever kind: nothing is waited for.
func TestTheJournalHasWhatTheClientHas(t *testing.T) {
	t.Parallel()
	m := serve(t)
	c := newCaller(t, m)
	c.Transport.(*http.Transport).DisableKeepAlives = true // on a reused connection the transport would repeat requests by itself
	for _, k := range []struct {
		method, path, body string
		headers            string
		decision, fault    string
		status             int
	}{
		{"GET", "/leads/" + adaID, "", "", "fixture", "", 200},
		{"HEAD", "/leads/" + adaID, "", "", "fixture", "", 200},
		{"GET", "/leads?limit=2&nonsense=1", "", "", "fixture", "", 200},
		{"GET", "/leads/nobody", "", "", "fixture", "", 404},
		{"GET", "/nothing", "", "", "unmatched", "", 404},
		{"POST", "/leads", `{"firstName":"A"}`, "", "validation", "", 400},
		{"POST", "/leads", `{"firstName":"A","lastName":"B","email":"journal@example.com"}`, "", "fixture", "", 201},
		{"GET", "/leads", "", "Authorization: Bearer wrong", "auth", "", 401},
		{"GET", "/leads", "", "X-Mock-Error: unavailable", "directive", "", 503},
		{"POST", "/leads", `{"a":1}`, "X-Mock-Error: conflict", "directive", "", 409},
		{"GET", "/leads", "", "X-Mock-Delay: 5", "fixture", "", 200},
		{"GET", "/leads", "", "X-Mock-Error: nonsense", "directive-error", "", 400},
		{"GET", "/leads", "", "X-Mock-Fault: CONNECTION_RESET_BY_PEER", "directive", "CONNECTION_RESET_BY_PEER", 0},
		{"GET", "/leads", "", "X-Mock-Fault: EMPTY_RESPONSE", "directive", "EMPTY_RESPONSE", 0},
		{"GET", "/leads", "", "X-Mock-Fault: RANDOM_DATA_THEN_CLOSE", "directive", "RANDOM_DATA_THEN_CLOSE", 0},
		{"GET", "/leads", "", "X-Mock-Fault: MALFORMED_RESPONSE_CHUNK", "directive", "MALFORMED_RESPONSE_CHUNK", 200},
		{"GET", "/leads", "", "X-Mock-Fault: TRUNCATED_BODY", "directive", "TRUNCATED_BODY", 200},
		{"GET", "/leads", "", "X-Mock-Fault: MALFORMED_JSON", "directive", "MALFORMED_JSON", 200},
		{"OPTIONS", "/leads", "", "", "fixture", "", 204},
	} {
		before := len(m.Requests("default"))
		headers := []string{"X-Request-Id: req-1"}
		if k.headers != "" {
			headers = append(headers, k.headers)
		}
		_, _ = c.send(k.method, "/api"+k.path, k.body, headers...)
		if n := len(m.Requests("default")); n != before+1 {
			t.Errorf("%s %s (%s): %d requests were recorded", k.method, k.path, k.headers, n-before)
			continue
		}
		r := last(t, m, "default")
		path, query, _ := strings.Cut("/api"+k.path, "?")
		if r.Method != k.method || r.Path != path || r.Query != query || r.Decision != k.decision || r.Fault != k.fault || r.Status != k.status || r.RequestID != "req-1" || r.Request.Body != k.body {
			t.Errorf("%+v\nrecorded %s %s?%s %s %s %d %s %q", k, r.Method, r.Path, r.Query, r.Decision, r.Fault, r.Status, r.RequestID, r.Request.Body)
		}
		if wanted := k.status > 0 && k.method != "HEAD" && k.method != "OPTIONS"; wanted != (r.Response.Body != "") && k.fault != "MALFORMED_RESPONSE_CHUNK" {
			t.Errorf("%s %s (%s): the body of the answer is %q", k.method, k.path, k.headers, r.Response.Body)
		}
	}
}

func TestTheJournalHasABodyAsItWasBeforeItWasCompressed(t *testing.T) {
	t.Parallel()
	m := serve(t)
	c := newCaller(t, m)
	for _, method := range []string{"GET", "HEAD"} {
		_, _ = c.send(method, "/api/leads", "", "Accept-Encoding: gzip")
		r := last(t, m, "default")
		if got := r.Response.Headers["Content-Encoding"]; len(got) != 1 || got[0] != "gzip" {
			t.Errorf("%s: the headers are %v", method, r.Response.Headers)
		}
		if method == "GET" && !strings.HasPrefix(r.Response.Body, `[{"id":`) {
			t.Errorf("the body is %q", r.Response.Body)
		}
	}
	_, _ = c.send("GET", "/api/leads/"+adaID, "", "Accept-Encoding: identity")
	if r := last(t, m, "default"); r.Response.Headers["Content-Encoding"] != nil {
		t.Errorf("the headers are %v", r.Response.Headers)
	}
}

// TestPreflightsAreNotInTheJournal: they count nowhere.
func TestPreflightsAreNotInTheJournal(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.do("OPTIONS", "/api/leads", "", "Origin: http://a.example", "Access-Control-Request-Method: POST").status(204)
	s.do("GET", "/__admin/health", "").status(200)
	if all := s.Requests(mock.AllSessions); len(all) != 0 {
		t.Errorf("recorded: %+v", all)
	}
}

// eventually polls: what becomes of an exchange that the client left is found out by the server a little later.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: not within %v", what, 10*time.Second)
		}
	}
}

// TestTheJournalTellsWhoHungUp leaves in the middle of a wait, of a hang and of a body.
func TestTheJournalTellsWhoHungUp(t *testing.T) {
	t.Parallel()
	m := serve(t)
	for _, k := range []struct{ directive, fault string }{
		{"X-Mock-Delay: 1m", ""}, {"X-Mock-Fault: HANG", "HANG"},
	} {
		session := "s" + k.fault
		ctx, cancel := context.WithCancel(context.Background())
		left := make(chan struct{})
		go func() {
			defer close(left)
			r := request(m, "POST", "/api/leads", `{"firstName":"A"}`, k.directive, "X-Mock-Session: "+session).WithContext(ctx)
			if response, err := http.DefaultTransport.RoundTrip(r); err == nil {
				t.Errorf("%s: answered %s", k.directive, response.Status)
				_ = response.Body.Close()
			}
		}()
		eventually(t, "the request's session", func() bool { _, err := m.Audit(session); return err == nil })
		cancel()
		<-left
		eventually(t, k.directive, func() bool { return len(m.Requests(session)) == 1 })
		if got := last(t, m, session); !got.Gone || got.Status != 0 || got.Fault != k.fault || got.Request.Body != `{"firstName":"A"}` {
			t.Errorf("%s: recorded %+v", k.directive, got)
		}
	}
}

// TestTheJournalTellsWhoLeftADribble: the record comes before the last byte, or when the client has left.
func TestTheJournalTellsWhoLeftADribble(t *testing.T) {
	t.Parallel()
	m := serve(t)
	c := newCaller(t, m)
	rule := func(over string) {
		c.wants(201, "POST", "/__admin/rules/slow", `{"respond":{"delay":{"chunks":3,"over":"`+over+`"}}}`)
	}
	rule("30ms")
	c.wants(200, "GET", "/api/leads", "")
	if got := last(t, m, "default"); got.Gone || got.Status != 200 || got.DurationMS < 25 {
		t.Errorf("recorded %+v", got)
	}
	rule("1m")
	ctx, cancel := context.WithCancel(context.Background())
	response, err := http.DefaultTransport.RoundTrip(request(m, "GET", "/api/leads", "").WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(m.Requests("default")); n != 1 {
		t.Errorf("%d requests are recorded while one is being answered", n)
	}
	cancel()
	_ = response.Body.Close()
	eventually(t, "the one who left", func() bool { return len(m.Requests("default")) == 2 })
	if got := last(t, m, "default"); !got.Gone || got.Status != 200 {
		t.Errorf("recorded %+v", got)
	}
}

func TestResetAndDropForgetTheRequests(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, session := range []string{"default", "a", "b"} {
		s.do("GET", "/api/leads", "", "X-Mock-Session: "+session, "X-Mock-Error: unavailable").status(503)
	}
	counts := func() string {
		var all []string
		for _, session := range []string{"default", "a", "b"} {
			report, err := s.Coverage(session)
			all = append(all, strings.Repeat("x", len(s.Requests(session)))+"/"+strings.Repeat("x", report.Exercised))
			if err != nil {
				all[len(all)-1] += err.Error()
			}
		}
		return strings.Join(all, " ")
	}
	if got := counts(); got != "x/x x/x x/x" {
		t.Fatal(got)
	}
	s.do("POST", "/__admin/reset", "").status(200)
	s.do("DELETE", "/__admin/sessions/a", "").status(204)
	if got := counts(); got != `/ /there is no session "a" x/x` {
		t.Error(got)
	}
	s.do("POST", "/__admin/reset?session=*", "").status(200)
	if got := counts(); got != `/ /there is no session "a" /` {
		t.Error(got)
	}
}
