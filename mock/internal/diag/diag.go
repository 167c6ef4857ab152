// Package diag says what is wrong in a file, for people: where it stands, what was found, what is allowed,
// the nearest right name, and the line itself with a caret. Every reader of files reports through it, and the
// readers of headers take Nearest from it. It knows no file format.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Position is a place in a file, as people should see it.
type Position struct {
	File   string // as in messages: "fixtures/leads.yaml"
	Line   int    // from 1; 0: the file as a whole
	Column int    // from 1, in characters (code points); 0: the line as a whole
}

// String is file:line:column, as editors and terminals understand it.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return p.File + ":" + strconv.Itoa(p.Line)
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}

// Problem is one thing that is wrong at one place.
type Problem struct {
	Position
	What    string   // what was found: unknown key "statsu"
	Allowed []string // what may stand there; empty: left unsaid
	Nearest string   // the right name that was probably meant; empty: none is near
	Excerpt Excerpt  // the line; zero: not shown
}

// Short is the problem in one line, for headers and logs: file:line:column: what; allowed: a, b; did you mean "x"?
func (p Problem) Short() string {
	var b strings.Builder
	if at := p.Position.String(); at != "" {
		b.WriteString(at)
		b.WriteString(": ")
	}
	b.WriteString(oneLine(p.What))
	if len(p.Allowed) > 0 {
		b.WriteString("; allowed: ")
		b.WriteString(oneLine(allowed(p.Allowed)))
	}
	if p.Nearest != "" {
		b.WriteString("; did you mean ")
		b.WriteString(strconv.Quote(p.Nearest))
		b.WriteByte('?')
	}
	return b.String()
}

// Error is the problem in full: its one line, then the line of the file, then a caret under the place.
func (p Problem) Error() string {
	if p.Excerpt.Text == "" {
		return p.Short()
	}
	return p.Short() + "\n" + p.Excerpt.render(p.Line)
}

// maxAllowed keeps a message readable when hundreds of names are possible; the nearest one is named anyway.
const maxAllowed = 60

func allowed(names []string) string {
	if len(names) <= maxAllowed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, … (%d in all)", strings.Join(names[:maxAllowed], ", "), len(names))
}

// MaxProblems bounds a List: a file of a million wrong records needs no million messages.
const MaxProblems = 1000

// maxPrinted is how many problems an error text shows in full.
const maxPrinted = 50

// List is all that is wrong. As an error it prints each problem in full.
type List []Problem

// Add records a problem, unless the list is full.
func (l *List) Add(problems ...Problem) {
	for _, p := range problems {
		if l.Full() {
			return
		}
		*l = append(*l, p)
	}
}

// Full tells whether further problems would be dropped, so that a reader can stop.
func (l *List) Full() bool { return len(*l) >= MaxProblems }

// Err is the list as an error, or nil when it is empty (an empty List in an error variable would not be nil).
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Error prints the problems in full, one after the other.
func (l List) Error() string {
	var b strings.Builder
	for i, p := range l {
		if i == maxPrinted {
			fmt.Fprintf(&b, "\n… and %s more", count(len(l)-i))
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Error())
	}
	return b.String()
}

// count says "at least" where the list was cut.
func count(n int) string {
	if n >= MaxProblems-maxPrinted {
		return "at least " + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// Sort orders the problems by file and place; those of one place keep their order.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
