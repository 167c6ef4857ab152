package referee

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/match"
)

// Verdict is what became of all expectations.
type Verdict struct {
	Passed           bool     `json:"passed"`
	JournalTruncated bool     `json:"journalTruncated"` // evidence was evicted: what depends on it did not pass
	Results          []Result `json:"results"`
}

// Result is what became of one expectation.
type Result struct {
	Name             string   `json:"name"`
	Passed           bool     `json:"passed"`
	Expected         string   `json:"expected"`
	Actual           string   `json:"actual"`
	Diff             string   `json:"diff,omitempty"`     // for people, in lines; empty if it passed
	Misses           []string `json:"misses,omitempty"`   // the requests that came nearest, and why they do not count
	Requests         []string `json:"requests,omitempty"` // those that count, if there are too many or too few of them
	JournalTruncated bool     `json:"journalTruncated,omitempty"`
	BodiesCut        bool     `json:"bodiesCut,omitempty"` // a body that decides was too long to be kept
}

// Verify asks the evidence of one session (journal.Evidence) whether what was expected came. It never passes on evidence
// that is gone: when entries were evicted, only what the rest proves by itself passes, and that something never came, or
// came only so often, is not proved by it. What a client's transport repeats counts once.
func Verify(entries []*journal.Entry, truncated bool, expectations []Expectation) Verdict {
	v := Verdict{Passed: true, JournalTruncated: truncated, Results: []Result{}}
	facts := factsOf(entries)
	for i := range expectations {
		result := verify(facts, truncated, &expectations[i])
		v.Passed = v.Passed && result.Passed
		v.Results = append(v.Results, result)
	}
	return v
}

// fact is an entry, with its request read once for all expectations.
type fact struct {
	entry   *journal.Entry
	request *match.Request
}

func factsOf(entries []*journal.Entry) []fact {
	facts := make([]fact, 0, len(entries))
	for _, e := range entries {
		if !e.Resent() {
			facts = append(facts, fact{e, e.Request()})
		}
	}
	slices.SortStableFunc(facts, func(a, b fact) int { return a.entry.Began.Compare(b.entry.Began) })
	return facts
}

func (p *Pattern) accepts(f fact) bool { return p.acceptsStatus(f) && p.Match(f.request) }

func (p *Pattern) acceptsStatus(f fact) bool {
	status := f.entry.Status
	return len(p.Statuses) == 0 || slices.ContainsFunc(p.Statuses, func(s StatusRange) bool { return s.From <= status && status <= s.To })
}

// mayAccept says whether only a body that was cut stands between a request and the pattern.
func (p *Pattern) mayAccept(f fact) bool {
	if p.Body == nil || !f.entry.RequestCut {
		return false
	}
	rest := p.Matcher
	rest.Body = nil
	return p.acceptsStatus(f) && rest.Match(f.request)
}

func verify(facts []fact, truncated bool, e *Expectation) Result {
	r := Result{Name: e.Name, Expected: e.String()}
	if len(e.InOrder) > 0 {
		r.order(facts, e)
	} else {
		r.count(facts, e, truncated)
	}
	if r.Name == "" {
		r.Name = r.Expected
	}
	if !r.Passed {
		r.JournalTruncated = truncated
		r.Diff = r.diff()
	}
	return r
}

func (r *Result) count(facts []fact, e *Expectation, truncated bool) {
	var found []fact
	for _, f := range facts {
		if e.Request.accepts(f) {
			found = append(found, f)
		} else if e.Request.mayAccept(f) {
			r.BodiesCut = true
		}
	}
	want := e.Count.filled()
	counted := len(found)
	r.Actual = times(counted)
	if e.Within > 0 {
		counted = fullest(found, e.Within)
		r.Actual = fmt.Sprintf("%s, at most %d of them within %s", times(len(found)), counted, e.Within)
		if want.Bound && want.Least == want.Most { // exactly so many in all, and all of them together
			counted = whole(counted, len(found))
		}
	}
	tooMany := want.Bound && counted > want.Most
	r.Passed = counted >= want.Least && !tooMany && !(want.Bound && (truncated || r.BodiesCut))
	switch {
	case tooMany || e.Within > 0 && !r.Passed:
		r.Requests = lines(found)
	case counted < want.Least:
		r.Requests = lines(found)
		r.Misses = misses(facts, &e.Request)
	}
}

// whole is the number of all requests when they all lie together; else it cannot be the number that was wanted.
func whole(together, all int) int {
	if together == all {
		return all
	}
	return -1
}

// fullest is how many requests began within a length of time, at most.
func fullest(found []fact, within time.Duration) (most int) {
	first := 0
	for i := range found {
		for found[i].entry.Began.Sub(found[first].entry.Began) > within {
			first++
		}
		most = max(most, i+1-first)
	}
	return most
}

// order looks for the patterns one after the other. Without a limit of time the earliest of each will do; with one, each
// request that could be the first is tried.
func (r *Result) order(facts []fact, e *Expectation) {
	places := make([][]int, len(e.InOrder))
	for i := range e.InOrder {
		for at, f := range facts {
			if e.InOrder[i].accepts(f) {
				places[i] = append(places[i], at)
			}
		}
	}
	best := 0
	for _, start := range places[0] {
		reached, last := follow(places, start)
		best = max(best, reached)
		if reached < len(places) {
			break // a later start reaches no further
		}
		span := facts[last].entry.Began.Sub(facts[start].entry.Began)
		if e.Within == 0 || span <= e.Within {
			r.Passed, r.Actual = true, "came in this order, within "+spoken(span)
			return
		}
	}
	r.explainOrder(facts, e, places, best)
}

// follow takes the next place of each pattern after a start; reached is how many patterns were found.
func follow(places [][]int, start int) (reached, last int) {
	last, reached = start, 1
	for _, next := range places[1:] {
		i, exact := slices.BinarySearch(next, last)
		if exact {
			i++
		}
		if i == len(next) {
			return reached, last
		}
		last = next[i]
		reached++
	}
	return reached, last
}

func (r *Result) explainOrder(facts []fact, e *Expectation, places [][]int, best int) {
	if best == len(places) {
		r.Actual = "came in this order, but never within " + e.Within.String()
		return
	}
	missing := &e.InOrder[best]
	if len(places[best]) > 0 {
		r.Actual = fmt.Sprintf("%s (number %d) came, but not after the others", missing, best+1)
		for _, at := range places[best] {
			r.Requests = append(r.Requests, line(facts[at]))
		}
		r.Requests = bounded(r.Requests)
		return
	}
	r.Actual = fmt.Sprintf("%s (number %d) never came", missing, best+1)
	for _, m := range nearest(facts, missing) { // where the order counts, so does the time
		r.Misses = append(r.Misses, clock(m.fact)+" "+m.text)
	}
}

// maxLines bounds the requests that a result lists.
const maxLines = 20

func bounded(all []string) []string {
	if len(all) <= maxLines {
		return all
	}
	return append(all[:maxLines:maxLines], fmt.Sprintf("… and %d more", len(all)-maxLines))
}

func lines(found []fact) []string {
	all := make([]string, len(found))
	for i, f := range found {
		all[i] = line(f)
	}
	return bounded(all)
}

func line(f fact) string {
	return fmt.Sprintf("%s %s → %s", clock(f), short(f.entry.Line()), answer(f.entry))
}

func clock(f fact) string { return f.entry.Began.UTC().Format("15:04:05.000") }

func answer(e *journal.Entry) string {
	r := Request{Status: e.Status, Fault: e.Fault, Gone: e.Gone}
	return r.Outcome()
}

func (r *Result) diff() string {
	var b strings.Builder
	fmt.Fprintf(&b, "- expected: %s\n+ actual:   %s\n", r.Expected, r.Actual)
	for _, request := range r.Requests {
		fmt.Fprintf(&b, "    %s\n", request)
	}
	for _, miss := range r.Misses {
		fmt.Fprintf(&b, "  near: %s\n", miss)
	}
	if r.JournalTruncated {
		b.WriteString("  the journal was truncated: older requests of this session were evicted (--journal keeps more)\n")
	}
	if r.BodiesCut {
		b.WriteString("  a request body that decides was too long to be kept whole\n")
	}
	return b.String()
}

// miss is a request that came near a pattern.
type miss struct {
	fact     fact
	text     string // what came, and why it does not count
	distance int
}

// misses say why the nearest requests do not count.
func misses(facts []fact, p *Pattern) (texts []string) {
	for _, m := range nearest(facts, p) {
		texts = append(texts, m.text)
	}
	return texts
}

// nearest are the requests that came nearest to a pattern, each reason once: the latest of those with the same.
func nearest(facts []fact, p *Pattern) []miss {
	var all []miss
	seen := map[string]bool{}
	for _, f := range slices.Backward(facts) {
		distance := p.distance(f)
		if distance == 0 || distance > farthest { // one that counts is no miss
			continue
		}
		if text := p.explain(f); !seen[text] {
			seen[text] = true
			all = append(all, miss{f, text, distance})
		}
	}
	slices.SortStableFunc(all, func(a, b miss) int { return cmp.Compare(a.distance, b.distance) })
	const most = 3
	return all[:min(len(all), most)]
}
