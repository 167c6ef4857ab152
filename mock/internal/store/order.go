package store

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

// ordering is what an order sorts by. A negative field is none: by id alone.
type ordering struct {
	field      int
	kind       Kind
	descending bool
}

// sortKey is a value, decoded for comparing. What is not of the field's kind counts as null.
type sortKey struct {
	null   bool
	number float64 // of booleans: 0 or 1
	text   string
}

func (o ordering) key(r *Record) sortKey {
	if o.field < 0 {
		return sortKey{null: true}
	}
	return o.decode(r.raw(o.field))
}

func (o ordering) decode(raw string) (k sortKey) {
	var ok bool
	switch o.kind {
	case Text:
		k.text, ok = decodeText(raw)
	case Number:
		k.number, ok = decodeNumber(raw)
	case Boolean:
		var value bool
		value, ok = decodeBool(raw)
		k.number = float64(b2i(value))
	}
	k.null = !ok
	return k
}

// place is where a record stands or would stand: its key, then its id.
type place struct {
	key sortKey
	id  string
}

func (o ordering) of(r *Record) place { return place{o.key(r), r.id} }

// compare orders places: null is greater than everything, equal keys go by id in both directions.
func (o ordering) compare(a, b place) int {
	var c int
	switch {
	case a.key.null || b.key.null:
		c = b2i(a.key.null) - b2i(b.key.null)
	case o.kind == Text:
		c = strings.Compare(a.key.text, b.key.text) // UTF-8 sorts as its code points do
	default:
		c = cmp.Compare(a.key.number, b.key.number)
	}
	if o.descending {
		c = -c
	}
	if c == 0 {
		c = strings.Compare(a.id, b.id)
	}
	return c
}

// order is a view's records, sorted. None of its blocks is empty.
type order struct {
	ordering
	blocks  []*block
	serials []uint64 // of the blocks: no two that ever were in this order, or in those that it was edited from, have the same
	latest  uint64   // serial
	tallies list[*tally]
}

// serial is one that no block has yet.
func (o *order) serial() uint64 {
	o.latest++
	return o.latest
}

// locate returns the block and the place in it of the first record that is not before p. Past the last record,
// the block is the number of blocks. Equal says whether that record stands exactly at p.
func (o *order) locate(p place) (block, at int, equal bool) {
	block = sort.Search(len(o.blocks), func(i int) bool { return o.compare(o.of(o.blocks[i].last()), p) >= 0 })
	if block == len(o.blocks) {
		return block, 0, false
	}
	b := o.blocks[block]
	at = sort.Search(b.len(), func(i int) bool { return o.compare(o.of(b.at(i)), p) >= 0 })
	return block, at, b.at(at).id == p.id && o.compare(o.of(b.at(at)), p) == 0
}

// after returns where the first record strictly after a position stands.
func (o *order) after(p *Position) (block, at int) {
	block, at, equal := o.locate(o.position(p))
	return block, at + b2i(equal)
}

func (o ordering) position(p *Position) place {
	if o.field < 0 {
		return place{sortKey{null: true}, p.ID}
	}
	return place{o.decode(string(p.Key)), p.ID}
}

// editor makes an order from another, block by block: it copies each block that it changes once.
type editor struct {
	order
	mine map[*block]bool
}

// edited returns the order after changes; it stays as it is.
func (o *order) edited(changes []change) *order {
	e := &editor{order: order{ordering: o.ordering, blocks: slices.Clone(o.blocks), serials: slices.Clone(o.serials), latest: o.latest}, mine: map[*block]bool{}}
	for _, c := range changes {
		e.apply(c)
	}
	e.tallies.set(o.tallies.all())
	return &e.order
}

func (e *editor) apply(c change) {
	switch {
	case c.before == nil:
		e.insert(c.after)
	case c.after == nil:
		e.remove(c.before)
	case e.compare(e.of(c.before), e.of(c.after)) == 0:
		block, at, _ := e.locate(e.of(c.before))
		e.own(block).replace(at, c.after)
	default:
		e.remove(c.before)
		e.insert(c.after)
	}
}

func (e *editor) own(i int) *block {
	b := e.blocks[i]
	if !e.mine[b] {
		b = b.clone()
		e.blocks[i], e.serials[i] = b, e.serial()
		e.mine[b] = true
	}
	return b
}

func (e *editor) remove(r *Record) {
	block, at, _ := e.locate(e.of(r))
	if e.blocks[block].len() == 1 {
		e.blocks, e.serials = slices.Delete(e.blocks, block, block+1), slices.Delete(e.serials, block, block+1)
		return
	}
	e.own(block).remove(at)
}

func (e *editor) insert(r *Record) {
	if len(e.blocks) == 0 {
		b := newBlock([]placed{{r, -1}})
		e.blocks, e.serials = append(e.blocks, b), append(e.serials, e.serial())
		e.mine[b] = true
		return
	}
	block, at, _ := e.locate(e.of(r))
	if block == len(e.blocks) {
		block--
		at = e.blocks[block].len()
	}
	if b := e.blocks[block]; b.len() == blockSize {
		low, high := b.split()
		e.blocks = slices.Replace(e.blocks, block, block+1, low, high)
		e.serials = slices.Replace(e.serials, block, block+1, e.serial(), e.serial())
		e.mine[low], e.mine[high] = true, true
		if at > low.len() {
			block, at = block+1, at-low.len()
		}
	}
	e.own(block).insert(at, r)
}

// orderState is an order of one view: not made yet, to be made from an ancestor's, or made. So a write costs an
// order nothing until somebody asks for that order, and nobody waits for it but those who ask.
type orderState struct {
	ordering
	making   sync.Mutex // held by readers of this order alone
	progress atomic.Pointer[progress]
}

// progress is an order and what is still to be done to it.
type progress struct {
	order   *order
	pending *pending
	steps   int // the changes in pending
}

// pending is a chain of committed changes, the latest first.
type pending struct {
	changes []change
	older   *pending
}

// order returns the view's order, made at the first call.
func (v *View) order(o ordering) *order {
	same := func(s *orderState) bool { return s.ordering == o }
	states := v.orders.all()
	i := slices.IndexFunc(states, same)
	if i >= 0 {
		return states[i].get(v)
	}
	none := func(*orderState) bool { return false } // as many orders as the layout allows may stay
	return v.orders.add(&orderState{ordering: o}, same, 0, none).get(v)
}

func (s *orderState) get(v *View) *order {
	if p := s.progress.Load(); p != nil && p.pending == nil {
		return p.order
	}
	s.making.Lock()
	defer s.making.Unlock()
	p := s.progress.Load()
	if p == nil || p.pending != nil {
		p = &progress{order: s.make(v, p)}
		s.progress.Store(p)
	}
	return p.order
}

func (s *orderState) make(v *View, p *progress) *order {
	switch {
	case p != nil:
		return p.order.edited(p.pending.inTurn())
	case v == v.root.view || tooMany(v.changed, v.size):
		return v.sortAll(s.ordering)
	}
	return v.root.view.order(s.ordering).edited(v.sinceRoot())
}

// tooMany reports whether sorting anew is quicker than that many changes.
func tooMany(changes, size int) bool { return changes > 64+size/8 }

// inTurn returns the changes, the oldest first.
func (p *pending) inTurn() []change {
	var chain []*pending
	for ; p != nil; p = p.older {
		chain = append(chain, p)
	}
	var changes []change
	for _, link := range slices.Backward(chain) {
		changes = append(changes, link.changes...)
	}
	return changes
}

// sinceRoot returns what makes the view of its root's.
func (v *View) sinceRoot() []change {
	changes := make([]change, 0, v.changed)
	for e := range v.ids.all() {
		var c change
		if number := v.root.find(e.hash, e.record.id); number >= 0 {
			c.before = v.root.records[number]
		}
		if !e.deleted {
			c.after = e.record
		}
		if c.before != c.after {
			changes = append(changes, c)
		}
	}
	return changes
}

// inherit takes over the parent's orders, with the changes that lead here still to be done.
func (v *View) inherit(parent *View, changes []change) {
	states := parent.orders.all()
	kept := make([]orderState, len(states)) // one allocation for all
	inherited := make([]*orderState, 0, len(states))
	for i, s := range states {
		p := s.progress.Load()
		if p == nil || tooMany(p.steps+len(changes), v.size) {
			continue // to be made from the root, or anew
		}
		kept[i].ordering = s.ordering
		kept[i].progress.Store(&progress{p.order, &pending{changes, p.pending}, p.steps + len(changes)})
		inherited = append(inherited, &kept[i])
	}
	if len(inherited) > 0 {
		v.orders.set(inherited)
	}
}
