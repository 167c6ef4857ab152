package generate

import "github.com/salesos/salesos-mock/mock/internal/schema"

// A life is what the dates of a record, and all that changes as it grows older, derive from. Times are milliseconds
// since 1970.
type life struct {
	created, updated int64
	qualified        int64 // of leads, as are the rest; 0: never
	converted        int64
	contacted        int64
	status           string
	isQualified      bool
	heat             int64 // 0 to 100, how promising
}

// tellLife settles the life of a record before any field is filled, so that no two fields disagree about it.
func (g *Generator) tellLife(m *making) life {
	s := m.source(g.streams.heat)
	if g.lead != nil {
		return g.lead.tell(m)
	}
	return life{heat: s.between(0, 100)}.dated(m, moments{}, true)
}

// moments are the dates that were written for a record and bound those that are made up; 0: not written.
type moments struct{ qualified, converted, contacted int64 }

// dated chooses when a record was made and last changed: within the definition's period, and around the dates that
// were written. It holds that created ≤ everything else, and that nothing comes after a conversion.
func (l life) dated(m *making, written moments, changed bool) life {
	g := m.g
	created, hasCreated := m.moment(g.created)
	updated, hasUpdated := m.moment(g.updated)

	latest := g.until
	for _, bound := range []int64{written.qualified, written.converted, written.contacted, updated} {
		if bound != 0 {
			latest = min(latest, bound)
		}
	}
	if l.created = created; !hasCreated {
		s := m.source(g.streams.created)
		first := min(g.start, latest-30*dayLength)
		if latest >= g.start+dayLength {
			first = g.start
		}
		// The later of two draws: there are more young records than old ones.
		l.created = max(s.between(first, latest), s.between(first, latest))
	}
	if l.updated = updated; !hasUpdated {
		l.updated = l.changedAt(m, written, changed)
	}
	return l
}

// changedAt chooses when a record last changed: mostly days, at times months after it was made.
func (l life) changedAt(m *making, written moments, changed bool) int64 {
	earliest := max(l.created, written.qualified, written.contacted)
	if written.converted != 0 {
		return max(earliest, written.converted)
	}
	if !changed {
		return earliest
	}
	s := m.source(m.g.streams.updated)
	days := [...]int64{1, 3, 10, 30, 90, 365}[s.below(6)]
	return s.between(earliest, max(earliest, min(m.g.until, earliest+days*dayLength)))
}

func setBy(def *schema.Definition, set schema.Setter) int {
	for i := range def.Fields {
		if def.Fields[i].Set == set {
			return i
		}
	}
	return -1
}
