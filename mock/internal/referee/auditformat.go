package referee

import (
	"fmt"
	"strconv"
	"strings"
)

// count is how many findings are failures, and how many are advice.
func (r *AuditReport) count() (failures, advices int) {
	for i := range r.Findings {
		if r.Findings[i].Severity == Advice {
			advices++
		} else {
			failures++
		}
	}
	return failures, advices
}

func (r *AuditReport) summary() string {
	failures, advices := r.count()
	text := "passed"
	if failures > 0 {
		text = plural(failures, "failure")
	}
	if advices > 0 {
		text += fmt.Sprintf(", %d for advice only", advices)
	}
	if r.Omitted > 0 {
		text += fmt.Sprintf(", %d more findings left out", r.Omitted)
	}
	return text + ", " + plural(r.Requests, "request")
}

func (r *AuditReport) text(p paint) string {
	var b strings.Builder
	color := p.green
	if !r.Passed {
		color = p.red
	}
	fmt.Fprintf(&b, "%sAudit of %s:%s %s%s%s\n", p.bold, safe(ofSession(r.Session)), p.none, color, r.summary(), p.none)
	for i := range r.Findings {
		b.WriteByte('\n')
		r.Findings[i].text(&b, p)
	}
	return b.String()
}

func (f *Finding) text(b *strings.Builder, p paint) {
	color := p.red
	if f.Severity == Advice {
		color = p.yellow
	}
	fmt.Fprintf(b, "%s%s%s %s%s%s: %s%s\n", color, f.Severity, p.none, p.bold, f.Rule, p.none, safe(f.Message), f.repeated())
	fmt.Fprintf(b, "  %-8s%s\n  %-8s%s\n", "call", safe(f.Call), "caller", safe(f.Caller))
	width, outcome := 0, 0
	for i := range f.Requests {
		width = max(width, len([]rune(safe(f.Requests[i].Call()))))
		outcome = max(outcome, len(f.Requests[i].Outcome()))
	}
	for i := range f.Requests {
		f.Requests[i].text(b, p, min(width, 60), outcome)
	}
	if f.LeftOut > 0 {
		fmt.Fprintf(b, "  %s(%d requests before the last are left out)%s\n", p.dim, f.LeftOut, p.none)
	}
	fmt.Fprintf(b, "  %-8s%s\n  %-8s%s\n", "asked", f.Asks, "change", f.Fix)
}

func (f *Finding) repeated() string {
	if f.Count < 2 {
		return ""
	}
	return fmt.Sprintf(" (%d times)", f.Count)
}

func (r *Request) text(b *strings.Builder, p paint, width, outcome int) {
	call := safe(r.Call())
	fmt.Fprintf(b, "    %s%s%s  %s%s  %-*s", p.dim, r.Time.Format("15:04:05.000"), p.none, call, strings.Repeat(" ", max(0, width-len([]rune(call)))), outcome, r.Outcome())
	if r.AfterMS > 0 {
		fmt.Fprintf(b, "  after %s", r.after())
	}
	if r.RetryAfter != "" {
		fmt.Fprintf(b, "  Retry-After: %s", safe(r.RetryAfter))
	}
	b.WriteByte('\n')
}

func (r *Request) after() string { return strconv.FormatFloat(r.AfterMS/1000, 'f', 3, 64) + "s" }

func (r *AuditReport) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Audit of %s\n\n%s\n", cell(ofSession(r.Session)), r.summary())
	for i := range r.Findings {
		f := &r.Findings[i]
		fmt.Fprintf(&b, "\n## %s: %s\n\n%s%s\n\n", f.Rule, f.Severity, cell(f.Message), f.repeated())
		fmt.Fprintf(&b, "- Call: %s\n- Caller: %s\n- Asked: %s\n- Change: %s\n\n", code(f.Call), cell(f.Caller), f.Asks, f.Fix)
		b.WriteString("| time | request | answer | after | Retry-After |\n| --- | --- | --- | ---: | --- |\n")
		for j := range f.Requests {
			q := &f.Requests[j]
			after := ""
			if q.AfterMS > 0 {
				after = q.after()
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", q.Time.Format("15:04:05.000"), code(q.Call()), cell(q.Outcome()), after, cell(q.RetryAfter))
		}
		if f.LeftOut > 0 {
			fmt.Fprintf(&b, "\n%d requests before the last are left out.\n", f.LeftOut)
		}
	}
	return b.String()
}

// suite has a test case for each rule, so that one that nobody broke is seen to have been judged.
func (r *AuditReport) suite() testSuite {
	s := testSuite{Name: "audit of " + ofSession(r.Session)}
	for _, rule := range Rules() {
		c := testCase{Class: "salesos-mock.audit", Name: string(rule)}
		failures, advices, first := r.ofRule(rule)
		if failures != "" {
			c.Failure = &xmlText{first, failures}
		}
		if advices != "" {
			c.Output = &xmlPlain{advices}
		}
		s.add(c)
	}
	return s
}

func (r *AuditReport) ofRule(rule Rule) (failures, advices, first string) {
	var failed, advised strings.Builder
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case f.Rule != rule:
		case f.Severity == Advice:
			f.text(&advised, paint{})
		default:
			if first == "" {
				first = safe(f.Call + ": " + f.Message)
			}
			f.text(&failed, paint{})
		}
	}
	return failed.String(), advised.String(), first
}
