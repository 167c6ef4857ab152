package httpapi

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/crm"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/ledger"
	"github.com/salesos/salesos-mock/mock/internal/match"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// exchange is one request on its way to its answer.
type exchange struct {
	api   *API
	echo  echo.Context
	req   *http.Request
	began time.Time

	connection *connection // nil: none of the server's own
	id         string      // X-Request-Id

	generation *session.Generation
	world      *session.World
	base       string // the path prefix of the API for this caller, kept in Location and Link
	path       string // escaped, below base; "" outside of it
	match      operation.Match
	known      bool // match is an operation
	credential *auth.Credential
	principal  auth.Principal
	quota      session.Quota // as the headers tell it
	over       bool          // the documented limit is exceeded

	*steering
	misdirected *outcome.DirectiveError
	repeated    bool // by the client's transport, not by the client
	waited      bool // on purpose
	rule, step  string

	body     body
	claimed  int64 // of the memory that requests may hold
	decision string
	warnings []string
	headers  headers // of the answer

	report     *journal.Exchange // for the record
	recorded   bool
	failure    apierror.Name // the documented error that the answer is, where one is known
	carriedOut bool          // data changed, although the answer is another
}

// exchanges keeps the memory of finished exchanges for new ones: an exchange is the largest thing that a read makes.
var exchanges = sync.Pool{New: func() any { return &exchange{steering: new(steering), report: new(journal.Exchange)} }}

// end gives the exchange back. Nothing of it may be used afterwards: the values
// of headers are no part of it, and observers are given copies.
func (x *exchange) end() {
	if x.claimed != 0 {
		x.api.underWay.Give(x.claimed)
	}
	steered, headers := x.steering, x.headers
	if steered.used {
		*steered = steering{}
	}
	clear(headers) // else it would keep the memory of requests alive
	*x = exchange{steering: steered, headers: headers[:0], report: x.report}
	exchanges.Put(x)
}

// now is the session's time. As long as the request has not been kept waiting, that is when it began.
func (x *exchange) now() time.Time {
	if x.waited {
		return x.world.Clock.Now()
	}
	return x.world.Clock.At(x.began)
}

// steering is what only steered requests need: the larger part of an exchange, which others leave untouched.
type steering struct {
	used       bool
	directives outcome.Directives
	matched    match.Request
	attempt    session.Attempt // what was decided, now or for the request that this one repeats
}

func (a *API) begin(c echo.Context) *exchange {
	x := exchanges.Get().(*exchange)
	x.api, x.echo, x.req, x.began, x.base = a, c, c.Request(), entropy.WallNow(), a.options.BasePath
	x.connection = connectionOf(x.req)
	x.generation, x.decision = a.sessions.Generation(), journal.ByFixture
	x.credential = x.generation.Keyring.Identify(x.req.Header)
	x.world = a.sessions.Default()
	if ids := x.req.Header["X-Request-Id"]; len(ids) > 0 && len(ids[0]) <= maxRequestID {
		x.id = ids[0]
	}
	return x
}

// maxRequestID bounds what a caller can have repeated in answers and logs.
const maxRequestID = 200

// answer is the real answer, in the order of control.md section 1: rate limit, route, then authentication,
// validation and store.
func (x *exchange) answer() Answer {
	if x.api.options.RateLimit && x.over {
		x.decision = journal.ByRateLimit
		return failed(apierror.NewRateLimited(wholeSeconds(x.quota.Resets)))
	}
	if !x.known {
		return x.unmatched()
	}
	return x.perform()
}

// route looks the operation up.
func (x *exchange) route() {
	rest, ok := strings.CutPrefix(x.req.URL.EscapedPath(), x.base)
	if ok {
		x.path = rest
		x.match, x.known = x.generation.Operations.Lookup(x.req.Method, rest)
	}
}

// count counts the request once for the documented rate limits.
func (x *exchange) count() {
	class := operation.GeneralLimit
	if x.known {
		class = x.match.Operation.Limit
	}
	x.quota = x.world.Count(class, x.caller(), x.now())
	x.over = x.quota.Over
}

// caller is whom the rate limit counts: a credential that the server gave out, else a client address.
func (x *exchange) caller() string {
	if x.credential.Recognised() {
		return x.credential.Text
	}
	host, _, err := net.SplitHostPort(x.req.RemoteAddr)
	if err != nil {
		return x.req.RemoteAddr
	}
	return host
}

func (x *exchange) unmatched() Answer {
	if x.req.Method == http.MethodOptions {
		if answer, ok := x.options(); ok {
			return answer
		}
	}
	x.decision = journal.ByRoute
	if hint := x.unmatchedHint(); hint != "" {
		x.warn(hint)
	}
	return failed(apierror.NewUnmatched(x.req.Method, x.target()))
}

// unmatchedHint says what was probably meant by a request that no route fits; empty if nothing is near.
func (x *exchange) unmatchedHint() string {
	rest, below := strings.CutPrefix(x.req.URL.EscapedPath(), x.base)
	table := x.generation.Operations
	if !below || !strings.HasPrefix(rest, "/") {
		return "the API is at " + x.base + "/, for example " + x.base + "/leads"
	}
	if methods := table.Methods(rest); methods != nil {
		return "the path is served for " + strings.Join(methods, ", ")
	}
	if nearest := diag.Nearest(rest, table.Paths()); nearest != "" {
		return "did you mean " + x.base + nearest + "?"
	}
	return ""
}

// options answers an OPTIONS request that is no preflight: 204 and what is allowed.
func (x *exchange) options() (Answer, bool) {
	rest, ok := strings.CutPrefix(x.req.URL.EscapedPath(), x.base)
	if !ok {
		return Answer{}, false
	}
	methods := x.generation.Operations.Methods(rest)
	if methods == nil {
		return Answer{}, false
	}
	return Answer{Status: http.StatusNoContent, Headers: []Header{{"Allow", strings.Join(methods, ", ")}}}, true
}

// target is the path as it was sent, query included.
func (x *exchange) target() string {
	if target := x.req.RequestURI; strings.HasPrefix(target, "/") {
		return target
	}
	return x.req.URL.RequestURI()
}

// perform lets the operation answer. Should the files change under it, it is judged again by the new ones.
func (x *exchange) perform() Answer {
	told := len(x.warnings)
	for {
		answer, err := x.try()
		if !errors.Is(err, crm.ErrMoved) {
			return x.settle(answer, err)
		}
		x.generation = x.api.sessions.Generation()
		x.credential = x.generation.Keyring.Identify(x.req.Header)
		if x.route(); !x.known {
			return x.unmatched()
		}
		x.warnings = x.warnings[:told]
	}
}

// try checks who asks, then does what is asked for.
func (x *exchange) try() (Answer, error) {
	if err := x.authorise(); err != nil {
		return Answer{}, err
	}
	return handlers[x.match.Operation.Action](x)
}

// settle turns an error into its documented answer, and says what decided.
func (x *exchange) settle(answer Answer, err error) Answer {
	if err == nil {
		return answer
	}
	var documented *apierror.Error
	if errors.Is(err, ledger.ErrFull) {
		x.warn("the records that all sessions wrote have reached the limit of what is kept in memory: nothing was written. Delete some, or POST /__admin/reset?session=*")
		return failed(apierror.NewUnavailable())
	}
	if !errors.As(err, &documented) {
		x.echo.Logger().Error(err)
		documented = apierror.NewInternal()
	}
	x.failure = documented.Name
	switch documented.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		x.decision = journal.ByAuth
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		x.decision = journal.ByValidation
	}
	return failed(documented)
}

// warn adds an X-Mock-Warning. What is in it came from outside: it is cut, and made safe for a header.
func (x *exchange) warn(text string) {
	const enough = 10
	if len(x.warnings) < enough {
		x.warnings = append(x.warnings, headerSafe(text))
	}
}

func headerSafe(text string) string {
	const longest = 400
	var b strings.Builder
	for _, r := range text {
		if b.Len() >= longest {
			b.WriteString("...")
			break
		}
		if r < ' ' || r > '~' {
			b.WriteString(url.QueryEscape(string(r)))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// resource is the resource of the operation, as the session sees it.
func (x *exchange) resource() (*crm.Resource, error) {
	return x.world.Open(x.generation, x.match.Operation.Resource.Name)
}

func (x *exchange) actor() *crm.Actor {
	return &crm.Actor{Now: x.now(), UserID: x.principal.User.ID, NewID: x.world.NewRecordID}
}

func wholeSeconds(d time.Duration) int {
	return int((d + time.Second - 1) / time.Second)
}
