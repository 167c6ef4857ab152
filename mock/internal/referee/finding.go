package referee

import (
	"strconv"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/journal"
)

// Rule is one of the things that the documentation asks of a client.
type Rule string

// The rules of control.md section 7.
const (
	RetryAfter     Rule = "retry-after"
	Backoff        Rule = "backoff"
	NoRetry        Rule = "no-retry"
	Reauthenticate Rule = "reauthenticate"
	UnsafeRetry    Rule = "unsafe-retry"
	Stampede       Rule = "stampede"
)

// Rules lists them in the order of control.md.
func Rules() []Rule {
	return []Rule{RetryAfter, Backoff, NoRetry, Reauthenticate, UnsafeRetry, Stampede}
}

// RuleText is what a rule says.
type RuleText struct {
	Asks string `json:"asks"` // what the documentation asks of a client
	Fix  string `json:"fix"`  // what to change in one that does otherwise
}

// Text explains a rule to whoever has to change a client.
func (r Rule) Text() RuleText {
	switch r {
	case RetryAfter:
		return RuleText{"After a 429 or 503, wait as long as its Retry-After header says before calling again; after a 429, with all calls.",
			"Read Retry-After (seconds or an HTTP date), and hold back the call, after a 429 every call of this credential, until then."}
	case Backoff:
		return RuleText{"Retry after 429, 500 and 503 with exponential back-off, and give up in the end.",
			"Wait before each retry, at least twice as long as before the last one, with some jitter; stop after a few retries and tell the user."}
	case NoRetry:
		return RuleText{"400, 403, 404, 409 and 422 say that the request itself is wrong: the same one gets the same answer.",
			"Take these statuses out of the retry condition; show the message, and send again only what was changed."}
	case Reauthenticate:
		return RuleText{"After a 401, re-authenticate: refresh the token or log in again, once, then go on with the new one.",
			"On a 401 start one refresh that all calls wait for, and repeat them with the new token; if the refresh fails, go to the login page."}
	case UnsafeRetry:
		return RuleText{"A POST whose outcome is unknown may have been carried out: repeating it blindly creates a duplicate.",
			"Leave POST out of automatic retries; look first whether the record is there, then let the user decide."}
	case Stampede:
		return RuleText{"When a wait is over, do not send everything that piled up at the same instant: the limit will be hit again.",
			"Release waiting calls one after the other, or add a random part to each wait."}
	}
	return RuleText{}
}

// Severity says how sure a finding is.
type Severity string

// The severities. An advice is no failure of the audit: the conduct may be meant.
const (
	Failure Severity = "failure"
	Advice  Severity = "advice"
)

// Finding is one conduct that the documentation asks to avoid, with its evidence.
type Finding struct {
	Rule     Rule     `json:"rule"`
	Severity Severity `json:"severity"`
	Caller   string   `json:"caller"`  // who: user or key, and user agent
	Call     string   `json:"call"`    // "GET /leads"
	Message  string   `json:"message"` // what was done
	Count    int      `json:"count"`   // how often
	RuleText
	Requests []Request `json:"requests"` // the evidence: the first ones and the last
	LeftOut  int       `json:"leftOut,omitempty"`
}

// Request is one request of the evidence.
type Request struct {
	ID          string    `json:"id,omitempty"` // X-Request-Id
	Time        time.Time `json:"time"`         // began, real time
	SessionTime time.Time `json:"sessionTime"`  // on the session's clock
	Method      string    `json:"method"`
	Path        string    `json:"path"`
	Status      int       `json:"status"` // 0: no answer
	Fault       string    `json:"fault,omitempty"`
	Gone        bool      `json:"clientGone,omitempty"`
	RetryAfter  string    `json:"retryAfter,omitempty"`
	AfterMS     float64   `json:"afterMs,omitempty"` // since the answer to the request before it, in real time
}

// maxEvidence bounds the requests of a finding, maxFindings the findings of a session.
const (
	maxEvidence = 12
	maxFindings = 100
)

// evidence holds on to nothing of the exchange, the memory of which may be large.
func evidence(x *journal.Exchange) Request {
	path := x.Target
	if x.Path != "" {
		path = x.Path
		if x.RawQuery != "" {
			path += "?" + x.RawQuery
		}
	}
	return Request{
		ID: strings.Clone(x.ID), Time: x.Began.UTC(), SessionTime: x.SessionBegan.UTC(), Method: strings.Clone(x.Method), Path: strings.Clone(short(journal.RedactTarget(path))),
		Status: x.Status, Fault: x.Fault, Gone: x.Gone, RetryAfter: strings.Clone(short(header(x, "Retry-After"))),
	}
}

// Call is the method and the path.
func (r *Request) Call() string { return r.Method + " " + r.Path }

// Outcome is what the request met, for people: "503", "no answer (HANG)".
func (r *Request) Outcome() string {
	switch {
	case r.Fault != "":
		return r.Fault
	case r.Status == 0 && r.Gone:
		return "given up"
	case r.Status == 0:
		return "no answer"
	}
	return strconv.Itoa(r.Status)
}

func short(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return string(append([]byte(nil), s[:most]...)) + "…"
}

func header(x *journal.Exchange, name string) string {
	for i := range x.ResponseHeader {
		if x.ResponseHeader[i].Name == name {
			return x.ResponseHeader[i].Value
		}
	}
	return ""
}

// add notes evidence. The first requests are kept, as long as there is room, and the last one.
func (f *Finding) add(r *Request, room bool) {
	if room {
		f.Requests = append(f.Requests, *r)
		return
	}
	f.Requests[len(f.Requests)-1] = *r
	f.LeftOut++
}
