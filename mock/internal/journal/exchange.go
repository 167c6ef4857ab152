package journal

import (
	"encoding/json"
	"hash/maphash"
	"net/http"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/match"
)

// The values of X-Mock-Decision (control.md section 1).
const (
	ByFixture    = "fixture"
	ByValidation = "validation"
	ByAuth       = "auth"
	ByRateLimit  = "rate-limit"
	ByDirective  = "directive"
	ByScenario   = "scenario"
	ByRoute      = "unmatched"
	ByMistake    = "directive-error"
)

// TransportResend is the decision of a request that not the client but its transport repeated (control.md section 2). It is
// the same attempt, and nobody counts it.
const TransportResend = "transport-resend"

// Told are the decisions that clients are told: the values of X-Mock-Decision.
func Told() []string {
	return []string{ByFixture, ByValidation, ByAuth, ByRateLimit, ByDirective, ByScenario, ByRoute, ByMistake}
}

// Decisions are all that can stand in an exchange.
func Decisions() []string { return append(Told(), TransportResend) }

// Exchange is one request with its answer, as the server hands it over at the end. Nothing in it is changed.
type Exchange struct {
	Seq     uint64 // its place in the journal, from Next; 0: Record gives it one
	Session string
	ID      string // X-Request-Id

	Began        time.Time // real time
	SessionBegan time.Time // the session's clock at that moment
	SessionEnded time.Time // the session's clock when the answer was ready; zero: as much later as Duration
	Duration     time.Duration

	Method         string
	Path           string // escaped, below the base path; empty for a request outside of it
	Target         string // as it was sent, query included
	RawQuery       string
	RequestHeader  http.Header
	RequestBody    []byte
	Remote         string // address and port of the client
	Credential     string // the token or API key; empty: none
	CredentialType CredentialType
	Caller         match.Caller
	Directives     string // the exact set of directives, as outcome.Directives.Key; empty: none

	Operation string // its ID; empty: an unknown route
	Action    string // of the operation
	Public    bool   // the operation asks for no credential

	Decision       string // X-Mock-Decision, or TransportResend
	Rule, Step     string
	Error          string // catalogue name of a documented error; empty: the status and body tell
	Fault          string // on the wire; empty: none
	Status         int    // 0: no answer was sent
	ResponseHeader []Header
	ResponseBody   []byte // before it was compressed
	BodyShared     bool   // nobody changes ResponseBody later on: it is kept without a copy
	BodyStored     bool   // and it is held elsewhere anyway, so that to keep it costs nothing more
	CarriedOut     bool   // a write that succeeded, whatever the client was told (commit: after)
	Gone           bool   // the client hung up before it had the answer
	Lasting        bool   // nobody changes the request's headers and body later on: recording may wait
}

// CredentialType says what kind of credential a request showed.
type CredentialType string

// The types of credential.
const (
	NoCredential CredentialType = ""
	Bearer       CredentialType = "bearer"
	APIKey       CredentialType = "apiKey"
)

// Answered is the real time at which the answer was delivered, or the exchange ended without one.
func (x *Exchange) Answered() time.Time { return x.Began.Add(x.Duration) }

// SessionAnswered is that moment on the session's clock.
func (x *Exchange) SessionAnswered() time.Time {
	if x.SessionEnded.IsZero() {
		return x.SessionBegan.Add(x.Duration)
	}
	return x.SessionEnded
}

// Header is one value of a header.
type Header struct{ Name, Value string }

// Entry is a recorded exchange. It does not change; View shows it without its secrets.
type Entry struct {
	facts
	Began, SessionBegan     time.Time
	Session, RequestID      string
	Method, Path, Operation string
	Decision, Rule, Step    string
	Fault                   string

	target, query string
	caller        match.Caller
	request       string // the bodies, as far as they are kept
	response      []byte
	shape         *shape
	own           packed // the headers of the answer that the shape has not
}

// facts are what of an exchange is no text.
type facts struct {
	Seq                     uint64 // grows with each exchange of any session; from 1
	Duration                time.Duration
	Status                  int
	Gone                    bool
	Attempt                 int // of the same call by the same caller, from 1
	RequestCut, ResponseCut bool

	requestBytes, responseBytes int // of the bodies before they were cut
}

// callKey identifies a logical call: caller, method, path and body.
func (j *Journal) callKey(x *Exchange) (key uint64) {
	agent := ""
	if values := x.RequestHeader["User-Agent"]; len(values) > 0 {
		agent = values[0]
	}
	for _, part := range [...]string{x.Credential, agent, x.Method, x.Target} {
		key = entropy.Mix(key ^ maphash.String(j.blocks.seed, part))
	}
	return key ^ maphash.Bytes(j.blocks.seed, x.RequestBody)
}

// Resent says whether the request was one that the client's transport repeated.
func (e *Entry) Resent() bool { return e.Decision == TransportResend }

// Request is the request for matching, with its secrets: a matcher may ask for them, whoever shows the result may not.
func (e *Entry) Request() *match.Request {
	header := http.Header{}
	for _, h := range e.requestHeaders() {
		header[h.Name] = append(header[h.Name], h.Value)
	}
	return &match.Request{Method: e.Method, Path: e.Path, RawQuery: e.query, Header: header, Body: e.decodedBody, Caller: e.caller, Secret: isSecret}
}

func (e *Entry) decodedBody() (value any, ok bool) {
	if e.RequestCut || e.request == "" || json.Unmarshal([]byte(e.request), &value) != nil {
		return nil, false
	}
	return value, true
}

// Answered is the real time at which the exchange was over.
func (e *Entry) Answered() time.Time { return e.Began.Add(e.Duration) }
