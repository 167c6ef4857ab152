package match

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Value is a condition on one value. Without tests and members it is met by any value that is there.
type Value struct {
	Tests   []Test
	Members []Member // the value is an object with at least these members
	Object  bool     // Members counts, even if empty
}

// Member is a condition on a member of an object.
type Member struct {
	Name  string
	Value Value
}

// Test is one thing that is asked of a value. Make it with Equals, OneOf, Matches or Exists.
type Test struct {
	kind    testKind
	choices []any // of equals and oneOf
	pattern *regexp.Regexp
}

type testKind int

const (
	isOneOf testKind = iota
	isMatch
	isThere
	isAbsent
)

// Equals asks for a value like that of encoding/json: nil, bool, float64, string, []any or map[string]any. Lists and
// objects must be equal as a whole.
func Equals(v any) Test { return Test{choices: []any{v}} }

// OneOf asks for one of several values.
func OneOf(choices ...any) Test { return Test{choices: choices} }

// Exists asks that the value be there (null is), or that it be not.
func Exists(there bool) Test {
	if there {
		return Test{kind: isThere}
	}
	return Test{kind: isAbsent}
}

// maxPattern bounds a regular expression, in bytes as written; maxSteps bounds what its repetitions expand to, since the
// time that a match takes is the product of that and of the text.
const (
	maxPattern = 1000
	maxSteps   = 5000
)

// maxText bounds how much of a value, in bytes, a pattern is looked for in.
const maxText = 64 << 10

// Matches asks that a regular expression of Go (RE2: it never backtracks) be found in the text of the value. Numbers and
// booleans are matched as JSON writes them.
func Matches(pattern string) (Test, error) {
	if len(pattern) > maxPattern {
		return Test{}, fmt.Errorf("the pattern is %d bytes long, at most %d are allowed", len(pattern), maxPattern)
	}
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return Test{}, fmt.Errorf("the pattern is no regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	if n := stepsOf(pattern); n > maxSteps {
		return Test{}, fmt.Errorf("the repetitions of the pattern come to %d steps, at most %d are allowed", n, maxSteps)
	}
	return Test{kind: isMatch, pattern: compiled}, nil
}

// stepsOf is how many instructions a pattern that compiles has.
func stepsOf(pattern string) int {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 0
	}
	return len(program.Inst)
}

// ValueOf is the condition of one test.
func ValueOf(t Test) Value { return Value{Tests: []Test{t}} }

func (v *Value) accepts(value any, there bool) bool {
	for i := range v.Tests {
		if !v.Tests[i].accepts(value, there) {
			return false
		}
	}
	if !v.Object {
		return there || len(v.Tests) > 0
	}
	object, ok := value.(map[string]any)
	if !ok {
		return false
	}
	for i := range v.Members {
		member, there := object[v.Members[i].Name]
		if !v.Members[i].Value.accepts(member, there) {
			return false
		}
	}
	return true
}

// acceptsText asks whether one of the values of a parameter or header passes.
func (v *Value) acceptsText(values []string) bool {
	if len(values) == 0 {
		return v.accepts(nil, false)
	}
	for _, value := range values {
		if v.acceptsString(value) {
			return true
		}
	}
	return false
}

// acceptsString does not make an any of the text, which would cost an allocation for each rule that is asked.
func (v *Value) acceptsString(text string) bool {
	for i := range v.Tests {
		if !v.Tests[i].acceptsString(text) {
			return false
		}
	}
	return !v.Object
}

func (t *Test) acceptsString(text string) bool {
	switch t.kind {
	case isThere:
		return true
	case isAbsent:
		return false
	case isMatch:
		return t.matches(text)
	}
	for _, choice := range t.choices {
		if wanted, ok := choice.(string); ok && wanted == text {
			return true
		}
	}
	return false
}

func (t *Test) matches(text string) bool {
	return t.pattern.MatchString(text[:min(len(text), maxText)])
}

func (t *Test) accepts(value any, there bool) bool {
	switch t.kind {
	case isThere:
		return there
	case isAbsent:
		return !there
	case isMatch:
		text, ok := textOf(value)
		return there && ok && t.matches(text)
	}
	if !there {
		return false
	}
	for _, choice := range t.choices {
		if equal(choice, value) {
			return true
		}
	}
	return false
}

func equal(a, b any) bool {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && a == b
	case float64:
		b, ok := b.(float64)
		return ok && a == b
	}
	return reflect.DeepEqual(a, b)
}

func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// explain says what the first part of a value is that does not pass; subject names the whole: "the body".
func (v *Value) explain(subject string, value any, there bool, secret func(name string) bool) string {
	for i := range v.Tests {
		if t := &v.Tests[i]; !t.accepts(value, there) {
			return fmt.Sprintf("%s is %s, %s is wanted", subject, found(conceal(value, secret), there), t.want())
		}
	}
	object, ok := value.(map[string]any)
	if v.Object && !ok {
		return fmt.Sprintf("%s is %s, an object is wanted", subject, found(conceal(value, secret), there))
	}
	for i := range v.Members {
		m := &v.Members[i]
		if member, there := object[m.Name]; !m.Value.accepts(member, there) {
			if there && secret(m.Name) {
				return fmt.Sprintf("%s's %s is %s, %s is wanted", subject, m.Name, hidden, m.Value.want())
			}
			return m.Value.explain(subject+"'s "+m.Name, member, there, secret)
		}
	}
	return ""
}

// conceal is a value without the secrets in it.
func conceal(value any, secret func(name string) bool) any {
	switch value := value.(type) {
	case []any:
		shown := make([]any, len(value))
		for i := range value {
			shown[i] = conceal(value[i], secret)
		}
		return shown
	case map[string]any:
		shown := make(map[string]any, len(value))
		for name, member := range value {
			if shown[name] = hidden; !secret(name) {
				shown[name] = conceal(member, secret)
			}
		}
		return shown
	}
	return value
}

func found(value any, there bool) string {
	if !there {
		return "not there"
	}
	return show(value)
}

func (v *Value) want() string {
	wants := make([]string, len(v.Tests))
	for i := range v.Tests {
		wants[i] = v.Tests[i].want()
	}
	if len(wants) == 0 {
		return "any value"
	}
	return strings.Join(wants, " and ")
}

func (t *Test) want() string {
	switch t.kind {
	case isThere:
		return "any value"
	case isAbsent:
		return "none"
	case isMatch:
		return "a match of " + t.pattern.String()
	}
	wants := make([]string, len(t.choices))
	for i, choice := range t.choices {
		wants[i] = show(choice)
	}
	return either(wants)
}

// show is a value as JSON, cut so that it fits in a sentence.
func show(value any) string {
	const most = 80
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	if len(text) <= most {
		return string(text)
	}
	end := most
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return string(text[:end]) + "…"
}
