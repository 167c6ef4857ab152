// Package outcome is the one grammar of what may be done to an answer (control.md): the documented errors, statuses,
// faults, delays and patches that request headers, queries, scenario files and the admin API all speak of, with the same
// names and the same bytes as the result. It reads the directives of a request and makes the bytes of a forced answer;
// package scenario reads the same grammar from files; package httpapi carries an Outcome out.
package outcome

import (
	"encoding/json"
	"slices"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/wirefault"
)

// Commit says whether a request is carried out before it fails.
type Commit string

// The values of commit. Unset is Before, unless the outcome needs the real answer.
const (
	Unset  Commit = ""
	Before Commit = "before" // fail first: nothing is carried out
	After  Commit = "after"  // carry the request out, then fail: the write that happened although the client saw an error
)

// Header is a header that an outcome sets.
type Header struct{ Name, Value string }

// Message replaces the message of a documented error.
type Message struct {
	Texts []string
	Array bool // as an array, as it was written: a header that is repeated, or a list
}

// Outcome is what is done to an answer. The zero Outcome does nothing. It must not be changed once it is in use.
type Outcome struct {
	Error  apierror.Name   // a documented error
	Status int             // the documented error of the status; with Body, the status of that
	Fault  wirefault.Kind  // "": none
	Body   json.RawMessage // an answer as it is; nil: none

	Message    *Message // instead of the documented one
	Fields     []string // of `validation`: those that break a rule
	Headers    []Header
	RetryAfter RetryAfter
	Delay      *Delay // nil: none
	Commit     Commit

	Patches []json.RawMessage // JSON merge patches on the real answer, in order
}

// Answers says whether the outcome is an answer by itself, so that nobody else is asked.
func (o *Outcome) Answers() bool {
	return o.Error != "" || o.Status != 0 || o.Fault != "" || o.Body != nil
}

// IsZero says whether the outcome does nothing at all.
func (o *Outcome) IsZero() bool {
	return !o.Answers() && o.Message == nil && o.Fields == nil && o.Headers == nil && o.RetryAfter.IsZero() &&
		o.Delay == nil && o.Commit == Unset && o.Patches == nil
}

// NeedsAnswer says whether the real answer must be made first, since it is what will be spoilt or patched.
func (o *Outcome) NeedsAnswer() bool {
	return o.Fault != "" && o.Fault.NeedsAnswer() || !o.Answers() && len(o.Patches) > 0
}

// CarriesOut says whether the request is carried out although the outcome answers it (X-Mock-Commit: after), or because it
// spoils or patches the real answer.
func (o *Outcome) CarriesOut() bool { return o.Commit == After || o.NeedsAnswer() }

// OnlyPatches says whether the outcome does nothing but patch the real answer, which not every answer lets be done.
func (o *Outcome) OnlyPatches() bool {
	return len(o.Patches) > 0 && !o.Answers() && len(o.Headers) == 0 && o.Delay == nil
}

// Add lets the effects of another outcome, which does not answer itself, take part in this one: its patches and headers come
// first. Delays are added by whoever samples them.
func (o *Outcome) Add(earlier *Outcome) {
	if len(earlier.Patches) > 0 {
		o.Patches = slices.Concat(earlier.Patches, o.Patches)
	}
	if len(earlier.Headers) > 0 {
		o.Headers = slices.Concat(earlier.Headers, o.Headers)
	}
}
