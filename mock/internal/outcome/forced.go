package outcome

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// Subject is the request that a forced error is about.
type Subject struct {
	Operation *operation.Operation // nil: an unknown route
	ID        string               // of the path; empty: it has none
	Unique    string               // what the body has for UniqueField; empty: nothing
}

// Answer is an answer that an outcome makes by itself.
type Answer struct {
	Name    apierror.Name // of a documented error; empty: none
	Status  int
	Body    []byte
	Headers []Header // Retry-After, then those of the outcome
}

// Answer makes the answer of an outcome that has an error, a status or a body; ok is false for one that has none of them (a
// fault has no answer of its own). now is real time; ends is the session time until the window of the rule ends.
func (o *Outcome) Answer(s Subject, now time.Time, ends time.Duration) (a Answer, ok bool) {
	documented := ""
	switch e := o.Forced(s); {
	case o.Body != nil:
		a = Answer{Status: o.bodyStatus(), Body: o.Body}
	case e != nil:
		a = Answer{Name: e.Name, Status: e.Status, Body: e.Body()}
		documented = e.RetryAfter
	default:
		return Answer{}, false
	}
	if value := o.RetryAfter.Value(now, ends, documented); value != "" {
		a.Headers = append(a.Headers, Header{"Retry-After", value})
	}
	a.Headers = append(a.Headers, o.Headers...)
	return a, true
}

func (o *Outcome) bodyStatus() int {
	if o.Status == 0 {
		return http.StatusOK
	}
	return o.Status
}

// Forced is the documented error of the outcome, the same bytes as if the subject had earned it; nil for an outcome without an
// error or a status. Its RetryAfter is the documented one.
func (o *Outcome) Forced(s Subject) *apierror.Error {
	var e *apierror.Error
	switch {
	case o.Body != nil:
		return nil
	case o.Error != "":
		e = s.earn(o.Error, o.Fields)
	case o.Status != 0:
		e = apierror.FromStatus(o.Status)
		if e.Name != "" {
			e = s.earn(e.Name, nil)
		}
	default:
		return nil
	}
	if m := o.Message; m != nil {
		e.Message, e.Messages = m.Texts[0], nil
		if m.Array {
			e.Message, e.Messages = "", m.Texts
		}
	}
	return e
}

// earn is the documented error, about what the request gives to name, else what the example names.
func (s *Subject) earn(name apierror.Name, fields []string) *apierror.Error {
	switch name {
	case apierror.Validation:
		return apierror.NewValidation(s.messages(fields))
	case apierror.NotFound:
		return apierror.NewNotFound(s.singular(), or(s.ID, apierror.ExampleID))
	case apierror.Conflict:
		return apierror.NewDuplicate(s.singular(), s.UniqueField(), or(s.Unique, s.exampleUnique()))
	}
	entry, _ := apierror.Lookup(string(name)) // checked when it was read
	e := entry.Error
	return &e
}

func or(value, example string) string {
	if value == "" {
		return example
	}
	return value
}

func (s *Subject) resource() *schema.Definition {
	if s.Operation == nil {
		return nil
	}
	return s.Operation.Resource
}

func (s *Subject) singular() string {
	if d := s.resource(); d != nil {
		return d.Singular
	}
	if s.isCanned() {
		return singularOf(s.Operation.Path)
	}
	return "Lead"
}

func (s *Subject) isCanned() bool {
	return s.Operation != nil && s.Operation.Action == operation.Canned
}

// definitions are those whose fields the route knows: its resource, then the body it takes.
func (s *Subject) definitions() []*schema.Definition {
	var all []*schema.Definition
	if d := s.resource(); d != nil {
		all = append(all, d)
	}
	if s.Operation != nil && s.Operation.Body != nil && !slices.Contains(all, s.Operation.Body) {
		all = append(all, s.Operation.Body)
	}
	return all
}

// cannedMessage is the validation of a canned answer, whose body nothing defines: that of a field which most records have.
const cannedMessage = "name should not be empty"

// messages fit the route (contract.md section 2): for each route of the leads the documented example.
func (s *Subject) messages(fields []string) []string {
	if len(fields) > 0 {
		return s.fieldMessages(fields)
	}
	if all := s.definitions(); len(all) > 0 {
		return all[0].ExampleMessages()
	}
	if s.isCanned() {
		return []string{cannedMessage}
	}
	return apierror.ExampleMessages()
}

// fieldMessages are in the order in which the server itself would send them: unknown properties first, then fields
// in the order of the definition (contract.md section 6).
func (s *Subject) fieldMessages(fields []string) []string {
	var messages []string
	for _, name := range s.unknownFields(fields) {
		messages = append(messages, "property "+name+" should not exist")
	}
	seen := map[string]bool{}
	for _, d := range s.definitions() {
		for i := range d.Fields {
			name := d.Fields[i].Name
			if slices.Contains(fields, name) && !seen[name] {
				seen[name] = true
				message, _ := d.FirstMessage(name)
				messages = append(messages, message)
			}
		}
	}
	return messages
}

func (s *Subject) unknownFields(fields []string) []string {
	var unknown []string
	for _, name := range fields {
		if !slices.Contains(s.fieldNames(), name) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

func (s *Subject) fieldNames() []string {
	var names []string
	for _, d := range s.definitions() {
		for i := range d.Fields {
			names = append(names, d.Fields[i].Name)
		}
	}
	return names
}

// CheckFields finds a field that the route does not know: a directive error (control.md section 2). In a rule, which may fit
// many routes, such a field earns the message of an unknown property instead.
func (o *Outcome) CheckFields(s Subject) *DirectiveError {
	unknown := s.unknownFields(o.Fields)
	if len(unknown) == 0 {
		return nil
	}
	known := s.fieldNames()
	what := "unknown field"
	if len(known) == 0 {
		what = "this route has no fields, so none is called"
	}
	return &DirectiveError{Directive: keyInfo(KeyFields).Header, Value: strings.Join(o.Fields, ","), Problem: Unknown(KeyFields, what, unknown[0], known)}
}
