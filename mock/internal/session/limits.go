package session

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/operation"
)

// The documented rate limits (contract.md section 4): requests per window.
const (
	GeneralLimit = 100
	LoginLimit   = 5
	LimitWindow  = 60 * time.Second

	// maxWindows bounds what strangers can make a session remember.
	maxWindows = 10_000
)

// Quota is what is left of a rate limit after a request was counted.
type Quota struct {
	Limit     int
	Remaining int
	Over      bool          // this request exceeds the limit
	Resets    time.Duration // until the window ends, in session time
}

type limitKey struct {
	class operation.LimitClass
	who   string
}

type window struct {
	start time.Time
	count atomic.Int64
}

// limits counts requests in fixed windows, each beginning with its first request. Every request is counted: they wait
// for each other only when a window begins.
type limits struct {
	mu      sync.RWMutex
	windows map[limitKey]*window
}

// Count counts a request of a caller, at a time of the session's clock, and says what is left.
func (w *World) Count(class operation.LimitClass, who string, now time.Time) Quota {
	return w.limits.count(class, who, now)
}

func (l *limits) count(class operation.LimitClass, who string, now time.Time) Quota {
	limit := GeneralLimit
	if class == operation.LoginLimit {
		limit = LoginLimit
	}
	win := l.window(limitKey{class, who}, now)
	count := int(win.count.Add(1))
	return Quota{
		Limit: limit, Remaining: max(limit-count, 0), Over: count > limit,
		Resets: LimitWindow - now.Sub(win.start),
	}
}

func (l *limits) window(key limitKey, now time.Time) *window {
	l.mu.RLock()
	win, ok := l.windows[key]
	l.mu.RUnlock()
	if ok && win.open(now) {
		return win
	}
	return l.begin(key, now)
}

func (l *limits) begin(key limitKey, now time.Time) *window {
	l.mu.Lock()
	defer l.mu.Unlock()
	win, ok := l.windows[key]
	if ok && win.open(now) {
		return win
	}
	if !ok && len(l.windows) >= maxWindows {
		l.sweep(now)
	}
	win = &window{start: now}
	if l.windows == nil {
		l.windows = map[limitKey]*window{}
	}
	l.windows[key] = win
	return win
}

// open: a clock that was set back ends a window too.
func (w *window) open(now time.Time) bool {
	return !now.Before(w.start) && now.Before(w.start.Add(LimitWindow))
}

// sweep forgets the windows that ended, or, should all be open, some of them: to count somebody afresh is better
// than to grow without bound.
func (l *limits) sweep(now time.Time) {
	for key, win := range l.windows {
		if !win.open(now) {
			delete(l.windows, key)
		}
	}
	for key := range l.windows {
		if len(l.windows) < maxWindows/2 {
			break
		}
		delete(l.windows, key)
	}
}

func (l *limits) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.windows = nil
}
