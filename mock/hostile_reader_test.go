//go:build unix

package mock_test

import (
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// large makes a lead of several megabytes: more than the buffers of a connection take.
func large(t *testing.T, m *mock.Server) (path string) {
	t.Helper()
	r := send(t, m, "POST", "/api/leads", `{"firstName":"L","lastName":"L","painPoints":["`+strings.Repeat("a", 9<<20)+`"]}`)
	if r.StatusCode != 201 {
		t.Fatal(r.Status)
	}
	return r.Header.Get("Location")
}

// A client that asks for something large and never reads it is given up, also when it was kept waiting, or the answer
// dribbles: for those the server's own time-outs do not hold.
func TestSlowReaders(t *testing.T) {
	dribble := folder(t, map[string]string{"dribble.yaml": "rules:\n  - respond: {delay: {chunks: 3, over: 30ms}}\n"})
	// Long enough that the large lead itself can be made on a busy machine, whose answer is waited for no longer.
	m := serve(t, mock.SlowReaders(2*slowdown*time.Second), mock.Scenarios(dribble))
	path := large(t, m)
	before := settled(t)
	// What comes in must not disappear in the buffers of the system, of which some take tens of megabytes.
	small := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	for _, header := range []string{
		"X-A: at once", "X-Mock-Delay: 1", "X-Mock-Scenario: dribble", "X-Mock-Fault: TRUNCATED_BODY", "X-Mock-Fault: MALFORMED_JSON", "X-Mock-Delay: 1\r\nX-Mock-Fault: TRUNCATED_BODY",
		"X-Mock-Fault: MALFORMED_RESPONSE_CHUNK",
	} {
		for range 9 { // each has a goroutine or more, and back leaves some out of account
			conn, err := small.Dial("tcp", strings.TrimPrefix(m.Origin(), "http://"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n%s\r\n\r\n", path, m.APIKey(), header)
		}
	}
	back(t, before)
}
