package openapi

import (
	"bytes"
	"encoding/json"
)

// The parts of an OpenAPI document that are needed here. Their fields stand in the order in which people read them,
// and maps are ordered lists: the document keeps the order of the files that it is made from.

// object is a JSON object whose members keep their order.
type object[T any] []member[T]

type member[T any] struct {
	Name  string
	Value T
}

// MarshalJSON writes the members in their order.
func (o object[T]) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := encode(m.Name)
		if err != nil {
			return nil, err
		}
		value, err := encode(m.Value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (o object[T]) has(name string) bool {
	for _, m := range o {
		if m.Name == name {
			return true
		}
	}
	return false
}

// encode leaves markup alone: texts here are read by people.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}

type document struct {
	OpenAPI    string                `json:"openapi"`
	Info       info                  `json:"info"`
	Servers    []server              `json:"servers"`
	Security   []securityRequirement `json:"security"`
	Tags       []tag                 `json:"tags"`
	Paths      object[object[any]]   `json:"paths"`
	Components components            `json:"components"`
}

type info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description"`
}

type server struct {
	URL         string `json:"url"`
	Description string `json:"description"`
}

type securityRequirement object[[]string]

// MarshalJSON writes the schemes that are asked for together.
func (s securityRequirement) MarshalJSON() ([]byte, error) { return object[[]string](s).MarshalJSON() }

type tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

type components struct {
	Schemas         object[*Schema]        `json:"schemas"`
	Responses       object[*response]      `json:"responses"`
	Parameters      object[*parameter]     `json:"parameters"`
	Headers         object[*header]        `json:"headers"`
	SecuritySchemes object[securityScheme] `json:"securitySchemes"`
}

type securityScheme struct {
	Type         string `json:"type"`
	Scheme       string `json:"scheme,omitempty"`
	BearerFormat string `json:"bearerFormat,omitempty"`
	In           string `json:"in,omitempty"`
	Name         string `json:"name,omitempty"`
	Description  string `json:"description"`
}

type operationObject struct {
	OperationID string                `json:"operationId"`
	Tags        []string              `json:"tags"`
	Summary     string                `json:"summary"`
	Description string                `json:"description,omitempty"`
	Security    []securityRequirement `json:"security,omitzero"` // an empty list, unlike none, says that no credential is asked for
	Parameters  []any                 `json:"parameters,omitempty"`
	RequestBody *requestBody          `json:"requestBody,omitempty"`
	Responses   object[any]           `json:"responses"`
}

type reference struct {
	Ref string `json:"$ref"`
}

type parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Required    bool    `json:"required,omitempty"`
	Description string  `json:"description,omitempty"`
	Schema      *Schema `json:"schema"`
}

type requestBody struct {
	Required bool              `json:"required,omitempty"`
	Content  object[mediaType] `json:"content"`
}

type mediaType struct {
	Schema   *Schema         `json:"schema"`
	Example  any             `json:"example,omitempty"`
	Examples object[example] `json:"examples,omitempty"`
}

type example struct {
	Summary string `json:"summary,omitempty"`
	Value   any    `json:"value"`
}

type response struct {
	Description string            `json:"description"`
	Headers     object[any]       `json:"headers,omitempty"`
	Content     object[mediaType] `json:"content,omitempty"`
}

type header struct {
	Description string  `json:"description"`
	Required    bool    `json:"required,omitempty"`
	Schema      *Schema `json:"schema"`
	Example     any     `json:"example,omitempty"`
}

// Schema is a piece of JSON Schema, draft 2020-12.
type Schema struct {
	Ref                  string          `json:"$ref,omitempty"`
	Description          string          `json:"description,omitempty"`
	Type                 any             `json:"type,omitempty"` // a string, or several
	Format               string          `json:"format,omitempty"`
	Const                any             `json:"const,omitempty"`
	Enum                 []any           `json:"enum,omitempty"`
	Default              any             `json:"default,omitempty"`
	Minimum              *float64        `json:"minimum,omitempty"`
	Maximum              *float64        `json:"maximum,omitempty"`
	MinLength            *int            `json:"minLength,omitempty"`
	MaxLength            *int            `json:"maxLength,omitempty"`
	Items                *Schema         `json:"items,omitempty"`
	MinItems             int             `json:"minItems,omitempty"`
	Required             []string        `json:"required,omitempty"`
	Properties           object[*Schema] `json:"properties,omitempty"`
	AdditionalProperties *bool           `json:"additionalProperties,omitempty"`
	OneOf                []*Schema       `json:"oneOf,omitempty"`
	AnyOf                []*Schema       `json:"anyOf,omitempty"`
}

func refTo(section, name string) string { return "#/components/" + section + "/" + name }

func textSchema() *Schema                    { return &Schema{Type: "string"} }
func formatted(format string) *Schema        { return &Schema{Type: "string", Format: format} }
func integerSchema() *Schema                 { return &Schema{Type: "integer"} }
func numberSchema() *Schema                  { return &Schema{Type: "number"} }
func booleanSchema() *Schema                 { return &Schema{Type: "boolean"} }
func arrayOf(items *Schema) *Schema          { return &Schema{Type: "array", Items: items} }
func constant(kind string, v any) *Schema    { return &Schema{Type: kind, Const: v} }
func (s *Schema) saying(text string) *Schema { s.Description = text; return s }

// nullable lets a value be null too.
func (s *Schema) nullable() *Schema {
	if kind, ok := s.Type.(string); ok {
		s.Type = []string{kind, "null"}
	}
	if s.Enum != nil {
		s.Enum = append(s.Enum[:len(s.Enum):len(s.Enum)], nil)
	}
	return s
}

// whole is an object all of whose fields are always there.
func whole(fields ...member[*Schema]) *Schema {
	s := &Schema{Type: "object", Properties: fields}
	for _, f := range fields {
		s.Required = append(s.Required, f.Name)
	}
	return s
}

// closed allows no other fields.
func (s *Schema) closed() *Schema {
	no := false
	s.AdditionalProperties = &no
	return s
}
