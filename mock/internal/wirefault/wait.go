package wirefault

import (
	"context"
	"net/http"
	"time"
)

// Context is the request's context, ended by drain too: the server does not end its requests' contexts
// when it shuts down, it waits for them. context.Cause tells which of both it was.
func Context(r *http.Request, drain context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(r.Context())
	stop := context.AfterFunc(drain, func() { cancel(context.Cause(drain)) })
	return ctx, func() { stop(); cancel(nil) }
}

// Unbounded takes the server's deadlines off this one exchange. It is for answers that are slow on
// purpose: the write deadline would cut them off, and the read deadline the rest of a slow request's body.
func Unbounded(w http.ResponseWriter) {
	rc := http.NewResponseController(w)
	// A writer without deadlines has none to take off.
	_ = rc.SetReadDeadline(time.Time{})
	_ = rc.SetWriteDeadline(time.Time{})
}

// Bounded puts deadlines back that Unbounded took off, once the waiting is over: a client that takes neither the answer
// nor the rest of its own body to an end must not hold the connection for ever.
func Bounded(w http.ResponseWriter, until time.Time) {
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(until)
	_ = rc.SetWriteDeadline(until)
}

// Delay waits for d, in real time, and returns nil; or the cause for which ctx ended before. With the
// ctx of Context it ends when the client leaves, which net/http sees only once the request's body was
// read to its end.
func Delay(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// interrupt calls f when ctx ends. The function that it returns gives that up, and returns only when f is
// not running: a ResponseWriter must not be touched after its handler returned.
func interrupt(ctx context.Context, f func()) (stop func()) {
	done := make(chan struct{})
	giveUp := context.AfterFunc(ctx, func() {
		defer close(done)
		f()
	})
	return func() {
		if !giveUp() {
			<-done
		}
	}
}

// longAgo is a deadline that has passed.
func longAgo() time.Time { return time.Unix(1, 0) }
