package session

import (
	"sync"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/scenario"
)

// Resends remembers the faults that ended a reused connection before its first byte. Browsers and Go's client then
// silently repeat the request on a new connection: that repeat is the same attempt, gets the same fault and counts
// nowhere (control.md section 2). The zero value is ready.
type Resends struct {
	mu     sync.Mutex
	recent []resend
}

// Attempt is what a request met.
type Attempt struct {
	scenario.Decision
	ID      string // X-Request-Id
	Changes uint64 // what the Steering had seen by then: whoever lifts a rule wants no more of its faults
}

type resend struct {
	key     uint64 // of the request
	until   time.Time
	attempt Attempt
}

// resendWindow is within which a repeat comes; maxResends bounds what is remembered.
const (
	resendWindow = 100 * time.Millisecond
	maxResends   = 256
)

// Expect remembers a fault, at a real time, for a request that key identifies.
func (r *Resends) Expect(key uint64, now time.Time, a Attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.recent) >= maxResends {
		r.recent = append(r.recent[:0], r.recent[1:]...)
	}
	r.recent = append(r.recent, resend{key, now.Add(resendWindow), a})
}

// Any says whether a repeat could come: most sessions never see one, and need not identify their requests.
func (r *Resends) Any() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.recent) > 0
}

// Take gives what the request met that is repeated, once. It is none if the rules are others by now.
func (r *Resends) Take(key uint64, now time.Time, changes uint64) (Attempt, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found *Attempt
	kept := r.recent[:0]
	for _, e := range r.recent {
		switch {
		case now.After(e.until) || e.attempt.Changes != changes:
		case found == nil && e.key == key:
			found = &e.attempt
		default:
			kept = append(kept, e)
		}
	}
	clear(r.recent[len(kept):])
	r.recent = kept
	if found == nil {
		return Attempt{}, false
	}
	return *found, true
}
