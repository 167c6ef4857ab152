package mock_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

func TestCORS(t *testing.T) {
	s := start(t)
	page := "Origin: http://localhost:5173"
	for _, r := range []reply{
		s.do("GET", "/api/leads", "", page),
		s.do("GET", "/api/leads/abc123", "", page),
		s.do("GET", "/api/leads", "", page, "X-API-Key: -"),
		s.do("POST", "/api/leads", "{}", page),
		s.do("GET", "/api/nothing", "", page),
	} {
		r.header("Access-Control-Allow-Origin", "http://localhost:5173").header("Access-Control-Allow-Credentials", "true").header("Vary", "Origin, Accept-Encoding")
		exposed := r.Header.Get("Access-Control-Expose-Headers")
		for _, name := range []string{"Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Total-Count", "Link", "Location",
			"X-Request-Id", "X-CSRF-Token", "Date", "Preference-Applied", "X-Mock-Decision", "X-Mock-Rule", "X-Mock-Step", "X-Mock-Session", "X-Mock-Warning", "X-Mock-Stale"} {
			if !strings.Contains(exposed+",", name+",") {
				t.Errorf("%s: %s is not exposed", r.Request, name)
			}
		}
	}
	r := s.do("GET", "/api/leads", "").header("Vary", "Origin, Accept-Encoding")
	if r.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("CORS headers without an Origin")
	}
}

func TestPreflight(t *testing.T) {
	s := start(t)
	before := s.do("GET", "/api/leads/"+adaID, "").Header.Get("X-RateLimit-Remaining")
	r := s.do("OPTIONS", "/api/leads", "", "X-API-Key: -", "Origin: https://app.example", "Access-Control-Request-Method: PATCH",
		"Access-Control-Request-Headers: authorization,content-type,x-mock-error", "Access-Control-Request-Private-Network: true").is(204, "")
	r.header("Access-Control-Allow-Origin", "https://app.example").header("Access-Control-Allow-Headers", "authorization,content-type,x-mock-error").
		header("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS").header("Access-Control-Allow-Private-Network", "true")
	if after := s.do("GET", "/api/leads/"+adaID, "").Header.Get("X-RateLimit-Remaining"); before != "99" || after != "98" {
		t.Errorf("the preflight counted: remaining %s, then %s", before, after)
	}
}

func TestCORSPolicies(t *testing.T) {
	some := start(t, mock.CORS("http://a.example, http://b.example/"))
	some.do("GET", "/api/leads", "", "Origin: http://b.example").header("Access-Control-Allow-Origin", "http://b.example")
	some.do("GET", "/api/leads", "", "Origin: http://c.example").status(200).header("Access-Control-Allow-Origin", "")
	off := start(t, mock.CORS("off"))
	off.do("GET", "/api/leads", "", "Origin: http://a.example").header("Access-Control-Allow-Origin", "")
	off.do("OPTIONS", "/api/leads", "", "Origin: http://a.example", "Access-Control-Request-Method: GET").status(204).header("Access-Control-Allow-Origin", "")
}

func TestOptionsAndHead(t *testing.T) {
	s := start(t)
	s.do("OPTIONS", "/api/leads", "", "X-API-Key: -").is(204, "").header("Allow", "GET, POST, HEAD, OPTIONS")
	s.do("OPTIONS", "/api/nothing", "").is(404, `{"statusCode":404,"message":"Cannot OPTIONS /api/nothing","error":"Not Found"}`)
	get := s.do("GET", "/api/leads", "")
	head := s.do("HEAD", "/api/leads", "").is(200, "")
	for _, name := range []string{"X-Total-Count", "Link", "Content-Length", "Content-Type"} {
		head.header(name, get.Header.Get(name))
	}
	s.do("HEAD", "/api/leads/abc123", "").is(404, "")
	s.do("TRACE", "/api/leads", "").is(404, `{"statusCode":404,"message":"Cannot TRACE /api/leads","error":"Not Found"}`)
}

func TestGzip(t *testing.T) {
	s := start(t)
	plain := s.do("GET", "/api/leads", "", "Accept-Encoding: identity")
	for accepted, want := range map[string]bool{
		"gzip": true, "br, gzip;q=0.5": true, "*": true, "gzip;q=0": false, "gzip; q=0.0, *": false, "identity": false, "": false, "br": false,
	} {
		r := s.do("GET", "/api/leads", "", "Accept-Encoding: "+accepted)
		if (r.Header.Get("Content-Encoding") == "gzip") != want {
			t.Errorf("%q: Content-Encoding %q", accepted, r.Header.Get("Content-Encoding"))
			continue
		}
		if !want {
			continue
		}
		z, err := gzip.NewReader(strings.NewReader(r.Body))
		if err != nil {
			t.Fatal(err)
		}
		if data, _ := io.ReadAll(z); string(data) != plain.Body {
			t.Errorf("%q: another body", accepted)
		}
	}
	small := s.do("GET", "/api/leads/abc123", "", "Accept-Encoding: gzip")
	small.header("Content-Encoding", "")
}

func TestACompressedBody(t *testing.T) {
	s := start(t)
	pack := func(body string) string {
		var b strings.Builder
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, body)
		_ = z.Close()
		return b.String()
	}
	s.do("POST", "/api/leads", pack(`{"firstName":"Z","lastName":"Z"}`), "Content-Encoding: gzip").status(201)
	s.do("POST", "/api/leads", pack(`{"firstName":"`+strings.Repeat("a", 64<<20)+`"}`), "Content-Encoding: gzip").
		is(413, `{"statusCode":413,"message":"request entity too large","error":"Payload Too Large"}`)
	s.do("POST", "/api/leads", pack(`{"firstName":"Z","lastName":"Z"}`)[:20], "Content-Encoding: gzip").status(400)
}

func TestRequestID(t *testing.T) {
	s := start(t)
	s.do("GET", "/api/leads", "", "X-Request-Id: mine-1").header("X-Request-Id", "mine-1")
	if id := s.do("GET", "/api/leads", "").Header.Get("X-Request-Id"); len(id) != 36 {
		t.Errorf("made request id %q", id)
	}
}

// serve runs a whole server, listeners and all, until the test ends.
func serve(t *testing.T, options ...mock.Option) *mock.Server {
	t.Helper()
	m, err := mock.New(append([]mock.Option{mock.Port(0)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := m.Listen(ctx); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- m.Serve(ctx) }()
	t.Cleanup(func() { conforms(t, m) })
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return m
}

func TestHTTP2WithoutTLS(t *testing.T) {
	m := serve(t)
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: &protocols}}
	defer client.CloseIdleConnections()
	r, _ := http.NewRequest("GET", m.URL()+"/leads/"+adaID, nil)
	r.Header.Set("X-API-Key", m.APIKey())
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.ProtoMajor != 2 || response.StatusCode != 200 {
		t.Errorf("%s %d", response.Proto, response.StatusCode)
	}
}

func TestBothLoopbacks(t *testing.T) {
	m := serve(t)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(m.Origin(), "http://"))
	for _, host := range []string{"127.0.0.1", "::1"} {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), time.Second)
		if err != nil {
			if host == "::1" && !hasIPv6() {
				continue
			}
			t.Errorf("%s: %v", host, err)
			continue
		}
		_ = conn.Close()
	}
}

func hasIPv6() bool {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}

func TestAPortThatIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	m, err := mock.New(mock.Port(l.Addr().(*net.TCPAddr).Port))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Listen(t.Context()); err == nil || !strings.Contains(err.Error(), "another program listens on") {
		t.Error(err)
	}
}

// raw sends bytes as they are and returns the first line of the answer.
func raw(t *testing.T, m *mock.Server, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(m.Origin(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, request); err != nil {
		return "closed"
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return "closed"
	}
	return strings.TrimSpace(line)
}

func TestHostileRequests(t *testing.T) {
	m := serve(t)
	for name, c := range map[string]struct{ request, want string }{
		"header flood":       {"GET /api/leads HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Flood: "+strings.Repeat("a", 1000)+"\r\n", 200) + "\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
		"no HTTP":            {"hello, is anybody there?\r\n\r\n", "HTTP/1.1 400 Bad Request"},
		"enormous query":     {"GET /api/leads?search=" + strings.Repeat("a", 100<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
		"two lengths":        {"POST /api/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}", "HTTP/1.1 400 Bad Request"},
		"NUL in path":        {"GET /api/leads/%00 HTTP/1.1\r\nHost: x\r\nX-API-Key: " + m.APIKey() + "\r\n\r\n", "HTTP/1.1 404 Not Found"},
		"dots in path":       {"GET /api/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found"},
		"absolute form":      {"GET http://x/api/leads/" + adaID + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + m.APIKey() + "\r\n\r\n", "HTTP/1.1 200 OK"},
		"a star":             {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK"},
		"HTTP/1.0":           {"GET /api/leads/" + adaID + " HTTP/1.0\r\nX-API-Key: " + m.APIKey() + "\r\n\r\n", "HTTP/1.0 200 OK"},
		"announced too much": {"POST /api/leads HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-API-Key: " + m.APIKey() + "\r\nContent-Length: 99999999999\r\n\r\n{", "HTTP/1.1 413 Request Entity Too Large"},
	} {
		if got := raw(t, m, c.request); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestTLS(t *testing.T) {
	certificate := selfSigned(t)
	m := serve(t, mock.TLS(&tls.Config{Certificates: []tls.Certificate{certificate}}))
	if !strings.HasPrefix(m.URL(), "https://127.0.0.1:") {
		t.Error(m.URL())
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	response, err := client.Get(m.URL() + "/auth/oauth-status")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != 200 || response.ProtoMajor != 2 {
		t.Error(response.Status, response.Proto)
	}
}

func TestAdminIsKeptFromStrangers(t *testing.T) {
	s := start(t)
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
	}{
		"from here":             {"POST", "/__admin/reset", "", nil, 200},
		"health for anybody":    {"GET", "/__admin/health", "", []string{"Host: evil.example"}, 200},
		"a rebound name":        {"GET", "/__admin/sessions", "", []string{"Host: evil.example"}, 403},
		"a rebound name, port":  {"POST", "/__admin/reset", "", []string{"Host: evil.example:4000"}, 403},
		"localhost":             {"GET", "/__admin/sessions", "", []string{"Host: localhost:4000"}, 200},
		"app.localhost":         {"GET", "/__admin/sessions", "", []string{"Host: app.localhost:4000"}, 200},
		"IPv6 loopback":         {"GET", "/__admin/sessions", "", []string{"Host: [::1]:4000"}, 200},
		"cross-site fetch":      {"POST", "/__admin/reset", "", []string{"Sec-Fetch-Site: cross-site"}, 403},
		"same-site fetch":       {"POST", "/__admin/reset", "", []string{"Sec-Fetch-Site: same-site"}, 403},
		"own page":              {"POST", "/__admin/reset", "", []string{"Sec-Fetch-Site: same-origin", "Host: localhost:4000", "Origin: http://localhost:4000"}, 200},
		"other origin":          {"POST", "/__admin/reset", "", []string{"Origin: http://evil.example"}, 403},
		"other port":            {"POST", "/__admin/reset", "", []string{"Host: localhost:4000", "Origin: http://localhost:5173"}, 403},
		"null origin":           {"POST", "/__admin/reset", "", []string{"Origin: null"}, 403},
		"a form":                {"POST", "/__admin/clock", "advance=1h", []string{"Content-Type: application/x-www-form-urlencoded"}, 415},
		"text":                  {"POST", "/__admin/clock", `{"advance":"1h"}`, []string{"Content-Type: text/plain"}, 415},
		"an unknown route":      {"GET", "/__admin/nothing", "", nil, 404},
		"an unknown member":     {"POST", "/__admin/clock", `{"advanse":"1h"}`, nil, 400},
		"not JSON":              {"POST", "/__admin/clock", `{`, nil, 400},
		"a bad duration":        {"POST", "/__admin/clock", `{"advance":"soon"}`, nil, 400},
		"a bad session":         {"GET", "/__admin/clock?session=%2F..", "", nil, 400},
		"dropping the default":  {"DELETE", "/__admin/sessions/default", "", nil, 400},
		"dropping an unknown":   {"DELETE", "/__admin/sessions/nobody", "", nil, 404},
		"a body over the limit": {"POST", "/__admin/clock", `{"advance":"` + strings.Repeat(" ", 2<<20) + `"}`, nil, 413},
	} {
		r := s.do(c.method, c.path, c.body, c.headers...)
		if r.Status != c.status {
			t.Errorf("%s: got %d %s, want %d", name, r.Status, r.Body, c.status)
		}
		if r.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: the admin API sends CORS headers", name)
		}
		if r.Status >= 400 && !strings.HasPrefix(r.Body, fmt.Sprintf(`{"statusCode":%d,`, r.Status)) {
			t.Errorf("%s: %s", name, r.Body)
		}
	}
}

// A client that sends a byte now and then must not hold a connection for ever.
func TestSlowSenders(t *testing.T) {
	const patience = 200 * time.Millisecond
	m := serve(t, mock.Patience(patience, 2*patience))
	for name, c := range map[string]struct{ start, more string }{
		"headers": {"GET /api/leads HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n"},
		"body":    {"POST /api/leads HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-API-Key: " + m.APIKey() + "\r\nContent-Length: 1000000\r\n\r\n{", " "},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(m.Origin(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		_, _ = io.WriteString(conn, c.start)
		stop := make(chan struct{})
		go func() {
			tick := time.NewTicker(patience / 10)
			defer tick.Stop()
			for {
				select {
				case <-stop:
					return
				case <-tick.C:
					_, _ = io.WriteString(conn, c.more)
				}
			}
		}()
		began := time.Now()
		_, err = io.Copy(io.Discard, conn)
		close(stop)
		_ = conn.Close()
		if took := time.Since(began); took > 5*time.Second || took < patience/2 {
			t.Errorf("%s: the connection was held for %v (%v)", name, took, err)
		}
	}
}
