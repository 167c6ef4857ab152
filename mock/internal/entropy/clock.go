// Package entropy is the only home of time and of made-up values: clocks that can be set, frozen and
// advanced, ids, and chance. Everything is derived from a seed, so that a run can be repeated exactly.
package entropy

import (
	"sync/atomic"
	"time"
)

// WallNow is the machine's time. It rules what the network sees: delays, idle expiry, Date (control.md section 4).
func WallNow() time.Time { return time.Now() }

// Clock is a session's time: the machine's, moved by an offset or frozen. It is safe for concurrent use.
// It rules data dates, token lifetimes, windows and limits (control.md section 4).
type Clock struct {
	state atomic.Pointer[clockState] // nil: the machine's time
	wall  func() time.Time
}

type clockState struct {
	offset time.Duration
	frozen *time.Time
}

// NewClock makes a clock that shows the time of wall until it is told otherwise.
func NewClock(wall func() time.Time) *Clock {
	return &Clock{wall: wall}
}

// Now is the session's time, in UTC.
func (c *Clock) Now() time.Time { return c.At(c.wall()) }

// At is the session's time at a time of the machine: who has just asked the machine need not ask again.
func (c *Clock) At(wall time.Time) time.Time {
	s := c.state.Load()
	switch {
	case s == nil:
		return wall.UTC()
	case s.frozen != nil:
		return *s.frozen
	default:
		return wall.Add(s.offset).UTC()
	}
}

// Frozen says whether the clock stands still.
func (c *Clock) Frozen() bool {
	s := c.state.Load()
	return s != nil && s.frozen != nil
}

// Set moves the clock to t; a frozen clock stays frozen, there.
func (c *Clock) Set(t time.Time) {
	c.change(func(clockState, time.Time) time.Time { return t })
}

// Advance moves the clock by d, which may be negative.
func (c *Clock) Advance(d time.Duration) {
	c.change(func(_ clockState, now time.Time) time.Time { return now.Add(d) })
}

func (c *Clock) change(target func(old clockState, now time.Time) time.Time) {
	for {
		old := c.state.Load()
		var s clockState
		if old != nil {
			s = *old
		}
		wall := c.wall()
		now := wall.Add(s.offset)
		if s.frozen != nil {
			now = *s.frozen
		}
		t := target(s, now).UTC()
		if s.frozen != nil {
			s.frozen = &t
		} else {
			s.offset = t.Sub(wall)
		}
		if c.state.CompareAndSwap(old, &s) {
			return
		}
	}
}

// Freeze stops the clock at its present time.
func (c *Clock) Freeze() {
	for {
		old := c.state.Load()
		if old != nil && old.frozen != nil {
			return
		}
		now := c.wall().UTC()
		if old != nil {
			now = now.Add(old.offset)
		}
		if c.state.CompareAndSwap(old, &clockState{frozen: &now}) {
			return
		}
	}
}

// Resume lets a frozen clock go on from where it stands.
func (c *Clock) Resume() {
	for {
		old := c.state.Load()
		if old == nil || old.frozen == nil {
			return
		}
		if c.state.CompareAndSwap(old, &clockState{offset: old.frozen.Sub(c.wall())}) {
			return
		}
	}
}

// Reset shows the machine's time again.
func (c *Clock) Reset() { c.state.Store(nil) }
