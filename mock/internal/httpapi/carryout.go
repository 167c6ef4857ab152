package httpapi

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/session"
	"github.com/salesos/salesos-mock/mock/internal/wire"
	"github.com/salesos/salesos-mock/mock/internal/wirefault"
)

// carryOut answers the request, with what was decided done to its answer.
func (x *exchange) carryOut(d *scenario.Decision) {
	x.note(d)
	if err := x.claimWaiting(d); err != nil {
		x.decision, x.rule, x.step = journal.ByFixture, "", "" // no rule wanted this answer
		x.send(x.settle(Answer{}, err))
		return
	}
	if !x.wait(d) {
		panic(http.ErrAbortHandler) // the client left; to return would answer 200 to one that only closed its own side
	}
	if !d.Answered() {
		x.deliver(x.affect(x.answer(), d), d)
		return
	}
	var real Answer
	if d.Outcome.CarriesOut() && !x.repeated {
		real = x.answer()
		x.carry(real)
		x.decided(d) // whatever the real answer said of itself
	}
	if answer, ok := x.forced(d); ok {
		x.deliver(answer, d)
		return
	}
	x.fault(d, x.affect(real, d))
}

// wait waits as long as was decided, and as --delay says; a server that stops ends the wait and answers. It is false if
// the client left before.
func (x *exchange) wait(d *scenario.Decision) bool {
	wait := d.Wait + x.api.options.Delay
	if wait <= 0 || x.repeated { // the client has waited already
		return true
	}
	// Only once its body was read does net/http see that a client leaves.
	if _, err := x.bodyBytes(); err != nil && x.req.Context().Err() != nil {
		x.leave("")
		return false
	}
	ctx, cancel := wirefault.Context(x.req, x.api.options.Draining)
	defer cancel()
	wirefault.Unbounded(x.echo.Response())
	defer x.bound()
	x.waited = true
	if err := wirefault.Delay(ctx, wait); err != nil && x.req.Context().Err() != nil {
		x.observe(0, 0)
		x.leave("")
		return false
	}
	return true
}

// defaultPatience is how long a client may take for an answer that was held up on purpose, unless Options say.
const defaultPatience = 2 * time.Minute

// bound gives the client a time for what is left, once it is no longer kept waiting.
func (x *exchange) bound() {
	wirefault.Bounded(x.echo.Response(), entropy.WallNow().Add(x.api.options.Patience))
}

// affect applies what rules that do not answer do to the real answer: patches of what was found, and headers.
func (x *exchange) affect(a Answer, d *scenario.Decision) Answer {
	if len(d.Outcome.Patches) > 0 && a.Status < http.StatusMultipleChoices && len(a.Body) > 0 {
		patched, err := d.Outcome.Patch(a.Body)
		if err != nil {
			x.warn("the answer was not patched: " + err.Error())
		} else {
			a.Body, a.stored = patched, false
			if d.Applied.Rule == "" {
				x.credit(lastEffect(d.Effects, true))
			}
		}
	}
	if len(d.Outcome.Headers) > 0 {
		a.Headers = append([]Header(nil), a.Headers...)
		for _, h := range d.Outcome.Headers {
			a.Headers = append(a.Headers, spelt(h))
		}
	}
	return a
}

// deliver sends an answer, at once or dribbling.
func (x *exchange) deliver(a Answer, d *scenario.Decision) {
	if d.Dribble == nil || len(a.Body) == 0 || x.req.Method == http.MethodHead {
		x.send(a)
		return
	}
	x.prepare(a)
	x.headers.into(x.echo.Response().Header())
	ctx, cancel := wirefault.Context(x.req, x.api.options.Draining)
	defer cancel()
	ctx, late := context.WithTimeout(ctx, d.Dribble.Over+x.api.options.Patience) // one that does not read is not waited for
	defer late()
	defer x.bound()
	x.waited = true
	err := wirefault.Dribble(ctx, x.echo.Response(), wirefault.Answer{Status: a.Status, Body: a.Body}, wirefault.Pace{
		Chunks: d.Dribble.Chunks, Over: d.Dribble.Over, Last: func() { x.keep(a, "", false) },
	})
	x.observe(a.Status, len(a.Body))
	if err != nil {
		x.breakOff(a)
		panic(http.ErrAbortHandler) // the announced length was not sent: the connection must not go on
	}
}

// fault answers with a fault on the wire; a is the real answer, for those that spoil it.
func (x *exchange) fault(d *scenario.Decision, a Answer) {
	kind := d.Outcome.Fault.On(x.req.Method)
	switch {
	case kind == wirefault.TruncatedBody && len(a.Body) == 0:
		kind = wirefault.EmptyResponse
	case kind == wirefault.Hang && x.repeated:
		kind = wirefault.EmptyResponse // it has hung already, for as long as it may
	}
	o := wirefault.Options{Garbage: entropy.NewBytes(entropy.Hash(x.world.Seed(), "garbage", x.req.Method, x.path))}
	if !x.repeated {
		x.prepare(a)
		x.headers.into(x.echo.Response().Header())
		o.Ending = x.expectRepeat(kind, d)
	}
	x.observe(0, 0)
	if kind == wirefault.Hang {
		before, after := x.keepHang(o.Ending)
		o.Ending = before
		defer after()
	} else {
		x.keepFault(kind, a)
	}
	ctx, cancel := wirefault.Context(x.req, x.api.options.Draining)
	defer cancel()
	// The error says that the client left before it could see the fault: nobody is left to be told.
	_ = wirefault.Do(ctx, x.echo.Response(), x.req, kind, wirefault.Answer{Status: a.Status, Body: a.Body}, o)
}

// expectRepeat is what is to be done before a fault ends the connection: the client's transport may repeat the request.
// On HTTP/2 a fault ends a stream, which no transport repeats.
func (x *exchange) expectRepeat(kind wirefault.Kind, d *scenario.Decision) func() {
	if !kind.Byteless() || x.req.ProtoMajor > 1 || !x.connection.reused() {
		return nil
	}
	request, met := x.fingerprint(), session.Attempt{Decision: *d, ID: x.id, Changes: x.world.Steering.Changes()}
	return func() {
		x.world.Resends.Expect(request, entropy.WallNow(), met)
	}
}

// connection counts the requests of a connection.
type connection struct {
	requests atomic.Int64
	wire     *wire.Conn          // to send answers on; nil if it cannot
	writer   http.ResponseWriter // net/http's own for the request at hand
}

type connectionKey struct{}

// TrackConnection is an http.Server's ConnContext: it lets a request know whether its connection was used before.
func TrackConnection(ctx context.Context, c net.Conn) context.Context {
	w, _ := c.(*wire.Conn)
	return context.WithValue(ctx, connectionKey{}, &connection{wire: w})
}

// CountRequests counts every request of a tracked connection: also those of the admin API, after which a transport
// reuses the connection just the same.
func CountRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c := connectionOf(r); c != nil {
			c.requests.Add(1)
			if r.ProtoMajor < 2 { // else requests come at the same time
				c.writer = w
			}
		}
		next.ServeHTTP(w, r)
	})
}

func connectionOf(r *http.Request) *connection {
	c, _ := r.Context().Value(connectionKey{}).(*connection)
	return c
}

// reused says whether the request at hand is not the connection's first; of an untracked one nothing is known.
func (c *connection) reused() bool { return c != nil && c.requests.Load() > 1 }

// repeats says whether the client's transport silently repeats a request: the same one, on a new connection, right after
// a fault without a byte on a reused one. It is the same attempt, meets the same and counts nowhere.
func (x *exchange) repeats() bool {
	c := x.connection
	if c == nil || c.reused() || x.misdirected != nil || !x.world.Resends.Any() {
		return false
	}
	x.used = true
	x.attempt, x.repeated = x.world.Resends.Take(x.fingerprint(), x.began, x.world.Steering.Changes())
	if x.repeated {
		x.id = x.attempt.ID
	}
	return x.repeated
}

// fingerprint identifies a request by all that a transport repeats.
func (x *exchange) fingerprint() uint64 {
	data, _ := x.bodyBytes()
	return entropy.Hash(0, x.req.Method, x.target(), x.credential.Text, x.directives.Key, string(data))
}

// faulty says whether faults are in force in the session. Its connections are then closed after each answer, so that
// the client's transport has no reused one to repeat a request on.
func (x *exchange) faulty(d *outcome.Directives) bool {
	return x.req.ProtoMajor < 2 && (d.Fault != "" || x.world.Steering.Faulty(x.generation.Scenarios) ||
		d.Scenario != "" && x.generation.Scenarios.Faulty(d.Scenario))
}
