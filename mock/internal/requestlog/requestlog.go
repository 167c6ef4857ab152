// Package requestlog writes one line for each request, for people or for programs, without ever holding a request
// up: lines are gathered in a bounded buffer and written by a goroutine of their own, and when nobody reads them
// they are left out and counted. Package cli runs one for the command serve, and another through which log/slog writes
// what the program itself has to say (reloads, warnings): a reload must not wait for a reader either.
package requestlog

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Format is how a line looks.
type Format int

// The formats.
const (
	Text Format = iota // short lines for people
	JSON               // one object a line, with the keys time, level and msg of log/slog
)

// Entry is what is told of one finished request. Its fields are those of httpapi.Observation, in that order, so
// that one converts to the other.
type Entry struct {
	Began    time.Time
	Duration time.Duration
	Method   string
	Target   string // path and query as sent
	Status   int    // 0: the connection was closed without an answer
	Bytes    int    // of the answer's body
	Decision string
	Rule     string // where the rule that had a part in it stands; "" for none
	Session  string
	Remote   string
	ID       string
}

// Options says how the lines look. The zero value gives plain text.
type Options struct {
	Format  Format
	Color   bool   // ANSI colours, in Text alone
	Session string // the session that need not be named in Text

	Now func() time.Time // tells when lines of Write were left out; nil: they have no time
}

func (o *Options) now() time.Time {
	if o.Now == nil {
		return time.Time{}
	}
	return o.Now()
}

const (
	// gatherFor is how long lines wait for company: so short that a terminal seems immediate, long enough that a
	// busy server writes 40 times a second and not 40,000 times.
	gatherFor = 25 * time.Millisecond

	// maxBuffered bounds the lines that wait, in bytes: some thousand of them.
	maxBuffered = 256 << 10

	// mostEntries bounds the requests that wait to become lines; one with a target of so many bytes does not wait.
	mostEntries = 64
	longTarget  = 1 << 10

	// closeWithin bounds how long Close waits for a reader that has stalled.
	closeWithin = time.Second
)

// ErrStalled says that the last lines could not be written, since nobody reads them.
var ErrStalled = errors.New("the reader of the request log has stalled")

// Log writes the lines of requests. It is safe for concurrent use.
type Log struct {
	options Options
	out     io.Writer
	broken  atomic.Bool // writing failed for good: the reader is gone

	mu      sync.Mutex
	waiting []byte  // whole lines
	entries []Entry // to become lines; there is neither: the writer sleeps or is about to look
	left    leftOut
	closed  bool

	wake   chan struct{} // there are lines; holds one
	ending chan struct{} // closed by Close
	ended  chan struct{} // closed when the last line is written
	failed error         // of the writing, to be read after ended
}

// leftOut counts the lines that found no room.
type leftOut struct {
	lines int
	last  time.Time // when the last of them began
}

// New starts a log. It must be closed, or its last lines are lost.
func New(w io.Writer, o Options) *Log {
	l := &Log{
		options: o, out: w,
		wake: make(chan struct{}, 1), ending: make(chan struct{}), ended: make(chan struct{}),
	}
	go l.run()
	return l
}

// Record has a line written. It never waits for a writer, and does nothing after Close. Lines are made some at once, for
// what has just made one is still in the processor's caches for the next.
func (l *Log) Record(e Entry) {
	if !l.broken.Load() && l.add(&e) {
		l.rouse()
	}
}

// add takes an entry and says whether the writer must be woken.
func (l *Log) add(e *Entry) (wake bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	wake = l.empty()
	l.entries = append(l.entries, *e)
	if len(l.entries) >= mostEntries || len(e.Target) > longTarget {
		l.makeLines()
	}
	return wake
}

func (l *Log) empty() bool { return len(l.waiting) == 0 && len(l.entries) == 0 && l.left.lines == 0 }

// makeLines makes the lines of the entries that have none yet. After one was left out all are, until the buffer is
// written: so the note about them stands where they would have been.
func (l *Log) makeLines() {
	for i := range l.entries {
		e, before := &l.entries[i], len(l.waiting)
		if l.left.lines == 0 {
			l.waiting = l.options.append(l.waiting, e)
		}
		if l.left.lines > 0 || len(l.waiting) > maxBuffered {
			l.waiting, l.left = l.waiting[:before], leftOut{l.left.lines + 1, e.Began}
		}
	}
	clear(l.entries)
	l.entries = l.entries[:0]
}

// Write puts a whole line into the buffer, for whoever makes lines of his own. Like Record it never waits, and it does not
// fail: whoever writes could do nothing about it.
func (l *Log) Write(line []byte) (int, error) {
	if !l.broken.Load() && l.put(line, l.options.now()) {
		l.rouse()
	}
	return len(line), nil
}

func (l *Log) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// put adds a line, behind those of the entries, and says whether the writer must be woken.
func (l *Log) put(line []byte, began time.Time) (wake bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	wake = l.empty()
	l.makeLines()
	if l.left.lines > 0 || len(l.waiting)+len(line) > maxBuffered {
		l.left = leftOut{l.left.lines + 1, began}
		return wake
	}
	l.waiting = append(l.waiting, line...)
	return wake
}

// Close writes what is left and ends the log. It gives up after a second when nobody reads.
func (l *Log) Close() error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.ending)
	}
	l.mu.Unlock()
	patience := time.NewTimer(closeWithin)
	defer patience.Stop()
	select {
	case <-l.ended:
		return l.failed
	case <-patience.C:
		return ErrStalled
	}
}

// run writes until the log is closed.
func (l *Log) run() {
	defer close(l.ended)
	pause := time.NewTimer(gatherFor)
	pause.Stop()
	var spare []byte
	for closing := false; !closing; {
		select {
		case <-l.wake:
			pause.Reset(gatherFor)
			select {
			case <-pause.C:
			case <-l.ending:
				closing = true
			}
		case <-l.ending:
			closing = true
		}
		spare = l.flush(spare)
	}
}

// flush exchanges the buffers, so that requests fill one while the other is written.
func (l *Log) flush(spare []byte) []byte {
	l.mu.Lock()
	l.makeLines()
	lines, left := l.waiting, l.left
	l.waiting, l.left = spare[:0], leftOut{}
	l.mu.Unlock()
	if left.lines > 0 {
		lines = l.options.appendLeftOut(lines, left)
	}
	if len(lines) == 0 || l.failed != nil {
		return lines
	}
	if _, err := l.out.Write(lines); err != nil {
		l.failed = err
		l.broken.Store(true)
	}
	return lines
}
