package referee

import (
	"fmt"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/match"
)

// How far a request is from a pattern: another path is farther than another method, a path with a typing mistake nearer.
const (
	otherDetail = 1
	otherMethod = 2
	nearPath    = 2
	otherPath   = 5
	farthest    = 7 // another path, and another method: still the only hint that there may be
)

func (p *Pattern) distance(f fact) int {
	d := 0
	if !(&match.Matcher{Methods: p.Methods}).Match(f.request) {
		d += otherMethod
	}
	if !(&match.Matcher{Path: p.Path}).Match(f.request) {
		d += otherPath
		if p.Path != nil && similar(f.request.Path, p.Path.String()) {
			d += nearPath - otherPath
		}
	}
	for _, part := range []match.Matcher{{Query: p.Query}, {Headers: p.Headers}, {Caller: p.Caller}, {Body: p.Body}} {
		if !part.Match(f.request) {
			d += otherDetail
		}
	}
	if !p.acceptsStatus(f) {
		d += otherDetail
	}
	return d
}

func similar(path, pattern string) bool {
	return path != "" && (path == pattern || diag.Nearest(path, []string{pattern}) != "" || strings.HasSuffix(pattern, path))
}

// explain says what came, and why it does not count.
func (p *Pattern) explain(f fact) string {
	came := short(f.entry.Line())
	if !(&match.Matcher{Methods: p.Methods}).Match(f.request) {
		rest := p.Matcher
		rest.Methods = nil
		if rest.Match(f.request) {
			return fmt.Sprintf("%s came, you expected %s", came, strings.Join(p.Methods, " or "))
		}
	}
	if why := p.Explain(f.request, ""); why != "" {
		return came + " came, but " + why
	}
	return fmt.Sprintf("%s came, but the answer was %s, %s is wanted", came, answer(f.entry), joinStatuses(p.Statuses))
}

func joinStatuses(all []StatusRange) string {
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = s.String()
	}
	return strings.Join(texts, " or ")
}

// String words a pattern: "POST /leads with a body condition, answered 201".
func (p *Pattern) String() string {
	if p.Label != "" {
		return p.Label
	}
	text := "any request"
	if len(p.Methods) > 0 {
		text = strings.Join(p.Methods, " or ")
	}
	if p.Path != nil {
		text = strings.TrimPrefix(text+" "+p.Path.String(), "any request ")
	}
	if conditions := p.conditions(); len(conditions) > 0 {
		text += " (with conditions on " + strings.Join(conditions, ", ") + ")"
	}
	if len(p.Statuses) > 0 {
		text += " answered " + joinStatuses(p.Statuses)
	}
	return text
}

func (p *Pattern) conditions() []string {
	var all []string
	for _, f := range p.Query {
		all = append(all, "query "+f.Name)
	}
	for _, f := range p.Headers {
		all = append(all, "header "+f.Name)
	}
	if p.Body != nil {
		all = append(all, "the body")
	}
	if len(p.Caller.Roles)+len(p.Caller.Users)+len(p.Caller.Keys) > 0 {
		all = append(all, "the caller")
	}
	return all
}

// String words an expectation: "POST /leads exactly once within 5s".
func (e *Expectation) String() string {
	var text string
	if len(e.InOrder) > 0 {
		parts := make([]string, len(e.InOrder))
		for i := range e.InOrder {
			parts[i] = e.InOrder[i].String()
		}
		text = strings.Join(parts, ", then ")
	} else {
		text = e.Request.String() + " " + e.Count.filled().String()
	}
	if e.Within > 0 {
		text += " within " + e.Within.String()
	}
	return text
}

// String words a count.
func (c Count) String() string {
	switch {
	case c.Bound && c.Most == 0:
		return "never"
	case c.Bound && c.Least == c.Most:
		return "exactly " + times(c.Most)
	case c.Bound && c.Least > 0:
		return fmt.Sprintf("%d to %d times", c.Least, c.Most)
	case c.Bound:
		return "at most " + times(c.Most)
	}
	return "at least " + times(c.Least)
}

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
