package journal

import (
	"hash/maphash"
	"math/bits"
	"sync/atomic"
)

// block is headers that many exchanges share: those that a client sends with every request. It never changes.
type block struct {
	hash  uint64
	texts packed
}

// blocks remembers the headers that came last, so that those that come again are neither copied nor held twice: most of
// what an exchange holds is what the one before it held.
type blocks struct {
	seed  maphash.Seed
	slots [blockSlots]atomic.Pointer[block]
}

const blockSlots = 512

// share gives the block of a hash. Two sets of headers of one hash are not to be expected: nobody outside knows the seed.
func (b *blocks) share(hash uint64, fill func(add func(name, value string))) (_ *block, cost int) {
	slot := &b.slots[hash%blockSlots]
	if known := slot.Load(); known != nil && known.hash == hash {
		return known, len(known.texts) / sharers
	}
	made := &block{hash: hash}
	var texts []byte
	fill(func(name, value string) {
		texts = appendText(appendText(texts, name), value)
	})
	made.texts = packed(texts)
	slot.Store(made)
	return made, len(made.texts)
}

// sharers are among how many exchanges what a block holds is divided: those that hold it may be all that is left.
const sharers = 4

// sum hashes a header so that sums over a set of them do not depend on its order.
func (b *blocks) sum(name, value string, index int) uint64 {
	n, v := maphash.String(b.seed, name), maphash.String(b.seed, value)
	return (n ^ bits.RotateLeft64(v, 17) ^ uint64(index)) * 0x9e3779b97f4a7c15
}

// requestHeaders is the block of the headers of a request.
func (b *blocks) requestHeaders(x *Exchange) (*block, int) {
	var hash uint64
	for name, values := range x.RequestHeader {
		for i, value := range values {
			hash += b.sum(name, value, i)
		}
	}
	return b.share(hash, func(add func(name, value string)) {
		for name, values := range x.RequestHeader {
			for _, value := range values {
				add(name, value)
			}
		}
	})
}

// responseHeaders is the block of those headers of an answer that another answer may have as well.
func (b *blocks) responseHeaders(x *Exchange) (*block, int) {
	var hash uint64
	for i := range x.ResponseHeader {
		if h := &x.ResponseHeader[i]; !ownHeader(h.Name) {
			hash += b.sum(h.Name, h.Value, i)
		}
	}
	return b.share(hash, func(add func(name, value string)) {
		for _, h := range x.ResponseHeader {
			if !ownHeader(h.Name) {
				add(h.Name, h.Value)
			}
		}
	})
}

// ownHeader: these differ from answer to answer.
func ownHeader(name string) bool {
	switch name {
	case "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id":
		return true
	}
	return false
}

// headers unpacks the block.
func (b *block) headers() []Header { return b.texts.headers() }
