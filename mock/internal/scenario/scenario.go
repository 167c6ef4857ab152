// Package scenario reads scenario files (control.md section 3) and decides, for each request of a session, what their
// rules and the request's own directives do to its answer. It serves no HTTP: package session holds a State for
// each session, and package httpapi carries decisions out.
package scenario

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/match"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
)

// Started is the state of a scenario until a rule or somebody sets another.
const Started = "started"

// Scenario is one file. It does not change.
type Scenario struct {
	Name        string // the stem of the file
	File        string // as in messages: "scenarios/flaky-list.yaml"
	Description string
	Active      bool // in force from the start
	Seed        uint64
	Rules       []*Rule
}

// States lists the states that the scenario speaks of, Started first.
func (s *Scenario) States() []string {
	states := []string{Started}
	seen := map[string]bool{"": true, Started: true}
	for _, r := range s.Rules {
		for _, state := range []string{r.when.State, r.setState} {
			if !seen[state] {
				seen[state] = true
				states = append(states, state)
			}
		}
	}
	return states
}

// Rule is one rule of a file, or of the admin API. It does not change.
type Rule struct {
	Name   string
	File   string // "" for a rule of the admin API
	Line   int
	ID     string          // of a rule of the admin API that is in force
	Source json.RawMessage // of a rule of the admin API, as it was given

	when     match.Matcher
	steps    []step
	random   bool // pick: random
	then     string
	per      string
	setState string
	limit    *limit
	window   *window
	chance   *float64

	total    int    // how many uses the steps have; 0: without end
	identity string // what chance derives from: the scenario and the rule's name, or its place
	key      string // what counters belong to: the scenario and the rule's text
	pathNode *document.Node
	chancy   bool // needs a number of chance
}

// step is what a rule does at one of its turns.
type step struct {
	outcome.Outcome
	times      int // 0: without end
	weight     float64
	fieldNodes []*document.Node // where each of Fields stands
}

// limit is a rate limit of a rule: so many requests in a window that begins with its first.
type limit struct {
	requests int
	window   time.Duration
	per      string
}

// window is when a rule is in force, since its scenario was activated.
type window struct {
	after time.Duration
	lasts time.Duration // 0: for ever
}

// The values of `then`.
const (
	thenPass   = "pass"
	thenRepeat = "repeat"
	thenStay   = "stay"
)

// The values of `per`.
const (
	perSession = "session"
	perCaller  = "caller"
	perPath    = "path"
)

// Location is the value of X-Mock-Rule: "scenarios/flaky-list.yaml:14 list-outage"; a rule of the admin API is "rules/ID name".
func (r *Rule) Location() string {
	text := r.File
	if r.Line > 0 {
		text += ":" + strconv.Itoa(r.Line)
	}
	return strings.TrimSpace(text + " " + r.Name)
}

// faulty says whether the rule can make a fault on the wire.
func (r *Rule) faulty() bool {
	for i := range r.steps {
		if r.steps[i].Fault != "" {
			return true
		}
	}
	return false
}
