// Package httpapi serves the SalesOS API over HTTP: it reads a request, finds who is asked for what, lets the
// use cases of package crm answer, and writes the answer the documented way (contract.md). With adminapi and
// package mock it is the only place that knows Echo.
package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/ledger"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// Options of the API, as the command line gives them.
type Options struct {
	BasePath  string        // "/api"
	Auth      auth.Mode     // how strictly credentials are judged
	RateLimit bool          // reject what exceeds the documented limits
	CSRF      bool          // ask for X-CSRF-Token
	CORS      CORS          // which pages may call
	Delay     time.Duration // before every answer
	BodyLimit int64         // bytes of a request body, also once inflated; 0 is MaxBody
	Observe   func(Observation)
	Inspect   func(*session.Generation, *journal.Exchange) // sees each exchange and what it was answered from; nil: nobody does
	Stale     func() string                                // the first problem of a broken file, while the last good files serve; "" for none

	// UnderWay bounds what all requests that are under way hold together, in bytes; 0 is half a gigabyte.
	UnderWay int64
	// Patience is how long a client may take for an answer that was held up on purpose; 0 is two minutes.
	Patience time.Duration

	// Draining ends when the server stops: waits that are made on purpose end with it. Nil: never.
	Draining context.Context
}

// MaxBody is the documented limit of a request body in bytes (contract.md section 2).
const MaxBody = 10 << 20

// Observation is what can be told of a finished exchange, for the request log.
type Observation struct {
	Began    time.Time
	Duration time.Duration
	Method   string
	Target   string // path and query as sent
	Status   int
	Bytes    int
	Decision string
	Rule     string // where the rule that had a part in it stands; "" for none
	Session  string
	Remote   string
	ID       string
}

// API answers the requests of all sessions.
type API struct {
	options  Options
	sessions *session.Manager
	pages    *pages
	resets   latest
	parsed   outcome.Memory
	underWay *ledger.Ledger // what requests hold
}

// New makes the API.
func New(sessions *session.Manager, o Options) *API {
	o.BasePath = "/" + strings.Trim(o.BasePath, "/")
	if o.BasePath == "/" {
		o.BasePath = ""
	}
	if o.BodyLimit == 0 {
		o.BodyLimit = MaxBody
	}
	if o.Observe == nil {
		o.Observe = func(Observation) {}
	}
	if o.Stale == nil {
		o.Stale = func() string { return "" }
	}
	if o.Draining == nil {
		o.Draining = context.Background()
	}
	if o.UnderWay == 0 {
		o.UnderWay = defaultUnderWay
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	return &API{options: o, sessions: sessions, pages: newPages(), underWay: ledger.New(o.UnderWay)}
}

// Register puts the API behind every path that Echo has no other route for: which of its operations exist changes
// with the files, so the table of the current generation is asked, not Echo's router.
func (a *API) Register(e *echo.Echo) {
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions,
	} {
		e.Add(method, "/*", a.Serve)
	}
	e.RouteNotFound("/*", a.Serve)
}

// Serve answers a request, also one that no route fits.
func (a *API) Serve(c echo.Context) error {
	x := a.begin(c)
	defer x.end()
	if x.isPreflight() {
		x.answerPreflight()
		return nil
	}
	defer x.keepPanic()
	x.direct()
	x.route()
	if x.repeats() {
		x.carryOut(&x.attempt.Decision)
		return nil
	}
	x.count()
	if x.judgeDirectives(); x.misdirected != nil {
		x.decision = journal.ByMistake
		x.send(failed(x.misdirected.Answer()))
		return nil
	}
	x.decide()
	x.carryOut(&x.attempt.Decision)
	return nil
}
