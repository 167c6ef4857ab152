package schema

import (
	"encoding/json"

	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
)

// Mode says which rules a body has to keep.
type Mode int

// The modes, each with the method that asks for it. Bodies that are no resource (login, convert, bulk) are Create.
const (
	Create  Mode = iota // POST: required fields have to be there; UpdateOnly fields are unknown
	Patch               // PATCH: only the rules of the fields that were sent
	Replace             // PUT: required fields have to be there; UpdateOnly fields are taken
)

// Value is what a body says about a field. Raw is canonical JSON, as JSON.stringify would print it, except that the
// inside of an Object, and of an Array without rules for its items, only loses its white space.
type Value struct {
	Field int // index in Definition.Fields
	Raw   json.RawMessage
}

// Validate judges a body (contract.md sections 5 and 6). It returns the values of the fields that the body names, in the order of the
// definition; a null has become the field's default, or null where it has none. Fields that the body leaves
// out are not among them, whatever the mode: Field.DefaultJSON is what they start with.
//
// messages holds one message per broken field: first the unknown properties in the order sent, then the fields in the order of the
// definition. The values mean nothing unless it is empty. path is "" for
// a body; for an object within one it is the name of the member that holds it, which each message then
// carries: "updates" gives `updates.status must be one of: …`.
func (d *Definition) Validate(mode Mode, body jsonbody.Object, path string) (values []Value, messages []string) {
	if path != "" {
		path += "."
	}
	sent, messages := d.assign(mode, body, path)
	values = make([]Value, 0, len(body.Members))
	buffer := make([]byte, 0, spaceFor(body))
	for i := range d.Fields {
		f := &d.Fields[i]
		if sent[i] == 0 {
			if mode != Patch && f.Required && f.writable(mode) {
				messages = append(messages, path+f.Name+" "+ruleRequired)
			}
			continue
		}
		start := len(buffer)
		var v verdict
		if buffer, v = f.take(buffer, body.Members[sent[i]-1].Raw); v.rule != "" {
			messages = append(messages, path+f.message(v))
			continue
		}
		values = append(values, Value{Field: i, Raw: buffer[start:len(buffer):len(buffer)]})
	}
	return values, messages
}

// assign finds the field of each member: sent holds, for each field, the place of its member in the body plus 1, or 0.
func (d *Definition) assign(mode Mode, body jsonbody.Object, path string) (sent []int, messages []string) {
	sent = make([]int, len(d.Fields))
	for i := range body.Members {
		name := body.Members[i].Name
		at := d.Index(name)
		if at < 0 || !d.Fields[at].writable(mode) {
			messages = append(messages, path+unknownProperty(name))
			continue
		}
		sent[at] = i + 1
	}
	return sent, messages
}

// spaceFor is nearly always enough for the canonical values, so that they share one piece of memory of their own
// and none of them keeps the whole body alive.
func spaceFor(body jsonbody.Object) int {
	n := 0
	for i := range body.Members {
		n += len(body.Members[i].Raw) + 4
	}
	return n
}

// writable reports whether a body may name the field.
func (f *Field) writable(mode Mode) bool {
	return !f.ReadOnly && !(f.UpdateOnly && mode == Create)
}

// take judges a value, or replaces the null of an optional field by its default, to which no rule applies.
func (f *Field) take(to []byte, raw json.RawMessage) ([]byte, verdict) {
	if !f.Required && jsonbody.KindOf(raw) == jsonbody.NullKind {
		return append(to, f.DefaultJSON()...), verdict{}
	}
	return f.judge(to, raw)
}

// DefaultJSON is the value of a field that nobody has set: its default, or null. It must not be changed.
func (f *Field) DefaultJSON() json.RawMessage {
	if f.Default == nil {
		return json.RawMessage("null")
	}
	return f.Default
}

func (f *Field) message(v verdict) string {
	if v.each {
		return eachValue + f.Name + " " + v.rule
	}
	return f.Name + " " + v.rule
}
