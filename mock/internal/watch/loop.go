package watch

import (
	"context"
	"time"
)

const (
	steps    = 4  // a quiet time is looked at in so many steps: all of them must be quiet
	patience = 3  // quiet times for what looks like the middle of a save
	atMost   = 20 // quiet times after which a folder that never rests is read all the same
)

// loop is one Run of a Watcher.
type loop struct {
	w      *Watcher
	events *notifier // nil: none
	told   string    // what was last logged about events, so that it is not said at each look
	nth    int       // looks so far; the first is a thorough one
}

func (l *loop) run(ctx context.Context, changed func(Snapshots)) {
	// Watches first, then the look: what is saved in between is in both, never in neither.
	l.attach()
	unread := !l.w.loaded()
	if !unread && l.differs() {
		l.settle(ctx)
		unread = true
	}
	for ctx.Err() == nil {
		if !unread {
			if !l.await(ctx) {
				return
			}
			l.settle(ctx)
		}
		s, news, err := l.w.take(ctx)
		if err != nil {
			return
		}
		if news {
			changed(s)
		}
		if unread = s.unsettled(); unread {
			l.settle(ctx)
		}
	}
}

func (s Snapshots) unsettled() bool {
	for _, folder := range s.Folders {
		if folder.Unsettled {
			return true
		}
	}
	return false
}

// await returns true when something may have changed, and false when ctx ended.
func (l *loop) await(ctx context.Context) bool {
	for {
		timer := time.NewTimer(l.w.interval(l.hearing()))
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-l.events.heard():
			timer.Stop()
			return true
		case <-l.events.ended():
			timer.Stop()
			l.detach()
		case <-timer.C:
		}
		if l.attach() || l.w.opts.Mode != Notify && l.differs() {
			return true
		}
	}
}

func (l *loop) differs() bool {
	defer func() { l.nth++ }()
	return l.w.differs(l.nth)
}

func (l *loop) hearing() bool {
	return l.events != nil && !l.events.impaired
}

// settle waits until the folders have been quiet: no event, and each look like the one before.
func (l *loop) settle(ctx context.Context) {
	now := l.calm(ctx, 1)
	if ctx.Err() == nil && l.w.midway(now) {
		l.calm(ctx, patience-1)
	}
}

// calm waits for so many quiet times in a row and returns the last look.
func (l *loop) calm(ctx context.Context, quiets int) []sight {
	tick := time.NewTicker(max(l.w.opts.Quiet/steps, time.Millisecond))
	defer tick.Stop()
	last := l.w.looks()
	for quiet, total := 0, 0; quiet < quiets*steps && total < atMost*steps; total++ {
		select {
		case <-ctx.Done():
			return last
		case <-tick.C:
		}
		heard := l.events.drain()
		// A folder that has just appeared is watched from here on, so its next events count too.
		moved := l.attach()
		now := l.w.looks()
		if quiet++; heard || moved || !sameSights(last, now) {
			quiet = 0
		}
		last = now
	}
	return last
}

// attach makes sure that events come, from the folders as they are now, and says whether it had to
// change something for that; whatever happened before it did was heard by nobody.
func (l *loop) attach() bool {
	if l.w.opts.Mode == Poll {
		return false
	}
	if l.events == nil {
		events, err := newNotifier(l.w.opts.Relevant, l.w.opts.Log)
		if err != nil {
			l.report(err)
			return false
		}
		l.events = events
	}
	moved, err := l.events.aim(l.w.paths)
	l.report(err)
	return moved
}

// report keeps Describe true, and tells the log once when events fail or come back.
func (l *loop) report(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text == l.told {
		return
	}
	l.told = text
	l.w.setDeaf(text)
	if err != nil {
		l.w.opts.Log.Warn("file events are not available everywhere", "watch", l.w.Describe(), "error", err)
	} else {
		l.w.opts.Log.Info("file events are available", "watch", l.w.Describe())
	}
}

func (l *loop) detach() {
	l.events.close()
	l.events = nil
}
