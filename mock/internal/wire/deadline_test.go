package wire_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/wire"
)

// timed lets a handler answer under the time-outs of a server: short ones are those that a test waits for.
func timed(t *testing.T, s *http.Server, answer http.HandlerFunc) *conversation {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Handler = answer
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(wire.Listener{Listener: l}) }()
	t.Cleanup(func() { _ = s.Close(); <-ended })
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &conversation{t, c, bufio.NewReader(c)}
}

// conversation is a connection seen by its client.
type conversation struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func (c *conversation) send(text string) {
	c.t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *conversation) get() {
	c.t.Helper()
	c.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	response, err := http.ReadResponse(c.r, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		c.t.Fatal(err)
	}
}

// closes waits until the server has closed, and says how long that took.
func (c *conversation) closes() time.Duration {
	c.t.Helper()
	from := time.Now()
	if _, err := io.Copy(io.Discard, c.r); err != nil && strings.Contains(err.Error(), "timeout") {
		c.t.Fatal("the server did not close the connection")
	}
	return time.Since(from)
}

const (
	brief  = 400 * time.Millisecond
	ages   = time.Minute
	jitter = 5 * time.Second // on a busy machine
)

func between(t *testing.T, took time.Duration) {
	t.Helper()
	if took < brief/2 || took > jitter {
		t.Errorf("closed after %v; the time-out is %v", took, brief)
	}
}

func quick(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }

func TestTimeOutsHold(t *testing.T) {
	t.Parallel()
	t.Run("of an idle connection", func(t *testing.T) {
		t.Parallel()
		c := timed(t, &http.Server{IdleTimeout: brief, ReadHeaderTimeout: ages, ReadTimeout: ages, WriteTimeout: ages}, quick)
		for range 3 {
			c.get()
		}
		between(t, c.closes())
	})
	t.Run("of headers, also behind an idle time that is longer", func(t *testing.T) {
		t.Parallel()
		c := timed(t, &http.Server{IdleTimeout: ages, ReadHeaderTimeout: brief, WriteTimeout: ages}, quick)
		c.get()
		c.get()
		c.send("GET / HTTP/1.1\r\nHost:")
		between(t, c.closes())
	})
	t.Run("of a body", func(t *testing.T) {
		t.Parallel()
		c := timed(t, &http.Server{IdleTimeout: ages, ReadTimeout: brief}, func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			_, _ = fmt.Fprint(w, err)
		})
		c.get()
		c.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
		between(t, c.closes())
	})
	t.Run("of an answer that is not read", func(t *testing.T) {
		t.Parallel()
		ended := make(chan time.Duration, 4)
		c := timed(t, &http.Server{IdleTimeout: ages, WriteTimeout: brief}, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				quick(w, r)
				return
			}
			from := time.Now()
			for piece := make([]byte, 1<<20); ; {
				if _, err := w.Write(piece); err != nil {
					break
				}
			}
			ended <- time.Since(from)
		})
		c.get()
		c.get()
		c.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
		between(t, <-ended)
	})
}

func TestHangUpsAreSeen(t *testing.T) {
	t.Parallel()
	waits, left := make(chan struct{}), make(chan struct{})
	c := timed(t, &http.Server{IdleTimeout: ages, ReadHeaderTimeout: ages, ReadTimeout: ages, WriteTimeout: ages}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			quick(w, r)
			return
		}
		close(waits)
		<-r.Context().Done()
		close(left)
	})
	c.get()
	c.get()
	c.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
	<-waits
	_ = c.Close()
	select {
	case <-left:
	case <-time.After(jitter):
		t.Error("the handler was not told that its client has left")
	}
}

func TestAConnectionThatIsGivenAwayHasNoTimeOut(t *testing.T) {
	t.Parallel()
	c := timed(t, &http.Server{IdleTimeout: brief, ReadHeaderTimeout: brief, ReadTimeout: brief, WriteTimeout: brief}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			quick(w, r)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = conn.Write([]byte("yours\n"))
		var heard [3]byte
		_, err = io.ReadFull(conn.(*wire.Conn).TCPConn, heard[:])
		_, _ = fmt.Fprintf(conn, "%s %v\n", heard, err)
	})
	c.get()
	c.send("GET /away HTTP/1.1\r\nHost: x\r\n\r\n")
	if line, err := c.r.ReadString('\n'); line != "yours\n" {
		t.Fatal(line, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), brief+brief/2) // longer than any time-out
	defer cancel()
	<-ctx.Done()
	c.send("abc")
	if line, err := c.r.ReadString('\n'); line != "abc <nil>\n" {
		t.Error(line, err)
	}
}
