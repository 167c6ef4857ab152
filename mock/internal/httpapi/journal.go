package httpapi

import (
	"net/http"

	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/wirefault"
)

// keep puts the exchange into the journal and before the referee. That comes before the last byte of the answer is
// sent, so that whoever has the answer finds the record; or, without an answer, when the exchange is over. gone: the
// client did not wait for it.
func (x *exchange) keep(a Answer, fault wirefault.Kind, gone bool) {
	// What nobody asked for is still to be read: the same call is told from another by its body.
	data, _ := x.bodyBytes()
	now := entropy.WallNow()
	r := x.report
	*r = journal.Exchange{
		Session: x.world.ID, ID: x.id, Began: x.began, SessionBegan: x.world.Clock.At(x.began), Duration: now.Sub(x.began),
		Method: x.req.Method, Path: x.path, Target: x.target(), RawQuery: x.req.URL.RawQuery,
		RequestHeader: x.req.Header, RequestBody: data, Remote: x.req.RemoteAddr,
		Credential: x.credential.Text, CredentialType: credentialType(x.credential), Caller: x.matchCaller(), Directives: x.directives.Key,
		Decision: x.told(), Rule: x.rule, Step: x.step, Error: string(x.failure), Fault: string(fault), Status: a.Status,
		ResponseHeader: x.headers, ResponseBody: a.Body, BodyShared: true, BodyStored: a.stored, CarriedOut: x.carriedOut,
		Lasting: x.connection != nil, // what reads from connections is net/http, which hands a request over for good
		Gone:    gone || x.req.Context().Err() != nil,
	}
	if x.waited {
		r.SessionEnded = x.world.Clock.At(now)
	}
	if x.known {
		o := x.match.Operation
		r.Operation, r.Action, r.Public = o.ID, string(o.Action), o.Public
	}
	if x.req.Method == http.MethodHead {
		r.ResponseBody = nil
	}
	x.inspect()
	x.recorded = true
	x.world.Record(r)
}

// leave records that the client left before it had an answer. Left unrecorded, a retry would have nothing that it repeats.
func (x *exchange) leave(fault wirefault.Kind) {
	x.keep(Answer{}, fault, true)
}

// keepPanic records what Echo answers when a handler has panicked.
func (x *exchange) keepPanic() {
	if !x.recorded {
		x.keep(Answer{Status: http.StatusInternalServerError}, "", false)
	}
}

// keepFault records an answer that a fault spoils, as far as the client sees it.
func (x *exchange) keepFault(kind wirefault.Kind, a Answer) {
	switch kind {
	case wirefault.MalformedChunk, wirefault.MalformedJSON:
		a.Status = http.StatusOK
	case wirefault.TruncatedBody:
		a.Body = a.Body[:len(a.Body)/2]
	default:
		a = Answer{}
	}
	x.keep(a, kind, false)
}

// keepHang has a hang recorded when it is over: just before the connection is closed, or when the client has left.
func (x *exchange) keepHang(ending func()) (before, after func()) {
	before = func() {
		x.keepFault(wirefault.Hang, Answer{})
		if ending != nil {
			ending()
		}
	}
	after = func() {
		if !x.recorded {
			x.leave(wirefault.Hang)
		}
	}
	return before, after
}

// breakOff records that the client left in the middle of an answer, or that the server stopped.
func (x *exchange) breakOff(a Answer) {
	if x.recorded {
		x.world.Finish(x.report, entropy.WallNow().Sub(x.began), true)
		return
	}
	x.keep(a, "", true)
}

// carry notes whether the real answer changed data, whatever the client is told of it.
func (x *exchange) carry(a Answer) {
	x.carriedOut = a.Status >= 200 && a.Status < 300 && x.req.Method != http.MethodGet && x.req.Method != http.MethodHead
}

func credentialType(c *auth.Credential) journal.CredentialType {
	switch {
	case c.Text == "":
		return journal.NoCredential
	case c.Kind == auth.Bearer:
		return journal.Bearer
	}
	return journal.APIKey
}
