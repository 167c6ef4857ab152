package jsonbody

import "encoding/json"

// Kind is what a JSON value is.
type Kind int

// The kinds of JSON values.
const (
	NullKind Kind = iota
	BoolKind
	NumberKind
	StringKind
	ArrayKind
	ObjectKind
)

// KindOf tells the kind of one valid JSON value; its first byte decides.
func KindOf(raw json.RawMessage) Kind {
	if len(raw) == 0 {
		return NullKind
	}
	switch raw[0] {
	case 'n':
		return NullKind
	case 't', 'f':
		return BoolKind
	case '"':
		return StringKind
	case '[':
		return ArrayKind
	case '{':
		return ObjectKind
	}
	return NumberKind
}

// String names the kind with its article, as in "the body is an array"; null has none.
func (k Kind) String() string {
	switch k {
	case BoolKind:
		return "a boolean"
	case NumberKind:
		return "a number"
	case StringKind:
		return "a string"
	case ArrayKind:
		return "an array"
	case ObjectKind:
		return "an object"
	}
	return "null"
}
