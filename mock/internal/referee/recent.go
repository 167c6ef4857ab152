package referee

import "time"

// recent remembers when calls succeeded, so that polling is told from retrying.
type recent struct {
	calls []success
	next  int
}

type success struct {
	key   uint64
	began int64 // Unix nanoseconds
}

func (r *recent) add(key uint64, began time.Time) {
	s := success{key, began.UnixNano()}
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
	var last, before int64
	for _, s := range r.calls {
		switch {
		case s.key != key:
		case s.began > last:
			last, before = s.began, last
		case s.began > before:
			before = s.began
		}
	}
	if before == 0 {
		return 0
	}
	late, early := time.Duration(now.UnixNano()-last), time.Duration(last-before)
	if min(late, early) < shortestRhythm || !keepsRhythm(late, early) || !keepsRhythm(early, late) {
		return 0
	}
	return min(late, early)
}

// keepsRhythm says whether an interval is not much shorter than another. Timers are late when a page is in the background.
func keepsRhythm(interval, rhythm time.Duration) bool { return interval >= rhythm*7/10 }
