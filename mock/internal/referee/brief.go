package referee

import (
	"fmt"
	"strings"
)

// CoverageBrief is a coverage report of which people are shown only the operations that were called. As JSON and as
// JUnit's XML it is the whole report.
type CoverageBrief struct {
	CoverageReport
	calls map[string]int
}

// Brief makes a coverage report brief, knowing how often each operation was called.
func Brief(r CoverageReport, calls map[string]int) *CoverageBrief { return &CoverageBrief{r, calls} }

func (b *CoverageBrief) text(p paint) string {
	var out strings.Builder
	called, rest := b.called()
	fmt.Fprintf(&out, "%sCoverage of documented errors:%s %s\n", p.bold, p.none, b.summaryOf(called))
	width := 0
	for _, o := range called {
		width = max(width, len([]rune(safe(o.call()))))
	}
	for _, o := range called {
		color := p.yellow
		if o.Exercised == len(o.Errors) {
			color = p.green
		}
		call := safe(o.call())
		fmt.Fprintf(&out, "  %s%s  %s%d/%d%s%s\n", call, strings.Repeat(" ", width-len([]rune(call))), color, o.Exercised, len(o.Errors), p.none, o.missing())
	}
	if rest > 0 {
		fmt.Fprintf(&out, "  %s%s never called%s\n", p.dim, plural(rest, "operation"), p.none)
	}
	return out.String()
}

// summaryOf is the summary, and how much of what was called is covered.
func (b *CoverageBrief) summaryOf(called []*OperationCoverage) string {
	exercised, total := 0, 0
	for _, o := range called {
		exercised += o.Exercised
		total += len(o.Errors)
	}
	if total == 0 {
		return b.summary()
	}
	return fmt.Sprintf("%s; of what was called %.1f %% (%d of %d)", b.summary(), percent(exercised, total), exercised, total)
}

// called are the operations that were called, and how many were not.
func (b *CoverageBrief) called() (called []*OperationCoverage, rest int) {
	for i := range b.Operations {
		if o := &b.Operations[i]; b.calls[o.Operation] > 0 {
			called = append(called, o)
		} else {
			rest++
		}
	}
	return called, rest
}

// missing lists the errors that were not exercised.
func (l *OperationCoverage) missing() string {
	var names []string
	for _, e := range l.Errors {
		if e.Total() == 0 {
			names = append(names, string(e.Error))
		}
	}
	if names == nil {
		return ""
	}
	return "  missing: " + strings.Join(names, ", ")
}

func (b *CoverageBrief) markdown() string {
	var out strings.Builder
	called, rest := b.called()
	fmt.Fprintf(&out, "# Coverage of documented errors\n\n%s\n\n", b.summaryOf(called))
	if len(called) > 0 {
		out.WriteString("| operation | exercised | missing |\n| --- | ---: | --- |\n")
	}
	for _, o := range called {
		fmt.Fprintf(&out, "| %s | %d/%d | %s |\n", code(o.call()), o.Exercised, len(o.Errors), cell(strings.TrimPrefix(o.missing(), "  missing: ")))
	}
	if rest > 0 {
		fmt.Fprintf(&out, "\n%s never called.\n", plural(rest, "operation"))
	}
	return out.String()
}
