package store

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// sortAll makes an order from nothing but the records.
func (v *View) sortAll(o ordering) *order {
	records := make([]placed, 0, v.size)
	places := make([]place, 0, v.size)
	for r, number := range v.numbered() {
		records = append(records, placed{r, number})
		places = append(places, o.of(r))
	}
	sorted := make([]placed, len(records))
	for i, from := range o.sorted(places) {
		sorted[i] = records[from]
	}
	made := &order{ordering: o}
	for part := range slices.Chunk(sorted, blockFill) {
		made.blocks, made.serials = append(made.blocks, newBlock(part)), append(made.serials, made.serial())
	}
	return made
}

// sorted returns the indexes of places in their order. Most comparisons are settled by eight bytes that lie side by
// side, without going to the texts, which are spread over all the records.
func (o ordering) sorted(places []place) []int32 {
	type headed struct {
		head  uint64
		index int32
	}
	skip := commonPrefix(places)
	all := make([]headed, len(places))
	for i := range places {
		all[i] = headed{o.head(&places[i].key, skip), int32(i)}
	}
	slices.SortFunc(all, func(a, b headed) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		return o.compare(places[a.index], places[b.index])
	})
	indexes := make([]int32, len(all))
	for i := range all {
		indexes[i] = all[i].index
	}
	return indexes
}

// head is a number that never contradicts compare: a place with a lesser one is before.
func (o ordering) head(k *sortKey, skip int) uint64 {
	head := uint64(math.MaxUint64) // of null; no UTF-8 and no number has as much
	switch {
	case k.null:
	case o.kind == Text:
		var bytes [8]byte
		copy(bytes[:], k.text[skip:])
		head = binary.BigEndian.Uint64(bytes[:])
	default:
		head = math.Float64bits(k.number + 0) // a negative zero becomes a positive one
		if head>>63 == 1 {
			head = ^head
		} else {
			head |= 1 << 63
		}
	}
	if o.descending {
		head = ^head
	}
	return head
}

// commonPrefix returns how many bytes all texts begin with in common, as dates do.
func commonPrefix(places []place) int {
	var shared string
	first := true
	for i := range places {
		k := &places[i].key
		switch {
		case k.null:
			continue
		case first:
			shared, first = k.text, false
		}
		n := 0
		for n < len(shared) && n < len(k.text) && shared[n] == k.text[n] {
			n++
		}
		shared = shared[:n]
	}
	return len(shared)
}
