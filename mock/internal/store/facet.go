package store

import (
	"cmp"
	"slices"
)

const (
	// dense is from how many cells on the cells with a value are kept as a bitmap rather than as a list.
	dense = 32
	// stride is how many more cells each prepared bitmap of thresholds has than the one before.
	stride = 16
	// maxSearches is how many searches' results a block keeps.
	maxSearches = 8
)

// facet is what a block knows for one sort of filter, as of when it was made. The block looks at the stale
// cells itself: they changed since.
type facet struct {
	stale    []uint16
	values   map[string]posting // of equalities
	numbers  *thresholds        // of isAtLeast
	findings *bitmap            // of contains
}

// keyedFacet has the key beside the pointer, so that looking for a facet does not touch the others.
type keyedFacet struct {
	key facetKey
	*facet
}

// posting is the cells that have a value.
type posting struct {
	cells []uint16
	many  *bitmap // instead of cells
}

// thresholds is the numbers of a field, the greatest first, and the cells that have them.
type thresholds struct {
	numbers []float64
	cells   []uint16
	leading []bitmap // the i-th has the first i*stride cells
}

// matches returns the cells that meet all conditions.
func (b *block) matches(conditions []condition, rt *root) bitmap {
	selected := b.live
	for i := range conditions {
		b.filter(&conditions[i], rt, &selected)
	}
	return selected
}

// filter keeps in selected those cells that meet a condition.
func (b *block) filter(c *condition, rt *root, selected *bitmap) {
	f := b.facet(c, rt)
	var met bitmap
	cells := f.cells(c, &met)
	if len(f.stale) == 0 {
		selected.and(cells)
		return
	}
	met = *cells
	for _, cell := range f.stale {
		met.clear(cell)
		if r := b.cells[cell]; r != nil && c.matches(r) {
			met.set(cell)
		}
	}
	selected.and(&met)
}

// facet returns the one for a condition, made at the first call.
func (b *block) facet(c *condition, rt *root) *facet {
	for _, f := range b.facets.all() {
		if f.key == c.facetKey {
			return f.facet
		}
	}
	f := &facet{}
	switch c.kind {
	case isAtLeast:
		f.numbers = b.thresholds(c)
	case contains:
		f.findings = b.search(c, rt)
	default:
		f.values = b.postings(c)
	}
	same := func(other keyedFacet) bool { return other.key == c.facetKey }
	search := func(other keyedFacet) bool { return other.key.kind == contains }
	return b.facets.add(keyedFacet{c.facetKey, f}, same, maxSearches, search).facet
}

// cells returns the cells that met the condition when the facet was made: a bitmap of the facet's own, or
// room, filled. Room must be empty.
func (f *facet) cells(c *condition, room *bitmap) *bitmap {
	switch c.kind {
	case isAtLeast:
		return f.numbers.atLeast(c.minimum, room)
	case contains:
		return f.findings
	}
	p := f.values[c.value]
	if p.many != nil {
		return p.many
	}
	for _, cell := range p.cells {
		room.set(cell)
	}
	return room
}

func (b *block) postings(c *condition) map[string]posting {
	lists := map[string][]uint16{}
	for _, cell := range b.order {
		if key, ok := c.equalKey(b.cells[cell]); ok {
			lists[key] = append(lists[key], cell)
		}
	}
	postings := make(map[string]posting, len(lists))
	for key, cells := range lists {
		p := posting{cells: slices.Clip(cells)}
		if len(cells) >= dense {
			p = posting{many: new(bitmap)}
			for _, cell := range cells {
				p.many.set(cell)
			}
		}
		postings[key] = p
	}
	return postings
}

func (b *block) thresholds(c *condition) *thresholds {
	type numbered struct {
		number float64
		cell   uint16
	}
	var all []numbered
	for _, cell := range b.order {
		if n, ok := b.cells[cell].Number(int(c.field)); ok {
			all = append(all, numbered{n, cell})
		}
	}
	slices.SortFunc(all, func(a, b numbered) int { return cmp.Compare(b.number, a.number) })
	t := &thresholds{numbers: make([]float64, len(all)), cells: make([]uint16, len(all))}
	var leading bitmap
	for i, n := range all {
		if i%stride == 0 {
			t.leading = append(t.leading, leading)
		}
		t.numbers[i], t.cells[i] = n.number, n.cell
		leading.set(n.cell)
	}
	return t
}

// atLeast finds the stride in which the numbers fall below the minimum, then the place in it.
func (t *thresholds) atLeast(minimum float64, room *bitmap) *bitmap {
	low, high := 0, len(t.leading) // all strides before low begin with enough, none from high on
	for low < high {
		if middle := (low + high) / 2; t.numbers[middle*stride] >= minimum {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == 0 {
		return room
	}
	first := (low - 1) * stride
	*room = t.leading[low-1]
	for i := first; i < len(t.numbers) && t.numbers[i] >= minimum; i++ {
		room.set(t.cells[i])
	}
	return room
}

// search finds a text in the block: for the root's records by looking at the root's findings.
func (b *block) search(c *condition, rt *root) *bitmap {
	findings := rt.search(c)
	met := new(bitmap)
	for _, cell := range b.order {
		var found bool
		if number := b.numbers[cell]; number >= 0 {
			found = findings.has(number)
		} else {
			found = c.matches(b.cells[cell])
		}
		if found {
			met.set(cell)
		}
	}
	return met
}
