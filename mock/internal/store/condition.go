package store

import (
	"slices"
	"strconv"
	"strings"
)

// conditionKind is a way to filter.
type conditionKind uint8

const (
	isEqual conditionKind = iota
	isEqualFolded
	isAtLeast
	contains
)

// facetKey names what is worked out for a block: all equality filters of a field share one facet, all
// minimums another, and each search is one of its own.
type facetKey struct {
	kind   conditionKind
	field  int32
	needle string // of contains: the fields and the lower-case text
}

// condition is one filter of a query, compiled.
type condition struct {
	facetKey
	fieldKind Kind
	value     string  // of an equality: the key of the value, see equalKey
	minimum   float64 // of isAtLeast
	fields    []int   // of contains
	text      string  // of contains: lower-case
}

// conditions compiles a query's filters.
func (v *View) conditions(q *Query) []condition {
	n := len(q.Equal) + len(q.AtLeast) + b2i(q.Search != "")
	if n == 0 {
		return nil
	}
	conditions := make([]condition, 0, n)
	for _, e := range q.Equal {
		conditions = append(conditions, v.equal(e))
	}
	for _, a := range q.AtLeast {
		key := facetKey{kind: isAtLeast, field: int32(a.Field)}
		conditions = append(conditions, condition{facetKey: key, minimum: a.Minimum})
	}
	if q.Search != "" {
		text := strings.ToLower(q.Search)
		var needle []byte
		for _, field := range q.SearchIn {
			needle = strconv.AppendInt(needle, int64(field), 10)
			needle = append(needle, ' ')
		}
		key := facetKey{kind: contains, needle: string(needle) + "in " + text}
		conditions = append(conditions, condition{facetKey: key, fields: q.SearchIn, text: text})
	}
	return conditions
}

func (v *View) equal(e Equal) condition {
	c := condition{facetKey: facetKey{field: int32(e.Field)}, fieldKind: v.layout.fields[e.Field].Kind, value: e.Value}
	switch {
	case c.fieldKind == Text && e.Fold:
		c.kind, c.value = isEqualFolded, strings.ToLower(e.Value)
	case c.fieldKind == Number:
		c.value = "" // what no number's key is
		if n, ok := decodeNumber(e.Value); ok {
			c.value = numberKey(n)
		}
	}
	return c
}

// numberKey spells a number in one way, so that 1, 1.0 and 1e0 are equal.
func numberKey(n float64) string {
	if n == 0 {
		n = 0 // there is a negative zero, too
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}

// equalKey is what the record's value is compared by; false if it is null or not of the field's kind.
func (c *condition) equalKey(r *Record) (string, bool) {
	switch {
	case c.kind == isEqualFolded:
		return foldedText(r, int(c.field))
	case c.fieldKind == Text:
		return r.Text(int(c.field))
	case c.fieldKind == Number:
		n, ok := r.Number(int(c.field))
		return numberKey(n), ok
	}
	raw := r.raw(int(c.field))
	return raw, raw != "null"
}

// matches looks at a record itself.
func (c *condition) matches(r *Record) bool {
	switch c.kind {
	case isAtLeast:
		n, ok := r.Number(int(c.field))
		return ok && n >= c.minimum
	case contains:
		return slices.ContainsFunc(c.fields, func(field int) bool {
			text, ok := foldedText(r, field)
			return ok && strings.Contains(text, c.text)
		})
	}
	key, ok := c.equalKey(r)
	return ok && key == c.value
}

func matchesAll(conditions []condition, r *Record) bool {
	for i := range conditions {
		if !conditions[i].matches(r) {
			return false
		}
	}
	return true
}
