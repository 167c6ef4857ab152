package scenario_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/match"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
)

// world is a session under test.
type world struct {
	t     testing.TB
	set   *scenario.Set
	state scenario.State
	now   time.Time
	seed  uint64
}

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// newWorld loads files, given as name and text in turn.
func newWorld(t testing.TB, files ...string) *world {
	t.Helper()
	return &world{t: t, set: newSet(t, 1, files...), now: noon, seed: 7}
}

func newSet(t testing.TB, number uint64, files ...string) *scenario.Set {
	t.Helper()
	var all []*scenario.Scenario
	for i := 0; i < len(files); i += 2 {
		all = append(all, mustParse(t, "scenarios/"+files[i]+".yaml", files[i+1]))
	}
	set, problems := scenario.NewSet(number, all, nil)
	if problems != nil {
		t.Fatal(problems)
	}
	return set
}

// ask sends "GET /leads", perhaps with " by CALLER" behind it.
func (w *world) ask(what string, header ...string) scenario.Decision {
	w.t.Helper()
	what, caller, _ := strings.Cut(what, " by ")
	method, path, _ := strings.Cut(what, " ")
	path, query, _ := strings.Cut(path, "?")
	req := &match.Request{Method: method, Path: path, RawQuery: query, Header: http.Header{}}
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	d, err := outcome.ParseDirectives(req.Header, query)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.state.Decide(w.set, req, scenario.Env{Now: w.now, Seed: w.seed, Caller: caller, Directives: &d})
}

// brief words a decision: "unavailable 2/4", "-" for none.
func brief(d scenario.Decision) string {
	text := string(d.Outcome.Error) + string(d.Outcome.Fault) + string(d.Outcome.Body)
	if text == "" && d.Outcome.Status != 0 {
		text = fmt.Sprint(d.Outcome.Status)
	}
	if text == "" {
		text = "-"
	}
	if d.Steps > 0 {
		text += fmt.Sprintf(" %d/%d", d.Step, d.Steps)
	}
	return text
}

// expect asks in turn and compares, "what → brief".
func (w *world) expect(exchanges ...string) {
	w.t.Helper()
	for i, exchange := range exchanges {
		what, want, _ := strings.Cut(exchange, " → ")
		if got := brief(w.ask(what)); got != want {
			w.t.Errorf("request %d, %s: got %q, want %q", i+1, what, got, want)
		}
	}
}

func active(rules string) string { return "active: true\n" + rules }

func TestStepsAreTakenInTurn(t *testing.T) {
	steps := "respond: [{error: unavailable, times: 2}, {error: internal}, {}]\nthen: "
	for then, want := range map[string][]string{
		"pass":   {"unavailable 1/4", "unavailable 2/4", "internal 3/4", "-", "-", "-"},
		"repeat": {"unavailable 1/4", "unavailable 2/4", "internal 3/4", "-", "unavailable 1/4", "unavailable 2/4"},
	} {
		w := newWorld(t, "a", active(rule(steps+then)))
		for _, brief := range want {
			w.expect("GET /leads → " + brief)
		}
	}
	w := newWorld(t, "a", active(rule("respond: [{error: unavailable}, {error: internal}]\nthen: stay")))
	w.expect("GET / → unavailable 1/2", "GET / → internal 2/2", "GET / → internal 2/2")
	w = newWorld(t, "a", active(rule("respond: {error: internal}")))
	w.expect("GET / → internal", "GET / → internal", "GET / → internal")
}

func TestUsedUpRulesHandOn(t *testing.T) {
	w := newWorld(t,
		"b", active(rule("respond: {error: conflict}")),
		"a", active("rules:\n  - respond: {error: internal, times: 1}\n  - respond: {error: forbidden, times: 1}\n"))
	w.expect("GET / → internal 1/1", "GET / → forbidden 1/1", "GET / → conflict")
}

func TestCountedApart(t *testing.T) {
	once := "respond: {error: internal, times: 1}\nper: "
	w := newWorld(t, "a", active(rule(once+"session")))
	w.expect("GET /a by x → internal 1/1", "GET /b by y → -")
	w = newWorld(t, "a", active(rule(once+"caller")))
	w.expect("GET /a by x → internal 1/1", "GET /b by y → internal 1/1", "GET /c by x → -")
	w = newWorld(t, "a", active(rule(once+"path")))
	w.expect("GET /a by x → internal 1/1", "GET /b by x → internal 1/1", "POST /a by y → -")
}

func TestEffectsAddUp(t *testing.T) {
	w := newWorld(t, "a", active(`rules:
  - {name: one, respond: {delay: 100ms, patch: {a: 1}, headers: {X-A: "1"}}}
  - {name: two, respond: {delay: 20ms, patch: {b: 2}, headers: {X-B: "2"}}}
  - {name: dribble, when: {method: GET}, respond: {delay: {chunks: 2, over: 1s}}}
  - {name: down, when: {method: POST}, respond: {error: internal, delay: 3ms, headers: {X-C: "3"}}}
  - {name: never, respond: {delay: 5s}, when: {method: POST}}
`))
	d := w.ask("GET /leads")
	body, err := d.Outcome.Patch([]byte(`{"z":0}`))
	if err != nil || string(body) != `{"z":0,"a":1,"b":2}` {
		t.Errorf("patched: %s, %v", body, err)
	}
	if d.Answered() || d.Wait != 120*time.Millisecond || d.Dribble == nil || d.Dribble.Over != time.Second || len(d.Effects) != 3 || len(d.Outcome.Headers) != 2 {
		t.Errorf("got %+v", d)
	}
	d = w.ask("POST /leads")
	if d.Wait != 123*time.Millisecond || len(d.Outcome.Headers) != 3 || d.Outcome.Patches != nil || d.Rule != "scenarios/a.yaml:6 down" || d.Source != scenario.ByScenario {
		t.Errorf("got %+v", d)
	}
	if got := d.Effects[1].Rule; got != "scenarios/a.yaml:4 two" {
		t.Errorf("effect of %q", got)
	}
}

func TestPatchOfASpoiltAnswer(t *testing.T) {
	w := newWorld(t, "a", active("rules:\n  - respond: {patch: {a: 1}}\n  - respond: {fault: TRUNCATED_BODY}\n"))
	if d := w.ask("GET /"); len(d.Outcome.Patches) != 1 || !d.Outcome.CarriesOut() {
		t.Errorf("got %+v", d.Outcome)
	}
}

func TestLimitCountsEachRequestThatReachesIt(t *testing.T) {
	w := newWorld(t, "a", active(`rules:
  - {when: {path: /other}, respond: {error: internal}}
  - limit: {requests: 2, window: 10s, per: caller}
`))
	w.expect("GET /other by x → internal", "GET /a by x → -")
	d := w.ask("GET /b by x")
	if d.Limit == nil || *d.Limit != (scenario.Quota{Limit: 2, Remaining: 0, Resets: 10 * time.Second}) {
		t.Errorf("got %+v", d.Limit)
	}
	w.now = w.now.Add(2500 * time.Millisecond)
	d = w.ask("GET /b by x")
	if brief(d) != "rate_limited" || d.Limit == nil || !d.Limit.Over || d.Limit.Resets != 7500*time.Millisecond {
		t.Errorf("got %+v", d)
	}
	a, _ := d.Outcome.Answer(outcome.Subject{}, noon, d.WindowEnds)
	if a.Status != 429 || len(a.Headers) != 1 || a.Headers[0].Value != "8" {
		t.Errorf("got %+v", a)
	}
	w.expect("GET /b by y → -")
	w.now = w.now.Add(8 * time.Second)
	w.expect("GET /b by x → -", "GET /b by x → -", "GET /b by x → rate_limited")
}

func TestLimitAnswersInItsOwnWords(t *testing.T) {
	w := newWorld(t, "a", active(rule("limit: {requests: 0, window: 10s}\nrespond: {message: slow down, retryAfter: soon}")))
	d := w.ask("GET /")
	a, _ := d.Outcome.Answer(outcome.Subject{}, noon, d.WindowEnds)
	if string(a.Body) != `{"statusCode":429,"message":"slow down"}` || a.Headers[0].Value != "soon" {
		t.Errorf("got %s %+v", a.Body, a.Headers)
	}
}

func TestWindowOnTheSessionsClock(t *testing.T) {
	w := newWorld(t, "m", active(rule("window: {after: 30s, for: 20s}\nrespond: {error: unavailable, retryAfter: until-window-ends}")))
	w.expect("GET / → -") // the first request
	w.now = w.now.Add(29 * time.Second)
	w.expect("GET / → -")
	w.now = w.now.Add(1500 * time.Millisecond)
	d := w.ask("GET /")
	a, _ := d.Outcome.Answer(outcome.Subject{}, noon, d.WindowEnds)
	if a.Status != 503 || a.Headers[0].Value != "20" {
		t.Errorf("got %+v, window ends in %s", a, d.WindowEnds)
	}
	w.now = w.now.Add(19500 * time.Millisecond)
	w.expect("GET / → -")
	w.state.Reset(w.now)
	w.now = w.now.Add(30 * time.Second)
	w.expect("GET / → unavailable")
}

func TestWindowSinceActivation(t *testing.T) {
	w := newWorld(t, "m", rule("window: {after: 30s}\nrespond: {error: unavailable}"))
	w.expect("GET / → -")
	w.now = w.now.Add(time.Hour)
	if err := w.state.Activate(w.set, "m", w.now); err != nil {
		t.Fatal(err)
	}
	w.expect("GET / → -")
	w.now = w.now.Add(30 * time.Second)
	w.expect("GET / → unavailable")
}

func TestStateIsThatInWhichTheRequestCame(t *testing.T) {
	w := newWorld(t, "s", active(`rules:
  - {when: {state: started, method: GET}, respond: {error: unavailable, times: 2}, setState: degraded}
  - {when: {state: degraded}, respond: {error: internal}}
  - {when: {method: POST}, setState: degraded}
`))
	w.expect("GET / → unavailable 1/2", "POST / → -", "POST / → internal")
	if err := w.state.SetState(w.set, "s", "started"); err != nil {
		t.Fatal(err)
	}
	w.expect("GET / → unavailable 2/2", "GET / → internal")
	err := w.state.SetState(w.set, "s", "degradet")
	if err == nil || err.Error() != `the scenario s has no state "degradet"; it has started, degraded; did you mean degraded?` {
		t.Errorf("got %v", err)
	}
}

func TestChanceIsTheSameInEachRun(t *testing.T) {
	text := active(rule("name: flaky\nchance: 0.3\nrespond: {error: internal}"))
	run := func(seed uint64, path string) string {
		w := newWorld(t, "a", text)
		w.seed = seed
		var b strings.Builder
		for range 200 {
			b.WriteByte(brief(w.ask("GET " + path))[0])
		}
		return b.String()
	}
	first := run(7, "/leads")
	if again := run(7, "/leads"); again != first {
		t.Errorf("another run:\n%s\n%s", first, again)
	}
	if run(8, "/leads") == first || run(7, "/users") == first {
		t.Error("seed or path make no difference")
	}
	if n := strings.Count(first, "i"); n < 40 || n > 80 {
		t.Errorf("%d of 200 at a chance of 0.3", n)
	}
	w := newWorld(t, "a", strings.Replace(text, "rules:", "seed: 5\nrules:", 1))
	var b strings.Builder
	for range 200 {
		b.WriteByte(brief(w.ask("GET /leads"))[0])
	}
	if b.String() == first {
		t.Error("the scenario's seed makes no difference")
	}
}

func TestChanceOfNoneAndAll(t *testing.T) {
	w := newWorld(t, "a", active("rules:\n  - {chance: 0, respond: {error: internal}}\n  - {chance: 1, respond: {error: conflict}}\n"))
	for range 100 {
		w.expect("GET / → conflict")
	}
}

func TestPickByWeight(t *testing.T) {
	w := newWorld(t, "a", active(rule("pick: random\nrespond: [{error: internal, weight: 3}, {error: conflict}, {error: forbidden, weight: 100, times: 2}]")))
	seen := map[string]int{}
	for range 400 {
		seen[brief(w.ask("GET /"))]++
	}
	if seen["forbidden 3/3"] != 2 || seen["internal 1/3"] < 240 || seen["conflict 2/3"] < 60 || len(seen) != 3 {
		t.Errorf("got %v", seen)
	}
	w = newWorld(t, "a", active(rule("pick: random\nrespond: [{error: internal, times: 2}, {error: conflict, times: 1}]")))
	seen = map[string]int{}
	for range 10 {
		seen[brief(w.ask("GET /"))]++
	}
	if seen["internal 1/2"] != 2 || seen["conflict 2/2"] != 1 || seen["-"] != 7 {
		t.Errorf("got %v", seen)
	}
}

func TestHeadSeesWhatGetWouldSee(t *testing.T) {
	w := newWorld(t, "a", active("rules:\n  - {when: {method: GET}, limit: {requests: 1, window: 9s}, respond: {error: internal, times: 1}}\n  - {respond: {error: conflict, times: 1}, setState: x}\n"))
	w.expect("HEAD / → conflict 1/1", "HEAD / → conflict 1/1", "GET / → conflict 1/1",
		"HEAD / → internal 1/1", "HEAD / → internal 1/1", "GET / → internal 1/1", "GET / → -", "HEAD / → -")
	w = newWorld(t, "a", active(rule("when: {method: [HEAD, GET]}\nrespond: {error: internal, times: 1}")))
	w.expect("HEAD / → internal 1/1", "HEAD / → -")
	w = newWorld(t, "a", active(rule("chance: 0.5\nrespond: {error: internal}")))
	for range 50 {
		head := brief(w.ask("HEAD /"))
		w.expect("HEAD / → "+head, "GET / → "+head)
	}
}

func TestOnceIsOnce(t *testing.T) {
	w := newWorld(t, "a", active("rules:\n  - {respond: {error: internal, times: 1}}\n  - {limit: {requests: 10, window: 1h}, respond: {error: conflict}}\n"))
	var once, over, directed atomic.Int64
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			for _, d := range []scenario.Decision{w.ask("GET /leads"), w.ask("GET /leads", "X-Mock-Error", "internal", "X-Mock-Times", "3")} {
				switch {
				case d.Source == scenario.ByDirective:
					directed.Add(1)
				case d.Outcome.Error == "internal":
					once.Add(1)
				case d.Outcome.Error == "conflict":
					over.Add(1)
				}
			}
			_ = w.state.Activate(w.set, "a", noon)
			w.state.List(w.set)
		})
	}
	group.Wait()
	if once.Load() != 1 || over.Load() != 64+61-1-10 || directed.Load() != 3 {
		// 64 + 61 requests reach the rules: one is answered by the first, ten pass the limit.
		t.Errorf("once %d, over %d, directed %d", once.Load(), over.Load(), directed.Load())
	}
}

func TestManyKeysAreForgotten(t *testing.T) {
	w := newWorld(t, "a", active(rule("respond: {error: internal, times: 1}\nper: path")))
	for i := range 25_000 {
		w.ask(fmt.Sprintf("GET /%d", i))
	}
	w.expect("GET /24999 → -", "GET /0 → internal 1/1")
}

func TestNewSetRefuses(t *testing.T) {
	a := mustParse(t, "scenarios/a.yaml", "rules: []")
	b := mustParse(t, "scenarios/a.json", `{"rules":[]}`)
	_, problems := scenario.NewSet(1, []*scenario.Scenario{a, b}, []string{"nothing"})
	if len(problems) != 2 || problems[0].Short() != "scenarios/a.yaml: a scenario a already comes from scenarios/a.json" || problems[1].What != `unknown scenario "nothing"` {
		t.Errorf("got %v", problems)
	}
	set, problems := scenario.NewSet(1, []*scenario.Scenario{a}, []string{"a"})
	var s scenario.State
	if problems != nil || len(s.Active(set)) != 1 {
		t.Errorf("got %v", problems)
	}
}

func TestLongKeysAreTold(t *testing.T) {
	w := newWorld(t, "a", active(rule("respond: {error: internal, times: 1}\nper: path")))
	long := "GET /" + strings.Repeat("x", 100_000)
	w.expect(long+"1 → internal 1/1", long+"2 → internal 1/1", long+"1 → -")
}

// exercise asks a scenario that fuzzing made up.
func exercise(t *testing.T, s *scenario.Scenario) {
	set, problems := scenario.NewSet(1, []*scenario.Scenario{s}, []string{s.Name})
	if problems != nil {
		t.Fatal(problems)
	}
	var state scenario.State
	for _, method := range []string{"GET", "HEAD", "POST", "GET"} {
		req := &match.Request{Method: method, Path: "/leads", Header: http.Header{}}
		env := scenario.Env{Now: noon, Seed: 1}
		explained := state.Explain(set, req, env)
		d := state.Decide(set, req, env)
		for _, x := range explained {
			if x.Answers && x.Rule != d.Rule {
				t.Errorf("%s answers, but explained was %s", d.Rule, x.Rule)
			}
		}
		if _, err := d.Outcome.Patch([]byte(`[{"a":1}]`)); err != nil {
			t.Errorf("patch: %v", err)
		}
		d.Outcome.Answer(outcome.Subject{}, noon, d.WindowEnds)
		if d.Wait < 0 {
			t.Error("a negative wait")
		}
	}
}
