package openapi

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// written is the schema of a body, as the server judges it (contract.md sections 5 and 6). Defaults stand in the
// descriptions: of the keyword `default` some generators conclude that the field must be sent.
func written(d *schema.Definition, mode schema.Mode) *Schema {
	s := (&Schema{Type: "object"}).closed()
	for i := range d.Fields {
		f := &d.Fields[i]
		if f.ReadOnly || f.UpdateOnly && mode == schema.Create {
			continue
		}
		if f.Required && mode != schema.Patch {
			s.Required = append(s.Required, f.Name)
		}
		s.Properties = append(s.Properties, member[*Schema]{f.Name, sent(f)})
	}
	return s
}

// sent is a field in a body. An optional one may be null, to which no rule is applied.
func sent(f *schema.Field) *Schema {
	s := judged(f)
	s.Description = remarks(f)
	if !f.Required {
		return s.nullable()
	}
	if f.Type == schema.String && len(f.Enum) == 0 && (s.MinLength == nil || *s.MinLength < 1) {
		one := 1
		s.MinLength = &one
	}
	return s
}

// remarks say what no keyword can.
func remarks(f *schema.Field) string {
	var texts []string
	if f.Unique {
		texts = append(texts, "Unique, compared without case: a value that is taken is a 409.")
	}
	if f.Default != nil {
		texts = append(texts, "Default: "+strings.Trim(string(f.Default), `"`)+".")
	}
	return strings.Join(texts, " ")
}

// judged is the schema of the values that keep the rules of a field.
func judged(f *schema.Field) *Schema {
	s := typed(f)
	s.Enum = values(f, f.Enum)
	s.Minimum, s.Maximum, s.MinLength, s.MaxLength = f.Minimum, f.Maximum, f.MinLength, f.MaxLength
	if s.Type == "array" && f.Items != nil {
		s.Items = judged(f.Items)
	}
	return s
}

// typed is type and format alone.
func typed(f *schema.Field) *Schema {
	s := &Schema{Type: string(f.Type), Format: string(f.Format)}
	if f.Type == schema.Array {
		s.Items = &Schema{}
		if f.Items != nil {
			s.Items = typed(f.Items)
		}
	}
	return s
}

// values are those of an enum, in the type of their field; a definition has them as text.
func values(f *schema.Field, texts []string) []any {
	var list []any
	for _, text := range texts {
		if f.Type == schema.Integer || f.Type == schema.Number || f.Type == schema.Boolean {
			list = append(list, json.RawMessage(text))
			continue
		}
		list = append(list, text)
	}
	return list
}

// read is a record in a response. No field is ever left out. Bounds and lengths are rules for writing: what was
// written before they were tightened is still read.
func read(d *schema.Definition) *Schema {
	s := &Schema{Type: "object"}
	for i := range d.Fields {
		f := &d.Fields[i]
		s.Required = append(s.Required, f.Name)
		s.Properties = append(s.Properties, member[*Schema]{f.Name, shown(f)})
	}
	return s
}

// shown is a field in a response, with the values that only the server sets.
func shown(f *schema.Field) *Schema {
	s := typed(f)
	s.Enum = values(f, slices.Concat(f.Enum, f.Reserved))
	if len(f.Enum) == 0 {
		s.Enum = nil
	}
	if !alwaysSet(f) {
		s.nullable()
	}
	return s
}

// alwaysSet says whether a record always has a value for the field.
func alwaysSet(f *schema.Field) bool {
	switch f.Set {
	case schema.SetUUID, schema.SetNowOnCreate, schema.SetNowOnChange:
		return true
	}
	return f.Required || f.Default != nil && string(f.Default) != "null"
}

// sample takes some fields of an example record that a body of the mode may have; limit bounds their number, 0 is all.
func sample(d *schema.Definition, record json.RawMessage, mode schema.Mode, limit int) object[json.RawMessage] {
	var values map[string]json.RawMessage
	if json.Unmarshal(record, &values) != nil {
		return nil
	}
	var body object[json.RawMessage]
	for i := range d.Fields {
		f := &d.Fields[i]
		value := values[f.Name]
		if f.ReadOnly || f.UpdateOnly && mode == schema.Create || value == nil || string(value) == "null" || reserved(f, value) {
			continue
		}
		if body = append(body, member[json.RawMessage]{f.Name, value}); len(body) == limit {
			break
		}
	}
	return body
}

// reserved: a converted lead's status cannot be sent back.
func reserved(f *schema.Field, value json.RawMessage) bool {
	var text string
	return json.Unmarshal(value, &text) == nil && slices.Contains(f.Reserved, text)
}
