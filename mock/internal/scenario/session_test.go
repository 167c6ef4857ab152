package scenario_test

import (
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/match"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
)

func TestActivation(t *testing.T) {
	w := newWorld(t, "outage", rule("respond: {error: internal, times: 1}"), "z", active(rule("respond: {error: conflict}")))
	w.expect("GET / → conflict")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.state.Activate(w.set, "outage", w.now))
	w.expect("GET / → internal 1/1", "GET / → conflict")
	must(w.state.Activate(w.set, "outage", w.now)) // already is
	w.expect("GET / → conflict")
	must(w.state.Deactivate(w.set, "z", w.now))
	w.expect("GET / → -")
	if got := strings.Join(w.state.Active(w.set), " "); got != "outage" {
		t.Errorf("active: %s", got)
	}
	w.state.Reset(w.now)
	w.expect("GET / → internal 1/1", "GET / → -")
	err := w.state.Activate(w.set, "outaeg", w.now)
	if err == nil || err.Error() != `unknown scenario "outaeg"; allowed: outage, z; did you mean outage?` {
		t.Errorf("got %v", err)
	}
	other := scenario.State{}
	if d := other.Decide(w.set, &match.Request{Method: "GET", Path: "/"}, scenario.Env{}); brief(d) != "conflict" {
		t.Errorf("another session sees %q", brief(d))
	}
}

func TestReloadKeepsWhatDidNotChange(t *testing.T) {
	same := "  - respond: {error: internal, times: 2}\n"
	w := newWorld(t, "a", "rules:\n"+same+"  - respond: {error: conflict, times: 2}\n")
	if err := w.state.Activate(w.set, "a", w.now); err != nil {
		t.Fatal(err)
	}
	w.expect("GET / → internal 1/2")
	old := w.set
	w.set = newSet(t, 2, "a", "# a line on top\nrules:\n"+same+"  - respond: {error: forbidden, times: 2}\n")
	w.expect("GET / → internal 2/2", "GET / → forbidden 1/2")
	w.set = old // a request that still holds the older files does not take the session back
	w.expect("GET / → forbidden 2/2", "GET / → -")
	w.set = newSet(t, 3, "a", "rules:\n  - respond: {error: internal, times: 3}\n")
	w.expect("GET / → internal 1/3")
	w.set = newSet(t, 4)
	w.expect("GET / → -")
	w.set = newSet(t, 5, "a", "rules:\n  - respond: {error: internal, times: 3}\n")
	w.expect("GET / → internal 1/3")
}

func TestEqualRulesCountApart(t *testing.T) {
	w := newWorld(t, "a", active("rules:\n  - respond: {error: internal, times: 1}\n  - respond: {error: internal, times: 1}\n"))
	w.expect("GET / → internal 1/1", "GET / → internal 1/1", "GET / → -")
}

func TestRulesOfTheAdminAPI(t *testing.T) {
	w := newWorld(t, "a", active(rule("respond: {error: conflict}")))
	add := func(id, text string) {
		t.Helper()
		r, problems := scenario.ParseRule([]byte(text), options)
		if problems != nil {
			t.Fatal(problems)
		}
		if _, err := w.state.AddRule(w.set, id, r, w.now); err != nil {
			t.Fatal(err)
		}
	}
	add("1", `{"respond":{"error":"internal","times":1}}`)
	add("2", `{"name":"two","respond":{"error":"forbidden","times":1},"window":{"after":"5s"}}`)
	w.expect("GET / → internal 1/1", "GET / → conflict")
	w.now = w.now.Add(5 * time.Second)
	if d := w.ask("GET /"); d.Rule != "rules/2 two" || d.Source != scenario.ByScenario {
		t.Errorf("got %+v", d)
	}
	w.set = newSet(t, 2, "a", active(rule("respond: {error: unauthorized}")))
	w.expect("GET / → unauthorized")
	w.state.Reset(w.now)
	w.expect("GET / → internal 1/1")
	add("1", `{"respond":{"error":"internal","times":1}}`)
	w.expect("GET / → internal 1/1", "GET / → unauthorized")
	rules := w.state.Rules()
	if len(rules) != 2 || rules[0].ID != "1" || rules[1].ID != "2" || rules[1].Name != "two" {
		t.Errorf("rules %+v", rules)
	}
	if got, want := string(rules[0].Source), `{"respond":{"error":"internal","times":1}}`; got != want {
		t.Errorf("the rule was given as %s, not as %s", want, got)
	}
	if !w.state.RemoveRule(w.set, "1") || w.state.RemoveRule(w.set, "1") {
		t.Error("removed never or twice")
	}
	w.state.ClearRules(w.set)
	if len(w.state.Rules()) != 0 {
		t.Error("rules remain")
	}
}
