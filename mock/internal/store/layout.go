// Package store keeps the records of one resource in memory: immutable views that share their structure, so
// that thousands of isolated sessions stand on one base and diverge by writing; look-ups, filters, sort
// orders, pages and cursors over them; and what becomes of a session's writes when the files change.
// It knows nothing of HTTP, files or validation: package fixture builds the base, package crm asks and writes.
//
// Each record is held once, as its encoded JSON with the places of its values, and is decoded on demand.
// A view is a table of the records it started from (root), a small persistent trie of what changed since
// (overlay), and sort orders made on first use. An order is a list of blocks of at most 1024 records; each
// block answers filters with a bitmap, so a filtered page costs one bitmap operation per block and filter,
// whatever the filter's density and wherever the page lies.
package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// Kind says how the values of a field compare when sorting.
type Kind uint8

// The kinds of fields. Opaque fields (arrays, objects) cannot be sorted by: all their values are equal.
const (
	Text Kind = iota
	Number
	Boolean
	Opaque
)

// Field is one field of a record. Unique fields can be looked up by value, without case; null is no value.
type Field struct {
	Name   string
	Kind   Kind
	Unique bool
}

// idField is the name of the field that identifies a record.
const idField = "id"

// Layout is the order of the fields in a record's JSON, and what is known of each.
type Layout struct {
	fields   []Field
	index    map[string]int
	prefixes [][]byte // what stands before each value: `{"id":`, `,"email":`
	id       int
	unique   []int // the places of the unique fields
}

// NewLayout makes a Layout of fields. It panics when two share a name or none is a Text called "id":
// a definition without them must not get this far.
func NewLayout(fields []Field) *Layout {
	l := &Layout{fields: slices.Clone(fields), index: make(map[string]int, len(fields))}
	for i, f := range l.fields {
		if _, twice := l.index[f.Name]; twice {
			panic(fmt.Sprintf("store: a layout has two fields called %q", f.Name))
		}
		l.index[f.Name] = i
		l.prefixes = append(l.prefixes, prefix(i, f.Name))
		if f.Unique {
			l.unique = append(l.unique, i)
		}
	}
	l.id = l.Index(idField)
	if l.id < 0 || l.fields[l.id].Kind != Text {
		panic("store: a layout needs a Text field called \"id\"")
	}
	return l
}

// prefix is what stands in front of the i-th value in a record's JSON.
func prefix(i int, name string) []byte {
	var b bytes.Buffer
	if i == 0 {
		b.WriteByte('{')
	} else {
		b.WriteByte(',')
	}
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(name); err != nil {
		panic(err) // a string can always be encoded
	}
	b.Truncate(b.Len() - 1) // the encoder's line end
	b.WriteByte(':')
	return b.Bytes()
}

// Index returns the place of a field, or -1.
func (l *Layout) Index(name string) int {
	if i, ok := l.index[name]; ok {
		return i
	}
	return -1
}

// Fields returns a copy of the fields in their order.
func (l *Layout) Fields() []Field { return slices.Clone(l.fields) }

// fits reports whether records of the other layout have the same fields at the same places, so that they
// can be used as they are. Kinds may differ: they are the business of the view.
func (l *Layout) fits(other *Layout) bool {
	return l == other || slices.EqualFunc(l.fields, other.fields, func(a, b Field) bool { return a.Name == b.Name })
}
