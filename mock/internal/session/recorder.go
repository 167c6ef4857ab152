package session

import (
	"sync"

	"github.com/salesos/salesos-mock/mock/internal/journal"
)

// recorder puts exchanges before the journal and the referees, some at once: what has just run for one exchange is still in
// the processor's caches for the next, and costs a third of what it costs between a request and its answer. Nobody sees
// that: whoever asks what was recorded has it settled first.
type recorder struct {
	journal *journal.Journal
	totals  *Totals // may be nil

	settling sync.Mutex // held while exchanges are put where they belong, in their order

	mu      sync.Mutex
	waiting []*unsettled
	spare   []*unsettled // holds nothing
}

// unsettled is an exchange that waits, with memory of its own for the headers of the answer.
type unsettled struct {
	world    *World
	exchange journal.Exchange
	headers  []journal.Header
}

// The bounds of what waits.
const (
	mostUnsettled = 64
	shortBody     = 4 << 10 // bytes of a request that waits
)

// add takes an exchange, and a copy of what its owner will use again.
func (r *recorder) add(w *World, x *journal.Exchange) {
	if r.put(w, x) {
		r.settle()
	}
}

// put says whether what waits is to be settled now: somebody follows, there is enough, or it may not wait.
func (r *recorder) put(w *World, x *journal.Exchange) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	x.Seq = r.journal.Next()
	u := r.room()
	u.world, u.exchange = w, *x
	u.headers = append(u.headers[:0], x.ResponseHeader...)
	u.exchange.ResponseHeader = u.headers
	return len(r.waiting) >= mostUnsettled || !x.Lasting || len(x.RequestBody) > shortBody || r.journal.Followed()
}

// room is a place for one that waits.
func (r *recorder) room() *unsettled {
	n := len(r.waiting)
	if n < cap(r.waiting) {
		r.waiting = r.waiting[:n+1]
	} else {
		r.waiting = append(r.waiting, nil)
	}
	if r.waiting[n] == nil {
		r.waiting[n] = new(unsettled)
	}
	return r.waiting[n]
}

// settle puts what waits where it belongs. When it returns, all that was added before is there.
func (r *recorder) settle() {
	r.settling.Lock()
	defer r.settling.Unlock()
	r.mu.Lock()
	all := r.waiting
	r.waiting = r.spare
	r.mu.Unlock()
	for _, u := range all {
		r.journal.Record(&u.exchange)
	}
	for _, u := range all {
		u.world.judge().Record(&u.exchange)
		r.totals.record(&u.exchange)
		u.world, u.exchange = nil, journal.Exchange{}
		clear(u.headers)
	}
	r.spare = all[:0]
}
