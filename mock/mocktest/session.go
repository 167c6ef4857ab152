package mocktest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/referee"
)

// Session is a world of its own on a server. It is safe for concurrent use.
type Session struct {
	URL string // of the API, without a slash at its end: what the client under test calls

	t       testing.TB // nil: there is none to fail
	server  *Server
	steered *mock.Session
	forced  atomic.Int64 // names rules
}

// with is the session for a test, which gets to see the requests when it fails.
func (s *Session) with(t testing.TB) *Session {
	own := &Session{URL: s.URL, t: t, server: s.server, steered: s.steered}
	t.Cleanup(func() {
		if requests := own.Requests(); t.Failed() && len(requests) > 0 {
			t.Log(own.journal(requests))
		}
	})
	return own
}

// fatalf is for wrong use.
func (s *Session) fatalf(format string, args ...any) {
	if s.t == nil {
		panic("mocktest: " + fmt.Sprintf(format, args...))
	}
	s.t.Helper()
	s.t.Fatalf("mocktest: "+format, args...)
}

// Name is the name of the session.
func (s *Session) Name() string { return s.steered.ID() }

// Client is an HTTP client that sends the session's API key with each request to the server that has no credential of its own. Each
// request has a connection of its own: one that was used before lets Go silently repeat what a fault interrupts.
func (s *Session) Client() *http.Client {
	return &http.Client{Transport: authenticating{s.APIKey(), s.URL, s.server.transport}}
}

// authenticating adds a key to requests below an address.
type authenticating struct {
	key, url string
	next     http.RoundTripper
}

// RoundTrip sends a copy: a request belongs to its sender.
func (a authenticating) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Authorization") == "" && r.Header.Get("X-API-Key") == "" && strings.HasPrefix(r.URL.String(), a.url) {
		r = r.Clone(r.Context())
		r.Header.Set("X-API-Key", a.key)
	}
	return a.next.RoundTrip(r)
}

// APIKey is a key that may do everything. It belongs to the session.
func (s *Session) APIKey() string { return s.steered.APIKey() }

// Token is an access token of the first user of a role (ADMIN, MANAGER, USER, VIEWER), or of the user with an e-mail. It
// belongs to the session, and expires in a day of the session's clock.
func (s *Session) Token(roleOrEmail string) string {
	user, role := "", roleOrEmail
	if strings.Contains(roleOrEmail, "@") {
		user, role = roleOrEmail, ""
	}
	token, err := s.steered.Token(user, role)
	if err != nil {
		s.fatalf("%v", err)
	}
	return token
}

// Force lets requests end otherwise than usual: those with a method ("": any) to a path (with or without the base path; {id} stands for one
// segment, /leads/** for all below). What was forced first answers first, until it is used up or lifted.
func (s *Session) Force(method, path string, o Outcome) (lift func()) {
	if s.t != nil {
		s.t.Helper()
	}
	rule, err := o.rule(method, path)
	if err != nil {
		s.fatalf("Force(%q, %q): %v", method, path, err)
	}
	return s.Rule(string(rule))
}

// Rule puts a rule in force, as JSON in the grammar of the rules of scenario files.
func (s *Session) Rule(rule string) (lift func()) {
	if s.t != nil {
		s.t.Helper()
	}
	id := fmt.Sprintf("forced-%d", s.forced.Add(1))
	advice, err := s.steered.AddRule(id, []byte(rule))
	if err != nil {
		s.fatalf("the rule makes no sense:\n%v", err)
	}
	if s.t != nil && len(advice) > 0 {
		s.t.Logf("mocktest: is this meant? %v", advice)
	}
	return func() { s.steered.RemoveRule(id) }
}

// Activate puts a scenario in force, from its first step.
func (s *Session) Activate(scenario string) {
	if s.t != nil {
		s.t.Helper()
	}
	if err := s.steered.Activate(scenario); err != nil {
		s.fatalf("%v", err)
	}
}

// Deactivate takes a scenario out of force.
func (s *Session) Deactivate(scenario string) {
	if s.t != nil {
		s.t.Helper()
	}
	if err := s.steered.Deactivate(scenario); err != nil {
		s.fatalf("%v", err)
	}
}

// Reset takes data, clock, counters and journal back to their beginnings. What is forced or activated stays so, from its
// first step.
func (s *Session) Reset() { s.steered.Reset() }

// Now is the time on the session's clock.
func (s *Session) Now() time.Time { return s.steered.Clock().Now() }

// Advance moves the session's clock: tokens expire, windows and rate limits end, and no test sleeps.
func (s *Session) Advance(d time.Duration) { s.steered.Clock().Advance(d) }

// SetTime sets the session's clock.
func (s *Session) SetTime(at time.Time) { s.steered.Clock().Set(at) }

// Freeze stops the session's clock, until Unfreeze.
func (s *Session) Freeze() { s.steered.Clock().Freeze() }

// Unfreeze lets the session's clock go on.
func (s *Session) Unfreeze() { s.steered.Clock().Resume() }

// Request is a request with its answer.
type Request = mock.Request

// Requests are the requests of the session, oldest first, as far as they are kept.
func (s *Session) Requests() []Request { return s.server.server.Requests(s.Name()) }

// Verify fails the test if what is expected was not requested. All requests that have been answered count.
func (s *Session) Verify(t testing.TB, expectations ...Expectation) {
	t.Helper()
	document, err := compile(expectations)
	if err != nil {
		t.Fatalf("mocktest: %v", err)
	}
	parsed, err := s.server.server.ParseExpectations("expectations.json", document)
	if err != nil {
		t.Fatalf("mocktest: the expectation makes no sense:\n%v", err)
	}
	s.steered.Clock() // so that there is a session, even if nothing came
	verdict, err := s.server.server.Verify(s.Name(), parsed...)
	if err != nil {
		t.Fatalf("mocktest: %v", err)
	}
	if !verdict.Passed {
		t.Errorf("mocktest: session %s: %s", s.Name(), text(&verdict))
	}
}

// Audit fails the test if the client did something that the documentation asks it to avoid: did not wait as long as
// Retry-After says, sent again what was refused, and the like. What breaks a tolerated rule is let pass.
func (s *Session) Audit(t testing.TB, tolerated ...Rule) {
	t.Helper()
	report := s.audit()
	var kept []Finding
	for _, f := range report.Findings {
		if f.Severity == referee.Failure && !slices.Contains(tolerated, f.Rule) {
			kept = append(kept, f)
		}
	}
	if report.Findings = kept; len(kept) > 0 {
		t.Errorf("mocktest: %s", text(&report))
	}
}

// Finding is something that the documentation asks a client to avoid, with the requests that show it.
type Finding = referee.Finding

// Findings are what Audit looks at, advice included.
func (s *Session) Findings() []Finding { return s.audit().Findings }

func (s *Session) audit() mock.AuditReport {
	s.steered.Clock() // so that there is a session, even if nothing came
	report, err := s.server.server.Audit(s.Name())
	if err != nil {
		s.fatalf("%v", err)
	}
	return report
}

// Coverage says which documented errors of which operations the client has met.
func (s *Session) Coverage() mock.CoverageReport {
	s.steered.Clock() // so that there is a session, even if nothing came
	report, err := s.server.server.Coverage(s.Name())
	if err != nil {
		s.fatalf("%v", err)
	}
	return report
}

func text(r referee.Report) string {
	var b strings.Builder
	_ = referee.WriteAll(&b, mock.Text, false, r) // a builder takes all that it is given
	return b.String()
}

// maxShown bounds the requests that a failed test shows.
const maxShown = 100

// journal is what a failed test prints.
func (s *Session) journal(requests []Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "mocktest: session %s had %s", s.Name(), count(len(requests)))
	if len(requests) > maxShown {
		requests = requests[len(requests)-maxShown:]
		fmt.Fprintf(&b, "; the last %d", maxShown)
	}
	for i := range requests {
		b.WriteString("\n  " + s.line(&requests[i]))
	}
	return b.String()
}

func count(requests int) string {
	if requests == 1 {
		return "1 request"
	}
	return fmt.Sprintf("%d requests", requests)
}

// line is a request with its answer: "10:00:00.000 GET /leads → 503 scenario scenarios/flaky-list.yaml:5 outage 1/2".
func (s *Session) line(r *Request) string {
	path := r.Path
	if base, err := url.Parse(s.URL); err == nil {
		path = strings.TrimPrefix(path, base.Path)
	}
	if r.Query != "" {
		path += "?" + r.Query
	}
	answer := fmt.Sprint(r.Status)
	switch {
	case r.Fault != "":
		answer = r.Fault
	case r.Status == 0:
		answer = "no answer"
	}
	words := []string{r.Time.Format("15:04:05.000"), r.Method, path, "→", answer, r.Decision, r.Rule, r.Step}
	if r.Attempt > 1 {
		words = append(words, fmt.Sprintf("(attempt %d)", r.Attempt))
	}
	if r.Gone {
		words = append(words, "(the client had left)")
	}
	if body := r.Response.Body; r.Status >= http.StatusBadRequest && body != "" {
		words = append(words, body[:min(len(body), 200)])
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// Rule is a rule of the audit.
type Rule = referee.Rule

// The rules of the audit.
const (
	RetryAfter     = referee.RetryAfter
	Backoff        = referee.Backoff
	NoRetry        = referee.NoRetry
	Reauthenticate = referee.Reauthenticate
	UnsafeRetry    = referee.UnsafeRetry
	Stampede       = referee.Stampede
)
