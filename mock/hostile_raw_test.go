package mock_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// Attacks over real sockets. What each met is told in hostile.md; what it must meet is asserted here and in the other
// files called hostile_….

// connect opens a connection to a server, for at most so long.
func connect(t *testing.T, m *mock.Server) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(m.Origin(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(15 * time.Second))
	return conn.(*net.TCPConn)
}

// answers sends bytes, closes the sending side, and gives each answer that comes as "status body", and last how the
// connection ended.
func answers(t *testing.T, m *mock.Server, sent string) (all []string) {
	t.Helper()
	conn := connect(t, m)
	go func() {
		_, _ = io.WriteString(conn, sent)
		_ = conn.CloseWrite()
	}()
	in := bufio.NewReader(conn)
	for {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			if err != io.EOF && err != io.ErrUnexpectedEOF {
				all = append(all, err.Error())
			}
			return all
		}
		body, _ := io.ReadAll(response.Body)
		all = append(all, fmt.Sprintf("%d %s", response.StatusCode, body))
	}
}

func TestSmugglers(t *testing.T) {
	t.Parallel()
	m := serve(t)
	const (
		create  = "POST /api/leads HTTP/1.1\r\nHost: x\r\nX-API-Key: sk_test_admin\r\nContent-Type: application/json\r\n"
		inside  = "GET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
		invalid = `400 {"statusCode":400,"message":["firstName should not be empty","lastName should not be empty"],"error":"Bad Request"}`
		second  = `404 {"statusCode":404,"message":"Cannot GET /api/smuggled","error":"Not Found"}`
		refused = "400 400 Bad Request"
		unknown = "501 Unsupported transfer encoding"
	)
	for name, c := range map[string]struct {
		sent string
		want []string
	}{
		// RFC 9112 section 6.3: Transfer-Encoding overrides Content-Length. Nothing of the body is taken for a request.
		"length and chunks, the chunks count": {create + fmt.Sprintf("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(inside), inside), []string{
			`400 {"statusCode":400,"message":"request body is not valid JSON: unexpected 'G' (a value was expected) at byte 0","error":"Bad Request"}`}},
		"an unknown encoding":             {create + "Transfer-Encoding: xchunked\r\n\r\n" + inside, []string{unknown}},
		"two encodings":                   {create + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + inside, []string{unknown}},
		"a list of encodings":             {create + "Transfer-Encoding: gzip, chunked\r\n\r\n" + inside, []string{unknown}},
		"a space before the colon":        {create + "Transfer-Encoding : chunked\r\n\r\n" + inside, []string{"400 400 Bad Request: invalid header name"}},
		"a vertical tab in the encoding":  {create + "Transfer-Encoding: \vchunked\r\n\r\n" + inside, []string{refused}},
		"two lengths":                     {create + "Content-Length: 2\r\nContent-Length: 44\r\n\r\n{}" + inside, []string{refused}},
		"a list of lengths":               {create + "Content-Length: 2, 44\r\n\r\n{}" + inside, []string{refused}},
		"the same length twice":           {create + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + inside, []string{invalid, second}},
		"a length with a sign":            {create + "Content-Length: +2\r\n\r\n{}" + inside, []string{refused}},
		"a negative length":               {create + "Content-Length: -2\r\n\r\n{}" + inside, []string{refused}},
		"a length in hexadecimal":         {create + "Content-Length: 0x2\r\n\r\n{}" + inside, []string{refused}},
		"a length beyond 64 bits":         {create + "Content-Length: 18446744073709551618\r\n\r\n{}" + inside, []string{refused}},
		"chunks that end with a bare LF":  {create + "Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n" + inside, []string{`400 {"statusCode":400,"message":"the request body ended early: chunked line ends with bare LF","error":"Bad Request"}`}},
		"a chunk's size beyond 64 bits":   {create + "Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n" + inside, []string{`400 {"statusCode":400,"message":"the request body ended early: http chunk length too large","error":"Bad Request"}`}},
		"a trailer that names a length":   {create + "Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n2\r\n{}\r\n0\r\nContent-Length: 99\r\n\r\n" + inside, []string{refused}},
		"a body that is not asked for":    {"GET /api/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 44\r\n\r\n" + inside + "  ", []string{`404 {"statusCode":404,"message":"Cannot GET /api/nothing","error":"Not Found"}`}},
		"a NUL in a header":               {"GET /api/leads HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n" + inside, []string{"400 400 Bad Request"}},
		"a CR in a header":                {"GET /api/leads HTTP/1.1\r\nHost: x\r\nX-A: a\rX-B: b\r\n\r\n" + inside, []string{"400 400 Bad Request"}},
		"two hosts":                       {"GET /api/leads HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + inside, []string{refused}},
		"no host":                         {"GET /api/leads HTTP/1.1\r\n\r\n" + inside, []string{"400 400 Bad Request: missing required Host header"}},
		"a header folded to two lines":    {"GET /api/nothing HTTP/1.1\r\nHost: x\r\nX-A: a\r\n Content-Length: 44\r\n\r\n" + inside, []string{`404 {"statusCode":404,"message":"Cannot GET /api/nothing","error":"Not Found"}`, second}},
		"an answer for a request":         {"HTTP/1.1 200 OK\r\nHost: x\r\n\r\n" + inside, []string{refused}},
		"HTTP/2 announced in HTTP/1":      {"PRI * HTTP/2.0\r\nHost: x\r\n\r\n" + inside, []string{`404 {"statusCode":404,"message":"Cannot PRI *","error":"Not Found"}`, second}},
		"three requests in one piece":     {inside + inside + inside, []string{second, second, second}},
		"a request, then half of another": {inside + inside[:20], []string{second, refused}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := answers(t, m, c.sent)
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

// Whatever a request line aims at, the answer has a documented shape, and no other site's name opens the admin API.
func TestTargets(t *testing.T) {
	t.Parallel()
	m := serve(t)
	key := "\r\nX-API-Key: " + m.APIKey()
	strange := `403 {"statusCode":403,"message":"the admin API does not answer to the host name evil.example; allow it with --admin-host, or set --admin-token","error":"Forbidden"}`
	cannot := func(what string) string {
		return `404 {"statusCode":404,"message":"Cannot ` + what + `","error":"Not Found"}`
	}
	for line, want := range map[string]string{
		"GET http://evil.example/api/leads/abc123 HTTP/1.1\r\nHost: x" + key:      `404 {"statusCode":404,"message":"Lead with id abc123 not found"}`,
		"GET http://evil.example/__admin/version HTTP/1.1\r\nHost: 127.0.0.1":     strange, // the target overrides Host
		"GET /__admin/version HTTP/1.1\r\nHost: evil.example":                     strange,
		"GET /__admin/health/../sessions HTTP/1.1\r\nHost: evil.example":          strange,
		"GET /__ADMIN/sessions HTTP/1.1\r\nHost: evil.example":                    cannot("GET /__ADMIN/sessions"),
		"GET /api/../__admin/sessions HTTP/1.1\r\nHost: evil.example":             cannot("GET /api/../__admin/sessions"),
		"GET /%5f_admin/sessions HTTP/1.1\r\nHost: evil.example":                  cannot("GET /%5f_admin/sessions"),
		"GET //__admin/sessions HTTP/1.1\r\nHost: evil.example":                   cannot("GET //__admin/sessions"),
		"CONNECT evil.example:443 HTTP/1.1\r\nHost: x":                            cannot("CONNECT /"),
		"GET * HTTP/1.1\r\nHost: x":                                               cannot("GET *"),
		"OPTIONS * HTTP/1.1\r\nHost: x":                                           "200 ",
		"GET /api/leads/%zz HTTP/1.1\r\nHost: x":                                  "400 400 Bad Request",
		"GET /api/leads/\x00 HTTP/1.1\r\nHost: x":                                 "400 400 Bad Request",
		"GET /api/leads/%00 HTTP/1.1\r\nHost: x" + key:                            `404 {"statusCode":404,"message":"Lead with id \u0000 not found"}`,
		"GET /api/leads/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\nHost: x" + key: `404 {"statusCode":404,"message":"Lead with id ../../etc/passwd not found"}`,
		"GET /__s/..%2f..%2fetc/api/leads HTTP/1.1\r\nHost: x":                    cannot("GET /__s/..%2f..%2fetc/api/leads"),
		"GET //evil.example/api/leads HTTP/1.1\r\nHost: x":                        cannot("GET //evil.example/api/leads"),
		"GET /api/leads/abc123 HTTP/1.1\r\nHost: x" + key + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==": `404 {"statusCode":404,"message":"Lead with id abc123 not found"}`,
		"GET /api/leads/abc123 HTTP/1.1\r\nHost: x" + key + "\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__":                               `404 {"statusCode":404,"message":"Lead with id abc123 not found"}`,
		"POST /api/leads HTTP/1.1\r\nHost: x\r\nExpect: the-moon\r\nContent-Length: 2":                                                                                                  "417 ",
		"GET /api/leads HTTP/3.0\r\nHost: x":           "505 505 HTTP Version Not Supported: unsupported protocol version",
		"GET /api/leads":                               "400 400 Bad Request",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03": "400 400 Bad Request",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			got := answers(t, m, line+"\r\n\r\n")
			if len(got) != 1 || got[0] != want {
				t.Errorf("\n got %q\nwant %q", got, want)
			}
		})
	}
}

// A client that closes its own side has still asked.
func TestHalfClosedConnections(t *testing.T) {
	t.Parallel()
	m := serve(t)
	ask := "GET /api/leads/abc123 HTTP/1.1\r\nHost: x\r\nX-API-Key: " + m.APIKey() + "\r\n"
	if got := answers(t, m, ask+"\r\n"); len(got) != 1 || !strings.HasPrefix(got[0], "404 ") {
		t.Errorf("got %q", got)
	}
	// Its body will never come: it is told, or cut off, and at once.
	began := time.Now()
	got := answers(t, m, "POST /api/leads HTTP/1.1\r\nHost: x\r\nX-API-Key: "+m.APIKey()+"\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"first")
	if len(got) > 1 || len(got) == 1 && !strings.HasPrefix(got[0], `400 {"statusCode":400,"message":"the request body ended early`) {
		t.Errorf("got %q", got)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it was held for %v", took)
	}
	// One who hangs, and leaves, leaves nothing.
	if got := answers(t, m, ask+"X-Mock-Fault: HANG\r\n\r\n"); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}
