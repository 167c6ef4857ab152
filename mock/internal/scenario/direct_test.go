package scenario_test

import (
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/scenario"
)

func TestNamedScenarioAppliesToOneRequest(t *testing.T) {
	w := newWorld(t, "a", rule("respond: {error: internal, times: 2}"), "b", active(rule("respond: {error: conflict}")), "c", rule("respond: {error: forbidden}"))
	with := func(name, want string) {
		t.Helper()
		if got := brief(w.ask("GET /", "X-Mock-Scenario", name)); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	with("a", "internal 1/2")
	w.expect("GET / → conflict")
	with("a", "internal 2/2")
	with("a", "conflict")
	with("b", "conflict")
	with("c", "conflict") // the file of b precedes that of c
	if _, err := w.set.Find("d"); err == nil || err.Error() != `X-Mock-Scenario: unknown scenario "d"; allowed: a, b, c` {
		t.Errorf("got %v", err)
	}
}

func TestDirectivesPrecedeRules(t *testing.T) {
	w := newWorld(t, "a", active(rule("respond: {error: conflict, times: 2, delay: 5s}")))
	d := w.ask("GET /", "X-Mock-Error", "internal", "X-Mock-Delay", "20")
	if d.Source != scenario.ByDirective || brief(d) != "internal" || d.Rule != "" || d.Wait != 20*time.Millisecond {
		t.Errorf("got %+v", d)
	}
	d = w.ask("GET /", "X-Mock-Delay", "10ms")
	if d.Source != scenario.ByScenario || brief(d) != "conflict 1/2" || d.Wait != 10*time.Millisecond {
		t.Errorf("got %+v", d)
	}
	if d = w.ask("GET /"); d.Wait != 5*time.Second {
		t.Errorf("got %+v", d)
	}
}

func TestTimesOfADirective(t *testing.T) {
	w := newWorld(t)
	ask := func(what string, header ...string) scenario.Decision {
		return w.ask(what, append(header, "X-Mock-Error", "internal", "X-Mock-Times", "2")...)
	}
	if got := brief(ask("GET /a")); got != "internal 1/2" {
		t.Error(got)
	}
	w.now = w.now.Add(time.Minute)
	if got := brief(ask("GET /a")); got != "internal 2/2" {
		t.Error(got)
	}
	w.now = w.now.Add(time.Minute)
	d := ask("GET /a", "X-Mock-Delay", "5")
	if got := brief(d); got != "internal 1/2" {
		t.Errorf("another set of directives: %s", got)
	}
	d = ask("GET /a")
	if d.Answered() || d.Warning != "X-Mock-Times: 2 is used up since 2026-01-31T12:01:00.000Z: the request is served normally" {
		t.Errorf("got %+v", d)
	}
	if got := brief(ask("GET /b")) + brief(ask("POST /a")); got != "internal 1/2internal 1/2" {
		t.Error(got)
	}
	w.state.Reset(w.now)
	if got := brief(ask("GET /a")); got != "internal 1/2" {
		t.Error(got)
	}
}

func TestChanceOfADirective(t *testing.T) {
	run := func() string {
		w := newWorld(t)
		var b strings.Builder
		for range 200 {
			d := w.ask("GET /", "X-Mock-Fault", "HANG", "X-Mock-Chance", "0.25", "X-Mock-Delay", "1")
			if (d.Wait > 0) != d.Answered() {
				t.Fatal("the delay does not go with the fault")
			}
			b.WriteByte(brief(d)[0])
		}
		return b.String()
	}
	first := run()
	if n := strings.Count(first, "H"); n < 30 || n > 75 || run() != first {
		t.Errorf("%d of 200 at a chance of 0.25", n)
	}
}
