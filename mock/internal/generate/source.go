package generate

import (
	"math/bits"
	"slices"
)

// A source is a stream of random numbers (SplitMix64). To start one is an assignment: every field of every record
// has its own. It is a rand.Source for gofakeit as well.
type source uint64

// Uint64 returns the next 64 random bits.
func (s *source) Uint64() uint64 {
	*s += 0x9e3779b97f4a7c15
	return mix(uint64(*s))
}

// mix spreads the bits of x, one to one.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// stream names a stream of randomness within another.
func stream(seed uint64, name string) uint64 {
	h := uint64(0xcbf29ce484222325) // FNV-1a, without the allocation of hash/fnv
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 0x100000001b3
	}
	return mix(h ^ mix(seed+0x632be59bd9b4e019))
}

// below returns a number from 0 to n-1; 0 for n < 2.
func (s *source) below(n int) int {
	if n < 2 {
		return 0
	}
	high, _ := bits.Mul64(s.Uint64(), uint64(n))
	return int(high)
}

// between returns a number from low to high; low where high is not above it.
func (s *source) between(low, high int64) int64 {
	if high <= low {
		return low
	}
	n, _ := bits.Mul64(s.Uint64(), uint64(high-low)+1)
	return low + int64(n)
}

// unit returns a number from 0 up to but not 1.
func (s *source) unit() float64 { return float64(s.Uint64()>>11) / (1 << 53) }

// chance is true as often as p says, 0 to 1.
func (s *source) chance(p float64) bool { return s.unit() < p }

// pick returns one of the choices; "" of none.
func (s *source) pick(choices []string) string {
	if len(choices) == 0 {
		return ""
	}
	return choices[s.below(len(choices))]
}

// some returns so many of the choices, each place of the list once; all of them if there are fewer.
func (s *source) some(choices []string, count int) []string {
	count = min(count, len(choices))
	picked, used := make([]string, 0, count), make([]int, 0, 8)
	for len(picked) < count {
		at := s.below(len(choices))
		for slices.Contains(used, at) {
			at = (at + 1) % len(choices)
		}
		picked, used = append(picked, choices[at]), append(used, at)
	}
	return picked
}

// weigh picks an option by its weight times what the factor makes of it (nil: 1). False: nothing has any weight.
func (s *source) weigh(pool []option, factor func(value string) float64) (string, bool) {
	weight := func(o option) float64 {
		if factor == nil {
			return o.weight
		}
		return float64(o.weight * factor(o.value))
	}
	total := 0.0
	for _, o := range pool {
		total += weight(o)
	}
	// The conversion forbids the compiler to fuse product and difference, which rounds otherwise on some machines.
	mark, last, found := float64(s.unit()*total), "", false
	for _, o := range pool {
		w := weight(o)
		if w <= 0 {
			continue
		}
		last, found = o.value, true
		if mark -= w; mark < 0 {
			break
		}
	}
	return last, found
}

// uuid returns a random UUID, version 4.
func (s *source) uuid() string {
	const digits = "0123456789abcdef"
	high, low := s.Uint64()&^0xf000|0x4000, s.Uint64()>>2|1<<63
	out := make([]byte, 0, 36)
	for i, word := range [2]uint64{high, low} {
		for nibble := range 16 {
			if i == 0 && (nibble == 8 || nibble == 12) || i == 1 && (nibble == 0 || nibble == 4) {
				out = append(out, '-')
			}
			out = append(out, digits[word>>(60-4*nibble)&15])
		}
	}
	return string(out)
}

// base32 writes 40 bits of x as eight letters and digits without those that are mistaken for each other.
func base32(x uint64) string {
	const digits = "0123456789abcdefghjkmnpqrstvwxyz"
	var out [8]byte
	for i := range out {
		out[i] = digits[x>>(5*i)&31]
	}
	return string(out[:])
}
