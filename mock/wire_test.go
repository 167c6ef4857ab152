package mock_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// dial opens a connection to a server, over TLS if it speaks that.
func dial(t *testing.T, m *mock.Server) net.Conn {
	t.Helper()
	scheme, address, _ := strings.Cut(m.Origin(), "://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if scheme == "https" {
		return tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	return conn
}

// bytesOf sends a request on a connection of its own and returns all that comes back, and how the connection ended: nil for a close in order.
func bytesOf(t *testing.T, m *mock.Server, method, path, body string, headers ...string) (string, error) {
	t.Helper()
	conn := dial(t, m)
	head := strings.Join(append([]string{method + " " + path + " HTTP/1.1", "Host: 127.0.0.1", "X-API-Key: " + m.APIKey(), "Content-Type: application/json",
		fmt.Sprintf("Content-Length: %d", len(body))}, headers...), "\r\n")
	if _, err := io.WriteString(conn, head+"\r\n\r\n"+body); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	return string(answer), err
}

// parsed reads an answer as a client does; err is how its body ended.
func parsed(t *testing.T, answer string) (r *http.Response, body string, err error) {
	t.Helper()
	r, err = http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), nil)
	if err != nil {
		t.Fatalf("%v in %q", err, answer)
	}
	data, err := io.ReadAll(r.Body)
	return r, string(data), err
}

func faultsOnTheWire(t *testing.T, m *mock.Server) {
	full, err := bytesOf(t, m, "GET", "/api/leads", "", "Connection: close")
	if err != nil {
		t.Fatal(err)
	}
	_, whole, _ := parsed(t, full)
	get := func(fault string) (string, error) {
		return bytesOf(t, m, "GET", "/api/leads", "", "X-Mock-Fault: "+fault, "Accept-Encoding: gzip", "Origin: http://a.example")
	}
	if got, err := get("CONNECTION_RESET_BY_PEER"); got != "" || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reset: %q, %v", got, err)
	}
	if got, err := get("EMPTY_RESPONSE"); got != "" || err != nil {
		t.Errorf("empty: %q, %v", got, err)
	}
	if got, err := get("RANDOM_DATA_THEN_CLOSE"); got == "" || strings.HasPrefix(got, "HTTP/") || err != nil {
		t.Errorf("random: %q, %v", got, err)
	}
	for _, c := range []struct {
		fault string
		ended error
		ok    func(body string) bool
	}{
		{"MALFORMED_RESPONSE_CHUNK", nil, func(string) bool { return true }},
		{"TRUNCATED_BODY", io.ErrUnexpectedEOF, func(body string) bool { return body == whole[:len(whole)/2] }},
		{"MALFORMED_JSON", nil, func(body string) bool { return body != "" && !json.Valid([]byte(body)) }},
	} {
		answer, err := get(c.fault)
		if err != nil {
			t.Errorf("%s: %v", c.fault, err)
		}
		r, body, ended := parsed(t, answer)
		if r.StatusCode != 200 || !c.ok(body) || c.ended != nil && !errors.Is(ended, c.ended) || c.fault == "MALFORMED_RESPONSE_CHUNK" && ended == nil {
			t.Errorf("%s: %d %q, %v", c.fault, r.StatusCode, body, ended)
		}
		if r.Header.Get("Content-Encoding") != "" || r.Header.Get("X-Mock-Decision") != "directive" || r.Header.Get("Access-Control-Allow-Origin") == "" || !r.Close {
			t.Errorf("%s: %v, closes: %v", c.fault, r.Header, r.Close)
		}
	}
	for _, fault := range []string{"TRUNCATED_BODY", "MALFORMED_JSON", "MALFORMED_RESPONSE_CHUNK", "EMPTY_RESPONSE"} {
		if got, err := bytesOf(t, m, "HEAD", "/api/leads", "", "X-Mock-Fault: "+fault); got != "" || err != nil {
			t.Errorf("HEAD, %s: %q, %v", fault, got, err)
		}
	}
}

func TestFaultsOnTheWire(t *testing.T) { faultsOnTheWire(t, serve(t)) }

func TestFaultsBelowTLS(t *testing.T) {
	faultsOnTheWire(t, serve(t, mock.TLS(&tls.Config{Certificates: []tls.Certificate{selfSigned(t)}})))
}

func TestFaultsOnWrites(t *testing.T) {
	m := serve(t)
	for n, c := range []struct {
		headers []string
		written bool
	}{
		{[]string{"X-Mock-Fault: EMPTY_RESPONSE"}, false},
		{[]string{"X-Mock-Fault: CONNECTION_RESET_BY_PEER", "X-Mock-Commit: after"}, true},
		{[]string{"X-Mock-Fault: TRUNCATED_BODY"}, true},
		{[]string{"X-Mock-Fault: RANDOM_DATA_THEN_CLOSE", "X-Mock-Commit: before"}, false},
	} {
		email := fmt.Sprintf("wire%d@example.org", n)
		_, _ = bytesOf(t, m, "POST", "/api/leads", `{"firstName":"W","lastName":"W","email":"`+email+`"}`, c.headers...)
		found, _ := bytesOf(t, m, "GET", "/api/leads?email="+email, "", "Connection: close")
		if _, body, _ := parsed(t, found); (body != "[]") != c.written {
			t.Errorf("%v: written is not %v: %s", c.headers, c.written, body)
		}
	}
	began := time.Now()
	if got, err := bytesOf(t, m, "GET", "/api/leads", "", "X-Mock-Fault: EMPTY_RESPONSE", "X-Mock-Delay: 70"); got != "" || err != nil || time.Since(began) < 70*time.Millisecond {
		t.Errorf("a fault after a delay: %q, %v, after %s", got, err, time.Since(began))
	}
	if got, err := bytesOf(t, m, "DELETE", "/api/leads/"+adaID, "", "X-Mock-Fault: TRUNCATED_BODY"); got != "" || err != nil {
		t.Errorf("an answer without a body has none to truncate: %q, %v", got, err)
	}
}

// h2c is a client that speaks HTTP/2 without TLS.
func h2c(t *testing.T) *http.Client {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: &protocols}, Timeout: 20 * time.Second}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// request makes a request of the admin key to a server.
func request(m *mock.Server, method, path, body string, headers ...string) *http.Request {
	var content io.Reader = http.NoBody
	if body != "" {
		content = strings.NewReader(body)
	}
	r, _ := http.NewRequest(method, m.Origin()+path, content)
	r.Header.Set("X-API-Key", m.APIKey())
	r.Header.Set("Content-Type", "application/json")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func TestFaultsOnHTTP2LeaveOtherStreamsAlone(t *testing.T) {
	m := serve(t)
	client := h2c(t)
	var mu sync.Mutex
	conns := map[string]bool{}
	send := func(headers ...string) (status int, header http.Header, body string, err error) {
		r := request(m, "GET", "/api/leads", "", headers...)
		r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
			mu.Lock()
			defer mu.Unlock()
			conns[info.Conn.LocalAddr().String()] = true
		}}))
		response, err := client.Do(r)
		if err != nil {
			return 0, nil, "", err
		}
		defer response.Body.Close()
		data, err := io.ReadAll(response.Body)
		return response.StatusCode, response.Header, string(data), err
	}
	_, _, whole, err := send()
	if err != nil {
		t.Fatal(err)
	}
	other := make(chan error, 1)
	go func() {
		status, _, body, err := send("X-Mock-Delay: 300")
		if err == nil && (status != 200 || body != whole) {
			err = fmt.Errorf("%d %s", status, body)
		}
		other <- err
	}()
	for _, fault := range []string{"CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "RANDOM_DATA_THEN_CLOSE"} {
		if _, _, _, err := send("X-Mock-Fault: " + fault); err == nil || !strings.Contains(err.Error(), "stream error") {
			t.Errorf("%s: %v", fault, err)
		}
	}
	for _, fault := range []string{"TRUNCATED_BODY", "MALFORMED_RESPONSE_CHUNK"} {
		status, _, body, err := send("X-Mock-Fault: " + fault)
		if status != 200 || err == nil || !strings.Contains(err.Error(), "stream error") || fault == "TRUNCATED_BODY" && body != whole[:len(whole)/2] {
			t.Errorf("%s: %d %q, %v", fault, status, body, err)
		}
	}
	if status, header, body, err := send("X-Mock-Fault: MALFORMED_JSON"); status != 200 || err != nil || json.Valid([]byte(body)) || header.Get("Connection") != "" {
		t.Errorf("MALFORMED_JSON: %d %v %q, %v", status, header, body, err)
	}
	if err := <-other; err != nil {
		t.Errorf("another stream: %v", err)
	}
	if len(conns) != 1 {
		t.Errorf("%d connections were used", len(conns))
	}
}

// arrivals tells of exchanges as they are observed: of faults, when they begin.
func arrivals() (mock.Option, chan mock.Exchange) {
	seen := make(chan mock.Exchange, 1000)
	return mock.Observe(func(e mock.Exchange) { seen <- e }), seen
}

// next is what was observed next.
func next(t *testing.T, seen chan mock.Exchange) mock.Exchange {
	t.Helper()
	select {
	case e := <-seen:
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was observed in 10 s")
		return mock.Exchange{}
	}
}

func TestHangEndsWhenTheClientLeaves(t *testing.T) {
	observe, seen := arrivals()
	plain, secured := serve(t, observe), serve(t, observe, mock.TLS(&tls.Config{Certificates: []tls.Certificate{selfSigned(t)}}))
	overTLS := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	idle := settled(t)
	for name, c := range map[string]struct {
		m         *mock.Server
		transport http.RoundTripper
	}{
		"HTTP/1.1": {plain, &http.Transport{}}, "TLS": {secured, overTLS}, "h2c": {plain, h2c(t).Transport},
	} {
		for _, method := range []string{"GET", "POST"} {
			ctx, cancel := context.WithCancel(t.Context())
			failed := make(chan error, 1)
			go func() {
				r, err := c.transport.RoundTrip(request(c.m, method, "/api/leads", `{"a":1}`, "X-Mock-Fault: HANG").WithContext(ctx))
				if err == nil {
					_ = r.Body.Close()
				}
				failed <- err
			}()
			next(t, seen)
			select {
			case err := <-failed:
				t.Errorf("%s, %s: it did not hang: %v", name, method, err)
			default:
			}
			cancel()
			if err := <-failed; !errors.Is(err, context.Canceled) {
				t.Errorf("%s, %s: %v", name, method, err)
			}
		}
		c.transport.(*http.Transport).CloseIdleConnections()
	}
	back(t, idle)
}

func TestWaitsEndWhenTheServerStops(t *testing.T) {
	observe, seen := arrivals()
	dir := folder(t, map[string]string{"s.yaml": "active: true\nrules:\n  - {when: {path: /leads/**}, respond: {delay: 10m, times: 1}, setState: waiting}\n"})
	m, err := mock.New(mock.Port(0), mock.Scenarios(dir), mock.Watch("off"), observe)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if err := m.Listen(ctx); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- m.Serve(ctx) }()
	type ending struct {
		answer string
		err    error
	}
	hang, wait := make(chan ending, 1), make(chan ending, 1)
	go func() {
		answer, err := bytesOf(t, m, "GET", "/api/leads", "", "X-Mock-Fault: HANG", "X-Other: 1")
		hang <- ending{answer, err}
	}()
	next(t, seen)
	arrived := dial(t, m)
	_, _ = fmt.Fprintf(arrived, "GET /api/leads/%s HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n\r\n", adaID, m.APIKey())
	go func() {
		answer, err := io.ReadAll(arrived)
		wait <- ending{string(answer), err}
	}()
	for deadline := time.Now().Add(10 * time.Second); ; {
		if told, _ := bytesOf(t, m, "GET", "/__admin/scenarios", "", "Connection: close"); strings.Contains(told, `"state":"waiting"`) {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("the delayed request never came: %s", told)
		}
	}
	stop()
	if got := <-hang; got.answer != "" || got.err != nil {
		t.Errorf("the hang ended with %q, %v", got.answer, got.err)
	}
	if got := <-wait; got.err != nil || !strings.Contains(got.answer, `"firstName":"Ada"`) { // at once, but whole
		t.Errorf("the delay ended with %q, %v", got.answer, got.err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	conforms(t, m)
}

func TestDribble(t *testing.T) {
	dir := folder(t, map[string]string{"s.yaml": "active: true\nrules:\n  - respond: {delay: {chunks: 5, over: 200ms}}\n"})
	m := serve(t, mock.Scenarios(dir), mock.Watch("off"))
	began := time.Now()
	response, err := http.DefaultClient.Do(request(m, "GET", "/api/leads", "", "Accept-Encoding: gzip"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	first := time.Since(began)
	data, err := io.ReadAll(response.Body)
	took := time.Since(began)
	if err != nil || !json.Valid(data) || response.Header.Get("Content-Encoding") != "" || response.ContentLength != int64(len(data)) {
		t.Errorf("%v %v %d bytes", err, response.Header, len(data))
	}
	if took < 200*time.Millisecond || took-first < 100*time.Millisecond {
		t.Errorf("the head came after %s, the end after %s", first, took)
	}
}
