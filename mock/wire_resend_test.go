package mock_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// caller is a client with connections of its own.
type caller struct {
	t *testing.T
	*http.Client
	m *mock.Server
}

func newCaller(t *testing.T, m *mock.Server) *caller {
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &caller{t, &http.Client{Transport: transport, Timeout: 20 * time.Second}, m}
}

// send gives 0 for a request that failed.
func (c *caller) send(method, path, body string, headers ...string) (int, http.Header) {
	c.t.Helper()
	response, err := c.Do(request(c.m, method, path, body, headers...))
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	if response.Close {
		response.Header.Set("Connection", "close")
	}
	return response.StatusCode, response.Header
}

func (c *caller) wants(status int, method, path, body string, headers ...string) http.Header {
	c.t.Helper()
	got, header := c.send(method, path, body, headers...)
	if got != status {
		c.t.Errorf("%s %s %v: got %d, want %d", method, path, headers, got, status)
	}
	return header
}

// decided waits for as many exchanges as are named: a client may have its answer before they are told.
func decided(t *testing.T, seen chan mock.Exchange, want ...string) {
	t.Helper()
	for _, decision := range want {
		if e := next(t, seen); e.Decision != decision {
			t.Errorf("%s was decided by %s, want %s of %v", e.Target, e.Decision, decision, want)
		}
	}
	if len(seen) > 0 {
		t.Errorf("after %v came %s", want, next(t, seen).Decision)
	}
}

func TestConnectionsCloseWhileAFaultIsInForce(t *testing.T) {
	m := serve(t, mock.Scenarios(folder(t, map[string]string{"broken.yaml": "rules:\n  - {when: {method: PUT}, respond: {fault: EMPTY_RESPONSE}}\n"})), mock.Watch("off"))
	c := newCaller(t, m)
	closes := func(want string, headers ...string) {
		t.Helper()
		if got := c.wants(200, "GET", "/api/leads", "", headers...).Get("Connection"); got != want {
			t.Errorf("Connection is %q, want %q", got, want)
		}
	}
	closes("")
	closes("close", "X-Mock-Scenario: broken")
	c.wants(200, "PUT", "/__admin/scenarios/broken", `{"active":true}`)
	closes("close")
	closes("", "X-Mock-Session: other")
	c.wants(200, "PUT", "/__admin/scenarios/broken", `{"active":false}`)
	closes("")
	c.wants(201, "PUT", "/__admin/rules/r", `{"when":{"method":"PUT"},"respond":{"fault":"HANG"}}`)
	closes("close")
	c.wants(204, "DELETE", "/__admin/rules/r", "")
	closes("")
}

// Go's client silently repeats a request when a reused connection dies before the first byte. That is no second attempt.
func TestSilentResend(t *testing.T) {
	for _, fault := range []string{"CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE"} {
		observe, seen := arrivals()
		m := serve(t, observe)
		c := newCaller(t, m)
		before := c.wants(200, "GET", "/api/leads", "").Get("X-Request-Id")
		// On the same connection: it is reused although no call of the API came on it.
		c.wants(201, "PUT", "/__admin/rules/r", `{"respond":{"fault":"`+fault+`","times":2}}`)
		c.wants(0, "GET", "/api/leads", "")
		decided(t, seen, "fixture", "scenario", "transport-resend")
		c.wants(0, "GET", "/api/leads", "") // the second step, on a new connection: no repeat
		header := c.wants(200, "GET", "/api/leads", "")
		decided(t, seen, "scenario", "fixture")
		if left := header.Get("X-RateLimit-Remaining"); left != "96" || header.Get("X-Request-Id") == before {
			t.Errorf("%s: %s remain: the repeat was counted", fault, left)
		}
	}
}

func TestSilentResendAfterAdminCallsOnly(t *testing.T) {
	observe, seen := arrivals()
	m := serve(t, observe)
	c := newCaller(t, m)
	c.wants(201, "PUT", "/__admin/rules/r", `{"respond":{"fault":"EMPTY_RESPONSE","times":1}}`)
	c.wants(0, "GET", "/api/leads", "")
	decided(t, seen, "scenario", "transport-resend")
	c.wants(200, "GET", "/api/leads", "")
}

func TestSilentResendOfADirective(t *testing.T) {
	observe, seen := arrivals()
	m := serve(t, observe)
	c := newCaller(t, m)
	once := []string{"X-Mock-Fault: CONNECTION_RESET_BY_PEER", "X-Mock-Times: 1"}
	c.wants(200, "GET", "/api/leads", "")
	c.wants(0, "GET", "/api/leads", "", once...)
	if w := c.wants(200, "GET", "/api/leads", "", once...).Get("X-Mock-Warning"); !strings.Contains(w, "used up") {
		t.Errorf("warning %q", w)
	}
	decided(t, seen, "fixture", "directive", "transport-resend", "fixture")
}

// A write that its client allows to be repeated is carried out once.
func TestSilentResendCommitsOnce(t *testing.T) {
	m := serve(t)
	c := newCaller(t, m)
	c.wants(200, "GET", "/api/leads", "")
	body := `{"firstName":"O","lastName":"Once"}`
	c.wants(0, "POST", "/api/leads", body, "Idempotency-Key: k", "X-Mock-Fault: EMPTY_RESPONSE", "X-Mock-Commit: after")
	if total := c.wants(200, "GET", "/api/leads?search=Once", "").Get("X-Total-Count"); total != "1" {
		t.Errorf("%s leads were created", total)
	}
	c.wants(200, "GET", "/api/leads", "")
	c.wants(0, "DELETE", "/api/leads/"+adaID, "", "Idempotency-Key: k", "X-Mock-Fault: TRUNCATED_BODY")
	c.wants(404, "GET", "/api/leads/"+adaID, "")
}

// A client that gives up on a hang and asks again makes a second attempt.
func TestARetryAfterAHangIsNoResend(t *testing.T) {
	observe, seen := arrivals()
	m := serve(t, observe)
	c := newCaller(t, m)
	c.wants(201, "PUT", "/__admin/rules/r", `{"respond":{"fault":"HANG","times":1}}`)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		response, err := c.Do(request(m, "GET", "/api/leads", "").WithContext(ctx))
		if err == nil {
			_ = response.Body.Close()
		}
		failed <- err
	}()
	next(t, seen)
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	c.wants(200, "GET", "/api/leads", "")
}

// Requests of others, or other requests, are no repeats. A repeat comes within 100 ms: where a busy machine takes longer
// for all of them together, nothing is told, and they are sent again.
func TestOnlyTheSameRequestIsAResend(t *testing.T) {
	const enough = 100
	for range enough {
		problems, took := sendOneTwice(t)
		if took > 100*time.Millisecond {
			continue
		}
		for _, problem := range problems {
			t.Error(problem)
		}
		return
	}
	t.Errorf("it was too slow %d times", enough)
}

func sendOneTwice(t *testing.T) (problems []string, took time.Duration) {
	m := serve(t)
	warm := dial(t, m)
	const path = "/api/leads/" + adaID
	head := "GET " + path + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + m.APIKey() + "\r\nX-Mock-Times: 1\r\nX-Mock-Fault: EMPTY_RESPONSE\r\n"
	from := time.Now()
	if _, err := io.WriteString(warm, "GET /__admin/version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"+head+"\r\n"); err != nil {
		t.Fatal(err)
	}
	if all, err := io.ReadAll(warm); err != nil || strings.Count(string(all), "HTTP/1.1 ") != 1 {
		t.Fatalf("%q, %v", all, err)
	}
	for _, c := range []struct{ path, header, want string }{
		{path + "?x=1", "X-Other: 1", "is used up"}, // the query is no part of what Times counts, but of the request
		{path, "X-Mock-Session: other", ""},
		{path, "X-Other: 1", ""},           // the repeat
		{path, "X-Other: 1", "is used up"}, // there is one
	} {
		answer, err := bytesOf(t, m, "GET", c.path, "", "X-Mock-Times: 1", "X-Mock-Fault: EMPTY_RESPONSE", "Connection: close", c.header)
		if err != nil || (c.want == "") != (answer == "") || !strings.Contains(answer, c.want) {
			problems = append(problems, fmt.Sprintf("%s %s: %.900q, %v", c.path, c.header, answer, err))
		}
	}
	return problems, time.Since(from)
}

func TestFaultsThroughAScenarioOverAPool(t *testing.T) {
	// Many requests of one pool, every third of which breaks: each failure is seen, none twice.
	dir := folder(t, map[string]string{"s.yaml": "active: true\nrules:\n  - respond: [{times: 2}, {fault: CONNECTION_RESET_BY_PEER}]\n    then: repeat\n"})
	c := newCaller(t, serve(t, mock.Scenarios(dir), mock.Watch("off")))
	var course string
	for range 30 {
		status, _ := c.send("GET", "/api/leads/"+adaID, "")
		course += fmt.Sprint(min(status, 1))
	}
	if want := strings.Repeat("110", 10); course != want {
		t.Errorf("got %s, want %s", course, want)
	}
}

// A client that does not repeat what was cut off, but lifts what cut it, wants no more of it: at once, not after a while.
func TestNoResendPastALiftedRule(t *testing.T) {
	m := serve(t, mock.Scenarios(folder(t, map[string]string{"broken.yaml": "rules:\n  - {when: {method: POST, path: /leads}, respond: {fault: EMPTY_RESPONSE}}\n"})), mock.Watch("off"))
	c, other := newCaller(t, m), newCaller(t, m)
	const lead, rule, broken = `{"firstName":"A","lastName":"B"}`, "/__admin/rules/r", "/__admin/scenarios/broken"
	on := [...]string{"PUT", rule, `{"respond":{"fault":"EMPTY_RESPONSE"}}`}
	for _, s := range []struct{ breaks, lift [3]string }{
		{on, [...]string{"DELETE", rule, ""}},
		{on, [...]string{"DELETE", "/__admin/rules", ""}},
		{on, [...]string{"PUT", rule, `{"when":{"method":"DELETE"},"respond":{"error":"conflict"}}`}},
		{[...]string{"PUT", broken, `{"active":true}`}, [...]string{"PUT", broken, `{"active":false}`}},
	} {
		c.wants(201, "POST", "/api/leads", lead)
		other.steer(s.breaks)
		c.wants(0, "POST", "/api/leads", lead) // which Go does not repeat
		other.steer(s.lift)
		c.wants(201, "POST", "/api/leads", lead)
	}
}

func (c *caller) steer(call [3]string) {
	c.t.Helper()
	if status, _ := c.send(call[0], call[1], call[2]); status == 0 || status >= 300 {
		c.t.Fatal(call, status)
	}
}
