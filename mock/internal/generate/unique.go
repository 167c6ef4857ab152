package generate

import (
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// setApart makes the value of a unique field one that no other record has, made-up or hand-written: what is made
// up ends in the record's mark, which is a number for numbered records and never one for completed ones.
func (m *making) setApart(f *schema.Field, v value) value {
	switch {
	case len(f.Enum) > 0 || f.Format != "":
		return v // e-mails were set apart as they were made; UUIDs are by nature
	case v.kind == number:
		low, high := bounds(f)
		if f.Minimum == nil {
			low = min(1, high)
		}
		step := float64(2 * (m.number % (maxSafe / 4)))
		if m.handwritten {
			step++
		}
		return value{kind: number, number: fitNumber(f, low+step)}
	case v.kind == text:
		return value{kind: text, text: m.apart(f, v.text)}
	}
	return v
}

func (m *making) apart(f *schema.Field, base string) string {
	end := m.mark
	if !m.handwritten {
		end = "-" + end
	}
	for tries := 0; ; tries++ {
		ending := strings.Repeat("~", tries) + end
		s := base + ending
		if f.MaxLength != nil && *f.MaxLength > len(ending) {
			s = cut(base, *f.MaxLength-len(ending)) + ending
		} else if f.MaxLength != nil {
			return cut(s, *f.MaxLength) // too short a field to tell records apart
		}
		if !m.taken(f, s) {
			return s
		}
	}
}

// taken reports whether a hand-written record has the value already. A completed record is asked about too: the
// record beside it may have been given the very address that this one would get.
func (m *making) taken(f *schema.Field, s string) bool {
	return m.g.related.Taken != nil && m.g.related.Taken(f.Name, strings.ToLower(s))
}
