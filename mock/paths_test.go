package mock_test

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock"
)

// asked are requests of all kinds, in an order in which each earns something else. What is not said of a request is a
// GET with the admin key.
var asked = []struct {
	method, target, body string
	headers              []string
}{
	{target: "/api/leads/" + adaID},
	{target: "/api/leads/" + adaID, headers: []string{"Origin: http://localhost:3000"}},
	{target: "/api/leads?limit=20"},
	{target: "/api/leads?limit=100&page=2", headers: []string{"Origin: http://localhost:3000"}},
	{target: "/api/leads?limit=20", headers: []string{"Accept-Encoding: gzip", "Origin: http://localhost:3000"}},
	{target: "/api/leads?limit=3&colour=red&x=%0d%0aSet-Cookie:a"},
	{target: "/api/leads?page=99&limit=2"},
	{target: "/api/leads?cursor=&limit=2"},
	{target: "/api/leads?limit=0&sortBy=shoe"},
	{target: "/api/leads/stats", headers: []string{"X-Request-Id: my own"}},
	{method: "HEAD", target: "/api/leads?limit=20"},
	{method: "HEAD", target: "/api/leads/" + adaID, headers: []string{"Origin: http://localhost:3000"}},
	{method: "OPTIONS", target: "/api/leads"},
	{method: "OPTIONS", target: "/api/leads", headers: []string{"Origin: http://localhost:3000", "Access-Control-Request-Method: PATCH", "Access-Control-Request-Headers: a, b"}},
	{method: "POST", target: "/api/leads", body: `{"email":"nope","firstName":"","status":"WRONG","lastName":"X"}`},
	{method: "POST", target: "/api/leads", body: `{"email":"new@example.com","firstName":"N","firstName":"New","lastName":"X"}`},
	{method: "POST", target: "/api/leads", body: `{"email":"new@example.com","firstName":"New","lastName":"X"}`},
	{method: "POST", target: "/api/leads", body: `{"email":`},
	{method: "POST", target: "/api/leads", body: `{"email":"late@example.com","firstName":"L","lastName":"X"}`, headers: []string{"Expect: 100-continue"}},
	{method: "PATCH", target: "/api/leads/" + adaID, body: `{"firstName":"Augusta"}`},
	{method: "DELETE", target: "/api/leads/" + adaID},
	{target: "/api/leads/" + adaID},
	{target: "/api/leads", headers: []string{"X-API-Key: wrong"}},
	{target: "/api/nothing", headers: []string{"Origin: http://localhost:3000"}},
	{target: "/api/leads", headers: []string{"X-Mock-Error: rate_limited", "Origin: http://localhost:3000"}},
	{target: "/api/leads", headers: []string{"X-Mock-Error: unavailable", "Prefer: code=503"}},
	{target: "/api/leads", headers: []string{"X-Mock-Error: nonsense"}},
	{target: "/api/leads", headers: []string{"X-Mock-Status: 204"}},
	{target: "/api/leads?limit=2", headers: []string{"X-Mock-Fault: MALFORMED_JSON"}},
	{target: "/api/leads?limit=2", headers: []string{"X-Mock-Session: other"}},
	{target: "/api/leads?limit=2", headers: []string{"X-Mock-Delay: 1ms"}},
	{target: "/api/auth/oauth-status", headers: []string{"X-API-Key: -"}},
	{method: "POST", target: "/api/auth/login", body: `{}`},
	{target: "/__admin/version"},
	{target: "/api/leads?limit=2"},
}

// TestAnswersAreTheSameWhoeverWritesThem: what goes past net/http (package wire) is what net/http would have written.
func TestAnswersAreTheSameWhoeverWritesThem(t *testing.T) {
	t.Parallel()
	past := start(t)
	plain, err := mock.New()
	if err != nil {
		t.Fatal(err)
	}
	other := httptest.NewServer(plain.Handler())
	defer other.Close()
	t.Cleanup(func() { conforms(t, plain) })
	for _, s := range []*mock.Server{past.Server, plain} {
		for _, session := range []string{"default", "other"} {
			frozen := httptest.NewRequest("POST", "http://localhost/__admin/clock?session="+session, strings.NewReader(`{"set":"2026-12-24T18:00:00Z","frozen":true}`))
			frozen.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			if s.Handler().ServeHTTP(w, frozen); w.Code != 200 {
				t.Fatal(w.Code, w.Body)
			}
		}
	}
	got, want := talkTo(t, past.http.Listener.Addr()), talkTo(t, other.Listener.Addr())
	beside := 0
	for i, a := range asked {
		if diff := gocmp.Diff(want[i].reply, got[i].reply); diff != "" {
			t.Errorf("%s %s %q: (-net/http +past it)\n%s", a.method, a.target, a.headers, diff)
		}
		if got[i].past {
			beside++
		}
		if want[i].past {
			t.Errorf("%s %s: net/http has another order of headers than this test thinks", a.method, a.target)
		}
	}
	if beside < len(asked)/2 {
		t.Errorf("only %d of %d answers went past net/http", beside, len(asked))
	}
}

// written is an answer as it came.
type written struct {
	reply any
	past  bool // net/http did not write the headers: it would write them before Date
}

// talkTo sends all requests, on one connection as long as it lasts.
func talkTo(t *testing.T, address net.Addr) (answers []written) {
	t.Helper()
	var c *talker
	for _, a := range asked {
		if c == nil {
			c = newTalker(t, address)
		}
		answer, last := c.ask(cmp.Or(a.method, "GET"), a.target, a.body, a.headers)
		if answers = append(answers, answer); last {
			c = nil
		}
	}
	return answers
}

// talker is a client that sees the bytes.
type talker struct {
	t    *testing.T
	conn net.Conn
	from *bufio.Reader
	came bytes.Buffer
}

func newTalker(t *testing.T, address net.Addr) *talker {
	t.Helper()
	conn, err := net.Dial("tcp", address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	c := &talker{t: t, conn: conn}
	c.from = bufio.NewReader(io.TeeReader(conn, &c.came))
	return c
}

func (c *talker) ask(method, target, body string, headers []string) (answer written, last bool) {
	c.t.Helper()
	c.came.Reset()
	if _, err := io.WriteString(c.conn, requestText(method, target, body, headers)); err != nil {
		c.t.Fatal(err)
	}
	response := c.answer(method)
	if response.StatusCode == http.StatusContinue {
		response = c.answer(method)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || c.from.Buffered() > 0 {
		c.t.Fatalf("%s %s: %v, and %d bytes too many", method, target, err, c.from.Buffered())
	}
	if response.Header.Get("Date") == "" {
		c.t.Errorf("%s %s: no Date", method, target)
	}
	response.Header.Del("Date")
	head := c.came.String()
	return written{
		reply: []any{response.StatusCode, response.Header, response.ContentLength, response.TransferEncoding, response.Close, string(data)},
		past:  strings.Index(head, "\r\nDate: ") < strings.Index(head, "\r\nVary: "),
	}, response.Close
}

func (c *talker) answer(method string) *http.Response {
	c.t.Helper()
	response, err := http.ReadResponse(c.from, &http.Request{Method: method})
	if err != nil {
		c.t.Fatalf("%v after %q", err, c.came.String())
	}
	return response
}

func requestText(method, target, body string, headers []string) string {
	lines := []string{method + " " + target + " HTTP/1.1", "Host: localhost"}
	if !slices.Contains(headers, "X-API-Key: -") {
		lines = append(lines, "X-API-Key: sk_test_admin")
	}
	if body != "" {
		lines = append(lines, "Content-Type: application/json", "Content-Length: "+strconv.Itoa(len(body)))
	}
	return strings.Join(append(lines, headers...), "\r\n") + "\r\n\r\n" + body
}
