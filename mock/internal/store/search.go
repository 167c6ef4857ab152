package store

import (
	"slices"
	"strings"
)

const (
	// maxHaystacks is how many sets of searched fields a root keeps lower-case texts for.
	maxHaystacks = 2
	// maxFindings is how many searches' results a haystack keeps, each of a bit per record.
	maxFindings = 16
)

// haystack is the lower-case texts of some fields of a root's records, in one string, so that a search is
// one pass over contiguous memory, once for all views and orders.
type haystack struct {
	fields []int
	text   string
	starts []int // where each record's texts begin
	found  list[*findings]
}

// separator ends each text. It occurs in no UTF-8, so no needle reaches across.
const separator = 0xff

// findings is the records that a search found.
type findings struct {
	needle string
	bits   []uint64 // by number
}

func (f *findings) has(number int32) bool { return f.bits[number/64]>>(number%64)&1 == 1 }

// search returns the root's records that meet a condition of the kind contains.
func (rt *root) search(c *condition) *findings {
	h := rt.haystack(c.fields)
	for _, f := range h.found.all() {
		if f.needle == c.text {
			return f
		}
	}
	f := &findings{c.text, make([]uint64, len(h.starts)/64+1)}
	h.scan(f)
	same := func(other *findings) bool { return other.needle == f.needle }
	return h.found.add(f, same, maxFindings, func(*findings) bool { return true })
}

func (h *haystack) scan(f *findings) {
	// The needle comes from a client: what is no UTF-8 in it is nowhere in the records.
	if strings.IndexByte(f.needle, separator) >= 0 {
		return
	}
	from := 0
	for number := 0; ; {
		hit := strings.Index(h.text[from:], f.needle)
		if hit < 0 {
			return
		}
		hit += from
		rest, exact := slices.BinarySearch(h.starts[number:], hit)
		number += rest - b2i(!exact)
		f.bits[number/64] |= 1 << (number % 64)
		number++
		if number == len(h.starts) {
			return
		}
		from = h.starts[number]
	}
}

func (rt *root) haystack(fields []int) *haystack {
	same := func(h *haystack) bool { return slices.Equal(h.fields, fields) }
	texts := rt.texts.all()
	if i := slices.IndexFunc(texts, same); i >= 0 {
		return texts[i]
	}
	h := &haystack{fields: slices.Clone(fields), starts: make([]int, len(rt.records))}
	var text strings.Builder
	for i, r := range rt.records {
		h.starts[i] = text.Len()
		for _, field := range fields {
			if value, ok := foldedText(r, field); ok {
				text.WriteString(value)
			}
			text.WriteByte(separator)
		}
	}
	h.text = strings.Clone(text.String()) // without the room that the builder left to grow
	return rt.texts.add(h, same, maxHaystacks, func(*haystack) bool { return true })
}
