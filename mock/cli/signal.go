package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// echo is how long signals count as the first one once more: npm hands on what the terminal has already told the whole
// group of processes, and so do test runners that end a group and its leader.
const echo = 300 * time.Millisecond

// untilSignal ends the context at the first SIGINT or SIGTERM. A moment later signals do again what they do by default,
// so that a second one ends the process at once.
func (p *process) untilSignal() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(p.ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { time.AfterFunc(echo, stop) })
	return ctx, stop
}

// survivePipes keeps a server alive whose reader has gone: a test runner that starts it, reads the ready line and
// closes the pipe would otherwise end it with the next line.
func survivePipes() (restore func()) {
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGPIPE)
	return func() { signal.Stop(ignored) }
}
