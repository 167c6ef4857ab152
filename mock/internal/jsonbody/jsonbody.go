// Package jsonbody reads the body of a request into an object that remembers the order of its members, which the
// order of validation messages needs and a Go map loses (contract.md sections 2 and 6). It knows no fields and no
// HTTP: package schema judges the members, and the server turns an error into a 400.
package jsonbody

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"unicode/utf8"
)

// Member is one property of an object. Raw is one JSON value as it was sent, without white space around it;
// each byte of it that was no UTF-8 is U+FFFD. Raw may share memory with the body, which must not change any more.
type Member struct {
	Name string
	Raw  json.RawMessage
}

// Object is a JSON object: its members in the order sent, each name once. A name that was sent twice
// stands at its first place with its last value, as in an object that JavaScript parsed.
type Object struct {
	Members []Member
}

// Get returns the value of a member.
func (o Object) Get(name string) (json.RawMessage, bool) {
	for i := range o.Members {
		if o.Members[i].Name == name {
			return o.Members[i].Raw, true
		}
	}
	return nil, false
}

const byteOrderMark = "\xEF\xBB\xBF"

// Parse reads a body (contract.md section 2). One without a value, so empty or only white space, is an
// empty object. duplicates are the names that were sent more than once, each once. Objects within the object are not
// looked into: Parse their Raw, and their duplicates come up.
//
// The error is a *SyntaxError for a body that is no JSON, nested deeper than 10000 levels included, and a *KindError for
// JSON that is no object. Their positions count bytes of the body as it was sent, from 0.
func Parse(data []byte) (obj Object, duplicates []string, err error) {
	text := bytes.TrimLeft(bytes.TrimPrefix(data, []byte(byteOrderMark)), whiteSpace)
	start := len(data) - len(text)
	if len(text) == 0 {
		return Object{}, nil, nil
	}
	if !json.Valid(text) {
		return Object{}, nil, explain(text, start)
	}
	if kind := KindOf(text); kind != ObjectKind {
		return Object{}, nil, &KindError{Got: kind, Offset: start}
	}
	if !utf8.Valid(text) {
		text = replaceInvalid(text)
	}
	obj, duplicates = split(text)
	return obj, duplicates, nil
}

// replaceInvalid makes each byte that is no UTF-8 a U+FFFD; bytes.ToValidUTF8 would make one of several.
func replaceInvalid(text []byte) []byte {
	clean := make([]byte, 0, len(text)+len(text)/8)
	for _, r := range string(text) {
		clean = utf8.AppendRune(clean, r)
	}
	return clean
}

// explain finds out where and why a text is no JSON.
func explain(text []byte, start int) error {
	var value json.RawMessage
	var broken *json.SyntaxError
	if err := json.Unmarshal(text, &value); !errors.As(err, &broken) {
		return &SyntaxError{What: "it cannot be read", Offset: start}
	}
	return newSyntaxError(text, start, broken)
}

// split takes apart an object that is known to be valid JSON.
func split(text []byte) (Object, []string) {
	var known names
	members := make([]Member, 0, min(16, 1+bytes.Count(text, []byte{','})))
	var duplicates []string
	for i := skipSpace(text, 1); text[i] != '}'; {
		end := valueEnd(text, i)
		name := decodeName(text[i:end])
		i = skipSpace(text, skipSpace(text, end)+1) // behind the colon
		end = valueEnd(text, i)
		raw := json.RawMessage(text[i:end:end])
		if at, seen := known.place(members, name); seen {
			members[at].Raw = raw
			duplicates = append(duplicates, name)
		} else {
			members = append(members, Member{Name: name, Raw: raw})
		}
		if i = skipSpace(text, end); text[i] == ',' {
			i = skipSpace(text, i+1)
		}
	}
	return Object{Members: members}, once(duplicates)
}

// names finds members by name. Few are compared one by one, which is faster than a map; many would make that quadratic.
type names struct {
	index map[string]int
}

const fewMembers = 32

// place returns where a name already is; if it is nowhere, the caller appends it.
func (n *names) place(members []Member, name string) (int, bool) {
	if len(members) < fewMembers {
		i := slices.IndexFunc(members, func(m Member) bool { return m.Name == name })
		return i, i >= 0
	}
	if n.index == nil {
		n.index = make(map[string]int, 2*len(members))
		for i := range members {
			n.index[members[i].Name] = i
		}
	}
	i, seen := n.index[name]
	if !seen {
		n.index[name] = len(members)
	}
	return i, seen
}

// once keeps the first of equal names.
func once(list []string) []string {
	if len(list) < 2 {
		return list
	}
	seen := make(map[string]bool, len(list))
	return slices.DeleteFunc(list, func(name string) bool {
		again := seen[name]
		seen[name] = true
		return again
	})
}

// Items yields the elements of a JSON array that Parse let through.
func Items(array json.RawMessage) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		for i := skipSpace(array, 1); array[i] != ']'; {
			end := valueEnd(array, i)
			if !yield(array[i:end:end]) {
				return
			}
			if i = skipSpace(array, end); array[i] == ',' {
				i = skipSpace(array, i+1)
			}
		}
	}
}

const whiteSpace = " \t\r\n"

func skipSpace(text []byte, i int) int {
	for text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r' {
		i++
	}
	return i
}

// valueEnd returns the place behind the value that begins at i; the text is valid JSON and goes on behind it.
func valueEnd(text []byte, i int) int {
	switch text[i] {
	case '"':
		return stringEnd(text, i)
	case '{', '[':
		return nestEnd(text, i)
	}
	for {
		switch text[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
		i++
	}
}

func stringEnd(text []byte, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// nestEnd counts brackets instead of calling itself, so that depth costs no stack.
func nestEnd(text []byte, i int) int {
	for depth := 0; ; {
		switch text[i] {
		case '"':
			i = stringEnd(text, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
}

func decodeName(quoted []byte) string {
	name, _ := DecodeString(quoted)
	return name
}

// DecodeString returns the text of a JSON string; ok is false for a value that is none. A lone surrogate, which
// only an escape can hold, is U+FFFD.
func DecodeString(raw json.RawMessage) (text string, ok bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), true
	}
	err := json.Unmarshal(raw, &text)
	return text, err == nil
}
