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
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// Answer is what a request gets: a value, so that what is done to answers can be done to it.
type Answer struct {
	Status  int
	Body    []byte // shared; never changed in place
	Headers []Header
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

// The header values that every answer shares. Nobody may change them.
var (
	contentJSON = []string{"application/json; charset=utf-8"}
	varyValue   = []string{"Origin, Accept-Encoding"}
	encodedGzip = []string{"gzip"}
)

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
	h := x.prepare(a)
	x.keep(a, "", false)
	x.observe(a.Status, x.write(h, a))
}

// prepare sets the headers that all answers carry, and those of this one.
func (x *exchange) prepare(a Answer) http.Header {
	h := x.echo.Response().Header()
	if len(a.Body) > 0 {
		h["Content-Type"] = contentJSON
	}
	x.common(h)
	for _, header := range a.Headers {
		set(h, header.Name, header.Value)
	}
	x.allowOrigin(h, a.Headers)
	if x.faulty(&x.directives) {
		set(h, "Connection", "close")
	}
	return h
}

// common sets what every answer of the API says (contract.md section 4, control.md section 1). The names are set
// as documented: Go would write X-Ratelimit-Limit.
func (x *exchange) common(h http.Header) {
	h["Vary"] = varyValue
	if x.id == "" {
		x.id = x.world.NewRequestID()
	}
	set(h, "X-Request-Id", x.id)
	h["X-Mock-Decision"] = decisionValue(x.decision)
	h["X-RateLimit-Limit"] = countValue(x.quota.Limit)
	h["X-RateLimit-Remaining"] = countValue(x.quota.Remaining)
	h["X-RateLimit-Reset"] = x.api.resets.value(x.resetAt())
	if x.rule != "" {
		set(h, "X-Mock-Rule", headerSafe(x.rule))
	}
	if x.step != "" {
		set(h, "X-Mock-Step", x.step)
	}
	if used := x.directives.PreferenceApplied; used != "" && x.decision == byDirective {
		set(h, "Preference-Applied", used)
	}
	if len(x.warnings) > 0 {
		h["X-Mock-Warning"] = x.warnings
	}
	if x.world.ID != session.Default {
		h["X-Mock-Session"] = []string{x.world.ID}
	}
	if stale := x.api.options.Stale(); stale != "" {
		h["X-Mock-Stale"] = []string{headerSafe(stale)}
	}
}

// set sets a header with one value.
func set(h http.Header, name, value string) { h[name] = []string{value} }

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
func (x *exchange) write(h http.Header, a Answer) int {
	w := x.echo.Response()
	if a.Status == http.StatusNoContent || a.Status == http.StatusNotModified {
		w.WriteHeader(a.Status)
		return 0
	}
	if x.wantsGzip(h, a.Body) {
		return x.writeGzip(h, a)
	}
	if len(a.Body) > announcedByServer || x.req.Method == http.MethodHead {
		set(h, "Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	if x.req.Method == http.MethodHead {
		return 0
	}
	n, _ := w.Write(a.Body)
	return n
}

// announcedByServer is the size in bytes up to which net/http counts a body by itself, at less cost than a header.
const announcedByServer = 2048

// worthGzip is the size in bytes from which compressing saves more than it costs.
const worthGzip = 1024

func (x *exchange) wantsGzip(h http.Header, body []byte) bool {
	return len(body) >= worthGzip && h["Content-Encoding"] == nil && acceptsGzip(x.req.Header.Get("Accept-Encoding"))
}

// acceptsGzip reads an Accept-Encoding header: gzip, or anything, with a quality above zero.
func acceptsGzip(accepted string) bool {
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

func (x *exchange) writeGzip(h http.Header, a Answer) int {
	var b bytes.Buffer
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	z.Reset(&b)
	_, _ = z.Write(a.Body) // a buffer takes everything
	_ = z.Close()
	h["Content-Encoding"] = encodedGzip
	set(h, "Content-Length", strconv.Itoa(b.Len()))
	x.echo.Response().WriteHeader(a.Status)
	if x.req.Method == http.MethodHead {
		return 0
	}
	n, _ := x.echo.Response().Write(b.Bytes())
	return n
}

func (x *exchange) observe(status, bytes int) {
	x.api.options.Observe(Observation{
		Began: x.began, Duration: entropy.WallNow().Sub(x.began), Method: x.req.Method, Target: x.target(),
		Status: status, Bytes: bytes, Decision: x.told(), Rule: x.rule, Session: x.world.ID, Remote: x.req.RemoteAddr, ID: x.id,
	})
}

// told is the decision as logs tell it: what a client's transport repeats is no decision of its own.
func (x *exchange) told() string {
	if x.repeated {
		return byTransport
	}
	return x.decision
}
