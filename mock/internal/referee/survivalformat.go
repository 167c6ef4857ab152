package referee

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
)

func (r *SurvivalReport) json() (string, any) { return "survival", r }

func (r *SurvivalReport) summary() string {
	text := fmt.Sprintf("%d of %s survived", r.Survived, plural(len(r.Trials), r.noun()))
	if n := r.blamed(); n > 0 {
		text += fmt.Sprintf(" (the audit blames %d of them)", n)
	}
	if r.Failed > 0 {
		text += fmt.Sprintf(", %d not", r.Failed)
	}
	if r.Unproved > 0 {
		text += fmt.Sprintf(", %d not exercised", r.Unproved)
	}
	return text
}

// blamed counts the trials that survived, and yet the audit found failures.
func (r *SurvivalReport) blamed() (n int) {
	for i := range r.Trials {
		if t := &r.Trials[i]; !t.Lost() && len(t.Findings) > 0 {
			n++
		}
	}
	return n
}

// noun is what the trials are counted as.
func (r *SurvivalReport) noun() string {
	if len(r.Trials) > 0 && r.Trials[0].Call != "" {
		return "run"
	}
	return "error"
}

func (r *SurvivalReport) text(p paint) string {
	var b strings.Builder
	color := p.green
	if !r.Passed {
		color = p.red
	}
	fmt.Fprintf(&b, "%sErrors that %s survives:%s %s%s%s\n\n", p.bold, safe(strings.Join(r.Command, " ")), p.none, color, r.summary(), p.none)
	r.table(&b, p)
	if len(r.NotCalled) > 0 {
		fmt.Fprintf(&b, "\n  %s%s never called, so not tried%s\n", p.dim, plural(len(r.NotCalled), "operation"), p.none)
	}
	for i := range r.Trials {
		r.Trials[i].details(&b, p)
	}
	return b.String()
}

// details are what a trial printed that was lost, and what the audit found.
func (t *Trial) details(b *strings.Builder, p paint) {
	if !t.Lost() && len(t.Findings) == 0 {
		return
	}
	how := t.How()
	if !t.Lost() {
		how = "survived, but"
	}
	fmt.Fprintf(b, "\n%s%s%s: %s\n", p.bold, safe(t.Name()), p.none, safe(how))
	if t.Lost() {
		b.WriteString(t.quoted("  | "))
	}
	for _, found := range t.Findings {
		fmt.Fprintf(b, "  %saudit%s %s\n", p.red, p.none, safe(found))
	}
}

// Lost says whether the command did not survive.
func (t *Trial) Lost() bool { return t.Result == Failed || t.Result == TimedOut }

// quoted is the end of the output, line by line behind a mark.
func (t *Trial) quoted(mark string) string {
	if t.Output == "" {
		return mark + "(it printed nothing)\n"
	}
	var b strings.Builder
	for line := range strings.Lines(t.Output) {
		b.WriteString(mark + safeLine(line) + "\n")
	}
	return b.String()
}

// safeLine is safe for a line of output, in which tabs are layout.
func safeLine(line string) string {
	return safe(strings.ReplaceAll(strings.TrimRight(line, "\r\n"), "\t", "    "))
}

// table has colours in its cells, all of the same length, so that the columns stay straight.
func (r *SurvivalReport) table(b *strings.Builder, p paint) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	row := func(color string, cells ...string) {
		_, _ = fmt.Fprintf(w, "  %s%s%s\n", color, strings.Join(cells, "\t"), p.none) // a builder takes all that it is given
	}
	row(p.dim, "error", "call", "result", "met", "time", "audit", "")
	for i := range r.Trials {
		t := &r.Trials[i]
		row(t.color(p), string(t.Error), safe(t.called()), string(t.Result), strconv.Itoa(t.Met), t.Took(), t.conduct(), safe(t.How()))
	}
	_ = w.Flush()
}

func (t *Trial) called() string {
	if t.Call == "" {
		return "all"
	}
	return t.Call
}

// conduct is what the audit says.
func (t *Trial) conduct() string {
	switch {
	case t.Result == NotExercised:
		return "–"
	case len(t.Findings) == 0:
		return "passed"
	}
	return plural(len(t.Findings), "failure")
}

func (t *Trial) color(p paint) string {
	switch t.Result {
	case Survived:
		return p.green
	case NotExercised:
		return p.yellow
	}
	return p.red
}

func (r *SurvivalReport) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Errors that %s survives\n\n%s\n\n", code(strings.Join(r.Command, " ")), r.summary())
	b.WriteString("| error | call | result | met | time | audit | |\n| --- | --- | --- | ---: | ---: | --- | --- |\n")
	for i := range r.Trials {
		t := &r.Trials[i]
		call := t.called()
		if t.Call != "" {
			call = code(call)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %s | %s | %s |\n", code(string(t.Error)), call, t.Result, t.Met, t.Took(), t.conduct(), cell(t.How()))
	}
	for i := range r.Trials {
		t := &r.Trials[i]
		if t.Lost() {
			fmt.Fprintf(&b, "\n%s: %s\n\n%s", code(t.Name()), cell(t.How()), t.quoted("    "))
		}
		for _, found := range t.Findings {
			fmt.Fprintf(&b, "\n- %s: audit: %s\n", code(t.Name()), cell(found))
		}
	}
	return b.String()
}

// suite has a test case for each trial; one that met no error is skipped, not passed.
func (r *SurvivalReport) suite() testSuite {
	s := testSuite{Name: "errors that the command survives"}
	for i := range r.Trials {
		t := &r.Trials[i]
		c := testCase{Class: "salesos-mock.survival", Name: t.Name()}
		switch {
		case t.Lost():
			c.Failure = &xmlText{t.How(), t.Output}
		case t.Result == NotExercised:
			c.Skipped = &xmlText{Message: t.How()}
		default:
			c.Output = &xmlPlain{fmt.Sprintf("met %s, %s", plural(t.Met, "time"), t.Took())}
		}
		s.add(c)
	}
	return s
}
