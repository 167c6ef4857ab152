package generate

import (
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// guess finds what fills a field without x-fake.
func guess(def *schema.Definition, f *schema.Field) filler {
	switch {
	case f.Type == schema.String && len(f.Enum) > 0:
		return fillEnum
	case f.Type == schema.String && f.Format == schema.Email:
		return fillEmail
	case f.Type == schema.String && f.Format == schema.UUID && f.Set == schema.SetCaller:
		return fillUserID
	case f.Type == schema.String && f.Format == schema.UUID:
		return fillUUID
	case f.Type == schema.String && (f.Format == schema.DateTime || f.Format == schema.Date):
		return momentFiller(f.Set)
	}
	if fn, ok := functionNamed(guessName(def, f.Name)); ok && f.Type != schema.Array && suits(f.Type, fn.makes) {
		return fn.fill
	}
	return guessByType(f)
}

func guessByType(f *schema.Field) filler {
	switch f.Type {
	case schema.Integer, schema.Number:
		return fillNumber
	case schema.Boolean:
		return fillTruth
	case schema.Array:
		return fillListOf(nil)
	case schema.Object:
		return func(*making, *source, *plan) value { return value{kind: object} }
	}
	return fillPhrase
}

// guessName reads the name of a field as a person would: what would an accountName or a mobile_phone hold? The
// first pattern that is the name, or its end, counts.
func guessName(def *schema.Definition, name string) string {
	plain := strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(name))
	for _, g := range [...]struct{ pattern, function string }{
		{"firstname", "person-firstname"}, {"givenname", "person-firstname"},
		{"lastname", "lastname"}, {"surname", "lastname"}, {"familyname", "lastname"},
		{"fullname", "name"}, {"username", "username"}, {"salutation", "person-salutation"},
		{"email", "person-email"}, {"phone", "place-phone"}, {"mobile", "place-phone"}, {"fax", "place-phone"},
		{"companyname", "company-name"}, {"accountname", "company-name"}, {"company", "company-name"},
		{"organization", "company-name"}, {"organizationname", "company-name"}, {"employer", "company-name"},
		{"website", "company-website"}, {"url", "company-website"},
		{"jobtitle", "business-title"}, {"position", "business-title"},
		{"street", "place-street"}, {"address", "place-street"}, {"city", "place-city"}, {"state", "place-state"},
		{"postalcode", "place-postcode"}, {"postcode", "place-postcode"}, {"zip", "place-postcode"},
		{"zipcode", "place-postcode"}, {"country", "place-country"},
		{"description", "sentences"}, {"notes", "sentences"}, {"note", "sentences"}, {"comment", "sentences"},
		{"body", "sentences"}, {"currency", "currencyshort"}, {"color", "hexcolor"}, {"timezone", "timezoneregion"},
		{"employees", "headcount"}, {"headcount", "headcount"}, {"revenue", "revenue"},
		{"budget", "budget"}, {"amount", "budget"}, {"price", "budget"}, {"score", "score"},
	} {
		if strings.HasSuffix(plain, g.pattern) {
			return g.function
		}
	}
	switch {
	case plain == "title" && def.Field("firstName") != nil:
		return "business-title"
	case plain == "name" && (def.Singular == "Account" || def.Singular == "Company" || def.Singular == "Organization"):
		return "company-name"
	case plain == "name" && (def.Singular == "User" || def.Singular == "Contact" || def.Singular == "Person"):
		return "name"
	}
	return ""
}

func fillEnum(_ *making, s *source, p *plan) value {
	picked, _ := s.weigh(p.pool, nil)
	return textValue(picked)
}

func fillUUID(_ *making, s *source, _ *plan) value { return textValue(s.uuid()) }

func fillPhrase(_ *making, s *source, _ *plan) value {
	return textValue(s.pick(phraseStarts()) + " " + s.pick(phraseEnds()))
}

func fillTruth(_ *making, s *source, p *plan) value {
	truthful := s.below(2) == 1
	if string(p.field.Default) == "true" || string(p.field.Default) == "false" {
		truthful = (string(p.field.Default) == "true") != (s.below(5) == 0) // as it was left, four times in five
	}
	return value{kind: truth, truth: truthful}
}

// fillNumber draws from the range of the field; from one that looks like a number of something where it has none.
func fillNumber(_ *making, s *source, p *plan) value {
	low, high := bounds(p.field)
	if p.field.Minimum == nil {
		low = min(0, high)
	}
	if p.field.Maximum == nil {
		high = min(low+1000, maxSafe)
	}
	if p.field.Type == schema.Integer || high-low > 1e12 {
		return numberValue(s.between(int64(max(low, -maxSafe)), int64(min(high, maxSafe))))
	}
	hundredths := float64(s.between(0, int64((high-low)*100))) / 100
	return value{kind: number, number: float64(int64((low+hundredths)*100)) / 100}
}

func momentFiller(set schema.Setter) filler {
	return func(m *making, s *source, _ *plan) value {
		switch set {
		case schema.SetNowOnCreate:
			return momentValue(m.life.created)
		case schema.SetNowOnChange:
			return momentValue(m.life.updated)
		}
		return momentValue(s.between(m.life.created, m.life.updated))
	}
}

func fillOneOf(_ *making, s *source, p *plan) value { return textValue(s.pick(p.field.Fake.Choices)) }

// fillSomeOf takes none of the choices now and then, since user interfaces forget that case.
func fillSomeOf(_ *making, s *source, p *plan) value {
	v := value{kind: list}
	for _, choice := range s.some(p.field.Fake.Choices, [...]int{0, 1, 1, 2, 2, 2, 3, 3}[s.below(8)]) {
		v.items = append(v.items, value{kind: text, text: choice})
	}
	if p.item != nil {
		for i := range v.items {
			v.items[i] = conform(p.item.field, v.items[i])
		}
	}
	return v
}

// fillListOf makes a short list of what fill makes, or else of what the items of the field are.
func fillListOf(fill filler) filler {
	return func(m *making, s *source, p *plan) value {
		v, each := value{kind: list}, fill
		if p.item == nil {
			return v
		}
		if each == nil {
			each = p.item.fill
		}
		for range s.below(4) {
			inner := source(s.Uint64())
			if made := conform(p.item.field, each(m, &inner, p.item)); made.kind != nothing {
				v.items = append(v.items, made)
			}
		}
		return v
	}
}
