// Package wire writes answers beside net/http, where net/http's way is most of what an answer costs: headers go to the
// connection as they are, not through a map that is copied, sorted and written piece by piece, and a body leaves
// in the same system call as its head. All else remains with net/http: it reads the requests, keeps the time-outs,
// and writes the status line, Date and Connection, behind which this package puts the rest. What is not an ordinary
// answer on HTTP/1.1 is refused, and then written by net/http as ever.
//
// Package mock wraps its listeners, package httpapi hands answers over; faults on the wire (package wirefault) take
// connections that hold no answer, and find them as TCP has them.
package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Listener gives connections that take whole answers.
type Listener struct{ net.Listener }

// Accept waits for a connection. Only those of TCP are wrapped.
func (l Listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return newConn(tcp), nil
	}
	return c, err
}

// Conn is a connection that can hold an answer until net/http writes the head of one without a body. Then
// the two become one. Both happen in the goroutine that serves the request.
type Conn struct {
	*net.TCPConn
	held *held // nil: nothing

	reads, writes *deadline

	// Memory for what a system call takes, which would be made anew for each long answer.
	parts [2][]byte
	batch net.Buffers
}

func newConn(tcp *net.TCPConn) *Conn {
	return &Conn{TCPConn: tcp, reads: newDeadline(tcp.SetReadDeadline), writes: newDeadline(tcp.SetWriteDeadline)}
}

// held is an answer that waits for its status line.
type held struct {
	text []byte // room for the lines that come before, then the headers
	body []byte
}

const (
	room     = 128     // bytes for the status line and Date
	together = 4 << 10 // bytes up to which it is cheaper to copy a body than to tell the system of two pieces
)

var pool = sync.Pool{New: func() any { return &held{text: make([]byte, room, room+together)} }}

// Headers are the headers of an answer. (An iterator would allocate its loop's variables for each answer.)
type Headers interface {
	Len() int
	At(i int) (name, value string)
}

// Send answers a request, or says that it cannot. w must be net/http's own, with nothing written to it, and nothing may
// be written to it afterwards. The body is sent after the handler has returned: it must not change.
func (c *Conn) Send(w http.ResponseWriter, r *http.Request, status int, headers Headers, body []byte) bool {
	if c == nil || !ordinary(r, status) {
		return false
	}
	h := pool.Get().(*held)
	if !h.fill(headers, body) {
		h.free()
		return false
	}
	c.held = h
	w.WriteHeader(status)
	return true
}

// ordinary: net/http announces an empty body in the answer to such a request, unless it is told of another.
func ordinary(r *http.Request, status int) bool {
	return r.ProtoMajor == 1 && r.ProtoMinor == 1 && r.Method != http.MethodHead && r.Header["Expect"] == nil &&
		status >= http.StatusOK && status != http.StatusNoContent && status != http.StatusNotModified
}

// fill takes an answer. It is false if the lines would not be its headers and nothing else: a line break in a value would
// forge headers, even a whole answer. Net/http makes that harmless.
func (h *held) fill(headers Headers, body []byte) bool {
	h.body = body
	b := append(h.text[:room], "Content-Length: "...)
	b = append(strconv.AppendInt(b, int64(len(body)), 10), "\r\n"...)
	n := headers.Len()
	for i := range n {
		name, value := headers.At(i)
		if !plain(name) {
			return false
		}
		b = append(append(append(append(b, name...), ": "...), value...), "\r\n"...)
	}
	h.text = b
	return bytes.Count(b[room:], []byte{'\n'}) == n+1 && bytes.Count(b[room:], []byte{'\r'}) == n+1
}

// free gives the memory back, and lets go of the body.
func (h *held) free() {
	h.body = nil
	pool.Put(h)
}

// plain: not a header by which net/http decides about the connection. Names come from the program, or from files that were
// checked, so that it is enough to look for what parts a line.
func plain(name string) bool {
	switch name {
	case "", "Connection", "Content-Length", "Date", "Trailer", "Transfer-Encoding", "Upgrade":
		return false
	default:
		return strings.IndexByte(name, ':') < 0 && strings.IndexByte(name, ' ') < 0
	}
}

// errHead cannot come as long as net/http writes as it does now; a wrong answer would be worse than none.
var errHead = errors.New("wire: net/http did not write the head of an empty answer")

// Read reads from the connection.
func (c *Conn) Read(p []byte) (int, error) {
	if err := c.reads.begin(); err != nil {
		return 0, err
	}
	defer c.reads.end()
	return c.TCPConn.Read(p)
}

// Write writes to the connection; the head of an empty answer together with the answer that is held, in one system call.
func (c *Conn) Write(p []byte) (int, error) {
	if err := c.writes.begin(); err != nil {
		return 0, err
	}
	defer c.writes.end()
	h := c.held
	if h == nil {
		return c.TCPConn.Write(p)
	}
	c.held = nil
	defer h.free()
	text, ok := h.within(p)
	if !ok {
		return 0, errHead
	}
	if err := c.writeBoth(text, h.body); err != nil {
		return 0, err
	}
	return len(p), nil
}

// ReadFrom writes what it reads from elsewhere.
func (c *Conn) ReadFrom(r io.Reader) (int64, error) {
	if err := c.writes.begin(); err != nil {
		return 0, err
	}
	defer c.writes.end()
	return c.TCPConn.ReadFrom(r)
}

// SetReadDeadline sets when reads end.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.reads.set(t) }

// SetWriteDeadline sets when writes end.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.writes.set(t) }

// SetDeadline sets both. It is how net/http gives a connection away: the system knows it at once.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.reads.setNow(t), c.writes.setNow(t))
}

// within puts the answer into a head: between the status line with Date, and Connection, if it is there.
func (h *held) within(head []byte) ([]byte, bool) {
	before, after, found := bytes.Cut(head, []byte("Content-Length: 0\r\n"))
	if !found || len(before) > room || !bytes.HasSuffix(after, []byte("\r\n")) {
		return nil, false
	}
	start := room - len(before)
	copy(h.text[start:], before)
	h.text = append(h.text, after...)
	return h.text[start:], true
}

func (c *Conn) writeBoth(head, body []byte) (err error) {
	if len(body) <= together {
		_, err = c.TCPConn.Write(append(head, body...))
		return err
	}
	c.parts = [...][]byte{head, body}
	c.batch = c.parts[:]
	_, err = c.batch.WriteTo(c.TCPConn)
	return err
}
