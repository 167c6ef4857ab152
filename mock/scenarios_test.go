package mock_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock"
)

// The shipped scenarios, each met by a real client over real HTTP that does what the file's text asks of a good one.

// TestThreeWaysToSwitchOn: at the start, at run time, and for one request.
func TestThreeWaysToSwitchOn(t *testing.T) {
	t.Parallel()
	const rule = "scenarios/flaky-list.yaml:14 list-outage"
	start(t, mock.Scenario("flaky-list")).do("GET", "/api/leads", "").status(503).header("X-Mock-Rule", rule)

	s := start(t)
	s.do("GET", "/api/leads", "").status(200)
	s.activate("flaky-list", true)
	s.do("GET", "/api/leads", "").status(503).header("X-Mock-Rule", rule).header("X-Mock-Step", "1/3")
	s.do("GET", "/api/leads", "", "X-Mock-Session: other").status(200)
	s.admin("POST", "/reset", "")
	s.do("GET", "/api/leads", "").status(503).header("X-Mock-Step", "1/3")
	s.activate("flaky-list", false)
	s.do("GET", "/api/leads", "").status(200)

	s.do("GET", "/api/leads", "", "X-Mock-Scenario: flaky-list").status(503).header("X-Mock-Rule", rule)
	s.do("GET", "/api/leads", "").status(200)

	if _, err := mock.New(mock.Scenario("flaky-lists")); err == nil || !strings.Contains(err.Error(), `did you mean "flaky-list"?`) {
		t.Errorf("a scenario that is not there: %v", err)
	}
}

func TestFlakyList(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("flaky-list"))
	c := s.retrying(4)
	if leads := decode[[]object](c.send("GET", "/api/leads", "").status(200).header("X-Mock-Step", "3/3")); len(leads) != 20 {
		t.Errorf("%d leads", len(leads))
	}
	down := wait{503, "2", 2 * time.Second}
	if diff := cmp.Diff([]wait{down, down}, c.waits, cmp.AllowUnexported(wait{})); diff != "" {
		t.Error(diff)
	}
	s.do("GET", "/api/leads", "").status(200).header("X-Mock-Rule", "")
	s.do("GET", "/api/leads/"+adaID, "").status(200)
}

// TestDocumentedErrors walks the catalogue: each documented error comes once, in its bytes, and nothing is written.
func TestDocumentedErrors(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("documented-errors"))
	c := s.client()
	type documented struct {
		Name   string
		Status int
		Body   json.RawMessage
	}
	total := start(t).do("GET", "/api/leads", "").Header.Get("X-Total-Count")
	catalogue := decode[[]documented](s.admin("GET", "/errors", ""))
	if len(catalogue) != 10 {
		t.Fatalf("%d errors", len(catalogue))
	}
	for _, method := range []string{"GET", "POST"} {
		body := map[string]string{"POST": `{"firstName":"A","lastName":"B"}`}[method]
		for i, want := range catalogue {
			r := c.send(method, "/api/leads", body)
			r.is(want.Status, string(want.Body)).header("X-Mock-Decision", "scenario").header("X-Mock-Step", fmt.Sprintf("%d/10", i+1))
			if retryable := want.Status == 429 || want.Status == 503; retryable != (r.Header.Get("Retry-After") == "30") {
				t.Errorf("%s: Retry-After %q", want.Name, r.Header.Get("Retry-After"))
			}
		}
	}
	s.do("GET", "/api/leads", "").status(200).header("X-Total-Count", total)
	s.do("POST", "/api/leads", `{"firstName":"A","lastName":"B"}`).status(201)
	s.do("GET", "/api/leads/stats", "").status(400) // a path of its own
	s.do("POST", "/api/auth/login", `{"email":"uma.user@example.com","password":"password"}`).status(201)
}

func TestRateLimitScenario(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("rate-limit"))
	s.admin("POST", "/clock", `{"frozen":true}`)
	c := s.retrying(1)
	for left := 4; left >= 0; left-- {
		c.send("GET", "/api/leads", "").status(200).header("X-RateLimit-Limit", "5").header("X-RateLimit-Remaining", fmt.Sprint(left))
	}
	s.advance("3s")
	s.do("GET", "/api/leads/"+adaID, "").is(429, `{"statusCode":429,"message":"Too Many Requests"}`).header("Retry-After", "7").header("X-RateLimit-Remaining", "0")
	s.do("GET", "/api/leads", "", "X-API-Key: sk_test_read").status(200).header("X-RateLimit-Remaining", "4") // another caller
	s.do("POST", "/api/auth/login", `{"email":"uma.user@example.com","password":"password"}`).status(201)
	// Who waits as long as Retry-After says is served.
	c.send("GET", "/api/leads", "").status(200).header("X-RateLimit-Remaining", "4")
	if diff := cmp.Diff([]wait{{429, "7", 7 * time.Second}}, c.waits, cmp.AllowUnexported(wait{})); diff != "" {
		t.Error(diff)
	}
}

func TestMaintenance(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("maintenance"))
	s.admin("POST", "/clock", `{"frozen":true}`)
	s.do("GET", "/api/leads", "").status(200) // the time begins
	s.advance("29s")
	s.do("GET", "/api/leads", "").status(200)
	s.advance("1500ms")
	down := `{"statusCode":503,"message":"SalesOS is being maintained and will be back soon"}`
	s.do("GET", "/api/leads", "").is(503, down).header("Retry-After", "20") // 19.5 s, rounded up
	s.do("POST", "/api/auth/login", `{}`).is(503, down)
	s.advance("4s")
	c := s.retrying(1)
	c.send("POST", "/api/leads", `{"firstName":"A","lastName":"B"}`).status(201)
	if diff := cmp.Diff([]wait{{503, "16", 16 * time.Second}}, c.waits, cmp.AllowUnexported(wait{})); diff != "" {
		t.Error(diff)
	}
	s.advance("1h")
	s.do("GET", "/api/leads", "").status(200)
}

// TestSessionExpiry: five requests at a time are refused; the client refreshes once and repeats them all.
func TestSessionExpiry(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("session-expiry"))
	m := s.member()
	old := m.current()
	for _, step := range []struct {
		path string
		want int
	}{{"/api/auth/me", 200}, {"/api/leads", 401}, {"/api/leads", 401}, {"/api/auth/me", 401}} {
		m.must(old, "GET", step.path, "").status(step.want)
	}
	s.do("GET", "/api/leads", "").status(200)                                   // a key does not expire
	s.do("GET", "/api/auth/oauth-status", "", "X-API-Key: -").status(200)       // nor is the login page harmed
	s.do("POST", "/api/auth/refresh", "", "X-API-Key: -").is(401, unauthorized) // a refresh without the token renews nothing
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() {
			method, body, want := "GET", "", 200
			if i == 0 {
				method, body, want = "POST", `{"firstName":"A","lastName":"B","email":"expired@example.com"}`, 201
			}
			r, err := m.fetch(method, "/api/leads", body)
			if err != nil || r.Status != want {
				t.Errorf("%s: %d, %v", method, r.Status, err)
			}
		})
	}
	all.Wait()
	if n := s.count("email=expired@example.com"); m.refreshes != 1 || n != 1 {
		t.Errorf("%d refreshes, %d leads", m.refreshes, n)
	}
	m.must(old, "GET", "/api/leads", "").is(401, unauthorized).header("X-Mock-Decision", "auth") // the old token is of no use any more
}

// TestSessionExpiryAndLogin: who logs in again instead is served too, and a login before the expiry uses nothing up.
func TestSessionExpiryAndLogin(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("session-expiry"))
	m := s.member()
	m.login()
	for _, want := range []int{401, 201} {
		m.must(m.current(), "POST", "/api/leads", `{"firstName":"A","lastName":"B"}`).status(want)
		m.login()
	}
}

func TestRefreshFails(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("refresh-fails"))
	m := s.member()
	token := m.current()
	for range 3 { // and again: the client must not loop
		if _, err := m.fetch("GET", "/api/leads", ""); !errors.Is(err, errLoggedOut) {
			t.Fatalf("got %v", err)
		}
	}
	if m.refreshes != 1 {
		t.Errorf("%d refreshes", m.refreshes)
	}
	for _, r := range []struct{ method, path string }{
		{"POST", "/api/auth/refresh"}, {"GET", "/api/auth/me"}, {"POST", "/api/leads"}, {"DELETE", "/api/leads/" + adaID},
	} {
		m.must(token, r.method, r.path, "").is(401, unauthorized).header("X-Mock-Decision", "scenario")
	}
	m.login()
	for _, r := range []struct {
		method, path string
		want         int
	}{{"GET", "/api/leads", 200}, {"POST", "/api/auth/refresh", 201}} {
		m.must(m.current(), r.method, r.path, "").status(r.want)
	}
}

// TestGhostWrites: what failed has happened. The client that looks before it tries again has its lead once.
func TestGhostWrites(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("ghost-writes"))
	c := s.client()
	lead := `{"firstName":"A","lastName":"B","email":"ghost@example.com"}`
	if r, err := c.try("POST", "/api/leads", lead); !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("got %d, %v", r.Status, err)
	}
	found := decode[[]object](s.do("GET", "/api/leads?email=ghost@example.com", "").status(200))
	if len(found) != 1 {
		t.Fatalf("%d leads", len(found))
	}
	lost := path(found[0])

	// A client that tries again without looking is told so where there is an e-mail, and creates all again where there is none.
	blind := s.retrying(2)
	blind.send("POST", "/api/leads", `{"firstName":"A","lastName":"C","email":"ghost2@example.com"}`).is(409, `{"statusCode":409,"message":"Lead with email ghost2@example.com already exists","error":"Conflict"}`)
	if n := s.count("email=ghost2@example.com"); n != 1 || len(blind.waits) != 1 || blind.waits[0].status != 503 {
		t.Errorf("%d leads, %v", n, blind.waits)
	}
	blind.send("POST", "/api/leads", `{"firstName":"Thrice","lastName":"D"}`, "X-Mock-Session: blind").status(201)
	if leads := decode[[]object](s.do("GET", "/api/leads?search=thrice", "", "X-Mock-Session: blind")); len(leads) != 3 {
		t.Errorf("%d leads without an e-mail", len(leads))
	}

	for _, write := range []struct {
		method, path, body string
		again              int
	}{
		{"PATCH", lost, `{"company":"Ghosts Inc"}`, 200},
		{"POST", "/api/leads/" + adaID + "/convert", `{}`, 409},
		{"DELETE", lost, "", 404},
	} {
		c.send(write.method, write.path, write.body).status(503).header("X-Mock-Step", "1/1")
		if write.method == "PATCH" {
			if now := decode[object](s.do("GET", lost, "")); now["company"] != "Ghosts Inc" {
				t.Errorf("the change was not carried out: %v", now["company"])
			}
		}
		c.send(write.method, write.path, write.body).status(write.again).header("X-Mock-Decision", "fixture")
	}
	s.do("PATCH", "/api/leads/"+adaID, `{"company":"X"}`).status(503) // each lead has its own
}

func TestSlowNetwork(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("slow-network"))
	c := s.client()
	began := time.Now()
	response, err := c.http.Do(c.request("GET", "/api/leads?limit=100", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	head := time.Since(began)
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	// Longer than a machine is slow; how long it takes at most is up to the machine.
	if rest := time.Since(began) - head; head < 30*time.Millisecond || rest < 500*time.Millisecond {
		t.Errorf("the head took %v, the rest %v", head, rest)
	}
	if leads := decode[[]object](reply{t, 200, response.Header, string(body), "GET"}); len(leads) != 100 {
		t.Errorf("%d leads", len(leads))
	}

	// A client that gives up too early gets nothing, and nothing is written behind its back.
	c.http.Timeout = 10 * time.Millisecond
	var late interface{ Timeout() bool }
	if r, err := c.try("POST", "/api/leads", `{"firstName":"A","lastName":"B","email":"late@example.com"}`); !errors.As(err, &late) || !late.Timeout() {
		t.Fatalf("got %d, %v", r.Status, err)
	}
	s.activate("slow-network", false)
	if n := s.count("email=late@example.com"); n != 0 {
		t.Errorf("%d leads", n)
	}
}

func TestOffline(t *testing.T) {
	t.Parallel()
	s := listening(t)
	c := s.client()
	c.send("GET", "/api/leads", "").status(200)
	s.activate("offline", true)
	for _, r := range []struct{ method, path, body string }{
		{"GET", "/api/leads", ""}, {"POST", "/api/leads", `{"firstName":"A","lastName":"B","email":"offline@example.com"}`},
		{"POST", "/api/auth/login", `{"email":"uma.user@example.com","password":"password"}`}, {"GET", "/api/nothing", ""}, {"GET", "/", ""},
	} {
		if got, err := c.try(r.method, r.path, r.body); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s %s: got %d, %v", r.method, r.path, got.Status, err)
		}
	}
	// A client that tries again goes on by itself when the network is back.
	patient := s.retrying(3)
	patient.library.Backoff = func(_, _ time.Duration, attempt int, _ *http.Response) time.Duration {
		if attempt == 1 {
			s.activate("offline", false)
		}
		return 0
	}
	patient.send("GET", "/api/leads", "").status(200)
	if n := s.count("email=offline@example.com"); n != 0 {
		t.Errorf("%d leads were written without a network", n)
	}
}

func TestDuplicateEmailRace(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("duplicate-email-race"))
	c := s.client()
	for _, invalid := range []string{`{"firstName":"A","lastName":"B","email":"no mail"}`, `{"firstName":"A","email":"race@example.com"}`} {
		c.send("POST", "/api/leads", invalid).status(400) // uses nothing up
	}
	c.send("POST", "/api/leads", `{"firstName":"A","lastName":"B"}`).status(201)
	if n := s.count("email=race@example.com"); n != 0 {
		t.Fatalf("the address is taken before anybody took it")
	}
	lead := `{"firstName":"A","lastName":"B","email":"race@example.com"}`
	conflict := `{"statusCode":409,"message":"Lead with email race@example.com already exists","error":"Conflict"}`
	c.send("POST", "/api/leads", lead).is(409, conflict).header("X-Mock-Decision", "scenario")
	if n := s.count("email=race@example.com"); n != 1 {
		t.Errorf("%d leads have the address that is said to be taken", n)
	}
	c.send("POST", "/api/leads", lead).is(409, conflict).header("X-Mock-Decision", "fixture") // and stays so
	c.send("POST", "/api/leads", strings.Replace(lead, "race@", "another@", 1)).status(201)
}

func TestBrokenLists(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("broken-payloads"))
	c := s.client()
	list := func(step string) reply {
		return c.send("GET", "/api/leads", "").status(200).header("X-Mock-Step", step)
	}

	if r := list("1/8"); json.Valid([]byte(r.Body)) || r.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%s %s", r.Header.Get("Content-Type"), r.Body)
	}
	if r, err := c.try("GET", "/api/leads", ""); !errors.Is(err, io.ErrUnexpectedEOF) || r.Status != 200 || r.Body == "" {
		t.Errorf("%d %v after %q", r.Status, err, r.Body)
	}
	if leads := decode[[]object](list("3/8").header("Content-Type", "text/html; charset=utf-8")); len(leads) != 20 {
		t.Errorf("%d leads", len(leads))
	}
	list("4/8").is(200, `null`)
	list("5/8").is(200, `{"message":"maintenance"}`)
	list("6/8").is(200, `[null,{}]`)
	for _, lead := range decode[[]object](list("7/8")) {
		got := []any{lead["email"], lead["status"], lead["leadScore"], lead["isQualified"], lead["painPoints"], lead["createdAt"]}
		if diff := cmp.Diff([]any{"not-an-email", "ARCHIVED", "87", "yes", "none", "yesterday"}, got); diff != "" || lead["id"] == "" {
			t.Error(diff)
		}
	}
	for _, lead := range decode[[]object](list("8/8")) {
		for _, name := range []string{"id", "email", "status", "painPoints"} {
			if value, ok := lead[name]; ok || lead["firstName"] == "" {
				t.Errorf("%s is %v", name, value)
			}
		}
	}
	c.send("GET", "/api/leads", "").status(200).header("X-Mock-Decision", "fixture").header("X-Mock-Rule", "")
}

func TestBrokenRecordsAndReceipts(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("broken-payloads"))
	c := s.client()
	for range 3 {
		stats := decode[object](c.send("GET", "/api/leads/stats", "").status(200))
		if total, ok := stats["total"]; !ok || total != nil || stats["qualifiedLeads"] != "12" || len(stats) != 8 {
			t.Errorf("%v", stats)
		}
	}
	if r := c.send("GET", "/api/leads/"+adaID, "").status(200); json.Valid([]byte(r.Body)) {
		t.Error(r.Body)
	}
	if lead := decode[object](c.send("GET", "/api/leads/"+adaID, "")); lead["leadScore"] != "87" || lead["firstName"] != "Ada" {
		t.Errorf("%v", lead)
	}
	if lead := decode[object](c.send("GET", "/api/leads/"+adaID, "")); lead["id"] != nil || lead["firstName"] != "Ada" {
		t.Errorf("%v", lead)
	}
	if lead := decode[object](c.send("GET", "/api/leads/"+adaID, "")); lead["firstName"] != nil || len(lead) != 9 {
		t.Errorf("%v", lead)
	}
	c.send("GET", "/api/leads/"+adaID, "").is(200, `[]`)
	if lead := decode[object](c.send("GET", "/api/leads/"+adaID, "")); lead["email"] != "ada@example.com" {
		t.Errorf("%v", lead)
	}

	// The leads are written, whatever became of the receipts.
	if r := c.send("POST", "/api/leads", `{"firstName":"A","lastName":"B","email":"receipt1@example.com"}`); json.Valid([]byte(r.Body)) {
		t.Error(r.Body)
	}
	if r, err := c.try("POST", "/api/leads", `{"firstName":"A","lastName":"B","email":"receipt2@example.com"}`); !errors.Is(err, io.ErrUnexpectedEOF) || r.Status != 201 {
		t.Errorf("%d %v", r.Status, err)
	}
	s.activate("broken-payloads", false)
	for _, email := range []string{"receipt1@example.com", "receipt2@example.com"} {
		if n := s.count("email=" + email); n != 1 {
			t.Errorf("%s: %d leads", email, n)
		}
	}
}

// TestUglyRetryAfter: what go-retryablehttp makes of each value is noted, so that the table shows which trap each one is.
func TestUglyRetryAfter(t *testing.T) {
	t.Parallel()
	s := listening(t, mock.Scenario("ugly-retry-after"))
	c := s.retrying(9)
	c.send("GET", "/api/leads", "").status(200).header("X-Mock-Rule", "")
	if len(c.waits) != 9 {
		t.Fatalf("%d waits", len(c.waits))
	}
	soon := c.waits[0]
	if at, err := http.ParseTime(soon.retryAfter); err != nil || time.Until(at) > 2*time.Second || soon.status != 503 || soon.library > 2*time.Second {
		t.Errorf("%+v", soon)
	}
	usual := func(attempt int) time.Duration { return min(time.Second<<attempt, 30*time.Second) } // its waits without a header
	seconds := int64(99_999_999_999)
	centuries := time.Duration(seconds * int64(time.Second)) // which overflows: here as in the library
	want := []wait{
		{429, "Wed, 21 Oct 2015 07:28:00 GMT", 0}, {503, "0", 0}, {429, "-1", usual(3)}, {503, "soon", usual(4)}, {429, "1.5", usual(5)},
		{503, "2s", usual(6)}, {429, "", usual(7)}, {503, "99999999999", centuries},
	}
	if diff := cmp.Diff(want, c.waits[1:], cmp.AllowUnexported(wait{})); diff != "" {
		t.Error(diff)
	}
	s.do("GET", "/api/leads/stats", "").status(503) // each path has its own
	s.do("POST", "/api/auth/login", `{"email":"uma.user@example.com","password":"password"}`).status(201)
}
