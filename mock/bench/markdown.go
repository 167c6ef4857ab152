package main

import (
	"fmt"
	"io"
	"strings"
)

// markdown prints what was found as it stands in README.md.
func (t *table) markdown(out io.Writer) {
	fmt.Fprintf(out, "Found on %s.\n", t.machine)
	for _, g := range t.groups {
		if g.about == growthAbout {
			t.markdownCharts(out)
			continue
		}
		fmt.Fprintf(out, "\n| %s | floor | mock | found | bar |\n|---|--:|--:|--:|--:|\n", g.about)
		for _, r := range g.rows {
			fmt.Fprintf(out, "| %s | %s | %s | %s%s | %s |\n", r.what, r.floor, r.mock, short(r.found), r.unit, r.bar.text(r.unit))
		}
	}
}

func (t *table) markdownCharts(out io.Writer) {
	for _, c := range t.charts {
		points := c.lines[0].points
		fmt.Fprintf(out, "\n| %s, %s |", c.title, c.unit)
		for _, p := range points {
			fmt.Fprintf(out, " %s |", count(p.size))
		}
		fmt.Fprintf(out, "\n|---|%s\n", strings.Repeat("--:|", len(points)))
		for _, l := range c.lines {
			fmt.Fprintf(out, "| %s |", l.name)
			for _, p := range l.points {
				fmt.Fprintf(out, " %s |", short(p.cost))
			}
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "\n![%s](charts/%s.svg)\n", c.title, c.name)
	}
}
