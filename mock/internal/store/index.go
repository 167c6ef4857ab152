package store

import (
	"iter"
	"math/bits"
	"slices"
)

// table is a hash table of the records a view started from: built once, never changed. What it says of a
// record that has since been replaced or deleted is wrong; the overlay knows better and is asked first.
type table struct {
	entries []uint64 // the upper half of the hash, then the record's number + 1; 0 is empty
	mask    uint64
}

func newTable(n int) *table {
	size := max(2, 1<<bits.Len(uint(n+n/2)))
	return &table{entries: make([]uint64, size), mask: uint64(size - 1)}
}

func (t *table) add(hash uint64, number int) {
	i := hash & t.mask
	for t.entries[i] != 0 {
		i = (i + 1) & t.mask
	}
	t.entries[i] = hash>>32<<32 | uint64(number+1)
}

// candidates gives the numbers of the records that may have the hash; the caller compares.
func (t *table) candidates(hash uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := hash & t.mask; t.entries[i] != 0; i = (i + 1) & t.mask {
			if e := t.entries[i]; e>>32 == hash>>32 && !yield(int(uint32(e))-1) {
				return
			}
		}
	}
}

// leafSize is how many entries a trie's leaf holds before it branches.
const leafSize = 12

// node is a persistent trie over hashes, 16 ways per level; nil is the empty one. A node is a leaf or a branch.
// Entries may share a hash: ids never are equal, but unique values may be for a while (see Collection.Rebase).
type node struct {
	leaf   []entry
	branch *[16]*node
}

// entry is one record in a trie. In the overlay of ids a deleted entry is the record of the root that is gone.
type entry struct {
	hash    uint64
	record  *Record
	deleted bool
}

// entryCost is roughly what an entry of an overlay takes beside its record, in bytes: its places in the tries and orders.
const entryCost = 512

// cost is what an entry of the overlay takes in memory. What is deleted belongs to the root.
func (e *entry) cost() int {
	if e.deleted {
		return entryCost
	}
	return entryCost + len(e.record.data)
}

// bucket gives all entries of the leaf that the hash leads to.
func (n *node) bucket(hash uint64) []entry {
	for n != nil && n.branch != nil {
		n = n.branch[hash&15]
		hash >>= 4
	}
	if n == nil {
		return nil
	}
	return n.leaf
}

// with returns a trie that has the entry, too.
func (n *node) with(e entry) *node { return n.insert(e, 0) }

func (n *node) insert(e entry, depth int) *node {
	switch {
	case n == nil:
		return &node{leaf: []entry{e}}
	case n.branch != nil:
		return n.replaceChild(e.hash, depth, func(child *node) *node { return child.insert(e, depth+1) })
	case len(n.leaf) < leafSize || depth == 16: // the hash has no more digits: let the leaf grow
		leaf := make([]entry, len(n.leaf), len(n.leaf)+1)
		copy(leaf, n.leaf)
		return &node{leaf: append(leaf, e)}
	}
	split := &node{branch: new([16]*node)}
	for _, old := range append(slices.Clip(n.leaf), e) {
		child := &split.branch[digit(old.hash, depth)]
		*child = (*child).insert(old, depth+1)
	}
	return split
}

// without returns a trie that lacks the entry of exactly this record.
func (n *node) without(hash uint64, r *Record) *node { return n.remove(hash, r, 0) }

func (n *node) remove(hash uint64, r *Record, depth int) *node {
	if n == nil {
		return nil
	}
	if n.branch != nil {
		return n.replaceChild(hash, depth, func(child *node) *node { return child.remove(hash, r, depth+1) })
	}
	i := slices.IndexFunc(n.leaf, func(e entry) bool { return e.record == r })
	switch {
	case i < 0:
		return n
	case len(n.leaf) == 1:
		return nil
	}
	return &node{leaf: slices.Concat(n.leaf[:i], n.leaf[i+1:])}
}

// replaceChild copies a branch with one child changed.
func (n *node) replaceChild(hash uint64, depth int, change func(*node) *node) *node {
	d := digit(hash, depth)
	before := n.branch[d]
	after := change(before)
	if after == before {
		return n
	}
	branch := *n.branch
	branch[d] = after
	return &node{branch: &branch}
}

func digit(hash uint64, depth int) uint64 { return hash >> (4 * depth) & 15 }

// all gives every entry, in no particular order.
func (n *node) all() iter.Seq[entry] {
	return func(yield func(entry) bool) { n.each(yield) }
}

func (n *node) each(yield func(entry) bool) bool {
	if n == nil {
		return true
	}
	for _, e := range n.leaf {
		if !yield(e) {
			return false
		}
	}
	if n.branch != nil {
		for _, child := range n.branch {
			if !child.each(yield) {
				return false
			}
		}
	}
	return true
}
