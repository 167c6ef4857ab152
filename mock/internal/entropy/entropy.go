package entropy

import (
	"encoding/hex"
	"math/rand/v2"
	"sync/atomic"
)

// Hash mixes parts into 64 bits, the same on every machine and in every version. Where a part ends matters.
func Hash(seed uint64, parts ...string) uint64 {
	const prime = 1099511628211 // FNV-1a
	h := Mix(seed)
	for _, part := range parts {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * prime
		}
		h = Mix(h ^ uint64(len(part)))
	}
	return h
}

// Mix spreads the bits of x over all 64 (the finaliser of splitmix64).
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// Fraction turns a hash into a number in [0, 1).
func Fraction(hash uint64) float64 {
	return float64(hash>>11) / (1 << 53)
}

// RandomSeed is for those who ask for a different run each time.
func RandomSeed() uint64 { return rand.Uint64() }

// UUID is the version-4 shaped UUID that belongs to a hash.
func UUID(hash uint64) string {
	var raw [16]byte
	hi, lo := Mix(hash), Mix(hash^0xa5a5a5a5a5a5a5a5)
	for i := range 8 {
		raw[i] = byte(hi >> (56 - 8*i))
		raw[8+i] = byte(lo >> (56 - 8*i))
	}
	raw[6] = raw[6]&0x0f | 0x40
	raw[8] = raw[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[:8], raw[:4])
	hex.Encode(text[9:13], raw[4:6])
	hex.Encode(text[14:18], raw[6:8])
	hex.Encode(text[19:23], raw[8:10])
	hex.Encode(text[24:], raw[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// IDs hands out UUIDs that depend on the seed, the purpose and how many were handed out before, never on the
// time or on chance. It is safe for concurrent use.
type IDs struct {
	seed uint64
	next atomic.Uint64
}

// NewIDs starts the sequence of a purpose, such as "lead" or "request".
func NewIDs(seed uint64, purpose string) *IDs {
	return &IDs{seed: Hash(seed, purpose)}
}

// Next is the next UUID of the sequence.
func (s *IDs) Next() string {
	return UUID(s.seed + Mix(s.next.Add(1)))
}

// Reset starts the sequence over.
func (s *IDs) Reset() { s.next.Store(0) }

// Bytes is an endless stream of bytes that follows from a seed. It belongs to one goroutine.
type Bytes struct{ state uint64 }

// NewBytes starts the stream of a seed.
func NewBytes(seed uint64) *Bytes { return &Bytes{seed} }

// Read fills p; it never fails.
func (b *Bytes) Read(p []byte) (int, error) {
	for i := range p {
		b.state = Mix(b.state)
		p[i] = byte(b.state >> 56)
	}
	return len(p), nil
}
