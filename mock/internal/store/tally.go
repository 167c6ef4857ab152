package store

import "slices"

// maxTallies is how many filters an order keeps the counts of.
const maxTallies = 16

// tally is how many records of each block of an order meet some conditions: whoever turns the pages of one list looks
// only into the blocks of the page.
type tally struct {
	conditions []condition
	counts     []uint16
}

// tally returns the one for the conditions and true, or one to be filled, and false.
func (o *order) tally(conditions []condition) (*tally, bool) {
	for _, t := range o.tallies.all() {
		if slices.EqualFunc(t.conditions, conditions, sameCondition) {
			return t, true
		}
	}
	return &tally{conditions, make([]uint16, len(o.blocks))}, false
}

// keep remembers a tally once it is filled.
func (o *order) keep(t *tally) {
	t.conditions = slices.Clone(t.conditions)
	for i := range t.conditions {
		t.conditions[i].fields = nil // the caller's; the needle says the same
	}
	same := func(other *tally) bool { return slices.EqualFunc(other.conditions, t.conditions, sameCondition) }
	o.tallies.add(t, same, maxTallies, func(*tally) bool { return true })
}

func sameCondition(a, b condition) bool {
	return a.facetKey == b.facetKey && a.value == b.value && a.minimum == b.minimum
}
