package referee

import (
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/operation"
)

// moment is one instant on both clocks. A wait that is long enough on either is long enough: a test that advances the
// session's clock has waited.
type moment struct{ real, session time.Time }

func (m moment) since(earlier moment) time.Duration {
	return max(m.real.Sub(earlier.real), m.session.Sub(earlier.session))
}

// kind is what a client ought to make of an answer.
type kind uint8

const (
	fine      kind = iota
	transient      // may be retried, with back-off: 429, 5xx, faults
	refused        // not to be sent again as it is
	unknown        // 401: who calls is not known
	abandoned      // the client left before the answer
	other          // errors about which the documentation asks nothing
)

// call is an exchange as the audit sees it.
type call struct {
	x *journal.Exchange
	trace
}

// trace is what is kept of a call to judge later ones by. The exchange is not: it holds bodies and headers.
type trace struct {
	caller       uint64 // credential and user agent
	key          uint64 // the logical call of that caller
	client       uint64 // 0 until it is kept, see call.from
	began, ended moment
	wait         time.Duration // that Retry-After asks for; 0: none
	slack        time.Duration // by which the wait may be missed
	shown        *Request      // the call as evidence; nil until it is asked for. It does not change
	status       int16
	kind         kind
	login        bool // it has the rate limit of login and refresh
	bearer       bool // it showed a token, and was not a login
	gone         bool
}

// kept is what to keep of the call.
func (c *call) kept() trace {
	c.request()
	kept := c.trace
	kept.client = c.from()
	return kept
}

// request is the call as evidence.
func (c *call) request() *Request {
	if c.shown == nil {
		r := evidence(c.x)
		c.shown = &r
	}
	return c.shown
}

func (a *auditor) newCall(x *journal.Exchange) call {
	c := call{x: x, trace: trace{
		kind: kindOf(x), status: int16(x.Status), gone: x.Gone,
		began: moment{x.Began, x.SessionBegan}, ended: moment{x.Answered(), x.SessionAnswered()},
	}}
	c.login = c.is(operation.Login) || c.is(operation.Refresh)
	c.bearer = x.CredentialType == journal.Bearer && !c.is(operation.Login)
	c.caller = a.hash(0, x.Credential, requestHeader(x, "User-Agent"), anonymous(x))
	c.key = a.hash(c.caller, x.Method, x.Target, x.Directives) ^ a.hashBytes(x.RequestBody)
	if x.Status == http.StatusTooManyRequests || x.Status == http.StatusServiceUnavailable {
		c.wait, c.slack = retryAfter(header(x, "Retry-After"), x.Answered())
	}
	return c
}

// anonymous tells callers without a credential apart, by their address, as the rate limit does.
func anonymous(x *journal.Exchange) string {
	if x.Credential != "" {
		return ""
	}
	return host(x.Remote)
}

func host(remote string) string {
	if name, _, err := net.SplitHostPort(remote); err == nil {
		return name
	}
	return remote
}

func requestHeader(x *journal.Exchange, name string) string {
	if values := x.RequestHeader[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

func kindOf(x *journal.Exchange) kind {
	switch {
	case x.Fault != "":
		return transient
	case x.Gone:
		return abandoned
	case x.Status == 0, x.Status == http.StatusTooManyRequests, x.Status >= 500:
		return transient
	case x.Status < 400:
		return fine
	}
	switch x.Status {
	case http.StatusUnauthorized:
		return unknown
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity:
		return refused
	}
	return other
}

// longestWait keeps a silly Retry-After from overflowing.
const longestWait = 100 * 365 * 24 * time.Hour

// retryAfter is how long the header asks to wait, and by how much a careful client may still miss it: timers fire a little
// early, and an HTTP date has no fractions. One that makes no sense, or asks for no wait, is none.
func retryAfter(value string, answered time.Time) (wait, slack time.Duration) {
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		if seconds <= 0 {
			return 0, 0
		}
		wait = min(time.Duration(min(seconds, int64(longestWait/time.Second)))*time.Second, longestWait)
		return wait, min(50*time.Millisecond+wait/100, time.Second)
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(date.Sub(answered), 0), time.Second
	}
	return 0, 0
}

// tooEarly says whether a call that began at a moment did not wait as it was told at an earlier one.
func (t *trace) tooEarly(next moment) bool { return t.wait > 0 && next.since(t.ended) < t.wait-t.slack }

func (c *call) is(action operation.Action) bool { return c.x.Action == string(action) }

// authenticates says whether the call is one by which a client gets, or gives back, a credential.
func (c *call) authenticates() bool {
	return c.login || c.is(operation.Logout)
}

// creates says whether the call makes a record, so that to repeat it makes two.
func (c *call) creates() bool {
	return c.x.Method == http.MethodPost && (c.is(operation.Create) || c.is(operation.Canned))
}

// carriedOut says whether the call changed data, whatever the client was told.
func (c *call) carriedOut() bool {
	return c.x.CarriedOut || c.x.Method != http.MethodGet && c.x.Method != http.MethodHead && c.x.Status >= 200 && c.x.Status < 300
}

// from tells apart clients that share a credential and a user agent, as far as a request shows it.
func (c *call) from() uint64 {
	return entropy.Hash(0, host(c.x.Remote), requestHeader(c.x, "Origin"), requestHeader(c.x, "X-Forwarded-For"), requestHeader(c.x, "Accept-Language"))
}

// who names the caller for people. Credentials are not shown.
func (c *call) who() string {
	name := c.x.Caller.UserEmail
	switch {
	case c.x.Caller.KeyName != "":
		name = "key " + c.x.Caller.KeyName
	case name == "" && c.x.Credential != "":
		name = "an unknown credential"
	case name == "":
		name = "no credential"
	}
	if agent := requestHeader(c.x, "User-Agent"); agent != "" {
		name += ", " + short(agent)
	}
	return name
}
