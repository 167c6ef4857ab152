package scenario

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/ledger"
)

// State is what one session knows of scenarios: which it switched on or off, how far their rules are, and the rules that a
// test put in force. Its zero value is that of a new session and costs nothing. It is safe for concurrent use.
// Times are those of the session's clock.
type State struct {
	plan    atomic.Pointer[plan] // nil: nothing was asked yet
	changes atomic.Uint64

	mu       sync.Mutex
	began    time.Time             // the first request, or the last reset
	switched map[string]switched   // by scenario, what somebody switched; otherwise the files count
	named    map[string]time.Time  // scenarios that are not active: when a directive first named them
	states   map[string]string     // by scenario; missing: Started
	runs     map[string]*run       // by the key of the rule
	admin    []*Rule               // of the admin API, oldest first
	added    map[string]time.Time  // when they were put in force, or reset; by the key of the rule
	used     bounded[directiveUse] // how often directives with Times were
	asked    bounded[uint64]       // how often directives with Chance were
	account  *ledger.Ledger        // of the rules of the admin API; nil: none is kept
}

// switched is what somebody did to a scenario.
type switched struct {
	active bool
	since  time.Time
}

// run is how far a rule is.
type run struct {
	steps  bounded[progress]
	asked  bounded[uint64] // by method and path: how often chance was asked
	limits bounded[quota]
}

// AccountTo lets a ledger know what the rules of the admin API take; it may refuse to take more. It is called before the state
// is used.
func (s *State) AccountTo(l *ledger.Ledger) { s.account = l }

// Close takes the rules of the admin API off the account. Somebody may still use the state, unaccounted for.
func (s *State) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rule := range s.admin {
		s.account.Give(rule.cost())
	}
	s.account = nil
}

// cost is roughly what a rule takes in memory, in bytes: compiled, it is several times as large as it was written.
func (r *Rule) cost() int64 { return int64(8<<10 + 16*len(r.Source)) }

// adopt makes the plan for a generation, if the session is behind it.
func (s *State) adopt(set *Set, now time.Time) *plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.began.IsZero() {
		s.began = now
	}
	if p := s.plan.Load(); p != nil && p.number >= set.number {
		return p
	}
	return s.rebuild(set)
}

// rebuild is called with the lock held. Counters of rules that the files no longer have in the same words go.
func (s *State) rebuild(set *Set) *plan {
	next := set.get().base
	if len(s.switched) > 0 || len(s.admin) > 0 {
		next = newPlan(set, append(s.adminEntries(), set.get().entriesOf(func(name string) bool { return s.isActive(set, name) })...))
	}
	for key := range s.runs {
		if !set.get().keys[key] && !slices.ContainsFunc(s.admin, func(r *Rule) bool { return r.key == key }) {
			delete(s.runs, key)
		}
	}
	s.plan.Store(next)
	return next
}

// change follows what somebody put in force, or took out of it. It is called with the lock held.
func (s *State) change(set *Set) {
	s.changes.Add(1)
	s.rebuild(s.latest(set))
}

// Changes grows with each thing that somebody puts in force, takes out of it, or begins anew: what was decided before no
// longer holds. Files that are read again do not count.
func (s *State) Changes() uint64 { return s.changes.Load() }

// adminEntries precede those of files: whoever puts a rule in force from a test means it.
func (s *State) adminEntries() []entry {
	entries := make([]entry, len(s.admin))
	for i, rule := range s.admin {
		entries[i] = entry{rule: rule, scenario: adminScenario, order: i - len(s.admin)}
	}
	return entries
}

func (s *State) isActive(set *Set, name string) bool {
	if w, ok := s.switched[name]; ok {
		return w.active
	}
	return set.get().initial[name]
}

// latest is the newest generation that the session knows of. It is called with the lock held.
func (s *State) latest(set *Set) *Set {
	if p := s.plan.Load(); p != nil && p.number > set.number {
		return p.set
	}
	return set
}

// Activate puts a scenario in force, from its first steps. One that is active already goes on as it is.
func (s *State) Activate(set *Set, name string, now time.Time) error {
	return s.turn(set, name, true, now)
}

// Deactivate takes a scenario out of force.
func (s *State) Deactivate(set *Set, name string, now time.Time) error {
	return s.turn(set, name, false, now)
}

func (s *State) turn(set *Set, name string, active bool, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	set = s.latest(set)
	sc, err := set.Find(name)
	if err != nil {
		return fmt.Errorf("%s", err.Problem)
	}
	if s.isActive(set, name) == active {
		return nil
	}
	if s.switched == nil {
		s.switched = map[string]switched{}
	}
	s.switched[name] = switched{active: active, since: now}
	delete(s.states, name)
	delete(s.named, name)
	for _, rule := range sc.Rules {
		delete(s.runs, rule.key)
	}
	s.change(set)
	return nil
}

// SetState sets the state of a scenario to one that it speaks of.
func (s *State) SetState(set *Set, name, state string) error {
	sc, err := set.Find(name)
	if err != nil {
		return fmt.Errorf("%s", err.Problem)
	}
	if err := sc.checkState(state); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setState(name, state)
	s.changes.Add(1)
	return nil
}

func (s *State) setState(name, state string) {
	if s.states == nil {
		s.states = map[string]string{}
	}
	s.states[name] = state
}

func (s *State) stateOf(name string) string {
	if state, ok := s.states[name]; ok {
		return state
	}
	return Started
}

// Reset takes all rules back to their first steps, scenarios to their first state, and windows and limits to their beginnings.
// What is active stays so, and so do the rules of the admin API.
func (s *State) Reset(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes.Add(1)
	s.began = now
	for name, w := range s.switched {
		w.since = now
		s.switched[name] = w
	}
	for key := range s.added {
		s.added[key] = now
	}
	s.named, s.states, s.runs = nil, nil, nil
	s.used, s.asked = bounded[directiveUse]{}, bounded[uint64]{}
}

// AddRule puts a rule of the admin API in force, after those that already are; one of the same id is replaced in its place.
// It returns the rule as it is then, or ledger.ErrFull.
func (s *State) AddRule(set *Set, id string, rule *Rule, now time.Time) (*Rule, error) {
	own := *rule
	own.ID, own.File, own.Line = id, "rules/"+id, 0
	own.identity, own.key = adminScenario+":"+id, adminScenario+":"+id
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.account.Take(own.cost()); err != nil {
		return nil, err
	}
	delete(s.runs, own.key)
	if s.added == nil {
		s.added = map[string]time.Time{}
	}
	s.added[own.key] = now
	s.admin = slices.Clone(s.admin)
	if i := s.findRule(id); i >= 0 {
		s.account.Give(s.admin[i].cost())
		s.admin[i] = &own
	} else {
		s.admin = append(s.admin, &own)
	}
	s.change(set)
	return &own, nil
}

func (s *State) findRule(id string) int {
	return slices.IndexFunc(s.admin, func(r *Rule) bool { return r.ID == id })
}

// RemoveRule takes a rule of the admin API out of force; false: there is none of that id.
func (s *State) RemoveRule(set *Set, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.findRule(id)
	if i < 0 {
		return false
	}
	delete(s.added, s.admin[i].key)
	s.account.Give(s.admin[i].cost())
	s.admin = slices.Delete(slices.Clone(s.admin), i, i+1)
	s.change(set)
	return true
}

// ClearRules takes all rules of the admin API out of force.
func (s *State) ClearRules(set *Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rule := range s.admin {
		s.account.Give(rule.cost())
	}
	s.admin, s.added = nil, nil
	s.change(set)
}

// Rules lists the rules of the admin API that are in force, oldest first.
func (s *State) Rules() []*Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.admin)
}

// Faulty says whether a rule that is in force can make a fault on the wire: then each answer of the session should close its
// connection (control.md section 2).
func (s *State) Faulty(set *Set) bool {
	if p := s.plan.Load(); p != nil && p.number >= set.number {
		return p.faulty
	}
	return !set.untouched() && set.get().base.faulty
}

// Status is how a scenario is in a session.
type Status struct {
	Scenario *Scenario
	Active   bool
	State    string
	Since    time.Time // of its activation, where Active
}

// List tells how each scenario is, in their order.
func (s *State) List(set *Set) []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Status, len(set.get().scenarios))
	for i, sc := range set.get().scenarios {
		all[i] = Status{Scenario: sc, Active: s.isActive(set, sc.Name), State: s.stateOf(sc.Name)}
		if all[i].Active {
			all[i].Since = s.since(set, sc.Name, s.began)
		}
	}
	return all
}

// Active lists the names of the scenarios that are in force.
func (s *State) Active(set *Set) []string {
	var names []string
	for _, status := range s.List(set) {
		if status.Active {
			names = append(names, status.Scenario.Name)
		}
	}
	return names
}

// since is when the windows of a scenario began: its activation, the last reset, or the session's first request. One
// that is not active begins when a directive first names it, which is now if it never was.
func (s *State) since(set *Set, name string, now time.Time) time.Time {
	if w, ok := s.switched[name]; ok && w.active {
		return w.since
	}
	if s.isActive(set, name) {
		return s.began
	}
	if at, ok := s.named[name]; ok {
		return at
	}
	return now
}
