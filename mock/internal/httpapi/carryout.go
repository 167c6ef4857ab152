package httpapi

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/wirefault"
)

// carryOut answers the request, with what was decided done to its answer.
func (x *exchange) carryOut(d *scenario.Decision) {
	x.note(d)
	if !x.wait(d) {
		return // the client left, or the server stops
	}
	if !d.Answered() {
		x.deliver(x.affect(x.answer(), d), d)
		return
	}
	var real Answer
	if d.Outcome.CarriesOut() && !x.repeated {
		real = x.answer()
		x.decided(d) // whatever the real answer said of itself
	}
	if answer, ok := x.forced(d); ok {
		x.deliver(answer, d)
		return
	}
	x.fault(d, x.affect(real, d))
}

// wait waits as long as was decided, and as --delay says. It is false if the request ended before.
func (x *exchange) wait(d *scenario.Decision) bool {
	wait := d.Wait + x.api.options.Delay
	if wait <= 0 {
		return true
	}
	// Only once its body was read does net/http see that a client leaves.
	if _, err := x.bodyBytes(); err != nil && x.req.Context().Err() != nil {
		return false
	}
	ctx, cancel := wirefault.Context(x.req, x.api.options.Draining)
	defer cancel()
	wirefault.Unbounded(x.echo.Response())
	if err := wirefault.Delay(ctx, wait); err != nil {
		x.observe(0, 0)
		return false
	}
	return true
}

// affect applies what rules that do not answer do to the real answer: patches of what was found, and headers.
func (x *exchange) affect(a Answer, d *scenario.Decision) Answer {
	if len(d.Outcome.Patches) > 0 && a.Status < http.StatusMultipleChoices && len(a.Body) > 0 {
		patched, err := d.Outcome.Patch(a.Body)
		if err != nil {
			x.warn("the answer was not patched: " + err.Error())
		} else {
			a.Body = patched
		}
	}
	if len(d.Outcome.Headers) > 0 {
		a.Headers = append([]Header(nil), a.Headers...)
		for _, h := range d.Outcome.Headers {
			a.Headers = append(a.Headers, Header(h))
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
	ctx, cancel := wirefault.Context(x.req, x.api.options.Draining)
	defer cancel()
	wirefault.Unbounded(x.echo.Response())
	err := wirefault.Dribble(ctx, x.echo.Response(), wirefault.Answer{Status: a.Status, Body: a.Body}, d.Dribble.Chunks, d.Dribble.Over)
	x.observe(a.Status, len(a.Body))
	if err != nil {
		panic(http.ErrAbortHandler) // the announced length was not sent: the connection must not go on
	}
}

// fault answers with a fault on the wire; a is the real answer, for those that spoil it.
func (x *exchange) fault(d *scenario.Decision, a Answer) {
	kind := d.Outcome.Fault.On(x.req.Method)
	if kind.Byteless() && x.connection().reused() && !x.repeated {
		x.world.Resends.Expect(x.fingerprint(), entropy.WallNow(), *d)
	}
	x.prepare(a)
	x.observe(0, 0)
	ctx, cancel := wirefault.Context(x.req, x.api.options.Draining)
	defer cancel()
	garbage := entropy.NewBytes(entropy.Hash(x.world.Seed(), "garbage", x.req.Method, x.path))
	// The error says that the client left before it could see the fault: nobody is left to be told.
	_ = wirefault.Do(ctx, x.echo.Response(), x.req, kind, wirefault.Answer{Status: a.Status, Body: a.Body}, wirefault.Options{Garbage: garbage})
}

// connection counts the requests of a connection.
type connection struct{ requests atomic.Int64 }

type connectionKey struct{}

// TrackConnection is an http.Server's ConnContext: it lets a request know whether its connection was used before.
func TrackConnection(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, &connection{})
}

func (x *exchange) connection() *connection {
	c, _ := x.req.Context().Value(connectionKey{}).(*connection)
	return c
}

// reused says whether the request at hand is not the connection's first; of an untracked one nothing is known.
func (c *connection) reused() bool { return c != nil && c.requests.Load() > 1 }

// resent finds what was decided for a request that this one silently repeats: the same one, on a new connection, right
// after a fault without a byte on a reused one.
func (x *exchange) resent() (scenario.Decision, bool) {
	c := x.connection()
	if c == nil {
		return scenario.Decision{}, false
	}
	if c.requests.Add(1) > 1 || !x.world.Resends.Any() {
		return scenario.Decision{}, false
	}
	d, ok := x.world.Resends.Take(x.fingerprint(), x.began)
	x.repeated = ok
	return d, ok
}

// fingerprint identifies a request by all that a transport repeats.
func (x *exchange) fingerprint() uint64 {
	data, _ := x.bodyBytes()
	return entropy.Hash(0, x.req.Method, x.target(), x.credential.Text, x.directives.Key, string(data))
}

// faulty says whether faults are in force in the session. Its connections are then closed after each answer, so that
// the client's transport has no reused one to repeat a request on.
func (x *exchange) faulty(d *outcome.Directives) bool {
	return x.req.ProtoMajor < 2 && (d.Fault != "" || x.world.Steering.Faulty(x.generation.Scenarios))
}
