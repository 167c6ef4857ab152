package store

import (
	"math/bits"
	"slices"
	"sync/atomic"
)

const (
	blockSize = 1024           // records in a block, at most
	blockFill = 896            // as many does a new order put into one, so that the first inserts find room
	words     = blockSize / 64 // of a bitmap
	maxStale  = blockSize / 32 // changed cells that a facet tolerates before it is made anew
)

// bitmap is a set of a block's cells, or of its ranks.
type bitmap [words]uint64

func (m *bitmap) set(i uint16)   { m[i/64] |= 1 << (i % 64) }
func (m *bitmap) clear(i uint16) { m[i/64] &^= 1 << (i % 64) }

func (m *bitmap) count() int {
	n := 0
	for _, w := range m {
		n += bits.OnesCount64(w)
	}
	return n
}

func (m *bitmap) and(other *bitmap) {
	for i := range m {
		m[i] &= other[i]
	}
}

// dropBelow removes the members less than n.
func (m *bitmap) dropBelow(n int) {
	clear(m[:n/64])
	if n%64 != 0 {
		m[n/64] &^= 1<<(n%64) - 1
	}
}

// block is a run of a sort order. A record keeps its cell as long as it stays in the block, however others
// come and go around it: so what was worked out for the other cells (facets) stays true after a write.
// A published block is immutable, apart from what readers work out and add.
type block struct {
	cells   []*Record // by cell; nil: free
	numbers []int32   // by cell: the record's number in the root, or -1
	live    bitmap    // the cells in use
	order   []uint16  // the cells in sort order

	ranks  atomic.Pointer[[]uint16] // by cell: its place in order; on demand
	facets list[keyedFacet]
}

// placed is a record and its number in the root.
type placed struct {
	record *Record
	number int32
}

func newBlock(sorted []placed) *block {
	b := &block{}
	b.cells = make([]*Record, len(sorted))
	b.numbers = make([]int32, len(sorted))
	b.order = make([]uint16, len(sorted))
	for i, p := range sorted {
		cell := uint16(i)
		b.cells[i], b.numbers[i], b.order[i] = p.record, p.number, cell
		b.live.set(cell)
	}
	return b
}

func (b *block) len() int         { return len(b.order) }
func (b *block) at(i int) *Record { return b.cells[b.order[i]] }
func (b *block) last() *Record    { return b.at(b.len() - 1) }

// clone returns a copy that may be edited until it is published.
func (b *block) clone() *block {
	c := &block{
		cells: slices.Clone(b.cells), numbers: slices.Clone(b.numbers),
		order: slices.Clone(b.order), live: b.live,
	}
	facets := slices.Clone(b.facets.all())
	for i, f := range facets {
		copied := *f.facet
		copied.stale = slices.Clip(f.stale)
		facets[i].facet = &copied
	}
	c.facets.set(facets)
	return c
}

// split returns the block's two halves.
func (b *block) split() (*block, *block) {
	sorted := make([]placed, b.len())
	for i, cell := range b.order {
		sorted[i] = placed{b.cells[cell], b.numbers[cell]}
	}
	middle := len(sorted) / 2
	return newBlock(sorted[:middle]), newBlock(sorted[middle:])
}

// insert puts a record at a place in the order of a block that has room.
func (b *block) insert(place int, r *Record) {
	cell := b.freeCell()
	b.cells[cell], b.numbers[cell] = r, -1
	b.live.set(cell)
	b.order = slices.Insert(b.order, place, cell)
	b.spoil(cell)
}

func (b *block) freeCell() uint16 {
	for i, w := range b.live {
		if cell := i*64 + bits.TrailingZeros64(^w); w != ^uint64(0) && cell < len(b.cells) {
			return uint16(cell)
		}
	}
	b.cells, b.numbers = append(b.cells, nil), append(b.numbers, -1)
	return uint16(len(b.cells) - 1)
}

// remove takes out the record at a place in the order.
func (b *block) remove(place int) {
	cell := b.order[place]
	b.cells[cell], b.numbers[cell] = nil, -1
	b.live.clear(cell)
	b.order = slices.Delete(b.order, place, place+1)
	b.spoil(cell)
}

// replace swaps the record at a place for one that sorts the same.
func (b *block) replace(place int, r *Record) {
	cell := b.order[place]
	b.cells[cell], b.numbers[cell] = r, -1
	b.spoil(cell)
}

// spoil marks a cell in every facet as one to look at anew, and drops the facets that have too many of them.
func (b *block) spoil(cell uint16) {
	facets := b.facets.all()
	kept := facets[:0] // clone made the list and the facets ours
	for _, f := range facets {
		if !slices.Contains(f.stale, cell) {
			f.stale = append(f.stale, cell)
		}
		if len(f.stale) <= maxStale {
			kept = append(kept, f)
		}
	}
	b.facets.set(kept)
}

// ranked turns a set of cells into the set of their places in the order.
func (b *block) ranked(cells *bitmap) (places bitmap) {
	ranks := b.ranks.Load()
	if ranks == nil {
		made := make([]uint16, len(b.cells))
		for place, cell := range b.order {
			made[cell] = uint16(place)
		}
		ranks = &made
		b.ranks.Store(ranks)
	}
	for i, w := range cells {
		for ; w != 0; w &= w - 1 {
			places.set((*ranks)[i*64+bits.TrailingZeros64(w)])
		}
	}
	return places
}
