package scenario

import (
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/condition"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
)

// Options say what a file is read for.
type Options struct {
	BasePath string // "/api": paths may be written with it or without
}

// reader reads one file and notes all that is wrong with it.
type reader struct {
	condition.Reader
	scenario *Scenario
	texts    map[string]int // how often each text of a rule stands in the file
}

// validName keeps the names of scenarios fit for headers and addresses.
var validName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// longestName is written apart from the expression, which would take many times as long to compile with {1,64}.
const longestName = 64

// Parse reads a scenario file, YAML or, if its name ends in .json, JSON. All mistakes are reported at once; with any, there is no
// scenario.
func Parse(file string, data []byte, o Options) (*Scenario, diag.List) {
	root, problems := document.Parse(file, data, document.DefaultLimits())
	if problems != nil {
		return nil, problems
	}
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	s := &Scenario{Name: strings.TrimSuffix(base, path.Ext(base)), File: file}
	r := &reader{Reader: condition.Reader{Decoder: document.Decoder{Problems: &problems}, BasePath: o.BasePath}, scenario: s, texts: map[string]int{}}
	if len(s.Name) > longestName || !validName.MatchString(s.Name) {
		r.Fail(root, "a scenario cannot be called %q: name the file with letters, digits, dots, underscores and hyphens", s.Name)
	}
	if root.Kind == document.Null {
		r.Fail(root, "the file is empty: a scenario needs rules")
	} else {
		readMap(r, root, scenarioKeys(), s, "rules")
	}
	if len(problems) > 0 {
		problems.Sort()
		return nil, problems
	}
	return s, nil
}

// AdminFile is what messages about a rule of the admin API call it.
const AdminFile = "rule.json"

// ParseRule reads a rule as the admin API takes it: JSON, in the grammar of a file's rules.
func ParseRule(data []byte, o Options) (*Rule, diag.List) {
	root, problems := document.Parse(AdminFile, data, document.DefaultLimits())
	if problems != nil {
		return nil, problems
	}
	r := &reader{Reader: condition.Reader{Decoder: document.Decoder{Problems: &problems}, BasePath: o.BasePath}, scenario: &Scenario{Name: adminScenario}, texts: map[string]int{}}
	rule := r.rule(root)
	if len(problems) > 0 {
		problems.Sort()
		return nil, problems
	}
	rule.File, rule.Line, rule.Source = "", 0, root.JSON()
	return rule, nil
}

// adminScenario is the scenario of the rules of the admin API; no file can be called so.
const adminScenario = "*rules*"

// key is a key of a map: what it means, what a JSON Schema says of it, and how it is read. Reading and schema follow from the
// same tables, so that they cannot differ.
type key[T any] struct {
	name    string
	meaning string
	schema  object
	read    func(r *reader, n *document.Node, to *T)
}

// readMap reads a map by its table. It stops where no further problem would be kept, and refuses a map of very many keys as a
// whole: to show where each of a million mistakes stands would take hours.
func readMap[T any](r *reader, n *document.Node, keys []key[T], to *T, required ...string) {
	if r.Problems.Full() || !r.AtMost(n, condition.MaxItems) {
		return
	}
	fields := make(map[string]func(*document.Node), len(keys))
	for _, k := range keys {
		fields[k.name] = func(value *document.Node) { k.read(r, value, to) }
	}
	r.Map(n, fields, required...)
}

// maxRules bounds the rules of a file.
const maxRules = 10_000

func scenarioKeys() []key[Scenario] {
	return []key[Scenario]{
		{"$schema", "The address of this schema, for editors.", str(), func(r *reader, n *document.Node, _ *Scenario) { r.String(n) }},
		{"description", "What the scenario is for, in a line.", str(), func(r *reader, n *document.Node, s *Scenario) { s.Description = r.String(n) }},
		{"active", "true: in force from the start; else by --scenario, header, admin API or dashboard.", object{"type": "boolean", "default": false},
			func(r *reader, n *document.Node, s *Scenario) { s.Active = r.Bool(n) }},
		{"seed", "Another seed gives another course of chance.", integer(0), func(r *reader, n *document.Node, s *Scenario) { s.Seed = r.Uint64(n) }},
		{"rules", "What is done to which requests, in order. The first rule that answers ends the search.", object{"type": "array", "items": ref("rule")},
			func(r *reader, n *document.Node, s *Scenario) { r.rules(n, s) }},
	}
}

func (r *reader) rules(n *document.Node, s *Scenario) {
	if !r.AtMost(n, maxRules) {
		return
	}
	names := map[string]bool{}
	r.List(n, func(item *document.Node) {
		rule := r.rule(item)
		if rule.Name != "" && names[rule.Name] {
			r.Fail(item.Get("name"), "two rules are called %q", rule.Name)
		}
		names[rule.Name] = true
		s.Rules = append(s.Rules, rule)
	})
}

// draft is a rule on its way, with what can only be judged when the whole was read.
type draft struct {
	Rule
	respond *document.Node
}

func (r *reader) rule(n *document.Node) *Rule {
	p := n.Position()
	d := draft{Rule: Rule{File: r.scenario.File, Line: p.Line, then: thenPass, per: perSession}}
	readMap(r, n, ruleKeys(), &d)
	if n.Kind != document.Map {
		return &d.Rule
	}
	r.finish(n, &d)
	return &d.Rule
}

func ruleKeys() []key[draft] {
	return []key[draft]{
		{"name", "How messages and the header X-Mock-Rule call the rule.", object{"type": "string", "minLength": 1},
			func(r *reader, n *document.Node, d *draft) { d.Name = r.Name(n) }},
		{"when", "Which requests are meant; left out: all.", ref("when"), func(r *reader, n *document.Node, d *draft) { r.when(n, d) }},
		{"limit", "A rate limit. Each request that reaches the rule counts; over the limit it answers rate_limited, or what respond says.", ref("limit"),
			func(r *reader, n *document.Node, d *draft) { d.limit = r.limit(n) }},
		{"chance", "How likely the rule applies, 0 to 1. The same run gives the same results.", object{"type": "number", "minimum": 0, "maximum": 1},
			func(r *reader, n *document.Node, d *draft) { f := r.Float(n, 0, 1); d.chance = &f }},
		{"window", "When the rule is in force, on the session's clock, since the scenario was activated or reset.", ref("window"),
			func(r *reader, n *document.Node, d *draft) { d.window = r.window(n) }},
		{"respond", "One step, or a list of steps that are taken in turn.", oneOrMore(ref("step")), func(r *reader, n *document.Node, d *draft) { r.steps(n, d) }},
		{"pick", "random: by weight, instead of in turn.", choice("random"), func(r *reader, n *document.Node, d *draft) { d.random = r.OneOf(n, "random") != "" }},
		{"then", "After the last step: pass on to the next rule, repeat from the first step, or stay at the last.", choice(thenPass, thenRepeat, thenStay),
			func(r *reader, n *document.Node, d *draft) { d.then = r.OneOf(n, thenPass, thenRepeat, thenStay) }},
		{"per", "For what steps are counted apart.", choice(perSession, perCaller, perPath), func(r *reader, n *document.Node, d *draft) { d.per = r.per(n) }},
		{"setState", "The state of the scenario when the last step is used up; of a step without times, at each answer.", object{"type": "string", "minLength": 1},
			func(r *reader, n *document.Node, d *draft) { d.setState = r.Name(n) }},
	}
}

func (r *reader) per(n *document.Node) string { return r.OneOf(n, perSession, perCaller, perPath) }

func (r *reader) limit(n *document.Node) *limit {
	var l limit
	readMap(r, n, limitKeys(), &l, "requests", "window")
	return &l
}

func limitKeys() []key[limit] {
	return []key[limit]{
		{"requests", "How many requests a window allows.", object{"type": "integer", "minimum": 0, "maximum": outcome.MaxTimes},
			func(r *reader, n *document.Node, l *limit) { l.requests = r.Int(n, 0, outcome.MaxTimes) }},
		{"window", "How long a window lasts, from its first request, on the session's clock.", length(),
			func(r *reader, n *document.Node, l *limit) { l.window = r.positive(n) }},
		{"per", "For what is counted apart; left out: as the rule says.", choice(perSession, perCaller, perPath),
			func(r *reader, n *document.Node, l *limit) { l.per = r.per(n) }},
	}
}

func (r *reader) window(n *document.Node) *window {
	var w window
	readMap(r, n, windowKeys(), &w)
	if n.Kind == document.Map && len(n.Members()) == 0 {
		r.Fail(n, "the window is empty: say after, for or both")
	}
	return &w
}

func windowKeys() []key[window] {
	return []key[window]{
		{"after", "How long after activation it opens; left out: at once.", length(), func(r *reader, n *document.Node, w *window) { w.after = r.Duration(n) }},
		{"for", "How long it stays open; left out: for ever.", length(), func(r *reader, n *document.Node, w *window) { w.lasts = r.positive(n) }},
	}
}

// finish judges a rule as a whole, and derives what deciding needs.
func (r *reader) finish(n *document.Node, d *draft) {
	if d.respond == nil && d.limit == nil && d.setState == "" {
		r.Fail(n, `the key "respond" is missing: the rule does nothing`)
	}
	if d.limit != nil && d.limit.per == "" {
		d.limit.per = d.per
	}
	if d.respond != nil {
		r.finishSteps(d)
	} else {
		d.Rule.steps = []step{{}}
	}
	if d.limit != nil {
		d.overLimit()
	}
	d.countUses()
	d.chancy = d.isChancy()
	place := d.Name
	if place == "" {
		place = "#" + strconv.Itoa(len(r.scenario.Rules)+1)
	}
	d.identity = r.scenario.Name + ":" + place
	text := strconv.FormatUint(entropy.Hash(r.scenario.Seed, string(n.JSON())), 16)
	r.texts[text]++
	d.key = r.scenario.Name + ":" + text + "." + strconv.Itoa(r.texts[text])
}

// overLimit makes rate_limited what a rule with a limit answers unless it says otherwise.
func (d *draft) overLimit() {
	for i := range d.Rule.steps {
		o := &d.Rule.steps[i].Outcome
		if !o.Answers() {
			o.Error = apierror.RateLimited
		}
		limited := o.Error == apierror.RateLimited || o.Status == http.StatusTooManyRequests && o.Body == nil
		if limited && o.RetryAfter.IsZero() {
			o.RetryAfter = outcome.RetryUntilWindowEnds()
		}
	}
}

// countUses: in turn, a step without times is used once, unless it is the only one.
func (d *draft) countUses() {
	steps := d.Rule.steps
	for i := range steps {
		if steps[i].times == 0 && len(steps) > 1 && !d.random {
			steps[i].times = 1
		}
		if steps[i].weight == 0 {
			steps[i].weight = 1
		}
		d.total += steps[i].times
	}
	if slices.ContainsFunc(steps, func(s step) bool { return s.times == 0 }) {
		d.total = 0
	}
}

func (d *draft) isChancy() bool {
	if d.chance != nil || d.random {
		return true
	}
	return slices.ContainsFunc(d.Rule.steps, func(s step) bool { return s.Delay != nil && s.Delay.IsRandom() })
}
