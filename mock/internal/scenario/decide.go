package scenario

import (
	"net/http"
	"slices"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/match"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
)

// Env is what a decision depends on besides the request.
type Env struct {
	Now        time.Time           // on the session's clock
	Seed       uint64              // of the session
	Caller     string              // whom `per: caller` counts apart: a credential, else an address
	Directives *outcome.Directives // of the request; nil: none. Its Scenario must be one that the set has
}

// Source says who decided.
type Source int

// The sources of a decision.
const (
	Nobody      Source = iota // no answer was decided: the request goes on
	ByDirective               // the request's own directives answer
	ByScenario                // a rule answers, of a file or of the admin API
)

// Applied is a rule that had a part in a decision.
type Applied struct {
	Rule        string // value of X-Mock-Rule
	Step, Steps int    // value of X-Mock-Step: the Step-th of Steps uses; 0 of 0: one step without end is not counted
	OnlyPatches bool   // it had a part only if there was an answer to patch
}

// Quota is what is left of a rule's limit after the request was counted.
type Quota struct {
	Limit, Remaining int
	Resets           time.Duration // until the window ends, in session time
	Over             bool          // the request exceeds it
}

// Decision is what is done to the answer of one request. It may be carried out again for a request that the client's transport
// repeats: it does not change.
type Decision struct {
	Source  Source
	Outcome outcome.Outcome // all effects together; its Delay is to be ignored for Wait and Dribble
	Wait    time.Duration   // real time to wait first
	Dribble *outcome.Dribble

	Applied                  // of a source other than Nobody: the rule that answers (none for a directive), and the step, where there are steps
	Effects    []Applied     // rules that do not answer but delay, patch or set headers, in order
	Limit      *Quota        // the tightest of the limits that counted the request; nil: none did
	WindowEnds time.Duration // session time, for a Retry-After that asks for it
	Warning    string        // for X-Mock-Warning; empty: none
}

// Answered says whether the search ended with an answer.
func (d *Decision) Answered() bool { return d.Source != Nobody }

// Idle says whether no rule is in force, as in most sessions: a request without directives then need not be prepared
// for Decide.
func (s *State) Idle(set *Set) bool {
	p := s.plan.Load()
	if p == nil {
		return set.untouched()
	}
	return p.number >= set.number && len(p.entries) == 0
}

// Decide decides what is done to a request, and counts it (control.md sections 1 to 3). With no active rule and no directive
// it costs next to nothing.
func (s *State) Decide(set *Set, req *match.Request, env Env) Decision {
	p := s.plan.Load()
	if p == nil || p.number < set.number {
		p = s.adopt(set, env.Now)
	}
	directed := env.Directives != nil && !env.Directives.IsZero()
	if !directed && len(p.entries) == 0 {
		return Decision{}
	}
	w := search{state: s, set: p.set, req: req, env: env}
	if directed {
		w.direct(env.Directives)
	}
	if w.decision.Source == Nobody {
		w.rules(w.candidates(p))
	}
	w.overrideDelay()
	return w.decision
}

// search is one request on its way along the rules.
type search struct {
	state    *State
	set      *Set
	req      *match.Request
	env      Env
	decision Decision
	idle     bool              // the directives do nothing this time
	states   map[string]string // changes that take effect after this request
	places   [32]int
	hits     [16]*entry
}

// candidates finds the rules whose conditions other than the state hold, in their order, without a lock.
func (w *search) candidates(p *plan) []*entry {
	hits := w.matching(p, w.hits[:0])
	d := w.env.Directives
	if d == nil || d.Scenario == "" {
		return hits
	}
	solo := w.set.get().solo[d.Scenario]
	if solo == nil || len(solo.entries) == 0 || slices.ContainsFunc(p.entries, func(e entry) bool { return e.scenario == d.Scenario }) {
		return hits
	}
	hits = w.matching(solo, hits)
	slices.SortFunc(hits, func(a, b *entry) int { return a.order - b.order })
	return hits
}

func (w *search) matching(p *plan, hits []*entry) []*entry {
	for _, i := range p.index.Find(w.req, w.places[:0]) {
		if e := &p.entries[i]; e.rule.when.Match(w.req) {
			hits = append(hits, e)
		}
	}
	return hits
}

// rules asks each rule in turn, under the lock of the session: a step that is used once is then used once, however many
// requests come at a time.
func (w *search) rules(candidates []*entry) {
	if len(candidates) == 0 {
		return
	}
	w.state.mu.Lock()
	defer w.state.mu.Unlock()
	w.rememberNamed()
	for _, e := range candidates {
		if v := w.judge(e, w.peeks(e.rule)); v.miss == applies {
			w.apply(e, &v)
		}
		if w.decision.Source != Nobody {
			break
		}
	}
	// All rules saw the state in which the request came.
	for name, state := range w.states {
		w.state.setState(name, state)
	}
}

// peeks says whether the request sees a rule's next step without using it: HEAD does, unless the rule names it.
func (w *search) peeks(r *Rule) bool {
	return w.req.Method == http.MethodHead && !r.when.NamesMethod(http.MethodHead)
}

func (w *search) rememberNamed() {
	d := w.env.Directives
	if d == nil || d.Scenario == "" || w.state.isActive(w.set, d.Scenario) {
		return
	}
	if w.state.named == nil {
		w.state.named = map[string]time.Time{}
	}
	if _, known := w.state.named[d.Scenario]; !known {
		w.state.named[d.Scenario] = w.env.Now
	}
}

// apply lets a rule's step take part in the decision.
func (w *search) apply(e *entry, v *verdict) {
	d := &w.decision
	o := v.step.Outcome
	if v.setState {
		w.changeState(e)
	}
	if o.IsZero() {
		return
	}
	effect := Applied{Rule: e.rule.Location(), OnlyPatches: o.OnlyPatches()}
	if e.rule.counts() {
		effect.Step, effect.Steps = v.number, v.of
	}
	if o.Delay != nil {
		d.Wait += o.Delay.Wait(v.chance.delay())
		d.Dribble = addDribbles(d.Dribble, o.Delay.Dribble)
	}
	o.Add(&d.Outcome)
	o.Delay = nil
	d.Outcome = o
	if !o.Answers() {
		d.Effects = append(d.Effects, effect)
		return
	}
	d.Source, d.Applied, d.WindowEnds = ByScenario, effect, v.ends
	if !o.NeedsAnswer() {
		d.Outcome.Patches = nil // there is no real answer to patch
	}
}

func (w *search) changeState(e *entry) {
	if w.states == nil {
		w.states = map[string]string{}
	}
	w.states[e.scenario] = e.rule.setState
}

// addDribbles adds the times; the body comes in the larger number of pieces.
func addDribbles(a, b *outcome.Dribble) *outcome.Dribble {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return &outcome.Dribble{Chunks: max(a.Chunks, b.Chunks), Over: a.Over + b.Over}
}
