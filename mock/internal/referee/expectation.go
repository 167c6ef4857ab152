package referee

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/condition"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/match"
)

// Expectation is what is expected of a client's requests.
type Expectation struct {
	Name    string
	Request Pattern       // what is counted; unused with InOrder
	Count   Count         // how often
	InOrder []Pattern     // these came one after the other, others between them allowed
	Within  time.Duration // all counted requests began within so long of each other, in real time; 0: whenever
}

// Pattern is a kind of exchange.
type Pattern struct {
	match.Matcher
	Statuses []StatusRange // of the answer; empty: any, none included
	Label    string        // for people; empty: made from the matcher
}

// StatusRange is a status, or all of a class.
type StatusRange struct{ From, To int }

// Count is how often something is expected. The zero value means at least once.
type Count struct {
	Least int
	Most  int // ignored unless Bound
	Bound bool
}

// Exactly expects n requests.
func Exactly(n int) Count { return Count{n, n, true} }

// Never expects none.
func Never() Count { return Exactly(0) }

func (c Count) filled() Count {
	if c == (Count{}) {
		c.Least = 1
	}
	return c
}

// Options say what expectations are read for.
type Options struct {
	BasePath string // "/api": paths may be written with it or without
}

// maxCount bounds what is expected.
const maxCount = math.MaxInt32

// AdminFile is what the body of a request is called in messages.
const AdminFile = "expectations.json"

// ParseExpectations reads a file, or the body of a request: YAML, or JSON if the name ends in .json. It holds one
// expectation, a list of them, or a map with the list under `expect`. All mistakes are reported at once.
func ParseExpectations(file string, data []byte, o Options) ([]Expectation, diag.List) {
	root, problems := document.Parse(file, data, document.DefaultLimits())
	if problems != nil {
		return nil, problems
	}
	r := &reader{condition.Reader{Decoder: document.Decoder{Problems: &problems}, BasePath: o.BasePath}}
	var all []Expectation
	if root.Kind == document.Map && root.Get("expect") != nil {
		r.Map(root, map[string]func(*document.Node){
			"expect":  func(n *document.Node) { all = r.expectations(n) },
			"$schema": func(n *document.Node) { r.String(n) },
		})
	} else {
		all = r.expectations(root)
	}
	if len(problems) > 0 {
		problems.Sort()
		return nil, problems
	}
	return all, nil
}

type reader struct{ condition.Reader }

// when reads the conditions of scenario files. A state is not among them: it is a scenario's, and what it was when a request
// came is past.
func (r *reader) when(n *document.Node, p *Pattern) {
	condition.ReadMap(&r.Reader, n, condition.Keys(), &p.Matcher)
}

func (r *reader) expectations(n *document.Node) []Expectation {
	var all []Expectation
	if n.Kind == document.List && len(n.Items()) == 0 {
		r.Fail(n, "the list is empty: nothing is expected")
	}
	if !r.AtMost(n, condition.MaxItems) {
		return nil
	}
	r.OneOrMore(n, func(item *document.Node) { all = append(all, r.expectation(item)) })
	return all
}

// countKeys are the ways to say how often; they exclude each other, but for atLeast with atMost.
func countKeys() []string { return []string{"exactly", "atLeast", "atMost", "never"} }

func (r *reader) expectation(n *document.Node) (e Expectation) {
	r.Map(n, map[string]func(*document.Node){
		"name":    func(v *document.Node) { e.Name = r.Name(v) },
		"when":    func(v *document.Node) { r.when(v, &e.Request) },
		"status":  func(v *document.Node) { e.Request.Statuses = r.statuses(v) },
		"exactly": func(v *document.Node) { e.Count = Exactly(r.Int(v, 0, maxCount)) },
		"atLeast": func(v *document.Node) { e.Count.Least = r.Int(v, 1, maxCount) },
		"atMost":  func(v *document.Node) { e.Count.Most, e.Count.Bound = r.Int(v, 0, maxCount), true },
		"never": func(v *document.Node) {
			e.Count = Never()
			if v.Kind != document.Bool || !v.IsTrue() {
				r.Wrong(v, "true")
			}
		},
		"inOrder": func(v *document.Node) { e.InOrder = r.order(v) },
		"within":  func(v *document.Node) { e.Within = r.within(v) },
	})
	r.judge(n, &e)
	return e
}

func (r *reader) within(n *document.Node) time.Duration {
	d := r.Duration(n)
	if d == 0 && n.Kind == document.String && !r.Problems.Full() {
		if parsed, err := time.ParseDuration(n.Text); err == nil && parsed == 0 {
			r.Fail(n, "found %s where a length of time above zero is needed", n.Describe())
		}
	}
	return d
}

// judge finds combinations that cannot be meant.
func (r *reader) judge(n *document.Node, e *Expectation) {
	if n.Kind != document.Map {
		return
	}
	var counts []string
	for _, key := range countKeys() {
		if n.Get(key) != nil {
			counts = append(counts, key)
		}
	}
	both := len(counts) == 2 && counts[0] == "atLeast" && counts[1] == "atMost"
	switch {
	case n.Get("inOrder") != nil:
		r.refuse(n, "inOrder", append(counts, "when", "status"))
	case n.Get("when") == nil && n.Get("status") == nil:
		r.Fail(n, "nothing says which requests are meant: write `when` (and `status`), or `inOrder`")
	case len(counts) > 1 && !both:
		r.Fail(n.Get(counts[1]), "%s contradicts %s: how often is said once, or with atLeast and atMost", counts[1], counts[0])
	case both && e.Count.Least > e.Count.Most:
		r.Fail(n.Get("atMost"), "at most %d contradicts at least %d", e.Count.Most, e.Count.Least)
	}
}

func (r *reader) refuse(n *document.Node, with string, keys []string) {
	for _, key := range keys {
		if v := n.Get(key); v != nil {
			r.Fail(v, "`%s` cannot stand beside `%s`, whose items say which requests are meant, each once", key, with)
		}
	}
}

func (r *reader) order(n *document.Node) []Pattern {
	var all []Pattern
	if !r.AtMost(n, condition.MaxItems) {
		return nil
	}
	r.List(n, func(item *document.Node) {
		var p Pattern
		r.Map(item, map[string]func(*document.Node){
			"when":   func(v *document.Node) { r.when(v, &p) },
			"status": func(v *document.Node) { p.Statuses = r.statuses(v) },
		}, "when")
		all = append(all, p)
	})
	if n.Kind == document.List && len(all) < 2 {
		r.Fail(n, "an order needs at least two requests")
	}
	return all
}

func (r *reader) statuses(n *document.Node) []StatusRange {
	var all []StatusRange
	if !r.AtMost(n, condition.MaxItems) {
		return nil
	}
	r.OneOrMore(n, func(item *document.Node) { all = append(all, r.status(item)) })
	if n.Kind == document.List && len(all) == 0 {
		r.Fail(n, "the list is empty: nothing would ever match")
	}
	return all
}

// status takes 201, or 2xx for all of a class.
func (r *reader) status(n *document.Node) StatusRange {
	if class := strings.ToLower(n.Text); n.Kind == document.String {
		if len(class) == 3 && class[1:] == "xx" && class[0] >= '1' && class[0] <= '5' {
			from := int(class[0]-'0') * 100
			return StatusRange{from, from + 99}
		}
		r.Wrong(n, "a status such as 201, or a class such as 2xx")
		return StatusRange{}
	}
	status := r.Int(n, 100, 599)
	return StatusRange{status, status}
}

func (s StatusRange) String() string {
	if s.To-s.From == 99 {
		return strconv.Itoa(s.From/100) + "xx"
	}
	return strconv.Itoa(s.From)
}
