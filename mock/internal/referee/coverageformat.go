package referee

import (
	"fmt"
	"strings"
)

func (r *CoverageReport) summary() string {
	return fmt.Sprintf("%.1f %% (%d of %d)", r.Percent, r.Exercised, r.Total)
}

func (r *CoverageReport) text(p paint) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sCoverage of %s:%s %s\n", p.bold, safe(ofSession(r.Session)), p.none, r.summary())
	width := 0
	for i := range r.Operations {
		width = max(width, len([]rune(r.Operations[i].call())))
	}
	for i := range r.Operations {
		o := &r.Operations[i]
		color := p.yellow
		if o.Exercised == len(o.Errors) {
			color = p.green
		}
		call := safe(o.call())
		fmt.Fprintf(&b, "\n%s%s  %s%d/%d%s\n", call, strings.Repeat(" ", max(0, width-len([]rune(call)))), color, o.Exercised, len(o.Errors), p.none)
		for _, e := range o.Errors {
			e.text(&b, p)
		}
	}
	return b.String()
}

func (l *OperationCoverage) call() string { return l.Method + " " + l.Path }

func (e ErrorCoverage) text(b *strings.Builder, p paint) {
	if e.Total() > 0 {
		fmt.Fprintf(b, "  %s✓%s %d %-14s %s\n", p.green, p.none, e.Status, e.Error, e.how())
		return
	}
	fmt.Fprintf(b, "  %s✗%s %d %-14s missing: %s\n", p.red, p.none, e.Status, e.Error, e.Header)
}

// how is how often the error was met: "2 natural, 1 forced".
func (e ErrorCoverage) how() string {
	var parts []string
	if e.Natural > 0 {
		parts = append(parts, fmt.Sprintf("%d natural", e.Natural))
	}
	if e.Forced > 0 {
		parts = append(parts, fmt.Sprintf("%d forced", e.Forced))
	}
	return strings.Join(parts, ", ")
}

func (r *CoverageReport) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Coverage of %s\n\n%s\n\n", cell(ofSession(r.Session)), r.summary())
	b.WriteString("| operation | error | natural | forced | to exercise it |\n| --- | --- | ---: | ---: | --- |\n")
	for i := range r.Operations {
		o := &r.Operations[i]
		for _, e := range o.Errors {
			header := ""
			if e.Header != "" {
				header = code(e.Header)
			}
			fmt.Fprintf(&b, "| %s | %d %s | %d | %d | %s |\n", code(o.call()), e.Status, code(string(e.Error)), e.Natural, e.Forced, header)
		}
	}
	return b.String()
}

// suite has a test case for each error of each operation; one that was not exercised is skipped, not failed.
func (r *CoverageReport) suite() testSuite {
	s := testSuite{Name: "coverage of " + ofSession(r.Session)}
	for i := range r.Operations {
		o := &r.Operations[i]
		for _, e := range o.Errors {
			c := testCase{Class: "salesos-mock.coverage." + o.Operation, Name: o.call() + " " + string(e.Error)}
			if e.Header != "" {
				c.Skipped = &xmlText{Message: "not exercised; send " + e.Header}
			} else {
				c.Output = &xmlPlain{e.how()}
			}
			s.add(c)
		}
	}
	return s
}
