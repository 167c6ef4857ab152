package wirefault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// DefaultHang is how long a Hang lasts when the client does not give up.
const DefaultHang = 5 * time.Minute

// Answer is the real answer of a request.
type Answer struct {
	Status int         // 0: 200
	Header http.Header // replaces, name by name, what the ResponseWriter has; may be nil
	Body   []byte      // not compressed
}

// Options say what a fault needs beyond the exchange.
type Options struct {
	Garbage io.Reader     // where garbage is taken from, garbageLen bytes of it; nil: always the same bytes
	Hang    time.Duration // how long a Hang lasts at most; 0: DefaultHang
	Ending  func()        // called before a fault ends the connection without a byte, if the client is still there; may be nil
}

// exchange is one request and its answer.
type exchange struct {
	ctx context.Context // ends with the request's too
	w   http.ResponseWriter
	rc  *http.ResponseController
	r   *http.Request
	Options
}

// Do answers a request with a fault. The answer's header is sent by the faults that send one, its body by
// those that NeedsAnswer. ctx ends with the server (the request's context is heeded anyway). Compression
// must not stand between w and the wire; other wrappers must have Unwrap.
//
// A fault that ends the connection takes it away from net/http: nothing may be written after Do. Where
// that is impossible (HTTP/2, or a w that cannot be hijacked) Do panics with http.ErrAbortHandler, which
// ends this stream with RST_STREAM and leaves the others alone: a recovering handler must pass it on.
//
// The error is that of a client that left too early to see the fault, or an unknown kind.
func Do(ctx context.Context, w http.ResponseWriter, r *http.Request, k Kind, a Answer, o Options) error {
	ctx, cancel := Context(r, ctx)
	defer cancel()
	e := &exchange{ctx: ctx, w: w, rc: http.NewResponseController(w), r: r, Options: o}
	switch k.On(r.Method) {
	case ConnectionReset:
		e.ending()
		return reset(e.hijack())
	case EmptyResponse:
		e.ending()
		return e.end()
	case MalformedChunk:
		return e.malformedChunk(a)
	case RandomData:
		return e.randomData()
	case TruncatedBody:
		return e.truncatedBody(a)
	case MalformedJSON:
		return e.malformedJSON(a)
	case Hang:
		return e.hang()
	}
	return fmt.Errorf("fault %q is unknown: allowed are %v", k, All())
}

// hijack takes the connection, or ends the stream where there is none to take.
func (e *exchange) hijack() net.Conn {
	if e.r.ProtoMajor < 2 {
		if conn, _, err := e.rc.Hijack(); err == nil {
			return conn
		}
	}
	panic(http.ErrAbortHandler)
}

// end closes the connection after what was sent.
func (e *exchange) end() error {
	hangUp(e.ctx, e.hijack())
	return nil
}

func (e *exchange) randomData() error {
	conn := e.hijack()
	_, err := conn.Write(e.garbage())
	hangUp(e.ctx, conn)
	return err
}

// malformedChunk lets net/http send the head, so that it is as real as any (Date, CORS), and then writes
// below it. Without chunks (HTTP/1.0, HTTP/2) the garbage is the beginning of a longer body.
func (e *exchange) malformedChunk(a Answer) error {
	a.Status = http.StatusOK
	garbage := e.garbage()
	switch {
	case e.r.ProtoMajor >= 2:
		if err := e.send(a, -1, garbage); err != nil {
			return err
		}
		return e.end()
	case !e.r.ProtoAtLeast(1, 1):
		if err := e.send(a, 2*len(garbage), garbage); err != nil {
			return err
		}
		return e.end()
	}
	if err := e.send(a, -1, nil); err != nil {
		return err
	}
	conn := e.hijack()
	_, err := conn.Write(append(garbage, "\r\n"...)) // a line that is no chunk's size, not an early end
	hangUp(e.ctx, conn)
	return err
}

// truncatedBody ends an answer that has no body without a byte: it has nothing else to break.
func (e *exchange) truncatedBody(a Answer) error {
	if len(a.Body) == 0 || a.bodiless() {
		return e.end()
	}
	if err := e.send(a, len(a.Body), a.Body[:len(a.Body)/2]); err != nil {
		return err
	}
	return e.end()
}

func (e *exchange) malformedJSON(a Answer) error {
	a.Status, a.Body = http.StatusOK, garble(a.Body)
	if a.Header.Get("Content-Type") == "" && e.w.Header().Get("Content-Type") == "" {
		e.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	return e.send(a, len(a.Body), a.Body)
}

// hang waits without a byte, and then closes without one. The connection is not taken before the end, so
// that the server can still close it, and net/http still sees when the client leaves. It sees that only
// once the body was read.
func (e *exchange) hang() error {
	limit := e.Hang
	if limit <= 0 {
		limit = DefaultHang
	}
	Unbounded(e.w)
	ctx, cancel := context.WithTimeout(e.ctx, limit)
	defer cancel()
	if !e.readBody(ctx) {
		<-ctx.Done()
	}
	if e.r.Context().Err() == nil {
		e.ending()
	}
	return e.end()
}

func (e *exchange) ending() {
	if e.Ending != nil {
		e.Ending()
	}
}

// readBody reads what the handler left of the request's body, and says whether the client left meanwhile.
func (e *exchange) readBody(ctx context.Context) (left bool) {
	defer interrupt(ctx, func() { _ = e.rc.SetReadDeadline(longAgo()) })()
	_, err := io.Copy(io.Discard, e.r.Body)
	var broken net.Error
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &broken)
}

// send sends the head of an answer, announcing length bytes (-1: no length), and some of its body, and
// makes sure that they are on their way.
func (e *exchange) send(a Answer, length int, body []byte) error {
	defer interrupt(e.ctx, func() { _ = e.rc.SetWriteDeadline(longAgo()) })()
	a.head(e.w, length)
	if len(body) > 0 {
		if _, err := e.w.Write(body); err != nil {
			return err
		}
	}
	return e.rc.Flush()
}

// head sends status and headers. The body goes out as it is, so what the header says of its encoding and
// framing does not hold.
func (a Answer) head(w http.ResponseWriter, length int) {
	h := w.Header()
	maps.Copy(h, a.Header)
	for _, name := range []string{"Content-Encoding", "Content-Length", "Transfer-Encoding", "Trailer"} {
		h.Del(name)
	}
	if length >= 0 && !a.bodiless() {
		h.Set("Content-Length", strconv.Itoa(length))
	}
	w.WriteHeader(a.status())
}

func (a Answer) status() int {
	if a.Status == 0 {
		return http.StatusOK
	}
	return a.Status
}

func (a Answer) bodiless() bool {
	return a.status() == http.StatusNoContent || a.status() == http.StatusNotModified
}
