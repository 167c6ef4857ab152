package generate

import (
	"slices"

	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// What is special to leads stands in this file alone: which dates, flags and ids go with which status, and that
// score, rating and intent tell the same story. A definition follows these rules if it has a status and a flag
// isQualified; each further field takes part if it is there, and statuses beyond those named here mean nothing.

const (
	statusNew       = "NEW"
	statusQualified = "QUALIFIED"
	statusConverted = "CONVERTED"
	statusLost      = "LOST"
)

// A lead knows the fields of a lead by their place in the definition; -1 where there is none.
type lead struct {
	values                                             []string // of status
	pool                                               []option
	stream                                             uint64
	status, isQualified, reason, rating, score, intent int
	qualifiedDate, convertedDate, contacted            int
	conversion                                         []int // convertedDate and the ids
	convertedIDs                                       []int
}

// leadOf returns nil for a definition whose records do not live as leads do.
func leadOf(def *schema.Definition) *lead {
	status, flag := def.Field("status"), def.Field("isQualified")
	if status == nil || flag == nil || len(status.Enum) == 0 || flag.Type != schema.Boolean {
		return nil
	}
	l := &lead{
		values: append(slices.Clone(status.Enum), status.Reserved...),
		status: def.Index("status"), isQualified: def.Index("isQualified"), reason: def.Index("disqualifiedReason"),
		rating: def.Index("rating"), score: def.Index("leadScore"), intent: def.Index("buyingIntent"),
		qualifiedDate: def.Index("qualifiedDate"), convertedDate: def.Index("convertedDate"),
		contacted: def.Index("lastContactedAt"),
	}
	for _, name := range []string{"convertedAccountId", "convertedContactId", "convertedOpportunityId"} {
		if i := def.Index(name); i >= 0 {
			l.convertedIDs = append(l.convertedIDs, i)
		}
	}
	l.conversion = append([]int{l.convertedDate}, l.convertedIDs...)
	return l
}

// take has the fields of a lead filled by its rules.
func (l *lead) take(plans []plan) {
	l.pool, l.stream = plans[l.status].pool, plans[l.status].stream
	fill := func(i int, with filler) {
		if i >= 0 {
			plans[i].fill, plans[i].always = with, true
		}
	}
	fill(l.status, func(m *making, _ *source, _ *plan) value { return textValue(m.life.status) })
	fill(l.isQualified, func(m *making, _ *source, _ *plan) value { return value{kind: truth, truth: m.life.isQualified} })
	l.takeDate(plans, l.qualifiedDate, func(told life) int64 { return told.qualified })
	l.takeDate(plans, l.convertedDate, func(told life) int64 { return told.converted })
	l.takeDate(plans, l.contacted, func(told life) int64 { return told.contacted })
	for _, i := range l.convertedIDs {
		l.only(plans, i, statusConverted)
		plans[i].always = true
	}
	l.only(plans, l.reason, statusLost)
	for _, i := range []int{l.rating, l.intent} {
		if i >= 0 && len(plans[i].pool) > 0 {
			plans[i].fill = fillByHeat
		}
	}
}

func (l *lead) takeDate(plans []plan, i int, of func(life) int64) {
	if i < 0 || plans[i].field.Format != schema.DateTime && plans[i].field.Format != schema.Date {
		return
	}
	plans[i].always = true
	plans[i].fill = func(m *making, _ *source, _ *plan) value {
		if at := of(m.life); at != 0 {
			return momentValue(at)
		}
		return value{}
	}
}

// only leaves a field empty but in one status.
func (l *lead) only(plans []plan, i int, status string) {
	if i < 0 || plans[i].fill == nil {
		return
	}
	usual := plans[i].fill
	plans[i].fill = func(m *making, s *source, p *plan) value {
		if m.life.status != status {
			return value{}
		}
		return usual(m, s, p)
	}
}

// tell settles what has become of a lead so far, around what was written of it.
func (l *lead) tell(m *making) life {
	told := life{status: l.statusFor(m)}
	if flag := string(m.given(l.isQualified)); flag == "true" || flag == "false" {
		told.isQualified = flag == "true"
	} else {
		told.isQualified = told.status == statusQualified || told.status == statusConverted
	}
	told.heat = l.heatFor(m, told.status)
	var written moments
	written.qualified, _ = m.moment(l.qualifiedDate)
	written.converted, _ = m.moment(l.convertedDate)
	written.contacted, _ = m.moment(l.contacted)
	// Two new leads in three have not been touched since they came.
	untouched := m.source(l.stream + 1)
	told = told.dated(m, written, told.status != statusNew || untouched.below(3) == 0)
	return l.reached(m, told, written)
}

// reached dates the steps that a lead of its status has gone: made ≤ qualified ≤ converted, the last change no
// later than the conversion, and the last contact before the last change.
func (l *lead) reached(m *making, told life, written moments) life {
	s := m.source(l.stream + 2)
	if told.qualified = written.qualified; told.isQualified && told.qualified == 0 {
		told.qualified = s.between(told.created, told.updated)
	}
	if told.converted = written.converted; told.status == statusConverted && told.converted == 0 {
		told.converted = max(told.updated, told.qualified)
	}
	if told.contacted = written.contacted; told.status != statusNew && told.contacted == 0 {
		told.contacted = s.between(told.created, told.updated)
	}
	return told
}

// statusFor is the status that was written, else the one that what was written speaks of, else one drawn from
// those that it does not speak against.
func (l *lead) statusFor(m *making) string {
	if raw := m.given(l.status); raw != nil {
		return textOf(raw)
	}
	if told := l.evidence(m); told != "" && slices.Contains(l.values, told) {
		return told
	}
	s := m.source(l.stream)
	open := func(status string) float64 {
		if status == "" || l.ruledOut(m, status) {
			return 0
		}
		return 1
	}
	if status, ok := s.weigh(l.pool, open); ok {
		return status
	}
	for _, status := range l.values {
		if open(status) > 0 {
			return status
		}
	}
	return l.values[0]
}

// evidence is the status that the written fields speak of; "" if they do not.
func (l *lead) evidence(m *making) string {
	for _, i := range l.conversion {
		if holds(m, i) {
			return statusConverted
		}
	}
	switch {
	case string(m.given(l.isQualified)) == "true" || holds(m, l.qualifiedDate):
		return statusQualified
	case holds(m, l.reason):
		return statusLost
	}
	return ""
}

// ruledOut reports whether the written fields speak against a status. An explicit null says that it never came to it.
func (l *lead) ruledOut(m *making, status string) bool {
	switch status {
	case statusNew:
		return holds(m, l.contacted)
	case statusQualified:
		return string(m.given(l.isQualified)) == "false" || denied(m, l.qualifiedDate)
	case statusConverted:
		return string(m.given(l.isQualified)) == "false" || denied(m, l.qualifiedDate) || denied(m, l.convertedDate) ||
			slices.ContainsFunc(l.convertedIDs, func(i int) bool { return denied(m, i) })
	}
	return false
}

func holds(m *making, i int) bool { raw := m.given(i); return raw != nil && string(raw) != "null" }

func denied(m *making, i int) bool { return string(m.given(i)) == "null" }

// heatFor is how promising a lead is: as its written score, rating or intent says, else about as its status does.
func (l *lead) heatFor(m *making, status string) int64 {
	s := m.source(m.g.streams.heat)
	low, high := s.between(0, 40), s.between(0, 40) // drawn in any case: what is written moves nothing else
	if score, ok := numberOf(m.given(l.score)); ok {
		return int64(min(max(score, 0), 100))
	}
	for _, i := range []int{l.rating, l.intent} {
		switch textOf(m.given(i)) {
		case "HOT", "HIGH":
			return 68 + (low+high)*3/8
		case "WARM", "MEDIUM":
			return 38 + (low+high)*3/8
		case "COLD", "LOW":
			return 6 + (low+high)*3/8
		}
	}
	usual := int64(47)
	switch status {
	case statusQualified:
		usual = 66
	case statusConverted:
		usual = 72
	case statusLost:
		usual = 27
	}
	return min(max(usual+low-high, 2), 98)
}

// fillByHeat draws a rating or an intent by its weights, bent towards the one that fits the heat.
func fillByHeat(m *making, s *source, p *plan) value {
	band := 0
	switch {
	case m.life.heat >= 65:
		band = 2
	case m.life.heat >= 36:
		band = 1
	}
	picked, _ := s.weigh(p.pool, func(v string) float64 {
		switch v {
		case "COLD", "LOW":
			return [...]float64{6, 0.9, 0.1}[band]
		case "WARM", "MEDIUM":
			return [...]float64{0.9, 3, 0.9}[band]
		case "HOT", "HIGH":
			return [...]float64{0.1, 0.9, 6}[band]
		}
		return 1.5
	})
	return textValue(picked)
}

// fillScore is the heat, give or take a little.
func fillScore(m *making, s *source, p *plan) value {
	low, high := bounds(p.field)
	if p.field.Minimum == nil {
		low = 0
	}
	if p.field.Maximum == nil {
		high = low + 100
	}
	heat := min(max(m.life.heat+s.between(-6, 6), 0), 100)
	return value{kind: number, number: float64(int64(low + float64((high-low)*float64(heat))/100))}
}

// fillUserID is one of the users that the generator was told of.
func fillUserID(m *making, s *source, p *plan) value {
	if ids := m.g.related.UserIDs; len(ids) > 0 {
		return textValue(s.pick(ids))
	}
	if p.field.Required {
		return textValue(s.uuid())
	}
	return value{}
}
