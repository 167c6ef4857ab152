package openapi

import (
	"bytes"
	"encoding/json"
	"slices"
)

// infer makes a schema of the one value that is known, the body of a canned answer: what it holds is required, and
// the items of an array are one shape. Of a null nothing is known but that it may be one.
func infer(body json.RawMessage) *Schema {
	var s shape
	s.see(body)
	return s.schema()
}

// shape is what some values have in common.
type shape struct {
	kinds   []string // JSON Schema types, in the order in which they came
	seen    int      // values
	objects int      // of them
	fields  object[*shape]
	items   *shape
}

func (s *shape) see(raw json.RawMessage) {
	raw = bytes.TrimSpace(raw)
	kind := kindOf(raw)
	s.seen++
	if !slices.Contains(s.kinds, kind) {
		s.kinds = append(s.kinds, kind)
	}
	switch kind {
	case "object":
		s.objects++
		s.seeFields(raw)
	case "array":
		if s.items == nil {
			s.items = &shape{}
		}
		var items []json.RawMessage
		_ = json.Unmarshal(raw, &items) // JSON that the fixture reader made
		for _, item := range items {
			s.items.see(item)
		}
	}
}

func kindOf(raw json.RawMessage) string {
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return "null"
	case raw[0] == '{':
		return "object"
	case raw[0] == '[':
		return "array"
	case raw[0] == '"':
		return "string"
	case raw[0] == 't' || raw[0] == 'f':
		return "boolean"
	case bytes.ContainsAny(raw, ".eE"):
		return "number"
	}
	return "integer"
}

// seeFields reads an object in the order of its members; json.Unmarshal into a map would lose it.
func (s *shape) seeFields(raw json.RawMessage) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	_, _ = decoder.Token()
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		var value json.RawMessage
		if err != nil || !ok || decoder.Decode(&value) != nil {
			return
		}
		s.field(name).see(value)
	}
}

func (s *shape) field(name string) *shape {
	for _, f := range s.fields {
		if f.Name == name {
			return f.Value
		}
	}
	field := &shape{}
	s.fields = append(s.fields, member[*shape]{name, field})
	return field
}

// required are the fields that every object had.
func (s *shape) required() (names []string) {
	for _, f := range s.fields {
		if f.Value.seen == s.objects {
			names = append(names, f.Name)
		}
	}
	return names
}

func (s *shape) schema() *Schema {
	kinds := s.kinds
	if slices.Contains(kinds, "number") {
		kinds = slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k == "integer" })
	}
	if len(kinds) == 0 || len(kinds) == 1 && kinds[0] == "null" {
		return &Schema{}
	}
	result := &Schema{Type: kinds}
	if len(kinds) == 1 {
		result.Type = kinds[0]
	}
	if s.items != nil {
		result.Items = s.items.schema()
	}
	for _, f := range s.fields {
		result.Properties = append(result.Properties, member[*Schema]{f.Name, f.Value.schema()})
	}
	result.Required = s.required()
	return result
}
