package scenario

import (
	"strconv"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
)

// miss is why a rule decides nothing for a request that its conditions fit.
type miss int

const (
	applies miss = iota
	wrongState
	windowNotOpen
	windowOver
	limitNotReached
	chanceMissed
	stepsUsedUp
)

// verdict is what a rule says to a request.
type verdict struct {
	miss     miss
	opens    time.Duration // of windowNotOpen
	quota    Quota         // of limitNotReached
	picked   float64       // of chanceMissed
	step     *step
	number   int // of the use, from 1
	of       int
	setState bool
	ends     time.Duration // until the window or the limit ends
	chance   chance
}

// chance is the number from which all that is random about one rule and one request derives.
type chance uint64

func (c chance) happens() float64 { return entropy.Fraction(entropy.Hash(uint64(c), "chance")) }
func (c chance) pick() float64    { return entropy.Fraction(entropy.Hash(uint64(c), "pick")) }
func (c chance) delay() float64   { return entropy.Fraction(entropy.Hash(uint64(c), "delay")) }

// judge asks a rule whose other conditions hold. Unless it peeks, it counts. It is called with the lock held.
func (w *search) judge(e *entry, peek bool) verdict {
	r := e.rule
	if !r.when.MatchState(w.state.stateOf(e.scenario)) {
		return verdict{miss: wrongState}
	}
	v := w.window(e)
	if v.miss != applies {
		return v
	}
	run := w.state.run(r.key, peek)
	if r.limit != nil {
		quota := run.count(r.limit, w.bucket(r.limit.per), w.env.Now, peek)
		w.note(quota)
		if v.quota, v.ends = quota, quota.Resets; !quota.Over {
			v.miss = limitNotReached
			return v
		}
	}
	if r.chancy {
		v.chance = w.chance(e, run, peek)
		if v.picked = v.chance.happens(); r.chance != nil && v.picked >= *r.chance {
			v.miss = chanceMissed
			return v
		}
	}
	w.takeStep(r, run, peek, &v)
	return v
}

// window says whether the rule's window is open, and how long it will be.
func (w *search) window(e *entry) verdict {
	r := e.rule
	if r.window == nil {
		return verdict{}
	}
	since, ok := w.state.added[r.key]
	if !ok {
		since = w.state.since(w.set, e.scenario, w.env.Now)
	}
	elapsed := w.env.Now.Sub(since)
	switch {
	case elapsed < r.window.after:
		return verdict{miss: windowNotOpen, opens: r.window.after - elapsed}
	case r.window.lasts == 0:
		return verdict{}
	case elapsed-r.window.after >= r.window.lasts:
		return verdict{miss: windowOver}
	}
	return verdict{ends: r.window.after + r.window.lasts - elapsed}
}

// run is how far a rule is; who only peeks gets an empty one if there is none.
func (s *State) run(key string, peek bool) *run {
	if r, ok := s.runs[key]; ok {
		return r
	}
	r := &run{}
	if !peek {
		if s.runs == nil {
			s.runs = map[string]*run{}
		}
		s.runs[key] = r
	}
	return r
}

// bucket is what is counted apart.
func (w *search) bucket(per string) string {
	switch per {
	case perCaller:
		return w.env.Caller
	case perPath:
		return w.req.Path
	}
	return ""
}

// note keeps the tightest limit for the answer's headers.
func (w *search) note(q Quota) {
	if l := w.decision.Limit; l == nil || q.Over || !l.Over && q.Remaining < l.Remaining {
		w.decision.Limit = &q
	}
}

// chance derives from what is the same in each run, never from the time or the order of goroutines
// (control.md section 4). A HEAD that peeks asks as the GET that comes next.
func (w *search) chance(e *entry, run *run, peek bool) chance {
	method := countedMethod(w.req.Method, peek)
	key := method + " " + w.req.Path
	n := run.asked.look(key)
	if !peek {
		*run.asked.at(key)++
	}
	return chance(entropy.Hash(w.env.Seed, strconv.FormatUint(e.seed, 10), e.rule.identity, method, w.req.Path, strconv.FormatUint(n, 10)))
}
