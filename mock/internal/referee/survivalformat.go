package referee

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
)

func (r *SurvivalReport) json() (string, any) { return "survival", r }

func (r *SurvivalReport) summary() string {
	text := fmt.Sprintf("%d of %s survived", r.Survived, plural(len(r.Trials), "error"))
	if r.Failed > 0 {
		text += fmt.Sprintf(", %d not", r.Failed)
	}
	if r.Unproved > 0 {
		text += fmt.Sprintf(", %d not exercised", r.Unproved)
	}
	return text
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
		fmt.Fprintf(&b, "\n%snever called, so not tried: %s%s\n", p.dim, safe(strings.Join(r.NotCalled, ", ")), p.none)
	}
	for i := range r.Trials {
		if t := &r.Trials[i]; t.Lost() {
			fmt.Fprintf(&b, "\n%s%s%s: %s\n%s", p.bold, safe(t.Name()), p.none, safe(t.How()), t.quoted("  | "))
		}
	}
	return b.String()
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
	case t.Findings == 0:
		return "passed"
	}
	return plural(t.Findings, "failure")
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
		if t := &r.Trials[i]; t.Lost() {
			fmt.Fprintf(&b, "\n%s: %s\n\n%s", code(t.Name()), cell(t.How()), t.quoted("    "))
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
