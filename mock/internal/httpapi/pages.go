package httpapi

import (
	"hash/maphash"
	"sync/atomic"
	"weak"

	"github.com/salesos/salesos-mock/mock/internal/store"
)

// pages remembers lists as they were answered, so that one that is asked for again, as a front end does that polls or
// goes back, costs no more than a single record. A view never changes, so what was answered from it stays right; a
// write makes another view, and what belongs to the old one is no longer found. It keeps no view alive.
type pages struct {
	seed  maphash.Seed
	slots [pageSlots]atomic.Pointer[page]
}

// The bounds of what is remembered: 256 lists of at most 32 KiB.
const (
	pageSlots = 256
	maxPage   = 32 << 10
)

// page is a list that was answered.
type page struct {
	view        weak.Pointer[store.View]
	base, query string // of the request
	answer      Answer
}

func newPages() *pages { return &pages{seed: maphash.MakeSeed()} }

func (p *pages) slot(query string) *atomic.Pointer[page] {
	return &p.slots[maphash.String(p.seed, query)%pageSlots]
}

// find gives what was answered to the same query of the same view.
func (p *pages) find(view *store.View, base, query string) (Answer, bool) {
	known := p.slot(query).Load()
	if known == nil || known.query != query || known.base != base || known.view.Value() != view {
		return Answer{}, false
	}
	return known.answer, true
}

// keep remembers an answer; its memory must be its own.
func (p *pages) keep(view *store.View, base, query string, answer Answer) {
	if len(answer.Body)+len(query) <= maxPage {
		p.slot(query).Store(&page{weak.Make(view), base, query, answer})
	}
}
