// Package schema says what a record of a resource is: its fields in order, their rules, and the message
// that each broken rule earns (contract.md sections 5 and 6). It knows neither files nor HTTP: package
// fixture builds a Definition from a schema file, and everything that needs to know a resource reads it.
package schema

import (
	"encoding/json"
	"time"
)

// Type is the JSON type of a field.
type Type string

// The types that a field can have.
const (
	String  Type = "string"
	Integer Type = "integer"
	Number  Type = "number"
	Boolean Type = "boolean"
	Array   Type = "array"
	Object  Type = "object"
)

// Format narrows a String field.
type Format string

// The formats that carry a rule, and their home in contract.md section 6.
const (
	Email    Format = "email"
	UUID     Format = "uuid"
	DateTime Format = "date-time"
	Date     Format = "date"
)

// Setter says who fills a field that a client may not write.
type Setter string

// The setters of readOnly fields.
const (
	SetUUID        Setter = "uuid"          // a new UUID when the record is made
	SetNowOnCreate Setter = "now-on-create" // the session's time when the record is made
	SetNowOnChange Setter = "now-on-change" // the session's time at each change
	SetCaller      Setter = "caller"        // the id of the user who made the record
	SetByCode      Setter = "code"          // Go code that knows the resource
)

// Field is one property of a resource, or one member of a request body.
type Field struct {
	Name      string
	Type      Type
	Format    Format
	Enum      []string // the values a client may send; empty: any
	Reserved  []string // further values that only the server sets; legal in a filter
	MinLength *int     // code points, as validator.js counts them
	MaxLength *int
	Minimum   *float64
	Maximum   *float64
	Items     *Field          // of an Array; nil: anything
	Default   json.RawMessage // nil: null

	Required   bool   // on create and PUT; never null or empty
	ReadOnly   bool   // the server's alone
	UpdateOnly bool   // not on create
	Unique     bool   // among the records of the resource, compared without case
	Set        Setter // of a ReadOnly field

	Fake Fake
}

// Fake says how the generator fills a field.
type Fake struct {
	Function string   // a gofakeit function or one of package generate's; empty: by type and format
	Choices  []string // for one-of and some-of
	Chance   float64  // 0 to 1, how often there is a value
	Weights  []Weight // of an enum's values
}

// Weight is how often an enum value is made up, against the other weights. The value "none" is no value.
type Weight struct {
	Value  string
	Weight float64
}

// Query says what a list of the resource can be asked for.
type Query struct {
	Filters []string  // field names, in the order of their messages
	Minimum []Minimum // after the filters
	Search  []string  // the fields that `search` looks at
}

// Minimum is a query parameter that is a lower bound of a field.
type Minimum struct{ Parameter, Field string }

// Generate says which records are made up for a resource.
type Generate struct {
	Count int
	Seed  uint64
	Until time.Time // no made-up date lies after it
	Days  int       // nor more than so many days before it
}

// Definition is a resource: "leads", whose records are each a "Lead".
type Definition struct {
	Name     string // the plural, as in the path
	Singular string // as in messages
	Fields   []Field
	Query    Query
	Generate Generate

	index map[string]int
}

// NewDefinition makes a Definition ready for look-ups; it takes the fields in their order.
func NewDefinition(name, singular string, fields []Field) *Definition {
	d := &Definition{Name: name, Singular: singular, Fields: fields, index: make(map[string]int, len(fields))}
	for i := range fields {
		d.index[fields[i].Name] = i
	}
	return d
}

// Index returns the place of a field, or -1.
func (d *Definition) Index(name string) int {
	if i, ok := d.index[name]; ok {
		return i
	}
	return -1
}

// Field returns a field by name, or nil.
func (d *Definition) Field(name string) *Field {
	if i, ok := d.index[name]; ok {
		return &d.Fields[i]
	}
	return nil
}
