package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// table is what a run found.
type table struct {
	machine string
	groups  []group
	charts  []chart
}

type group struct {
	about string
	rows  []row
}

// row is one finding: the floor, the mock, and the one number that is judged.
type row struct {
	what        string
	floor, mock string
	found       float64
	unit        string // of found and of the bar: "x", " ms"
	bar         bar
}

// bar is what a finding has to clear; the zero value asks for nothing.
type bar struct {
	atLeast, atMost float64
}

func (b bar) cleared(found float64) bool {
	return found >= b.atLeast && (b.atMost == 0 || found <= b.atMost)
}

func (b bar) text(unit string) string {
	switch {
	case b.atLeast > 0:
		return fmt.Sprintf("≥ %s%s", short(b.atLeast), unit)
	case b.atMost > 0:
		return fmt.Sprintf("≤ %s%s", short(b.atMost), unit)
	default:
		return ""
	}
}

func (b bar) verdict(found float64) string {
	switch {
	case b == bar{}:
		return ""
	case b.cleared(found):
		return "PASS"
	default:
		return "FAIL"
	}
}

func newTable() *table { return &table{machine: machine()} }

func (t *table) begin(about string) { t.groups = append(t.groups, group{about: about}) }

func (t *table) add(r row) {
	last := &t.groups[len(t.groups)-1]
	last.rows = append(last.rows, r)
}

// missed counts the bars that were not cleared.
func (t *table) missed() (n int) {
	for _, g := range t.groups {
		for _, r := range g.rows {
			if !r.bar.cleared(r.found) {
				n++
			}
		}
	}
	return n
}

func (t *table) print(out io.Writer) {
	fmt.Fprintln(out, t.machine)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, g := range t.groups {
		fmt.Fprintf(w, "\n%s\tfloor\tmock\tfound\tbar\t\n", g.about)
		for _, r := range g.rows {
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s%s\t%s\t%s\n", r.what, r.floor, r.mock, short(r.found), r.unit, r.bar.text(r.unit), r.bar.verdict(r.found))
		}
	}
	_ = w.Flush() // the table is all that there is to say; nobody is left to be told that it cannot be said
}

// machine names what the numbers were found on.
func machine() string {
	name := fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return name
	}
	for line := range strings.Lines(string(info)) {
		if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value) + ", " + name
		}
	}
	return name
}

// short writes a number with about three digits.
func short(n float64) string {
	switch {
	case n >= 100:
		return fmt.Sprintf("%.0f", n)
	case n >= 10:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0")
	default:
		return fmt.Sprintf("%.2f", n)
	}
}

func micros(d time.Duration) string { return short(float64(d)/float64(time.Microsecond)) + " µs" }
func millis(d time.Duration) string { return short(float64(d)/float64(time.Millisecond)) + " ms" }

// series is one number for each round.
type series []time.Duration

func (s series) median() time.Duration { return middle(s) }

// over is the median of the rounds' ratios: what disturbs the machine for a while disturbs both sides of a round.
func (s series) over(other series) float64 {
	ratios := make([]float64, len(s))
	for i := range s {
		ratios[i] = float64(s[i]) / float64(max(other[i], 1))
	}
	return middle(ratios)
}

func middle[T time.Duration | float64](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
