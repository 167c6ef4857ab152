package scenario

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/condition"
	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
)

func (r *reader) steps(n *document.Node, d *draft) {
	d.respond = n
	if n.Kind == document.List && len(n.Items()) == 0 {
		r.Fail(n, "the list of steps is empty")
	}
	if !r.AtMost(n, condition.MaxItems) {
		return
	}
	r.OneOrMore(n, func(item *document.Node) {
		var s step
		readMap(r, item, stepKeys(), &s)
		d.Rule.steps = append(d.Rule.steps, s)
	})
}

// meaning is what the one grammar says of a word.
func meaning(k outcome.Key) string {
	for _, info := range outcome.Keys() {
		if info.Key == k {
			return strings.ToUpper(info.Meaning[:1]) + info.Meaning[1:] + "."
		}
	}
	return ""
}

func stepKey(k outcome.Key, schema object, read func(*reader, *document.Node, *step)) key[step] {
	return key[step]{string(k), meaning(k), schema, read}
}

// stepKeys is made once: a file has many steps.
var stepKeys = sync.OnceValue(newStepKeys)

func newStepKeys() []key[step] {
	return []key[step]{
		stepKey(outcome.KeyError, object{"type": "string", "enum": errorSpellings()}, func(r *reader, n *document.Node, s *step) {
			s.Error = r.errorName(n)
		}),
		stepKey(outcome.KeyStatus, object{"type": "integer", "minimum": 200, "maximum": 599}, func(r *reader, n *document.Node, s *step) {
			s.Status = r.Int(n, 200, 599)
		}),
		stepKey(outcome.KeyFault, choice(outcome.FaultNames()...), func(r *reader, n *document.Node, s *step) {
			s.Fault = named(r, n, outcome.ParseFault)
		}),
		stepKey(outcome.KeyBody, object{}, func(_ *reader, n *document.Node, s *step) { s.Body = n.JSON() }),
		stepKey(outcome.KeyMessage, oneOrMore(str()), func(r *reader, n *document.Node, s *step) { s.Message = r.message(n) }),
		stepKey(outcome.KeyFields, oneOrMore(object{"type": "string", "minLength": 1}), func(r *reader, n *document.Node, s *step) { r.fields(n, s) }),
		stepKey(outcome.KeyHeaders, object{"type": "object", "additionalProperties": scalar()}, func(r *reader, n *document.Node, s *step) { s.Headers = r.headers(n) }),
		stepKey(outcome.KeyRetryAfter, object{"type": []any{"string", "number"}}, func(r *reader, n *document.Node, s *step) { s.RetryAfter = r.retryAfter(n) }),
		stepKey(outcome.KeyDelay, ref("delay"), func(r *reader, n *document.Node, s *step) { s.Delay = r.delay(n) }),
		stepKey(outcome.KeyCommit, choice(string(outcome.Before), string(outcome.After)), func(r *reader, n *document.Node, s *step) {
			s.Commit = named(r, n, outcome.ParseCommit)
		}),
		stepKey(outcome.KeyPatch, object{}, func(_ *reader, n *document.Node, s *step) {
			s.Patches = append(s.Patches, n.JSON())
		}),
		stepKey(outcome.KeyTimes, object{"type": "integer", "minimum": 1, "maximum": outcome.MaxTimes}, func(r *reader, n *document.Node, s *step) {
			s.times = r.Int(n, 1, outcome.MaxTimes)
		}),
		{"weight", "With pick: random, how often the step is picked, against the weights of the others.", object{"type": "number", "exclusiveMinimum": 0, "maximum": maxWeight},
			func(r *reader, n *document.Node, s *step) { s.weight = r.weight(n) }},
	}
}

const maxWeight = 1_000_000

func errorSpellings() []any {
	var all []any
	for _, name := range apierror.Names() {
		all = append(all, name)
		if hyphens := strings.ReplaceAll(name, "_", "-"); hyphens != name {
			all = append(all, hyphens)
		}
	}
	return all
}

// errorName takes a number for a status, so that the message names the error that has it.
func (r *reader) errorName(n *document.Node) apierror.Name {
	if n.Kind != document.Number {
		return named(r, n, outcome.ParseError)
	}
	_, p := outcome.ParseError(n.Text)
	r.note(n, p)
	return ""
}

// named reads a word with a parser of the one grammar.
func named[T ~string](r *reader, n *document.Node, parse func(string) (T, *outcome.Problem)) T {
	if n.Kind != document.String {
		r.Wrong(n, "a string")
		return ""
	}
	value, p := parse(n.Text)
	r.note(n, p)
	return value
}

// note places a problem of the grammar in the file.
func (r *reader) note(n *document.Node, p *outcome.Problem) {
	if p == nil {
		return
	}
	at := n.Problem("%s", p.What)
	at.Allowed, at.Nearest = p.Allowed, p.Nearest
	r.Problems.Add(at)
}

func (r *reader) message(n *document.Node) *outcome.Message {
	texts := r.strings(n)
	if n.Kind == document.List && len(texts) == 0 {
		r.Fail(n, "the list of messages is empty")
	}
	return &outcome.Message{Texts: texts, Array: n.Kind == document.List}
}

// strings takes a string or a list of a sensible length.
func (r *reader) strings(n *document.Node) []string {
	if !r.AtMost(n, condition.MaxItems) {
		return nil
	}
	return r.Strings(n)
}

// fields reads the names of fields, of which one text may hold several, and notes where each stands.
func (r *reader) fields(n *document.Node, s *step) {
	if !r.AtMost(n, condition.MaxItems) {
		return
	}
	if n.Kind != document.String && n.Kind != document.List {
		r.Wrong(n, "a string or a list of strings")
		return
	}
	r.OneOrMore(n, func(item *document.Node) {
		for name := range strings.SplitSeq(r.String(item), ",") {
			s.Fields = append(s.Fields, strings.TrimSpace(name))
			s.fieldNodes = append(s.fieldNodes, item)
		}
	})
	if len(s.Fields) == 0 || slices.Contains(s.Fields, "") {
		r.Fail(n, "found a field without a name")
	}
}

// ownHeaders are those that the server alone can set: a wrong value would break the connection, not the answer.
func ownHeaders() []string {
	return []string{"Connection", "Content-Length", "Keep-Alive", "Trailer", "Transfer-Encoding", "Upgrade"}
}

func (r *reader) headers(n *document.Node) []outcome.Header {
	var all []outcome.Header
	if !r.AtMost(n, condition.MaxItems) {
		return nil
	}
	r.Members(n, func(m document.Member) {
		name := http.CanonicalHeaderKey(m.Name)
		switch {
		case !isToken(m.Name):
			r.Problems.Add(n.KeyProblem(m, "%q cannot be the name of a header", m.Name))
		case slices.Contains(ownHeaders(), name) || strings.HasPrefix(name, "X-Mock-"):
			r.Problems.Add(n.KeyProblem(m, "the header %s is the server's own", name))
		}
		all = append(all, outcome.Header{Name: name, Value: r.headerValue(m.Value)})
	})
	return all
}

func (r *reader) headerValue(n *document.Node) string {
	text := r.Text(n)
	if strings.ContainsFunc(text, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7F }) {
		r.Fail(n, "a header cannot hold line ends or control characters")
	}
	return text
}

func isToken(name string) bool {
	const special = "!#$%&'*+-.^_`|~"
	return name != "" && !strings.ContainsFunc(name, func(c rune) bool {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		return !letter && !strings.ContainsRune(special, c)
	})
}

func (r *reader) retryAfter(n *document.Node) outcome.RetryAfter {
	if text := r.Text(n); text != outcome.UntilWindowEnds {
		return outcome.ParseRetryAfter(text)
	}
	return outcome.RetryUntilWindowEnds()
}

func (r *reader) weight(n *document.Node) float64 {
	weight := r.Float(n, 0, maxWeight)
	if f, ok := n.Float64(); ok && f == 0 {
		r.Fail(n, "the weight 0 would never be picked: leave the step out")
	}
	return weight
}

func (r *reader) positive(n *document.Node) time.Duration {
	before := len(*r.Problems)
	d := r.Duration(n)
	if d == 0 && len(*r.Problems) == before {
		r.Fail(n, "found %s where a length of time of more than 0 is needed", n.Describe())
	}
	return d
}

// finishSteps judges each step, given the rule around it.
func (r *reader) finishSteps(d *draft) {
	nodes := []*document.Node{d.respond}
	if d.respond.Kind == document.List {
		nodes = d.respond.Items()
	}
	for i := range d.Rule.steps {
		if nodes[i].Kind == document.Map {
			r.finishStep(nodes[i], d, &d.Rule.steps[i])
		}
	}
}

func (r *reader) finishStep(n *document.Node, d *draft, s *step) {
	at := func(k outcome.Key) *document.Node {
		if value := n.Get(string(k)); value != nil {
			return value
		}
		return n
	}
	judged := s.Outcome
	if d.limit != nil && !judged.Answers() {
		judged.Error = apierror.RateLimited
	}
	for _, p := range judged.Check(func(k outcome.Key) string { return string(k) }) {
		r.note(at(p.Key), &p)
	}
	if s.Error != "" {
		s.Status = 0 // they agree, or there is a problem
	}
	if s.weight != 0 && !d.random {
		r.Fail(n.Get("weight"), "weight is for rules that say pick: random")
	}
	if s.RetryAfter.AsksWindow() && d.limit == nil && (d.window == nil || d.window.lasts == 0) {
		r.Fail(at(outcome.KeyRetryAfter), "%s needs a window that ends, or a limit, in the same rule", outcome.UntilWindowEnds)
	}
}
