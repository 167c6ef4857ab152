package document

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/diag"
)

// Decoder takes values from a tree and notes each one that is not what it should be. Its methods then return
// the zero value, so that a caller reads on and all mistakes of a file come together; whether there were any
// is asked once, of Problems.
//
//	d := document.Decoder{Problems: &problems}
//	d.Map(root, map[string]func(*document.Node){
//		"method": func(n *document.Node) { route.Method = d.OneOf(n, "GET", "POST") },
//		"status": func(n *document.Node) { route.Status = d.Int(n, 200, 599) },
//	}, "method")
type Decoder struct{ Problems *diag.List }

// Fail notes a problem with a value.
func (d Decoder) Fail(n *Node, format string, args ...any) {
	d.Note(func() diag.Problem { return n.Problem(format, args...) })
}

// FailKey notes a problem with the name of a member of a map.
func (d Decoder) FailKey(n *Node, m Member, format string, args ...any) {
	d.Note(func() diag.Problem { return n.KeyProblem(m, format, args...) })
}

// Note makes a problem only if it will be kept. Finding a place in a line of megabytes and the nearest of many names
// takes long, and a file may have a hundred thousand mistakes.
func (d Decoder) Note(problem func() diag.Problem) {
	if !d.Problems.Full() {
		d.Problems.Add(problem())
	}
}

// Unknown notes a name that is none of the allowed ones, which it lists with the nearest.
func (d Decoder) Unknown(n *Node, what string, allowed []string) {
	d.Note(func() diag.Problem {
		p := n.Problem("unknown %s %s", what, n.Describe())
		p.Allowed, p.Nearest = allowed, diag.Nearest(n.Text, allowed)
		return p
	})
}

// Wrong notes a value of another kind than the wanted one: "a string", "a number of at least 1".
func (d Decoder) Wrong(n *Node, wanted string) {
	d.Note(func() diag.Problem {
		return n.Problem("found %s where %s is needed%s", n.Describe(), wanted, hint(n, wanted))
	})
}

// hint helps with what YAML makes of a text without quotes.
func hint(n *Node, wanted string) string {
	if strings.HasPrefix(wanted, "a string") && (n.Kind == Number || n.Kind == Bool) {
		return fmt.Sprintf(": write %q", n.Text)
	}
	return ""
}

// Map hands each member of a map to the function of its name. Names without a function are problems, and so is
// a missing one of the required names.
func (d Decoder) Map(n *Node, fields map[string]func(*Node), required ...string) {
	if !d.is(n, Map) {
		return
	}
	for _, m := range n.Members() {
		if decode, known := fields[m.Name]; known {
			decode(m.Value)
		} else if !d.Problems.Full() {
			d.UnknownKey(n, m, sortedKeys(fields))
		}
	}
	for _, name := range required {
		if n.Get(name) == nil {
			d.Fail(n, "the key %q is missing", name)
		}
	}
}

// UnknownKey notes a member that a map should not have.
func (d Decoder) UnknownKey(n *Node, m Member, allowed []string) {
	d.Note(func() diag.Problem {
		p := n.KeyProblem(m, "unknown key %q", shorten(m.Name))
		p.Allowed, p.Nearest = allowed, diag.Nearest(m.Name, allowed)
		return p
	})
}

func sortedKeys(fields map[string]func(*Node)) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (d Decoder) is(n *Node, kind Kind) bool {
	if n.Kind == kind {
		return true
	}
	d.Wrong(n, kind.String())
	return false
}

// Members hands each key of a map with any keys to a function.
func (d Decoder) Members(n *Node, each func(Member)) {
	if d.is(n, Map) {
		for _, m := range n.Members() {
			each(m)
		}
	}
}

// List hands each item of a list to a function.
func (d Decoder) List(n *Node, each func(*Node)) {
	if d.is(n, List) {
		for _, item := range n.Items() {
			each(item)
		}
	}
}

// OneOrMore hands the items of a list, or the value itself if it is none, to a function: a list of one item
// may be written without brackets.
func (d Decoder) OneOrMore(n *Node, each func(*Node)) {
	if n.Kind != List {
		each(n)
		return
	}
	d.List(n, each)
}

// String takes a string.
func (d Decoder) String(n *Node) string {
	if !d.is(n, String) {
		return ""
	}
	return n.Text
}

// Name takes a string that is not empty.
func (d Decoder) Name(n *Node) string {
	s := d.String(n)
	if n.Kind == String && s == "" {
		d.Fail(n, "found an empty string where a name is needed")
	}
	return s
}

// Strings takes a string or a list of strings.
func (d Decoder) Strings(n *Node) []string {
	var all []string
	if n.Kind != String && n.Kind != List {
		d.Wrong(n, "a string or a list of strings")
		return nil
	}
	d.OneOrMore(n, func(item *Node) {
		if d.is(item, String) {
			all = append(all, item.Text)
		}
	})
	return all
}

// OneOf takes one of the allowed strings, written exactly.
func (d Decoder) OneOf(n *Node, allowed ...string) string {
	if n.Kind == String && slices.Contains(allowed, n.Text) {
		return n.Text
	}
	d.Note(func() diag.Problem {
		p := n.Problem("found %s", n.Describe())
		p.Allowed, p.Nearest = allowed, diag.Nearest(n.Text, allowed)
		return p
	})
	return ""
}

// Bool takes true or false.
func (d Decoder) Bool(n *Node) bool {
	if n.Kind != Bool {
		d.Wrong(n, "true or false")
	}
	return n.IsTrue()
}

// Int takes a whole number from least to most.
func (d Decoder) Int(n *Node, least, most int) int {
	f, ok := n.Float64()
	if !ok || f != math.Trunc(f) || f < float64(least) || f > float64(most) {
		d.Wrong(n, "a whole number"+between(float64(least), float64(most), math.MinInt, math.MaxInt))
		return 0
	}
	return int(f)
}

// Float takes a number from least to most; infinities are no bounds.
func (d Decoder) Float(n *Node, least, most float64) float64 {
	f, ok := n.Float64()
	if !ok || f < least || f > most {
		d.Wrong(n, "a number"+between(least, most, math.Inf(-1), math.Inf(1)))
		return 0
	}
	return f
}

// between words a range of which either end may be open.
func between(least, most, lowest, highest float64) string {
	low, high := string(AppendNumber(nil, least)), string(AppendNumber(nil, most))
	switch {
	case least == lowest && most == highest:
		return ""
	case most == highest:
		return " of at least " + low
	case least == lowest:
		return " of at most " + high
	}
	return " from " + low + " to " + high
}

// Uint64 takes a whole number of 64 bits, such as a seed, without the loss that a double would mean.
func (d Decoder) Uint64(n *Node) uint64 {
	u, err := strconv.ParseUint(n.Text, 10, 64)
	if n.Kind != Number || err != nil {
		d.Wrong(n, "a whole number of at least 0")
		return 0
	}
	return u
}

// Duration takes a length of time such as 800ms, 1.5s or 2m, not negative. A number without a unit is refused:
// some would mean seconds, others milliseconds.
func (d Decoder) Duration(n *Node) time.Duration {
	length, err := time.ParseDuration(n.Text)
	if n.Kind == String && err == nil && length >= 0 {
		return length
	}
	d.Wrong(n, "a length of time such as 800ms, 1.5s or 2m")
	return 0
}

// Time takes a date and time in ISO 8601, or a date alone, which is its first moment in UTC.
func (d Decoder) Time(n *Node) time.Time {
	t, ok := ParseTime(n.Text)
	if n.Kind != String || !ok {
		d.Wrong(n, "a date such as 2026-01-31 or 2026-01-31T18:00:00Z")
	}
	return t
}

// ParseTime reads ISO 8601 as people write it in files: a date, or a date and a time to the minute, second or
// fraction of one, with Z or an offset, or without, which is UTC. The result is in UTC.
func ParseTime(s string) (t time.Time, ok bool) {
	for _, layout := range [...]string{time.RFC3339, time.DateOnly, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC()
			return t, t.Year() >= 0 && t.Year() <= 9999
		}
	}
	return time.Time{}, false
}

// ISO is a time as the API writes it: UTC, with milliseconds.
func ISO(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
