package mock_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// send sends a request with the admin's key and returns the answer without its body.
func send(t *testing.T, m *mock.Server, method, path, body string, headers ...string) *http.Response {
	t.Helper()
	r := request(m, method, path, body, headers...)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response
}

// trickle sends a start, and then a piece now and again, until the connection is closed. It returns how long that took.
func trickle(t *testing.T, m *mock.Server, start, more string, every time.Duration) time.Duration {
	t.Helper()
	conn := connect(t, m)
	began := time.Now()
	var all sync.WaitGroup
	defer all.Wait()
	stop := make(chan struct{})
	defer close(stop)
	all.Go(func() {
		_, _ = io.WriteString(conn, start)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				if _, err := io.WriteString(conn, more); err != nil {
					return
				}
			}
		}
	})
	_, _ = io.Copy(io.Discard, conn)
	_ = conn.Close()
	return time.Since(began)
}

// A client that sends a byte now and then is given up, whatever it is sending and whatever is done to its request.
func TestSlowSendersOfEverything(t *testing.T) {
	t.Parallel()
	const patience = 300 * time.Millisecond
	m := serve(t, mock.Patience(patience, patience), mock.SlowReaders(patience))
	start := func(method, headers, body string) string {
		return method + " /api/leads HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-API-Key: " + m.APIKey() + "\r\n" + headers + "\r\n" + body
	}
	for name, c := range map[string]struct{ start, more string }{
		"request line":                   {"GET /api/le", "a"},
		"headers":                        {"GET /api/leads HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n"},
		"body":                           {start("POST", "Content-Length: 1000000\r\n", "{"), " "},
		"chunks":                         {start("POST", "Transfer-Encoding: chunked\r\n", ""), "1\r\n \r\n"},
		"an extension of a chunk":        {start("POST", "Transfer-Encoding: chunked\r\n", "1;"), "a"},
		"trailers":                       {start("POST", "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n"), "X-A: b\r\n"},
		"a body that nobody reads":       {start("GET", "Content-Length: 100000\r\n", ""), " "},
		"a body with a fault":            {start("GET", "Content-Length: 100000\r\nX-Mock-Fault: MALFORMED_JSON\r\n", ""), " "},
		"a body with a wait":             {start("POST", "Content-Length: 100000\r\nX-Mock-Delay: 1\r\n", ""), " "},
		"a body too large with a wait":   {start("POST", "Transfer-Encoding: chunked\r\nX-Mock-Delay: 1\r\n", "b00000\r\n"+strings.Repeat(" ", 10<<20+1)), " "},
		"a body with a forced error":     {start("POST", "Content-Length: 100000\r\nX-Mock-Error: unavailable\r\n", ""), " "},
		"a body for the admin API":       {"POST /__admin/clock HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n", " "},
		"a body that fits no admin form": {"POST /__admin/clock HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n", " "},
		"the preface of HTTP/2":          {"PRI * HTTP/2.0\r\n\r\nSM", ""},
		"nothing":                        {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if took := trickle(t, m, c.start, c.more, patience/20); took > 8*time.Second {
				t.Errorf("the connection was held for %v", took)
			}
		})
	}
}

// Connections that do nothing take little, and keep nobody else out.
func TestIdleConnections(t *testing.T) {
	m := serve(t)
	const n = 1000 // twice as many descriptors; hostile.md has more, over two processes
	conns := make([]net.Conn, n)
	for i := range conns {
		conns[i] = connect(t, m)
	}
	began := time.Now()
	if r := send(t, m, "GET", "/api/leads/"+adaID, ""); r.StatusCode != 200 {
		t.Error(r.Status)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("a request beside %d idle connections took %v", n, took)
	}
	for _, conn := range conns {
		_ = conn.Close()
	}
}
