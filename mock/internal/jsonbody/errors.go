package jsonbody

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// SyntaxError says why a body is no JSON. Offset is the place of the first byte that is wrong, counted from 0 in the
// body as it was sent; when the body ends too early, it is the length of the body.
type SyntaxError struct {
	What   string
	Offset int
}

// Error is fit for the person who sent the body.
func (e *SyntaxError) Error() string {
	return "request body is not valid JSON: " + e.What + " at byte " + strconv.Itoa(e.Offset)
}

// KindError says that a body is JSON, but no object. Offset is where its value begins, counted from 0.
type KindError struct {
	Got    Kind
	Offset int
}

// Error is fit for the person who sent the body.
func (e *KindError) Error() string {
	return fmt.Sprintf("request body must be a JSON object, but is %s at byte %d", e.Got, e.Offset)
}

// newSyntaxError puts into other words what encoding/json found in the text, which begins at byte start of the body.
func newSyntaxError(text []byte, start int, broken *json.SyntaxError) *SyntaxError {
	reason := broken.Error()
	switch {
	case strings.HasPrefix(reason, "unexpected end"):
		return &SyntaxError{What: "it ends too early", Offset: start + len(text)}
	case strings.Contains(reason, "exceeded max depth"):
		return &SyntaxError{What: "arrays and objects are nested too deeply", Offset: start + lastRead(text, broken)}
	}
	at := lastRead(text, broken)
	found, _ := utf8.DecodeRune(text[at:])
	what := "unexpected " + strconv.QuoteRune(found)
	if expected := expectation(reason); expected != "" {
		what += " (" + expected + ")"
	}
	return &SyntaxError{What: what, Offset: start + at}
}

// lastRead returns the place of the byte that encoding/json stumbled over: it counts the bytes that it has read.
func lastRead(text []byte, broken *json.SyntaxError) int {
	return min(max(int(broken.Offset)-1, 0), len(text)-1)
}

// expectation says what should stand there. An unknown reason, of another version of Go, says nothing.
func expectation(reason string) string {
	for _, e := range []struct{ reason, expected string }{
		{"beginning of value", "a value was expected"},
		{"beginning of object key", "a property name in double quotes was expected"},
		{"after object key:value pair", "a comma or } was expected"},
		{"after object key", "a colon was expected"},
		{"after array element", "a comma or ] was expected"},
		{"after top-level value", "nothing may follow the value"},
		{"hexadecimal character escape", `four hexadecimal digits were expected after \u`},
		{"in string escape code", "no such escape in a string"},
		{"in string literal", "in a string it must be escaped"},
		{"numeric literal", "a digit was expected"},
		{"in literal", "true, false or null was expected"},
	} {
		if strings.Contains(reason, e.reason) {
			return e.expected
		}
	}
	return ""
}
