package journal

import (
	"strconv"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/match"
)

// View is an entry as people and programs see it, its secrets redacted. It is made to be JSON.
type View struct {
	ID          string    `json:"id"` // for Find, and for Filter.After
	RequestID   string    `json:"requestId,omitempty"`
	Session     string    `json:"session"`
	Time        time.Time `json:"time"`        // real time
	SessionTime time.Time `json:"sessionTime"` // the session's clock
	Method      string    `json:"method"`
	Path        string    `json:"path"` // as it was sent, without the query
	Query       string    `json:"query,omitempty"`
	Operation   string    `json:"operation,omitempty"`
	Caller      *Caller   `json:"caller,omitempty"`
	Attempt     int       `json:"attempt"`

	Request  Message `json:"request"`
	Response Message `json:"response"`

	Decision   string  `json:"decision"`
	Rule       string  `json:"rule,omitempty"`
	Step       string  `json:"step,omitempty"`
	Fault      string  `json:"fault,omitempty"`
	Status     int     `json:"status"` // 0: no answer was sent
	DurationMS float64 `json:"durationMs"`
	Gone       bool    `json:"clientGone,omitempty"`
}

// Caller is who sent the request, as far as its credential told.
type Caller struct {
	User   string `json:"user,omitempty"`
	Role   string `json:"role,omitempty"`
	APIKey string `json:"apiKey,omitempty"` // what it is called
}

// Message is the headers and the body of a request or an answer.
type Message struct {
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body,omitempty"`
	Bytes   int                 `json:"bytes"` // of the whole body
	Cut     bool                `json:"bodyCut,omitempty"`
}

// View shows an entry.
func (e *Entry) View() View {
	path, _, _ := strings.Cut(e.target, "?")
	answer := message(e.responseHeaders(), e.response, e.responseBytes, e.ResponseCut)
	answer.unsay(e.query)
	return View{
		ID: strconv.FormatUint(e.Seq, 10), RequestID: e.RequestID, Session: e.Session, Time: e.Began.UTC(), SessionTime: e.SessionBegan.UTC(),
		Method: e.Method, Path: path, Query: redactQuery(e.query), Operation: e.Operation, Caller: callerView(e.caller), Attempt: e.Attempt,
		Request:  message(e.requestHeaders(), []byte(e.request), e.requestBytes, e.RequestCut),
		Response: answer,
		Decision: e.Decision, Rule: e.Rule, Step: e.Step, Fault: e.Fault, Status: e.Status,
		DurationMS: float64(e.Duration.Microseconds()) / 1000, Gone: e.Gone,
	}
}

// Line is the request in one line, for messages: "PATCH /leads/1?x=y". Its secrets are redacted.
func (e *Entry) Line() string { return e.Method + " " + RedactTarget(e.shownPath()) }

func (e *Entry) shownPath() string {
	switch {
	case e.Path == "":
		return e.target
	case e.query != "":
		return e.Path + "?" + e.query
	}
	return e.Path
}

func callerView(c match.Caller) *Caller {
	shown := Caller{User: c.UserEmail, Role: c.Role, APIKey: c.KeyName}
	if shown == (Caller{}) {
		return nil
	}
	return &shown
}

func message(headers []Header, body []byte, size int, cut bool) Message {
	m := Message{Headers: make(map[string][]string, len(headers)), Bytes: size, Cut: cut}
	for _, h := range headers {
		m.Headers[h.Name] = append(m.Headers[h.Name], redactHeader(h))
	}
	m.Body = strings.ToValidUTF8(string(redactBody(body)), "\ufffd")
	return m
}

// unsay redacts the secrets of a query in an answer that repeats them: in the message about an unknown route, in links.
func (m *Message) unsay(query string) {
	for part := range strings.SplitSeq(query, "&") {
		shown := redactQuery(part)
		if shown == part {
			continue
		}
		m.Body = strings.ReplaceAll(m.Body, part, shown)
		for _, values := range m.Headers {
			for i := range values {
				values[i] = strings.ReplaceAll(values[i], part, shown)
			}
		}
	}
}
