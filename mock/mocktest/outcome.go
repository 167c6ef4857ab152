package mocktest

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/wirefault"
)

// Outcome is how a forced request ends. It is a value: its methods give another one.
type Outcome struct {
	earlier []step
	last    step
	chance  *float64
	wrong   error
}

// step is a step of a rule, in the grammar of scenario files.
type step struct {
	Error      apierror.Name     `json:"error,omitempty"`
	Status     int               `json:"status,omitempty"`
	Fault      wirefault.Kind    `json:"fault,omitempty"`
	Body       json.RawMessage   `json:"body,omitempty"`
	Message    any               `json:"message,omitempty"`
	Fields     []string          `json:"fields,omitempty"`
	Headers    map[string]string `json:"headers,omitempty"`
	RetryAfter any               `json:"retryAfter,omitempty"`
	Delay      string            `json:"delay,omitempty"`
	Commit     string            `json:"commit,omitempty"`
	Patch      json.RawMessage   `json:"patch,omitempty"`
	Times      int               `json:"times,omitempty"`
}

// The documented errors. Each can be forced on any operation.
var (
	BadRequest    = documented(apierror.BadRequest)
	Validation    = documented(apierror.Validation)
	Unauthorized  = documented(apierror.Unauthorized)
	Forbidden     = documented(apierror.Forbidden)
	NotFound      = documented(apierror.NotFound)
	Conflict      = documented(apierror.Conflict)
	Unprocessable = documented(apierror.Unprocessable)
	RateLimited   = documented(apierror.RateLimited)
	Internal      = documented(apierror.Internal)
	Unavailable   = documented(apierror.Unavailable)
)

// The faults on the wire.
var (
	ConnectionReset = fault(wirefault.ConnectionReset)
	EmptyResponse   = fault(wirefault.EmptyResponse)
	MalformedChunk  = fault(wirefault.MalformedChunk)
	RandomData      = fault(wirefault.RandomData)
	TruncatedBody   = fault(wirefault.TruncatedBody) // full headers and half of the body
	MalformedJSON   = fault(wirefault.MalformedJSON) // a 200 whose body is no JSON
	Hang            = fault(wirefault.Hang)          // no answer until the client gives up
)

// AsUsual changes nothing by itself: AsUsual.After(time.Second) is the usual answer, late.
var AsUsual = Outcome{}

func documented(name apierror.Name) Outcome { return Outcome{last: step{Error: name}} }

func fault(kind wirefault.Kind) Outcome { return Outcome{last: step{Fault: kind}} }

// Status is the documented error of a status of 400 or more, or, where there is none, its reason phrase.
func Status(status int) Outcome { return Outcome{last: step{Status: status}} }

// Body is an answer as it is: a status and what encoding/json makes of a value.
func Body(status int, value any) Outcome {
	data, err := json.Marshal(value)
	return Outcome{last: step{Status: status, Body: data}, wrong: err}
}

// Patched is the usual answer with a JSON merge patch, which is what encoding/json makes of a value.
func Patched(value any) Outcome {
	data, err := json.Marshal(value)
	return Outcome{last: step{Patch: data}, wrong: err}
}

// Times lets the outcome happen so often. Then the next step follows, if there is one, else all is as usual.
func (o Outcome) Times(n int) Outcome {
	o.last.Times = n
	return o
}

// Then is another outcome after this one, which needs its Times.
func (o Outcome) Then(next Outcome) Outcome {
	next.earlier = slices.Concat(o.earlier, []step{o.last}, next.earlier)
	if next.wrong == nil {
		next.wrong = o.wrong
	}
	if next.chance == nil {
		next.chance = o.chance
	}
	return next
}

// RetryAfter sets the header Retry-After, in seconds.
func (o Outcome) RetryAfter(seconds int) Outcome {
	o.last.RetryAfter = seconds
	return o
}

// RetryAfterText sets the header Retry-After to a text: "date+30" is an HTTP date so many seconds ahead, "none" leaves
// the header out, and anything else is sent as it is. Clients must survive "soon" and "-1".
func (o Outcome) RetryAfterText(value string) Outcome {
	o.last.RetryAfter = value
	return o
}

// Message replaces the message of a documented error; several are an array.
func (o Outcome) Message(texts ...string) Outcome {
	o.last.Message = texts
	if len(texts) == 1 {
		o.last.Message = texts[0]
	}
	return o
}

// Fields are the fields that a Validation complains of, with their documented messages.
func (o Outcome) Fields(names ...string) Outcome {
	o.last.Fields = slices.Clone(names)
	return o
}

// Header sets a header of the answer.
func (o Outcome) Header(name, value string) Outcome {
	o.last.Headers = maps.Clone(o.last.Headers)
	if o.last.Headers == nil {
		o.last.Headers = map[string]string{}
	}
	o.last.Headers[name] = value
	return o
}

// After waits before the answer, in real time.
func (o Outcome) After(d time.Duration) Outcome {
	o.last.Delay = d.String()
	return o
}

// Committed carries the request out before it fails: the write that happened although the client saw an error.
func (o Outcome) Committed() Outcome {
	o.last.Commit = "after"
	return o
}

// Chance lets the outcome happen with a probability from 0 to 1, to the same requests in each run.
func (o Outcome) Chance(p float64) Outcome {
	o.chance = &p
	return o
}

// rule is the outcome for requests, in the grammar of scenario files.
func (o Outcome) rule(method, path string) ([]byte, error) {
	if o.wrong != nil {
		return nil, o.wrong
	}
	type when struct {
		Method string `json:"method,omitempty"`
		Path   string `json:"path,omitempty"`
	}
	return json.Marshal(struct {
		When    when     `json:"when"`
		Respond []step   `json:"respond"`
		Chance  *float64 `json:"chance,omitempty"`
	}{when{method, path}, slices.Concat(o.earlier, []step{o.last}), o.chance})
}
