package scenario

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/match"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
)

// Set is all scenarios of one generation of files. It does not change, and is shared by all sessions.
type Set struct {
	number   uint64
	contents atomic.Pointer[contents]
	load     func() *contents // of a set that was deferred; nil: it is there
}

// contents is what is in a set.
type contents struct {
	scenarios []*Scenario // by the name of their file
	byName    map[string]*Scenario
	initial   map[string]bool  // in force from the start
	base      *plan            // of a session in which nobody switched anything
	solo      map[string]*plan // of each scenario alone, for X-Mock-Scenario
	keys      map[string]bool  // of all rules
}

// entry is a rule in its place.
type entry struct {
	rule     *Rule
	scenario string // its name
	seed     uint64
	order    int // among all rules, active or not
}

// plan is the rules that are in force, ready to be searched. It does not change.
type plan struct {
	number  uint64 // of the set
	set     *Set
	entries []entry // by order
	index   *match.Index
	faulty  bool
}

func newPlan(s *Set, entries []entry) *plan {
	p := &plan{number: s.number, set: s, entries: entries}
	matchers := make([]*match.Matcher, len(entries))
	for i := range entries {
		matchers[i] = &entries[i].rule.when
		p.faulty = p.faulty || entries[i].rule.faulty()
	}
	p.index = match.NewIndex(matchers)
	return p
}

// NewSet puts scenarios together. number counts the generations of files, from 1: a session never goes back to an
// older one. activate names further scenarios that are in force from the start (--scenario). The problems are
// two files of one name, and names that no file has.
func NewSet(number uint64, scenarios []*Scenario, activate []string) (*Set, diag.List) {
	set := &Set{number: number}
	s, problems := set.fill(scenarios, activate)
	if len(problems) > 0 {
		return nil, problems
	}
	set.contents.Store(s)
	return set, nil
}

// Defer makes a set that is loaded when it is first asked for: reading scenarios is a good part of a start, and most
// runs need none. load must give scenarios without any problem, of which none is in force from the start.
func Defer(number uint64, load func() []*Scenario) *Set {
	set := &Set{number: number}
	set.load = sync.OnceValue(func() *contents {
		c, problems := set.fill(load(), nil)
		if len(problems) > 0 {
			panic(problems.Error())
		}
		set.contents.Store(c)
		return c
	})
	return set
}

// get gives the contents, and loads them if nobody has.
func (s *Set) get() *contents {
	if c := s.contents.Load(); c != nil {
		return c
	}
	return s.load()
}

// untouched: nobody has asked for anything in the set yet, and nothing in it is in force from the start.
func (s *Set) untouched() bool { return s.contents.Load() == nil }

func (s *Set) fill(scenarios []*Scenario, activate []string) (*contents, diag.List) {
	c := &contents{scenarios: slices.Clone(scenarios), byName: map[string]*Scenario{}, initial: map[string]bool{}, solo: map[string]*plan{}, keys: map[string]bool{}}
	slices.SortStableFunc(c.scenarios, func(a, b *Scenario) int {
		return cmp.Or(cmp.Compare(path.Base(a.File), path.Base(b.File)), cmp.Compare(a.File, b.File))
	})
	var problems diag.List
	for _, sc := range c.scenarios {
		if other, twice := c.byName[sc.Name]; twice {
			problems.Add(diag.Problem{Position: diag.Position{File: sc.File}, What: fmt.Sprintf("a scenario %s already comes from %s", sc.Name, other.File)})
			continue
		}
		c.byName[sc.Name] = sc
		c.initial[sc.Name] = sc.Active
	}
	for _, name := range activate {
		if _, err := c.find(name); err != nil {
			// No file is wrong: the flag, or the variable that stands for it, is the place.
			problems.Add(diag.Problem{Position: diag.Position{File: "--scenario"}, What: err.What, Allowed: err.Allowed, Nearest: err.Nearest})
			continue
		}
		c.initial[name] = true
	}
	if len(problems) > 0 {
		return nil, problems
	}
	c.arrange(s)
	return c, nil
}

func (s *contents) arrange(set *Set) {
	order := 0
	for _, sc := range s.scenarios {
		entries := make([]entry, len(sc.Rules))
		for i, rule := range sc.Rules {
			entries[i] = entry{rule: rule, scenario: sc.Name, seed: sc.Seed, order: order}
			s.keys[rule.key] = true
			order++
		}
		s.solo[sc.Name] = newPlan(set, entries)
	}
	s.base = newPlan(set, s.entriesOf(func(name string) bool { return s.initial[name] }))
}

func (s *contents) entriesOf(wanted func(name string) bool) []entry {
	var all []entry
	for _, sc := range s.scenarios {
		if wanted(sc.Name) {
			all = append(all, s.solo[sc.Name].entries...)
		}
	}
	return all
}

// Number counts the generations of files.
func (s *Set) Number() uint64 { return s.number }

// Scenarios lists them in the order in which their rules are asked.
func (s *Set) Scenarios() []*Scenario { return s.get().scenarios }

// Names lists their names in that order.
func (s *Set) Names() []string { return s.get().names() }

func (s *contents) names() []string {
	names := make([]string, len(s.scenarios))
	for i, sc := range s.scenarios {
		names[i] = sc.Name
	}
	return names
}

// Find finds a scenario by name. The error is what X-Mock-Scenario earns with a name that no file has.
func (s *Set) Find(name string) (*Scenario, *outcome.DirectiveError) { return s.get().find(name) }

func (s *contents) find(name string) (*Scenario, *outcome.DirectiveError) {
	if sc, ok := s.byName[name]; ok {
		return sc, nil
	}
	return nil, outcome.UnknownScenario(name, s.names())
}

// Faulty says whether a rule of a scenario can make a fault on the wire; false for one that is unknown.
func (s *Set) Faulty(name string) bool {
	p := s.get().solo[name]
	return p != nil && p.faulty
}

// HeaderNames lists the headers that rules of the files can set, each once, for Access-Control-Expose-Headers.
func (s *Set) HeaderNames() []string {
	var names []string
	for _, sc := range s.get().scenarios {
		for _, r := range sc.Rules {
			names = append(names, r.HeaderNames()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// HeaderNames lists the headers that the rule can set.
func (r *Rule) HeaderNames() []string {
	var names []string
	for i := range r.steps {
		for _, h := range r.steps[i].Headers {
			names = append(names, h.Name)
		}
	}
	return names
}

// checkState refuses a state that the scenario does not speak of.
func (s *Scenario) checkState(state string) error {
	if states := s.States(); !slices.Contains(states, state) {
		text := fmt.Sprintf("the scenario %s has no state %q; it has %s", s.Name, state, strings.Join(states, ", "))
		if nearest := diag.Nearest(state, states); nearest != "" {
			text += "; did you mean " + nearest + "?"
		}
		return fmt.Errorf("%s", text)
	}
	return nil
}
