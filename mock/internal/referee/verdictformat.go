package referee

import (
	"fmt"
	"io"
	"strings"
)

// Write writes the verdict. color is for Text only.
func (v Verdict) Write(w io.Writer, f Format, color bool) error {
	switch f {
	case JSON:
		return writeJSON(w, v)
	case JUnit:
		return writeXML(w, v.suite())
	case Markdown:
		return writeText(w, v.markdown())
	}
	return writeText(w, v.text(palette(color)))
}

func (v *Verdict) summary() string {
	failed := 0
	for i := range v.Results {
		if !v.Results[i].Passed {
			failed++
		}
	}
	if failed == 0 {
		return plural(len(v.Results), "expectation") + " met"
	}
	return fmt.Sprintf("%d of %d expectations not met", failed, len(v.Results))
}

func (v *Verdict) text(p paint) string {
	var b strings.Builder
	color := p.green
	if !v.Passed {
		color = p.red
	}
	fmt.Fprintf(&b, "%s%s%s\n", color, v.summary(), p.none)
	for i := range v.Results {
		r := &v.Results[i]
		mark := p.green + "✓" + p.none
		if !r.Passed {
			mark = p.red + "✗" + p.none
		}
		fmt.Fprintf(&b, "%s %s\n%s", mark, safe(r.Name), indented(r.Diff))
	}
	return b.String()
}

// indented is a diff as a terminal may see it.
func indented(diff string) string {
	var b strings.Builder
	for line := range strings.Lines(diff) {
		fmt.Fprintf(&b, "    %s\n", safe(strings.TrimSuffix(line, "\n")))
	}
	return b.String()
}

func (v *Verdict) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Expectations\n\n%s\n", v.summary())
	for i := range v.Results {
		r := &v.Results[i]
		if r.Passed {
			fmt.Fprintf(&b, "\n- met: %s\n", cell(r.Name))
			continue
		}
		fmt.Fprintf(&b, "\n- not met: %s\n\n%s", cell(r.Name), indented(indented(r.Diff)))
	}
	return b.String()
}

func (v *Verdict) suite() testSuite {
	s := testSuite{Name: "expectations"}
	for i := range v.Results {
		r := &v.Results[i]
		c := testCase{Class: "salesos-mock.verify", Name: r.Name}
		if !r.Passed {
			c.Failure = &xmlText{r.Actual, r.Diff}
		}
		s.add(c)
	}
	return s
}
