package store

import "slices"

// maxTallies is how many filters an order keeps the counts of.
const maxTallies = 64

// tally is how many records of each block of an order meet some conditions: whoever turns the pages of one list looks
// only into the blocks of the page, and whoever asks for a list again after a change into the blocks that changed, too. It
// never changes.
type tally struct {
	conditions []condition
	counts     []count
}

// count is how many records of a block meet the conditions. It holds on to no block.
type count struct {
	serial  uint64 // of the block
	matches int
}

// tallying makes a tally while the blocks of an order pass by, of what an earlier one knows. As long as that is right for
// this order as it is, nothing is made.
type tallying struct {
	conditions []condition
	known      []count // in the order of that time; nil: nothing is known
	blocks     int     // in this order
	at         int     // the block at hand
	moved      int     // by how much it has moved since
	counts     []count // of the blocks before it; nil: as they are known
}

func (o *order) tallying(conditions []condition) *tallying {
	t := &tallying{conditions: conditions, blocks: len(o.blocks)}
	for _, kept := range o.tallies.all() {
		if kept.isOf(conditions) {
			t.known = kept.counts
		}
	}
	return t
}

// lookUp gives the count of the block at hand, if it is known, and goes on to the next. An edit replaces blocks, parts one in
// two or takes one away: those behind it move by one.
func (t *tallying) lookUp(serial uint64) (matches int, known bool) {
	for _, by := range [...]int{t.moved, t.moved - 1, t.moved + 1} {
		if at := t.at + by; at >= 0 && at < len(t.known) && t.known[at].serial == serial {
			t.moved = by
			if by == 0 && t.counts == nil {
				t.at++
			} else {
				t.add(serial, t.known[at].matches)
			}
			return t.known[at].matches, true
		}
	}
	return 0, false
}

// add tells the count of the block at hand, and goes on to the next.
func (t *tallying) add(serial uint64, matches int) {
	if t.counts == nil {
		t.counts = append(make([]count, 0, t.blocks), t.known[:t.at]...)
	}
	t.counts = append(t.counts, count{serial, matches})
	t.at++
}

// keep remembers what was counted.
func (o *order) keep(t *tallying) {
	if t.counts == nil {
		return
	}
	made := &tally{slices.Clone(t.conditions), t.counts}
	for i := range made.conditions {
		made.conditions[i].fields = nil // the caller's; the needle says the same
	}
	o.tallies.put(made, func(other *tally) bool { return other.isOf(t.conditions) }, maxTallies)
}

func (t *tally) isOf(conditions []condition) bool {
	return slices.EqualFunc(t.conditions, conditions, func(a, b condition) bool {
		return a.facetKey == b.facetKey && a.value == b.value && a.minimum == b.minimum
	})
}
