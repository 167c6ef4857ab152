package wirefault

import (
	"context"
	"net/http"
	"time"
)

// Pace says how a body dribbles.
type Pace struct {
	Chunks int
	Over   time.Duration // from the head to the last chunk
	Last   func()        // called before the last chunk is sent, if the client is still there; may be nil
}

// Dribble sends the head of an answer at once and its body in so many chunks, of one size as nearly as can
// be, the last of them when the time is over. There are never more chunks than bytes or milliseconds. The
// true Content-Length is announced. An answer without a body comes as a whole when the time is over. It returns the cause for which ctx ended before, or the error of
// writing to a client that has left; the handler should then return, and net/http breaks the answer off.
func Dribble(ctx context.Context, w http.ResponseWriter, a Answer, p Pace) error {
	rc := http.NewResponseController(w)
	Unbounded(w)
	defer interrupt(ctx, func() { _ = rc.SetWriteDeadline(longAgo()) })()
	if len(a.Body) == 0 || a.bodiless() {
		if err := Delay(ctx, p.Over); err != nil {
			return err
		}
		p.last()
		a.head(w, 0)
		return rc.Flush()
	}
	a.head(w, len(a.Body))
	if err := rc.Flush(); err != nil {
		return err
	}
	n := min(max(p.Chunks, 1), len(a.Body), max(int(p.Over/time.Millisecond), 1))
	tick := time.NewTicker(max(p.Over/time.Duration(n), 1)) // one ticker: the chunks' delays do not add up
	defer tick.Stop()
	for i := range n {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if i == n-1 {
			p.last()
		}
		if _, err := w.Write(a.Body[i*len(a.Body)/n : (i+1)*len(a.Body)/n]); err != nil {
			return err
		}
		if err := rc.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func (p Pace) last() {
	if p.Last != nil {
		p.Last()
	}
}
