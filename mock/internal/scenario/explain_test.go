package scenario_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock/internal/match"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

func TestExplain(t *testing.T) {
	w := newWorld(t, "a", active(`rules:
  - {name: post, when: {method: POST}, respond: {error: internal}}
  - {name: later, window: {after: 30s}, respond: {error: internal}}
  - {name: before, window: {for: 1s}, respond: {error: internal}}
  - {name: used, respond: {error: internal, times: 1}}
  - {name: quota, limit: {requests: 5, window: 10s}}
  - {name: never, chance: 0, respond: {error: internal}}
  - {name: degraded, when: {state: degraded}, respond: {error: internal}}
  - {name: slow, respond: {delay: 1s}}
  - {name: down, respond: [{error: unavailable, times: 2}, {}]}
  - {name: last, respond: {error: internal}}
`), "b", rule("name: idle\nrespond: {error: internal}"))
	w.expect("GET / → internal") // by "before"
	w.now = w.now.Add(2 * time.Second)
	w.expect("GET / → internal 1/1", "GET / → unavailable 1/3")
	explain := func(d *outcome.Directives) []string {
		var got []string
		for _, x := range w.state.Explain(w.set, &match.Request{Method: "GET", Path: "/leads", Header: http.Header{}}, scenario.Env{Now: w.now, Seed: w.seed, Directives: d}) {
			mark := " "
			if x.Answers {
				mark = "!"
			} else if x.Applies {
				mark = "+"
			}
			_, name, _ := strings.Cut(x.Rule, " ")
			got = append(got, mark+name+": "+x.Reason)
		}
		return got
	}
	want := []string{
		" post: the method is GET, POST is wanted",
		" later: the window is closed: it opens in 28s",
		" before: the window is over",
		" used: the steps are used up: 1 of 1",
		" quota: the limit is not reached: 3 of 5 requests are left for 10s",
		" never: chance misses: 0.914 is not below 0",
		` degraded: the state is "started", "degraded" is wanted`,
		"+slow: step 1/1: changes the answer, and goes on",
		"!down: step 2/3: answers unavailable",
		" last: not asked: scenarios/a.yaml:11 down answers",
		" idle: the scenario is not active",
	}
	for range 2 { // it counts nothing
		got := explain(nil)
		want[5] = got[5] // the number is chance's
		if diff := cmp.Diff(want, got); diff != "" || !strings.HasPrefix(got[5], " never: chance misses: 0.") {
			t.Error(diff)
		}
	}
	named := explain(&outcome.Directives{Scenario: "b"})
	if got := named[len(named)-1]; got != " idle: not asked: scenarios/a.yaml:11 down answers" {
		t.Errorf("named: %s", got)
	}
	w.expect("GET / → unavailable 2/3")
}

func TestExplainBeforeTheFirstRequest(t *testing.T) {
	w := newWorld(t, "a", active(rule("window: {after: 30s}\nrespond: {error: internal}")))
	x := w.state.Explain(w.set, &match.Request{Method: "GET", Path: "/"}, scenario.Env{Now: w.now})
	if x[0].Reason != "the window is closed: it opens in 30s" {
		t.Errorf("got %+v", x)
	}
	w.now = w.now.Add(time.Hour) // the first request is yet to come
	w.expect("GET / → -")
}

func TestAdvise(t *testing.T) {
	leads := schema.NewDefinition("leads", "Lead", []schema.Field{{Name: "email", Type: schema.String, Format: schema.Email}})
	table, err := operation.New([]*schema.Definition{leads}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := mustParse(t, "scenarios/a.yaml", `rules:
  - {when: {path: /lead}, respond: {error: internal}}
  - {when: {path: /leads, method: PUT}, respond: {error: internal}}
  - {when: {path: "/leads/{id}", method: PATCH}, respond: {error: validation, fields: [email, emial]}}
  - {when: {path: /leads/**, method: [HEAD]}, respond: {error: internal}}
  - {when: {path: /api/leads/abc123}, respond: {error: internal}}
  - respond: {error: validation, fields: nothing}
`)
	var got []string
	for _, p := range s.Advise(table) {
		got = append(got, p.Short())
	}
	want := []string{
		`scenarios/a.yaml:2:19: no route fits the path "/lead": the rule can only answer requests that would be 404; did you mean "/leads"?`,
		`scenarios/a.yaml:3:19: no route with the path "/leads" has the method of the rule; allowed: GET, POST`,
		`scenarios/a.yaml:4:95: no route with this path has the field "emial": its message will be that of an unknown property; did you mean "email"?`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFaultyAndHeaderNames(t *testing.T) {
	w := newWorld(t, "a", rule("respond: {fault: HANG, times: 1}"), "b", rule("respond: [{headers: {x-b: 1, A: 2}}, {headers: {A: 3}}]"))
	if got := strings.Join(w.set.HeaderNames(), " "); got != "A X-B" {
		t.Errorf("got %s", got)
	}
	if w.state.Faulty(w.set) {
		t.Error("faulty before activation")
	}
	if err := w.state.Activate(w.set, "a", w.now); err != nil {
		t.Fatal(err)
	}
	if !w.state.Faulty(w.set) {
		t.Error("not faulty after activation")
	}
	list := w.state.List(w.set)
	if len(list) != 2 || !list[0].Active || list[0].State != scenario.Started || list[0].Since != noon || list[1].Active {
		t.Errorf("got %+v", list)
	}
}
