package wire

import (
	"os"
	"sync"
	"time"
)

// deadline is when the reads, or the writes, of a connection end. Net/http sets it some ten times for each request,
// mostly without anything that would wait for it, and each time costs the timers of the runtime. So the system is told of it
// only by what may wait, and not if it knows one that is a moment earlier.
type deadline struct {
	tell func(time.Time) error // the system

	mu     sync.Mutex
	wanted time.Time // zero: none
	told   time.Time // what the system knows
	waited bool      // for now: a change must be told at once
}

// slack is how much too early time-outs may be, which last for seconds and minutes.
const slack = 100 * time.Millisecond

// abort is what net/http sets to end a read at once: a time long ago.
var abort = time.Unix(1, 0)

// set wants another deadline.
func (d *deadline) set(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = t
	if d.waited {
		return d.update()
	}
	return nil
}

// setNow has the system know the deadline as it is wanted, for whoever uses the connection as TCP has it.
func (d *deadline) setNow(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted, d.told = t, t
	return d.tell(t)
}

// begin comes before something that may wait. What was aborted before it began is not even tried.
func (d *deadline) begin() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.wanted.Equal(abort) {
		return os.ErrDeadlineExceeded
	}
	err := d.update()
	d.waited = err == nil // else nothing is begun, and nothing ends
	return err
}

// end comes behind it.
func (d *deadline) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waited = false
}

func (d *deadline) update() error {
	if d.wanted.IsZero() == d.told.IsZero() {
		if early := d.wanted.Sub(d.told); early >= 0 && early < slack {
			return nil
		}
	}
	d.told = d.wanted
	return d.tell(d.wanted)
}
