package store

import (
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
)

// root is what NewView built and all views made from it share.
type root struct {
	seed    maphash.Seed
	records []*Record
	ids     *table
	unique  []*table // as Layout.unique
	view    *View    // the one without an overlay, whose sort orders the others start from
	texts   list[*haystack]
}

// contents is a root and an overlay of what changed since: all that a look-up needs.
type contents struct {
	layout  *Layout
	root    *root
	ids     *node   // every record that was put or deleted since the root
	unique  []*node // as Layout.unique: every record put since the root that has a value there
	size    int
	changed int // the entries of ids
	written int // bytes that ids takes, with its records; an estimate
}

// View is an immutable snapshot of the records of one resource, safe for concurrent use.
type View struct {
	contents
	orders list[*orderState]
}

// DuplicateError says that two records have the same id, or the same value (without case) in a Unique field.
type DuplicateError struct {
	Field         string
	Value         string // as the second record has it
	First, Second int    // their places among the records
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("records %d and %d have the same %s %q", e.First, e.Second, e.Field, e.Value)
}

// NewView makes a view of records, which must be encoded with the layout. It fails with a *DuplicateError.
func NewView(l *Layout, records []*Record) (*View, error) {
	rt := &root{seed: maphash.MakeSeed(), records: slices.Clone(records), ids: newTable(len(records))}
	for range l.unique {
		rt.unique = append(rt.unique, newTable(len(records)))
	}
	for i := range rt.records { // one pass, since reaching a record is what costs the time
		if err := rt.enter(l, i); err != nil {
			return nil, err
		}
	}
	rt.view = &View{contents: contents{
		layout: l, root: rt, unique: make([]*node, len(l.unique)), size: len(rt.records),
	}}
	return rt.view, nil
}

// enter puts the i-th record into the tables.
func (rt *root) enter(l *Layout, i int) error {
	r := rt.records[i]
	if !l.fits(r.layout) {
		panic("store: a record of another layout: " + r.id)
	}
	hash := maphash.String(rt.seed, r.id)
	if first := rt.find(hash, r.id); first >= 0 {
		return &DuplicateError{Field: idField, Value: r.id, First: first, Second: i}
	}
	rt.ids.add(hash, i)
	for u, field := range l.unique {
		value, ok := foldedText(r, field)
		if !ok {
			continue
		}
		hash := maphash.String(rt.seed, value)
		for first := range rt.unique[u].candidates(hash) {
			if v, _ := foldedText(rt.records[first], field); v == value {
				written, _ := r.Text(field)
				return &DuplicateError{Field: l.fields[field].Name, Value: written, First: first, Second: i}
			}
		}
		rt.unique[u].add(hash, i)
	}
	return nil
}

// foldedText is a text value as it compares without case.
func foldedText(r *Record, field int) (string, bool) {
	text, ok := r.Text(field)
	return strings.ToLower(text), ok
}

// Layout returns the layout of the records.
func (c *contents) Layout() *Layout { return c.layout }

// Len returns the number of records.
func (c *contents) Len() int { return c.size }

// Get returns the record with an id.
func (c *contents) Get(id string) (*Record, bool) {
	hash := maphash.String(c.root.seed, id)
	if e, ok := c.overlay(hash, id); ok {
		if e.deleted {
			return nil, false
		}
		return e.record, true
	}
	if number := c.root.find(hash, id); number >= 0 {
		return c.root.records[number], true
	}
	return nil, false
}

// overlay returns what happened to an id since the root.
func (c *contents) overlay(hash uint64, id string) (entry, bool) {
	for _, e := range c.ids.bucket(hash) {
		if e.hash == hash && e.record.id == id {
			return e, true
		}
	}
	return entry{}, false
}

// find returns the number of the root's record with an id, or -1.
func (rt *root) find(hash uint64, id string) int {
	for number := range rt.ids.candidates(hash) {
		if rt.records[number].id == id {
			return number
		}
	}
	return -1
}

// FindUnique returns the record that has a value, without case, in a Unique field; of several, which there can be
// for a while after Collection.Rebase, the one with the least id. It panics when the field is not Unique.
func (c *contents) FindUnique(field int, value string) (*Record, bool) {
	found := c.holders(slices.Index(c.layout.unique, field), value)
	if len(found) == 0 {
		return nil, false
	}
	return slices.MinFunc(found, func(a, b *Record) int { return strings.Compare(a.id, b.id) }), true
}

// holders returns all records that have a value in the u-th of the Unique fields.
func (c *contents) holders(u int, value string) []*Record {
	field := c.layout.unique[u]
	folded := strings.ToLower(value)
	hash := maphash.String(c.root.seed, folded)
	var found []*Record
	for _, e := range c.unique[u].bucket(hash) {
		if v, ok := foldedText(e.record, field); e.hash == hash && ok && v == folded {
			found = append(found, e.record)
		}
	}
	for number := range c.root.unique[u].candidates(hash) {
		r := c.root.records[number]
		if v, _ := foldedText(r, field); v == folded && c.current(r) && !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	return found
}

// current reports whether a record of the root is still what its id stands for.
func (c *contents) current(r *Record) bool {
	if c.ids == nil {
		return true
	}
	now, ok := c.Get(r.id)
	return ok && now == r
}

// All gives every record: those of NewView in their order, replaced ones in place, then newer ones by id.
func (v *View) All() iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		for r := range v.numbered() {
			if !yield(r) {
				return
			}
		}
	}
}

// numbered gives every record as All does, with its number in the root, or -1 if it is not there.
func (v *View) numbered() iter.Seq2[*Record, int32] {
	return func(yield func(*Record, int32) bool) {
		for i, r := range v.root.records {
			number := int32(i)
			if v.ids != nil {
				if e, ok := v.overlay(maphash.String(v.root.seed, r.id), r.id); ok {
					if e.deleted {
						continue
					}
					r, number = e.record, -1
				}
			}
			if !yield(r, number) {
				return
			}
		}
		for _, r := range v.created() {
			if !yield(r, -1) {
				return
			}
		}
	}
}

// created returns the records whose id the root does not have, by id.
func (v *View) created() []*Record {
	var created []*Record
	for e := range v.ids.all() {
		if !e.deleted && v.root.find(e.hash, e.record.id) < 0 {
			created = append(created, e.record)
		}
	}
	slices.SortFunc(created, func(a, b *Record) int { return strings.Compare(a.id, b.id) })
	return created
}
