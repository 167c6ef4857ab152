package generate

import (
	"slices"
	"strings"
	"unicode"

	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// roles are the fields that others derive from; -1 where a definition has no such field.
type roles struct{ first, last, company, headcount, city, state, postcode, country int }

// rolesOf finds them by what fills them, else by their name.
func rolesOf(def *schema.Definition) roles {
	find := func(name string, functions ...string) int {
		for i := range def.Fields {
			for _, f := range functions {
				if def.Fields[i].Fake.Function == f {
					return i
				}
			}
		}
		return def.Index(name)
	}
	return roles{
		first: find("firstName", "person-firstname", "firstname"), last: find("lastName", "lastname"),
		company:   find("company", "company-name", "company"),
		headcount: find("numberOfEmployees", "headcount"),
		city:      find("city", "place-city", "city"), state: find("state", "place-state", "state"),
		postcode: find("postalCode", "place-postcode", "zip"), country: find("country", "place-country", "country"),
	}
}

func fillFirstName(_ *making, s *source, _ *plan) value {
	if s.below(2) == 0 {
		return textValue(s.pick(women()))
	}
	return textValue(s.pick(men()))
}

// fillSalutation goes by the first name. A name that it does not know, as a hand-written one may be, gets a
// salutation that fits anyone, or none.
func fillSalutation(m *making, s *source, p *plan) value {
	first := m.text(m.g.roles.first)
	doctor := s.below(12) == 0
	switch {
	case doctor:
		return textValue("Dr.")
	case slices.Contains(women(), first):
		return textValue("Ms.")
	case slices.Contains(men(), first):
		return textValue("Mr.")
	case p.field.Required:
		return textValue("Mx.")
	}
	return value{}
}

func fillBusinessTitle(_ *making, s *source, _ *plan) value {
	return textValue(s.pick(businessTitles()))
}

// fillEmail makes an address out of the person's name, at the company's domain under example.com. It ends, before
// the @, in the record's mark, and names have no digits in it: no two records share it.
func fillEmail(m *making, s *source, p *plan) value {
	names := nameLabel(m.text(m.g.roles.first))
	if last := nameLabel(m.text(m.g.roles.last)); names == "" || last == "" {
		names += last
	} else {
		names += "." + last
	}
	if names == "" {
		names = nameLabel(m.g.def.Singular)
	}
	domain := companyLabel(m.company())
	if domain == "" {
		domain = "mail"
	}
	domain += ".example.com"
	if most := p.field.MaxLength; most != nil && len(names)+len(m.mark)+len(domain)+1 > *most {
		names, domain = "", "example.com"
	}
	names += m.mark
	if names[0] == '+' {
		names = names[1:]
	}
	address := names + "@" + domain
	for p.field.Unique && m.taken(p.field, address) {
		domain = "mail." + domain
		address = names + "@" + domain
	}
	return textValue(address)
}

// nameLabel is a name as it is written in an address: letters of ASCII alone, and not too many of them.
func nameLabel(name string) string {
	return label(name, 24, false)
}

// label writes text in ASCII letters; with words, digits stay too and a hyphen stands between words. It is empty
// for a text in other scripts.
func label(text string, most int, words bool) string {
	out := make([]byte, 0, most)
	for _, r := range text {
		r = unicode.ToLower(r)
		switch {
		case len(out) >= most:
		case r >= 'a' && r <= 'z', words && r >= '0' && r <= '9':
			out = append(out, byte(r))
		case r < 0x80:
			if words && len(out) > 0 && out[len(out)-1] != '-' && r != '\'' && r != '.' {
				out = append(out, '-')
			}
		default:
			out = append(out, plainLetter(r)...)
		}
	}
	if len(out) > most {
		out = out[:most]
	}
	return strings.Trim(string(out), "-")
}

// plainLetter writes a Latin letter with a mark as one without.
func plainLetter(r rune) string {
	for _, row := range [...]struct{ marked, plain string }{
		{"àáâãåāăą", "a"}, {"äæ", "ae"}, {"çćč", "c"}, {"ďđð", "d"}, {"èéêëēęě", "e"}, {"ğ", "g"}, {"ìíîïīı", "i"},
		{"ł", "l"}, {"ñńň", "n"}, {"òóôõøō", "o"}, {"öœ", "oe"}, {"ř", "r"}, {"śšş", "s"}, {"ß", "ss"}, {"ťþ", "t"},
		{"ùúûūů", "u"}, {"ü", "ue"}, {"ýÿ", "y"}, {"źżž", "z"},
	} {
		if strings.ContainsRune(row.marked, r) {
			return row.plain
		}
	}
	return ""
}
