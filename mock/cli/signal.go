package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// untilSignal ends the context at the first SIGINT or SIGTERM. From then on signals do what they do by default, so that
// a second one ends the process at once.
func (p *process) untilSignal() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(p.ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// survivePipes keeps a server alive whose reader has gone: a test runner that starts it, reads the ready line and
// closes the pipe would otherwise end it with the next line.
func survivePipes() (restore func()) {
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGPIPE)
	return func() { signal.Stop(ignored) }
}
