package cli

import (
	"context"
	"errors"
	"fmt"
	"time"
)

type waitCommand struct {
	target
	Timeout period `default:"30s" placeholder:"TIME" min:"0s" max:"24h" help:"How long to wait."`
}

// The pauses between two questions grow between these bounds.
const (
	firstPause   = 20 * time.Millisecond
	longestPause = 500 * time.Millisecond
)

// Run asks again and again. Whatever answers wrongly may still be on its way up, or down.
func (c *waitCommand) Run(p *process) error {
	origin, err := c.origin(p, "wait")
	if err != nil {
		return err
	}
	ctx, stop := p.untilSignal()
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.Timeout))
	defer cancel()
	h, err := waitFor(ctx, origin)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded) && err != nil:
		return fmt.Errorf("waited %v in vain: %w", time.Duration(c.Timeout), err)
	case err != nil:
		return err
	}
	p.warnDegraded(origin, h)
	return p.print("%s %s\n", h.Status, origin)
}

// waitFor returns the last answer, or what was in its way when ctx ended.
func waitFor(ctx context.Context, origin string) (health, error) {
	var last error
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		h, err := askHealth(ctx, origin)
		if err == nil {
			return h, nil
		}
		if last == nil || ctx.Err() == nil {
			last = err // what was in the way, not that the time was up
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return health{}, last
		}
	}
}
