package scenario

import (
	"strconv"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
)

// maxKeys bounds what one rule remembers of callers and paths in one session; past it, the oldest are forgotten, and
// begin anew.
const maxKeys = 10_000

// bounded is a map that forgets its oldest keys, in the same order in every run.
type bounded[V any] struct {
	values map[string]*V
	order  []string // of arrival
}

// maxKey is how long a key is kept as it is: callers choose paths and messages, and could fill the memory with them.
const maxKey = 200

func shortKey(key string) string {
	if len(key) <= maxKey {
		return key
	}
	return key[:maxKey/2] + "#" + strconv.FormatUint(entropy.Hash(0, key), 36)
}

// at finds the value of a key, or makes it.
func (b *bounded[V]) at(key string) *V {
	key = shortKey(key)
	if v, ok := b.values[key]; ok {
		return v
	}
	if b.values == nil {
		b.values = map[string]*V{}
	}
	if len(b.order) >= maxKeys {
		b.forget(maxKeys / 2)
	}
	v := new(V)
	b.values[key] = v
	b.order = append(b.order, key)
	return v
}

// look finds the value of a key without making it; what it returns may not be changed.
func (b *bounded[V]) look(key string) V {
	if v, ok := b.values[shortKey(key)]; ok {
		return *v
	}
	var none V
	return none
}

func (b *bounded[V]) forget(n int) {
	for _, key := range b.order[:n] {
		delete(b.values, key)
	}
	b.order = append([]string(nil), b.order[n:]...)
}
