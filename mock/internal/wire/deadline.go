package wire

import (
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
)

// deadline is when the reads, or the writes, of a connection end. Net/http sets it some ten times for each request,
// mostly without anything that would wait for it, and each time costs the timers of the runtime. So the system is told of it
// only by what may wait, and not if it knows one that is a moment earlier.
//
// Who sets a deadline first says which, then looks whether something waits; who waits first says so, then looks at the
// deadline. Whichever comes first, one of them sees the other, and the system is told.
type deadline struct {
	tell func(time.Time) error // the system
	base time.Time             // when the connection began

	wanted  atomic.Int64 // what net/http set, see encode
	told    atomic.Int64 // what the system knows
	waiting atomic.Bool  // something does, for now: a change must be told at once
	telling sync.Mutex
}

// slack is how much too early time-outs may be, which last for seconds and minutes.
const slack = 100 * time.Millisecond

// abort is what net/http sets to end a read at once: a time long ago.
var abort = time.Unix(1, 0)

// A deadline as a number is its nanoseconds since base, or one of these. No connection lives for a century.
const (
	none    = 0
	aborted = -1 << 62
)

func newDeadline(tell func(time.Time) error) *deadline {
	return &deadline{tell: tell, base: entropy.WallNow()}
}

func (d *deadline) encode(t time.Time) int64 {
	switch {
	case t.IsZero():
		return none
	case t.Equal(abort):
		return aborted
	}
	if since := int64(t.Sub(d.base)); since != none {
		return since
	}
	return none + 1
}

func (d *deadline) decode(n int64) time.Time {
	switch n {
	case none:
		return time.Time{}
	case aborted:
		return abort
	}
	return d.base.Add(time.Duration(n))
}

// set wants another deadline.
func (d *deadline) set(t time.Time) error {
	d.wanted.Store(d.encode(t))
	if d.waiting.Load() {
		return d.update()
	}
	return nil
}

// setNow has the system know the deadline as it is wanted, for whoever uses the connection as TCP has it.
func (d *deadline) setNow(t time.Time) error {
	d.telling.Lock()
	defer d.telling.Unlock()
	n := d.encode(t)
	d.wanted.Store(n)
	d.told.Store(n)
	return d.tell(t)
}

// begin comes before something that may wait. What was aborted before it began is not even tried.
func (d *deadline) begin() error {
	d.waiting.Store(true)
	wanted := d.wanted.Load()
	if wanted == aborted {
		d.end()
		return os.ErrDeadlineExceeded
	}
	if near(wanted, d.told.Load()) {
		return nil
	}
	err := d.update()
	if err != nil {
		d.end() // nothing is begun, and nothing ends
	}
	return err
}

// end comes behind it.
func (d *deadline) end() { d.waiting.Store(false) }

func (d *deadline) update() error {
	d.telling.Lock()
	defer d.telling.Unlock()
	wanted := d.wanted.Load()
	if near(wanted, d.told.Load()) {
		return nil
	}
	d.told.Store(wanted)
	return d.tell(d.decode(wanted))
}

// near says whether the system knows a deadline well enough.
func near(wanted, told int64) bool {
	early := time.Duration(wanted - told)
	return (wanted == none) == (told == none) && early >= 0 && early < slack
}
