package httpapi

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// Answer is what a request gets: a value, so that what is done to answers can be done to it.
type Answer struct {
	Status  int
	Body    []byte // shared; never changed in place
	Headers []Header
	stored  bool // Body is a record's, which the session holds anyway
}

// Header is one header of an answer.
type Header struct{ Name, Value string }

func failed(e *apierror.Error) Answer {
	a := Answer{Status: e.Status, Body: e.Body()}
	if e.RetryAfter != "" {
		a.Headers = []Header{{"Retry-After", e.RetryAfter}}
	}
	return a
}

// json encodes a body as JSON.stringify does: without escaping markup.
func (x *exchange) json(v any) (Answer, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return Answer{}, err
	}
	return Answer{Status: x.match.Operation.Success, Body: bytes.TrimSuffix(b.Bytes(), []byte{'\n'})}, nil
}

// header finds a header of the answer.
func (a *Answer) header(name string) string {
	for _, h := range a.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

// send writes the answer.
func (x *exchange) send(a Answer) {
	x.prepare(a)
	packed := !bodiless(a.Status) && x.wantsGzip(a)
	if packed { // said before it is done: the journal keeps the headers, and the body as it was
		x.headers.add("Content-Encoding", "gzip")
	}
	x.keep(a, "", false)
	if packed {
		a.Body = compressed(a.Body)
	}
	x.observe(a.Status, x.write(a))
}

// prepare sets the headers that all answers carry, and those of this one.
func (x *exchange) prepare(a Answer) {
	if len(a.Body) > 0 {
		x.headers.add("Content-Type", "application/json; charset=utf-8")
	}
	x.common()
	for _, header := range a.Headers {
		x.headers.set(header.Name, header.Value)
	}
	x.allowOrigin(a.Headers)
	if x.faulty(&x.directives) {
		x.headers.set("Connection", "close")
	}
}

// common sets what every answer of the API says (contract.md section 4, control.md section 1). The names are set
// as documented: Go would write X-Ratelimit-Limit.
func (x *exchange) common() {
	if used := x.directives.PreferenceApplied; used != "" && x.decision == journal.ByDirective {
		x.headers.add("Preference-Applied", used)
	}
	x.headers.add("Vary", "Origin, Accept-Encoding")
	x.headers.add("X-Mock-Decision", x.decision)
	x.remarks()
	x.headers.add("X-RateLimit-Limit", decimal(x.quota.Limit))
	x.headers.add("X-RateLimit-Remaining", decimal(x.quota.Remaining))
	x.headers.add("X-RateLimit-Reset", x.api.resets.text(x.resetAt()))
	if x.id == "" {
		x.id = x.world.NewRequestID()
	}
	x.headers.add("X-Request-Id", x.id)
}

// remarks are the X-Mock headers that few answers have.
func (x *exchange) remarks() {
	if x.rule != "" {
		x.headers.add("X-Mock-Rule", headerSafe(x.rule))
	}
	if x.world.ID != session.Default {
		x.headers.add("X-Mock-Session", x.world.ID)
	}
	if stale := x.api.options.Stale(); stale != "" {
		x.headers.add("X-Mock-Stale", headerSafe(stale))
	}
	if x.step != "" {
		x.headers.add("X-Mock-Step", x.step)
	}
	for _, warning := range x.warnings {
		x.headers.add("X-Mock-Warning", warning)
	}
}

// resetAt is real now plus what remains in session time, in Unix seconds, never too early (control.md section 4). A
// frozen clock has no real now: the session's stands for it, so that frozen runs can be compared.
func (x *exchange) resetAt() int64 {
	now := x.began
	if x.world.Clock.Frozen() {
		now = x.now()
	}
	return now.Add(x.quota.Resets + time.Second - 1).Unix()
}

// write sends status and body; it returns the bytes of the body. A client that is gone is no error of ours.
func (x *exchange) write(a Answer) int {
	if bodiless(a.Status) {
		a.Body = nil
	}
	if x.sendPast(a) {
		return len(a.Body)
	}
	return x.writePlain(a)
}

// sendPast sends an answer past net/http, if that can be done.
func (x *exchange) sendPast(a Answer) bool {
	c, w := x.connection, x.echo.Response()
	return c != nil && w.Writer == c.writer && !w.Committed && c.wire.Send(w, x.req, a.Status, &x.headers, a.Body)
}

// writePlain is what write does where net/http has to do it all: HTTP/2, HEAD, answers without a body, recorders.
func (x *exchange) writePlain(a Answer) int {
	w := x.echo.Response()
	x.headers.into(x.echo.Response().Header())
	head := x.req.Method == http.MethodHead
	if !bodiless(a.Status) && (head || len(a.Body) > announcedByServer) {
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(a.Body))}
	}
	w.WriteHeader(a.Status)
	if bodiless(a.Status) || head {
		return 0
	}
	n, _ := w.Write(a.Body)
	return n
}

func bodiless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}

// announcedByServer is the size in bytes up to which net/http counts a body by itself, at less cost than a header.
const announcedByServer = 2048

// worthGzip is the size in bytes from which compressing saves more than it costs.
const worthGzip = 1024

func (x *exchange) wantsGzip(a Answer) bool {
	accepted := x.req.Header["Accept-Encoding"]
	return len(accepted) > 0 && len(a.Body) >= worthGzip && acceptsGzip(accepted[0]) && a.header("Content-Encoding") == ""
}

// acceptsGzip reads an Accept-Encoding header: gzip, or anything, with a quality above zero.
func acceptsGzip(accepted string) bool {
	if accepted == "" {
		return false
	}
	any := false
	for part := range strings.SplitSeq(accepted, ",") {
		coding, parameter, _ := strings.Cut(strings.TrimSpace(part), ";")
		refused := isZeroQuality(parameter)
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return !refused
		case "*":
			any = !refused
		}
	}
	return any
}

func isZeroQuality(parameter string) bool {
	value, ok := strings.CutPrefix(strings.ReplaceAll(parameter, " ", ""), "q=")
	if !ok {
		return false
	}
	q, err := strconv.ParseFloat(value, 64)
	return err == nil && q == 0
}

var gzipWriters = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails only for an unknown level
	return w
}}

func compressed(body []byte) []byte {
	var b bytes.Buffer
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	z.Reset(&b)
	_, _ = z.Write(body) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// inspect shows an exchange as it is recorded to who asked to see it.
func (x *exchange) inspect() {
	if x.api.options.Inspect != nil {
		x.api.options.Inspect(x.generation, x.report)
	}
}

// observe tells of an exchange. If it was recorded, the record says how long it took.
func (x *exchange) observe(status, bytes int) {
	took := x.report.Duration
	if !x.recorded {
		took = entropy.WallNow().Sub(x.began)
	}
	x.api.options.Observe(Observation{
		Began: x.began, Duration: took, Method: x.req.Method, Target: x.target(),
		Status: status, Bytes: bytes, Decision: x.told(), Rule: x.rule, Session: x.world.ID, Remote: x.req.RemoteAddr, ID: x.id,
	})
}

// told is the decision as logs tell it: what a client's transport repeats is no decision of its own.
func (x *exchange) told() string {
	if x.repeated {
		return journal.TransportResend
	}
	return x.decision
}
