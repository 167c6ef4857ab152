package store

import (
	"hash/maphash"
	"slices"
	"strings"
)

// change is one step from a view to the next: before nil is an insertion, after nil a deletion.
type change struct{ before, after *Record }

// Tx builds a new view from one, and reads what it has built so far. It is for one goroutine; the view
// that it began with stays as it is.
type Tx struct {
	contents
	parent *View
	log    []change
}

// Begin starts a new view.
func (v *View) Begin() *Tx {
	tx := &Tx{contents: v.contents, parent: v}
	tx.unique = slices.Clone(v.unique)
	return tx
}

// Put inserts a record, or replaces the one with its id. It does not enforce Unique: ask FindUnique first.
// It panics when the record is of another layout.
func (tx *Tx) Put(r *Record) {
	if !tx.layout.fits(r.layout) {
		panic("store: a record of another layout: " + r.id)
	}
	before, existed := tx.Get(r.id)
	if before == r {
		return
	}
	if existed {
		tx.forgetValues(before)
	} else {
		tx.size++
	}
	tx.note(entry{hash: maphash.String(tx.root.seed, r.id), record: r})
	for u, field := range tx.layout.unique {
		if value, ok := foldedText(r, field); ok {
			tx.unique[u] = tx.unique[u].with(entry{hash: maphash.String(tx.root.seed, value), record: r})
		}
	}
	tx.log = append(tx.log, change{before, r})
}

// Delete removes the record with an id, and reports whether there was one.
func (tx *Tx) Delete(id string) bool {
	before, ok := tx.Get(id)
	if !ok {
		return false
	}
	tx.forgetValues(before)
	hash := maphash.String(tx.root.seed, id)
	if number := tx.root.find(hash, id); number >= 0 {
		tx.note(entry{hash: hash, record: tx.root.records[number], deleted: true})
	} else if e, ok := tx.overlay(hash, id); ok {
		// Nothing below it needs hiding, and records that come and go must not pile up.
		tx.ids = tx.ids.without(hash, e.record)
		tx.changed--
		tx.written -= e.cost()
	}
	tx.size--
	tx.log = append(tx.log, change{before: before})
	return true
}

// note puts an entry into the overlay in place of what was there of the id.
func (tx *Tx) note(e entry) {
	if old, ok := tx.overlay(e.hash, e.record.id); ok {
		tx.ids = tx.ids.without(e.hash, old.record)
		tx.written -= old.cost()
	} else {
		tx.changed++
	}
	tx.ids = tx.ids.with(e)
	tx.written += e.cost()
}

// forgetValues takes a record out of the overlays of the Unique fields; in the tables it is void without that.
func (tx *Tx) forgetValues(r *Record) {
	for u, field := range tx.layout.unique {
		if value, ok := foldedText(r, field); ok {
			tx.unique[u] = tx.unique[u].without(maphash.String(tx.root.seed, value), r)
		}
	}
}

// Commit returns the new view, or the old one if nothing changed.
func (tx *Tx) Commit() *View {
	if len(tx.log) == 0 {
		return tx.parent
	}
	v := &View{contents: tx.contents}
	v.unique = slices.Clone(tx.unique)
	v.inherit(tx.parent, slices.Clip(tx.log))
	return v
}

// differences returns the ids whose records are not the same in two views of one root, sorted.
func differences(from, to *View) []string {
	var ids []string
	consider := func(e entry) {
		before, had := from.Get(e.record.id)
		after, has := to.Get(e.record.id)
		if had != has || before != after {
			ids = append(ids, strings.Clone(e.record.id))
		}
	}
	for e := range to.ids.all() {
		consider(e)
	}
	for e := range from.ids.all() { // what the later view deleted for good has no entry there
		consider(e)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
