package outcome

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/diag"
)

// Problem is one thing that is wrong with an outcome; whoever read it knows where that stands.
type Problem struct {
	Key     Key    // the word that it is about
	What    string // what was found
	Allowed []string
	Nearest string // the right name that was probably meant; empty: none is near
}

// Unknown is the problem of a name that is none of the allowed ones.
func Unknown(key Key, what, name string, allowed []string) Problem {
	return Problem{Key: key, What: what + " " + quote(name), Allowed: allowed, Nearest: diag.Nearest(name, allowed)}
}

// String is the problem in one line.
func (p Problem) String() string {
	text := p.What
	if len(p.Allowed) > 0 {
		text += "; allowed: " + strings.Join(p.Allowed, ", ")
	}
	if p.Nearest != "" {
		text += "; did you mean " + p.Nearest + "?"
	}
	return text
}

// quote keeps a long value from drowning the message about it.
func quote(value string) string {
	const most = 100
	if runes := []rune(value); len(runes) > most {
		value = string(runes[:most]) + "…"
	}
	return strconv.Quote(value)
}

// DirectiveError is a directive that makes no sense: an unknown one, a wrong value, or two that contradict each other. It is
// never ignored (control.md section 2).
type DirectiveError struct {
	Directive string // the header or query parameter as it was sent: "X-Mock-Error", "__error", "Prefer"
	Value     string
	Problem
}

// Error names the directive, its value, what is allowed and the nearest name.
func (e *DirectiveError) Error() string {
	// What is wrong with a combination begins with the name already.
	return e.Directive + ": " + strings.TrimPrefix(e.Problem.String(), e.Directive+" ")
}

// Answer is the 400 in documented shape.
func (e *DirectiveError) Answer() *apierror.Error { return apierror.NewMalformed(e.Error()) }

// UnknownScenario is the directive error of X-Mock-Scenario with a name that no file has.
func UnknownScenario(name string, known []string) *DirectiveError {
	what := "unknown scenario"
	first, _, several := strings.Cut(name, ",")
	switch {
	case len(known) == 0:
		what = "there are no scenarios, so none is called"
	case several:
		what = "it takes the name of one scenario, found"
	}
	p := Unknown(KeyScenario, what, name, known)
	if first = strings.TrimSpace(first); several && slices.Contains(known, first) {
		p.Nearest = first
	}
	return &DirectiveError{Directive: keyInfo(KeyScenario).Header, Value: name, Problem: p}
}

// checker collects what is wrong with the combination of an outcome's parts.
type checker struct {
	*Outcome
	name     func(Key) string
	problems []Problem
}

// Check finds combinations that are impossible. name tells how the reader of the outcome calls a word, so that a message about
// a header names headers.
func (o *Outcome) Check(name func(Key) string) []Problem {
	c := checker{Outcome: o, name: name}
	c.answer()
	c.status()
	c.modifiers()
	c.commit()
	c.patch()
	c.wire()
	return c.problems
}

func (c *checker) add(key Key, format string, args ...any) {
	c.problems = append(c.problems, Problem{Key: key, What: fmt.Sprintf(format, args...)})
}

// answer: one answer at most.
func (c *checker) answer() {
	documented := KeyError
	if c.Error == "" {
		documented = KeyStatus
	}
	switch hasError := c.Error != "" || c.Status != 0 && c.Body == nil; {
	case c.Fault != "" && hasError:
		c.add(KeyFault, "%s contradicts %s: a fault stands instead of an answer", c.name(KeyFault), c.name(documented))
	case c.Fault != "" && c.Body != nil:
		c.add(KeyFault, "%s contradicts %s: a fault stands instead of an answer", c.name(KeyFault), c.name(KeyBody))
	case c.Error != "" && c.Body != nil:
		c.add(KeyBody, "%s contradicts %s: the error has a body of its own; give %s instead", c.name(KeyBody), c.name(KeyError), c.name(KeyStatus))
	}
}

func (c *checker) status() {
	if c.Status == 0 {
		return
	}
	if entry, ok := apierror.Lookup(string(c.Error)); ok && entry.Error.Status != c.Status {
		c.add(KeyStatus, "%s %d contradicts %s %s, whose status is %d", c.name(KeyStatus), c.Status, c.name(KeyError), c.Error, entry.Error.Status)
	}
	least := 400
	if c.Body != nil {
		least = 200
	}
	if c.Status < least || c.Status > 599 {
		p := Problem{Key: KeyStatus, What: fmt.Sprintf("the status %d", c.Status), Allowed: []string{fmt.Sprintf("%d to 599", least)}}
		if c.Body == nil {
			p.Allowed = append(p.Allowed, "with a body 200 to 599")
		}
		c.problems = append(c.problems, p)
	}
}

// modifiers need something to modify.
func (c *checker) modifiers() {
	documented := c.Error != "" || c.Status != 0 && c.Body == nil
	if c.Message != nil && !documented {
		c.add(KeyMessage, "%s %s has no answer to modify: it goes with %s or %s", c.name(KeyMessage), quote(strings.Join(c.Message.Texts, ", ")), c.name(KeyError), c.name(KeyStatus))
	}
	if c.Fields != nil && c.Error != apierror.Validation {
		c.add(KeyFields, "%s %s has no answer to modify: it goes with %s validation", c.name(KeyFields), quote(strings.Join(c.Fields, ",")), c.name(KeyError))
	}
	if c.Fields != nil && c.Message != nil {
		c.add(KeyMessage, "%s contradicts %s: both say what the messages are", c.name(KeyMessage), c.name(KeyFields))
	}
	if !c.RetryAfter.IsZero() && !documented && c.Body == nil {
		c.add(KeyRetryAfter, "%s has no answer to modify: it goes with %s or %s", c.name(KeyRetryAfter), c.name(KeyError), c.name(KeyStatus))
	}
	if !headerSafe(c.RetryAfter.text) {
		c.add(KeyRetryAfter, "%s %s holds characters that no header can hold", c.name(KeyRetryAfter), quote(c.RetryAfter.text))
	}
}

// headerSafe keeps line ends out of headers.
func headerSafe(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F })
}

func (c *checker) commit() {
	if c.Commit == Unset {
		return
	}
	if !c.Answers() && len(c.Patches) == 0 {
		c.add(KeyCommit, "%s %q has no answer to modify: it goes with %s, %s or %s", c.name(KeyCommit), c.Commit, c.name(KeyError), c.name(KeyStatus), c.name(KeyFault))
	}
	if c.Commit == Before && c.NeedsAnswer() {
		needs := c.name(KeyPatch)
		if c.Fault != "" {
			needs = c.name(KeyFault) + " " + string(c.Fault)
		}
		c.add(KeyCommit, "%s %q contradicts %s, which needs the real answer: the request must be carried out first", c.name(KeyCommit), Before, needs)
	}
}

func (c *checker) patch() {
	if len(c.Patches) > 0 && c.Answers() && !c.NeedsAnswer() {
		c.add(KeyPatch, "%s has no real answer to change: another answer stands in its place", c.name(KeyPatch))
	}
}

// wire: where no answer is sent, nothing can be in it.
func (c *checker) wire() {
	if c.Fault == "" || c.Fault.NeedsAnswer() {
		return
	}
	if len(c.Headers) > 0 {
		c.add(KeyHeaders, "%s contradicts %s %s, after which no headers are sent", c.name(KeyHeaders), c.name(KeyFault), c.Fault)
	}
	if c.Delay != nil && c.Delay.Dribble != nil {
		c.add(KeyDelay, "a body that dribbles contradicts %s %s, after which no body is sent", c.name(KeyFault), c.Fault)
	}
}
