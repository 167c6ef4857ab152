package main

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/requestlog"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// maxAllocations is how many more allocations a read may make than Echo makes for the same bytes.
const maxAllocations = 12

// measureAllocations calls the handlers in this process.
func (b *bench) measureAllocations() error {
	in, err := newInProcess()
	if err != nil {
		return err
	}
	defer in.close()
	for _, read := range []struct{ what, target string }{{"GET one lead", oneLead}, {"GET 20 leads", twenty}} {
		request := in.request(read.target)
		floor := allocations(bareHandler(in.body(read.target)), request)
		own := allocations(in.handler, request)
		b.table.add(row{
			what: read.what + ", beyond Echo's", floor: short(floor), mock: short(own), found: own - floor, bar: bar{atMost: maxAllocations},
		})
	}
	return nil
}

// inProcess is a mock as the command serve assembles it, without a listener.
type inProcess struct {
	handler http.Handler
	token   string
	log     *requestlog.Log
}

func newInProcess(options ...mock.Option) (*inProcess, error) {
	log := requestlog.New(&drain{}, requestlog.Options{Session: session.Default})
	observe := mock.Observe(func(e mock.Exchange) { log.Record(requestlog.Entry(e)) })
	m, err := mock.New(append(options, observe)...)
	if err != nil {
		return nil, err
	}
	token, err := m.Token("", "ADMIN")
	return &inProcess{m.Handler(), token, log}, err
}

func (in *inProcess) close() {
	_ = in.log.Close() // it writes to nowhere
}

// request is one that a page sends, for a handler that is called without a connection.
func (in *inProcess) request(target string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
	r.Header.Set("Authorization", "Bearer "+in.token)
	r.Header.Set("Origin", "http://localhost:3000")
	r.Header.Set("User-Agent", "bench")
	return r
}

func (in *inProcess) body(target string) []byte {
	recorder := httptest.NewRecorder()
	in.handler.ServeHTTP(recorder, in.request(target))
	return recorder.Body.Bytes()
}

// bareHandler is the floor: Echo and bytes.
func bareHandler(body []byte) http.Handler {
	e := echo.New()
	e.GET("/*", func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(body)))
		return c.Blob(http.StatusOK, "application/json; charset=utf-8", body)
	})
	return e
}

// allocations counts those of one call. The headers are new each time, as net/http makes them.
func allocations(h http.Handler, r *http.Request) float64 {
	w := &discard{}
	return testing.AllocsPerRun(2000, func() {
		w.header = http.Header{}
		h.ServeHTTP(w, r)
	})
}

// discard is a ResponseWriter that keeps nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header       { return d.header }
func (*discard) Write(p []byte) (int, error) { return len(p), nil }
func (*discard) WriteHeader(int)             {}
