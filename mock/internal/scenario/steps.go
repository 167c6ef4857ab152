package scenario

import (
	"net/http"
	"time"
)

// progress is how far the steps of a rule are, for one of those that are counted apart.
type progress struct {
	used   int   // uses of all steps, in this round
	counts []int // uses of each step, with pick: random
}

// countedMethod is the method under which a request is counted.
func countedMethod(method string, peek bool) string {
	if peek && method == http.MethodHead {
		return http.MethodGet
	}
	return method
}

// counts says whether the rule's steps need a counter: one step without end does not.
func (r *Rule) counts() bool { return r.total > 0 || r.random }

// takeStep finds the rule's step for the request and, unless it peeks, uses it.
func (w *search) takeStep(r *Rule, run *run, peek bool, v *verdict) {
	if !r.counts() {
		v.step, v.number, v.of = &r.steps[0], 1, 1
		v.setState = r.setState != "" && !peek
		return
	}
	bucket := w.bucket(r.per)
	p := run.steps.look(bucket)
	if r.total > 0 && p.used >= r.total && r.then == thenPass {
		v.miss = stepsUsedUp
		return
	}
	stored := &progress{}
	if !peek {
		stored = run.steps.at(bucket)
	}
	*stored = r.advance(p, v)
	v.setState = v.setState && r.setState != "" && !peek
}

// advance takes a step of a rule whose steps are not used up for good, and gives the progress after it.
func (r *Rule) advance(p progress, v *verdict) progress {
	if r.total > 0 && p.used >= r.total {
		if r.then == thenStay {
			last := len(r.steps) - 1
			v.step, v.number, v.of = &r.steps[last], r.total, r.total
			if r.random {
				v.number, v.of = len(r.steps), len(r.steps)
			}
			return p
		}
		p = progress{}
	}
	if r.random {
		p = r.advanceRandom(p, v)
	} else {
		v.step, v.number, v.of = r.stepAt(p.used), p.used+1, r.total
	}
	p.used++
	v.setState = r.total == 0 || p.used == r.total
	return p
}

// stepAt is the step of the use that so many others precede.
func (r *Rule) stepAt(used int) *step {
	for i := range r.steps {
		if used -= r.steps[i].times; used < 0 {
			return &r.steps[i]
		}
	}
	return &r.steps[len(r.steps)-1]
}

// advanceRandom picks by weight among the steps that are not used up.
func (r *Rule) advanceRandom(p progress, v *verdict) progress {
	counts := make([]int, len(r.steps))
	copy(counts, p.counts)
	var sum float64
	for i := range r.steps {
		if r.steps[i].left(counts[i]) {
			sum += r.steps[i].weight
		}
	}
	at, chosen := v.chance.pick()*sum, -1
	for i := range r.steps {
		if r.steps[i].left(counts[i]) {
			chosen = i
			if at -= r.steps[i].weight; at < 0 {
				break
			}
		}
	}
	counts[chosen]++
	p.counts = counts
	v.step, v.number, v.of = &r.steps[chosen], chosen+1, len(r.steps)
	return p
}

func (s *step) left(used int) bool { return s.times == 0 || used < s.times }

// quota is the window of a limit, for one of those that are counted apart.
type quota struct {
	start time.Time
	count int
}

// count counts a request for a limit, unless it only peeks, and says what is left.
func (r *run) count(l *limit, bucket string, now time.Time, peek bool) Quota {
	q := r.limits.look(bucket)
	// A clock that was set back ends a window too.
	if q.count == 0 || now.Before(q.start) || now.Sub(q.start) >= l.window {
		q = quota{start: now}
	}
	q.count++
	if !peek {
		*r.limits.at(bucket) = q
	}
	return Quota{
		Limit: l.requests, Remaining: max(l.requests-q.count, 0), Over: q.count > l.requests,
		Resets: l.window - now.Sub(q.start),
	}
}
