package referee

import (
	"math"
	"time"
)

// recent remembers when calls succeeded, so that polling is told from retrying.
type recent struct {
	calls []success
	next  int
}

// success is small, because each session keeps many: two calls in four thousand million are taken for each other.
type success struct {
	key   uint32 // half of the call's
	began uint32 // Unix milliseconds, which come round after seven weeks
}

func succeeded(key uint64, began time.Time) success {
	return success{uint32(key), uint32(began.UnixMilli())}
}

func (r *recent) add(key uint64, began time.Time) {
	s := succeeded(key, began)
	if len(r.calls) < maxRecent {
		r.calls = append(r.calls, s)
		return
	}
	r.calls[r.next] = s
	r.next = (r.next + 1) % maxRecent
}

// shortestRhythm is the shortest interval that is polling; what comes quicker is hammering.
const shortestRhythm = 500 * time.Millisecond

// rhythm is the interval at which the same call came, and succeeded, before now; 0 if that was no regular one.
func (r *recent) rhythm(key uint64, now time.Time) time.Duration {
	const never = math.MaxUint32
	this := succeeded(key, now)
	last, before := uint32(never), uint32(never) // how long ago
	for _, s := range r.calls {
		switch ago := this.began - s.began; {
		case s.key != this.key:
		case ago < last:
			last, before = ago, last
		case ago < before:
			before = ago
		}
	}
	if before == never {
		return 0
	}
	late, early := time.Duration(last)*time.Millisecond, time.Duration(before-last)*time.Millisecond
	if min(late, early) < shortestRhythm || !keepsRhythm(late, early) || !keepsRhythm(early, late) {
		return 0
	}
	return min(late, early)
}

// keepsRhythm says whether an interval is not much shorter than another. Timers are late when a page is in the background.
func keepsRhythm(interval, rhythm time.Duration) bool { return interval >= rhythm*7/10 }
