package journal

import "sync/atomic"

// excerpts remembers the beginnings of bodies that are too long to be kept. A front end that polls a list has the same
// body answered again and again, and one beginning does for all of its entries.
type excerpts struct {
	slots [32]atomic.Pointer[excerpt]
}

// maxExcerpted bounds what is kept alive to know a body again, in bytes.
const maxExcerpted = 256 << 10

type excerpt struct {
	whole     []byte
	beginning []byte
}

// of is the beginning of a body that nobody changes, of so many bytes.
func (e *excerpts) of(body []byte, most int) []byte {
	slot := &e.slots[len(body)%len(e.slots)]
	if known := slot.Load(); known != nil && len(known.whole) == len(body) && &known.whole[0] == &body[0] {
		return known.beginning
	}
	made := &excerpt{body, copied(body[:most])}
	if len(body) <= maxExcerpted {
		slot.Store(made)
	}
	return made.beginning
}
