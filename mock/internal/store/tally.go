package store

import (
	"math"
	"slices"
	"sync/atomic"
)

// maxTallies is how many filters an order keeps the counts of.
const maxTallies = 16

// tally is how many records of each block of an order meet some conditions: whoever turns the pages of one list looks
// only into the blocks of the page, and whoever asks for it after a change into those and the blocks that changed.
type tally struct {
	conditions []condition
	counts     []atomic.Uint32 // by block; whoever counts one first writes it down
}

// uncounted stands for a block into which nobody has looked.
const uncounted = math.MaxUint32

func newTally(conditions []condition, blocks int) *tally {
	t := &tally{conditions, make([]atomic.Uint32, blocks)}
	for i := range t.counts {
		t.counts[i].Store(uncounted)
	}
	return t
}

// tally returns the one for the conditions.
func (o *order) tally(conditions []condition) *tally {
	same := func(t *tally) bool { return slices.EqualFunc(t.conditions, conditions, sameCondition) }
	all := o.tallies.all()
	if i := slices.IndexFunc(all, same); i >= 0 {
		return all[i]
	}
	kept := slices.Clone(conditions)
	for i := range kept {
		kept[i].fields = nil // the caller's; the needle says the same
	}
	return o.tallies.add(newTally(kept, len(o.blocks)), same, maxTallies, func(*tally) bool { return true })
}

func sameCondition(a, b condition) bool {
	return a.facetKey == b.facetKey && a.value == b.value && a.minimum == b.minimum
}

// adoptTallies takes over what an earlier order counted in the blocks that both have.
func (o *order) adoptTallies(earlier *order) {
	tallies := earlier.tallies.all()
	if len(tallies) == 0 {
		return
	}
	places := o.placesIn(earlier)
	adopted := make([]*tally, len(tallies))
	for n, t := range tallies {
		adopted[n] = newTally(t.conditions, len(o.blocks))
		for i, place := range places {
			if place >= 0 {
				adopted[n].counts[i].Store(t.counts[place].Load())
			}
		}
	}
	o.tallies.set(adopted)
}

// placesIn says where the blocks stand in an earlier order; -1: not there, as far as it is found at little cost. An edit
// replaces blocks, parts one in two or takes one away: those behind it move by one.
func (o *order) placesIn(earlier *order) []int {
	places := make([]int, len(o.blocks))
	moved := 0
	for i, b := range o.blocks {
		places[i] = -1
		for _, by := range [...]int{moved, moved - 1, moved + 1} {
			if at := i + by; at >= 0 && at < len(earlier.blocks) && earlier.blocks[at] == b {
				places[i], moved = at, by
				break
			}
		}
	}
	return places
}
