package generate

import (
	"slices"
	"strings"
)

func fillCompanyName(_ *making, s *source, _ *plan) value {
	name := s.pick(companyStarts()) + " " + s.pick(companyEnds())
	if form := s.below(10); form < 4 {
		name += [...]string{" Inc.", " LLC", " Group", " & Co."}[form]
	}
	return textValue(name)
}

// companyLabel is the domain label of a company: its name without the legal form.
func companyLabel(company string) string {
	for _, form := range [...]string{"Inc", "LLC", "Ltd", "GmbH", "Corp", "& Co"} {
		trimmed := strings.TrimSuffix(strings.TrimSuffix(company, "."), " "+form)
		if trimmed != strings.TrimSuffix(company, ".") {
			company = strings.TrimRight(trimmed, " ,")
			break
		}
	}
	return label(company, 40, true)
}

// fillWebsite makes the address that fits the company; a record without one has no website.
func fillWebsite(m *making, _ *source, p *plan) value {
	company := m.company()
	if company == "" && m.g.roles.company >= 0 && !p.field.Required {
		return value{}
	}
	site := "https://www.example.com"
	if name := companyLabel(company); name != "" {
		site = "https://www." + name + ".example.com"
	}
	if most := p.field.MaxLength; most != nil && len(site) > *most {
		site = "https://example.com"
	}
	return textValue(site)
}

// company is the name of the record's company, which several fields ask for.
func (m *making) company() string {
	if m.companyName == "" {
		m.companyName = m.text(m.g.roles.company)
	}
	return m.companyName
}

// ofCompany is randomness that is the same for all who work at the same company: that one lead's company has
// twelve people and the next one's twelve thousand would look made up. Without a company it is the record's own.
func (m *making) ofCompany(stream uint64) source {
	company := m.company()
	if company == "" {
		return m.source(stream)
	}
	return source(nameKey(stream, company))
}

func nameKey(seed uint64, name string) uint64 { return mix(stream(seed, name)) }

// fillCompanyOneOf picks the same choice for all who work at a company; one that the company's name speaks of, as
// in "Cobalt Freight", if there is one.
func fillCompanyOneOf(m *making, _ *source, p *plan) value {
	s, choices := m.ofCompany(p.stream), p.field.Fake.Choices
	picked := s.pick(choices)
	if told := industryOf(m.company()); told != "" && slices.Contains(choices, told) {
		picked = told
	}
	return textValue(picked)
}

// industryOf reads an industry out of a company's name; "" if it could be anything.
func industryOf(company string) string {
	for word := range strings.FieldsSeq(company) {
		switch word {
		case "Analytics", "Data", "Digital", "Software", "Technologies":
			return "Software"
		case "Capital":
			return "Finance"
		case "Freight", "Logistics", "Packaging":
			return "Logistics"
		case "Health":
			return "Healthcare"
		case "Power":
			return "Energy"
		case "Controls", "Devices", "Instruments", "Manufacturing", "Materials", "Optics", "Robotics", "Textiles", "Tools":
			return "Manufacturing"
		}
	}
	return ""
}

// people is how many the company of the record employs: mostly few.
func (m *making) people() int64 {
	if v, ok := numberOf(m.given(m.g.roles.headcount)); ok {
		return int64(min(max(v, 1), 5_000_000))
	}
	s := m.ofCompany(m.g.streams.size)
	switch size := s.below(100); {
	case size < 22:
		return s.between(2, 19)
	case size < 55:
		return s.between(20, 119)
	case size < 82:
		return roundTo(s.between(120, 990), 5)
	case size < 96:
		return roundTo(s.between(1000, 7500), 50)
	}
	return roundTo(s.between(8000, 60000), 500)
}

func fillHeadcount(m *making, _ *source, _ *plan) value { return numberValue(m.people()) }

// fillRevenue takes what a head earns a company in a year, times the heads.
func fillRevenue(m *making, _ *source, _ *plan) value {
	s := m.ofCompany(m.g.streams.revenue)
	return numberValue(significant(m.people() * s.between(85_000, 260_000)))
}

// fillBudget is what a company of that size might spend on this purchase.
func fillBudget(m *making, s *source, _ *plan) value {
	heads := min(m.people(), 4000)
	return numberValue(roundTo(1500+heads*s.between(90, 420), 500))
}

func roundTo(n, step int64) int64 { return (n + step/2) / step * step }

// significant keeps the first two digits of an amount, as people tell it.
func significant(n int64) int64 {
	step := int64(1)
	for n/step >= 100 {
		step *= 10
	}
	return roundTo(n, step)
}
