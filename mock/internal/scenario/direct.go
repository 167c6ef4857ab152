package scenario

import (
	"fmt"
	"strconv"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
)

// directiveUse is how often directives with Times were used, and since when they are used up.
type directiveUse struct {
	count int
	ended time.Time
}

// direct lets the request's own directives answer, if they do: then no rule is asked.
func (w *search) direct(d *outcome.Directives) {
	number := 0
	if d.Times > 0 || d.Chance != nil {
		number = w.useDirective(d)
	}
	if w.idle || !d.Answers() {
		return
	}
	w.decision.Source, w.decision.Outcome = ByDirective, d.Outcome
	w.decision.Outcome.Delay = nil
	if d.Times > 0 {
		w.decision.Applied = Applied{Step: number, Steps: d.Times}
	}
}

// useDirective counts a request with Times or Chance. Directives that are used up or that chance passed over do nothing, their delay
// included: the request is served as if it had none.
func (w *search) useDirective(d *outcome.Directives) int {
	w.state.mu.Lock()
	defer w.state.mu.Unlock()
	key := w.req.Method + " " + w.req.Path + " " + d.Key
	number := 0
	if d.Times > 0 {
		use := w.state.used.at(key)
		if use.count >= d.Times {
			w.idle = true
			w.decision.Warning = usedUp(d.Times, use.ended)
			return 0
		}
		if use.count++; use.count == d.Times {
			use.ended = w.env.Now
		}
		number = use.count
	}
	if d.Chance != nil {
		n := w.state.asked.at(key)
		c := chance(entropy.Hash(w.env.Seed, "directive", d.Key, w.req.Method, w.req.Path, strconv.FormatUint(*n, 10)))
		*n++
		w.idle = c.happens() >= *d.Chance
	}
	return number
}

func usedUp(times int, since time.Time) string {
	return fmt.Sprintf("X-Mock-Times: %d is used up since %s: the request is served normally", times, document.ISO(since))
}

// overrideDelay: a directive's delay replaces that of rules (control.md section 1).
func (w *search) overrideDelay() {
	d := w.env.Directives
	if d == nil || d.Delay == nil || w.idle {
		return
	}
	w.decision.Dribble = nil
	if !d.Delay.IsRandom() {
		w.decision.Wait = d.Delay.Wait(0)
		return
	}
	w.state.mu.Lock()
	defer w.state.mu.Unlock()
	n := w.state.asked.at("delay " + w.req.Method + " " + w.req.Path + " " + d.Key)
	c := chance(entropy.Hash(w.env.Seed, "directive", d.Key, w.req.Method, w.req.Path, strconv.FormatUint(*n, 10)))
	*n++
	w.decision.Wait = d.Delay.Wait(c.delay())
}
