// Package wirefault makes faults real on the wire (control.md section 2, X-Mock-Fault and "On the wire"):
// connections that are reset, answers that break off, bytes that are no answer, bodies that dribble, and
// waits that end when the client leaves. It knows net/http and nothing of SalesOS: what is to be done, and
// the answer that is to be spoilt, come from its caller, package httpapi.
package wirefault

import "net/http"

// Kind is a fault, by its name in X-Mock-Fault and in scenario files.
type Kind string

// The faults. The first four are those of WireMock, under its names.
const (
	ConnectionReset Kind = "CONNECTION_RESET_BY_PEER" // a TCP reset instead of an answer, also below TLS
	EmptyResponse   Kind = "EMPTY_RESPONSE"           // the connection is closed without a byte
	MalformedChunk  Kind = "MALFORMED_RESPONSE_CHUNK" // a 200, then garbage where a chunk should be, then close
	RandomData      Kind = "RANDOM_DATA_THEN_CLOSE"   // garbage instead of an answer, then close
	TruncatedBody   Kind = "TRUNCATED_BODY"           // full headers and half of the body, then close
	MalformedJSON   Kind = "MALFORMED_JSON"           // a 200 whose body is no JSON
	Hang            Kind = "HANG"                     // no answer until the client gives up, or Options.Hang is over
)

// All returns the faults in the order of control.md.
func All() []Kind {
	return []Kind{ConnectionReset, EmptyResponse, MalformedChunk, RandomData, TruncatedBody, MalformedJSON, Hang}
}

// Parse returns the fault of that exact name.
func Parse(name string) (Kind, bool) {
	for _, k := range All() {
		if string(k) == name {
			return k, true
		}
	}
	return "", false
}

// NeedsAnswer says whether the fault spoils the real answer, which must then be made first.
func (k Kind) NeedsAnswer() bool { return k == TruncatedBody || k == MalformedJSON }

// Byteless says whether the client sees its connection end before the first byte: browsers and Go's
// client then silently repeat a request on a connection that was used before.
func (k Kind) Byteless() bool { return k == ConnectionReset || k == EmptyResponse || k == Hang }

// On is the fault as it is on a request of that method: an answer to HEAD has no body to spoil, so a
// fault of the body is an EmptyResponse there.
func (k Kind) On(method string) Kind {
	if method == http.MethodHead && (k == MalformedChunk || k == TruncatedBody || k == MalformedJSON) {
		return EmptyResponse
	}
	return k
}
