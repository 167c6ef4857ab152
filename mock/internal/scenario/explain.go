package scenario

import (
	"fmt"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/match"
)

// Explanation says what one rule would do with a request.
type Explanation struct {
	Rule     string // its location, as in X-Mock-Rule
	Scenario string // "" for a rule of the admin API
	Answers  bool   // it answers, and ends the search
	Applies  bool   // it delays, patches or sets headers, and hands on
	Inactive bool   // its scenario is not in force
	Reason   string // for people: what it would do, or the first condition that does not hold
}

// Explain says of each rule, in order, what it would do with a request, and why not. It counts nothing. Directives of the request
// that answer precede all rules; Explain does not speak of them but for X-Mock-Scenario.
func (s *State) Explain(set *Set, req *match.Request, env Env) []Explanation {
	s.mu.Lock()
	defer s.mu.Unlock()
	set = s.latest(set)
	w := search{state: s, set: set, req: req, env: env}
	if s.began.IsZero() { // as if this were the first request
		s.began = env.Now
		defer func() { s.began = time.Time{} }()
	}
	all := append(s.adminEntries(), set.get().entriesOf(func(string) bool { return true })...)
	explanations := make([]Explanation, len(all))
	answered := ""
	for i := range all {
		x := &explanations[i]
		*x = w.explain(&all[i], answered)
		if x.Answers {
			answered = x.Rule
		}
	}
	return explanations
}

func (w *search) explain(e *entry, answered string) Explanation {
	x := Explanation{Rule: e.rule.Location(), Scenario: e.scenario}
	if e.scenario == adminScenario {
		x.Scenario = ""
	}
	named := w.env.Directives != nil && w.env.Directives.Scenario == e.scenario
	switch {
	case e.scenario != adminScenario && !named && !w.state.isActive(w.set, e.scenario):
		x.Inactive, x.Reason = true, "the scenario is not active"
	case answered != "":
		x.Reason = "not asked: " + answered + " answers"
	default:
		x.Reason = e.rule.when.Explain(w.req, w.state.stateOf(e.scenario))
		if x.Reason == "" {
			v := w.judge(e, true)
			x.Reason = v.explain(e.rule)
			x.Answers = v.miss == applies && v.step.Answers()
			x.Applies = v.miss == applies && !x.Answers
		}
	}
	return x
}

func (v *verdict) explain(r *Rule) string {
	switch v.miss {
	case windowNotOpen:
		return "the window is closed: it opens in " + rounded(v.opens)
	case windowOver:
		return "the window is over"
	case limitNotReached:
		return fmt.Sprintf("the limit is not reached: %d of %d requests are left for %s", v.quota.Remaining, v.quota.Limit, rounded(v.quota.Resets))
	case chanceMissed:
		return fmt.Sprintf("chance misses: %.3f is not below %g", v.picked, *r.chance)
	case stepsUsedUp:
		return fmt.Sprintf("the steps are used up: %d of %d", r.total, r.total)
	}
	return fmt.Sprintf("step %d/%d: %s", v.number, v.of, v.step.describe())
}

func rounded(d time.Duration) string {
	if d < time.Second {
		return d.String()
	}
	return d.Round(time.Second).String()
}

// describe words what a step does.
func (s *step) describe() string {
	switch {
	case s.Error != "":
		return "answers " + string(s.Error)
	case s.Fault != "":
		return "makes the fault " + string(s.Fault)
	case s.Body != nil:
		return "answers with a body of its own"
	case s.Status != 0:
		return fmt.Sprintf("answers with status %d", s.Status)
	case s.IsZero():
		return "lets the request pass"
	}
	return "changes the answer, and goes on"
}
