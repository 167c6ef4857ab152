package generate

import (
	"encoding/json"
	"strconv"
	"strings"
)

// A place is a city and what must go with it in an address and a telephone number.
type place struct{ city, state, postcode, area string } // postcode: the first three digits

const homeCountry = "United States"

// A spot is where a record is.
type spot struct {
	place
	unknown bool // what was written names a place that is not in the table
}

// findSpot chooses a place that fits the parts of an address that were written.
func (g *Generator) findSpot(m *making) spot {
	r, s := g.roles, m.source(g.streams.place)
	city, state := textOf(m.given(r.city)), textOf(m.given(r.state))
	postcode, country := textOf(m.given(r.postcode)), textOf(m.given(r.country))
	all := places()
	if city+state+postcode+country == "" {
		return spot{place: all[s.below(len(all))]}
	}
	var fitting []place
	for _, p := range all {
		if (city == "" || city == p.city) && (state == "" || state == p.state) &&
			(postcode == "" || strings.HasPrefix(postcode, p.postcode)) && (country == "" || country == homeCountry) {
			fitting = append(fitting, p)
		}
	}
	if len(fitting) == 0 {
		return spot{place: all[s.below(len(all))], unknown: true}
	}
	return spot{place: fitting[s.below(len(fitting))]}
}

// placeFiller fills a part of an address. Beside a hand-written "Paris" it leaves the state and the rest empty.
func placeFiller(part func(p place, s *source) string) filler {
	return func(m *making, s *source, p *plan) value {
		if m.spot.unknown && !p.field.Required {
			return value{}
		}
		return textValue(part(m.spot.place, s))
	}
}

func cityOf(p place, _ *source) string     { return p.city }
func stateOf(p place, _ *source) string    { return p.state }
func countryOf(place, *source) string      { return homeCountry }
func postcodeOf(p place, s *source) string { return p.postcode + digits(s.below(100), 2) }

func fillStreet(_ *making, s *source, _ *plan) value {
	house := s.between(1, 99)
	if s.below(3) > 0 {
		house = s.between(100, 4999)
	}
	line := strconv.FormatInt(house, 10) + " " + s.pick(streets())
	if s.below(4) == 0 {
		line += ", Suite " + strconv.FormatInt(s.between(1, 9)*100+s.between(0, 40), 10)
	}
	return textValue(line)
}

// fillPhone makes a number that can be nobody's: 555-0100 to 555-0199 are kept free for fiction.
func fillPhone(m *making, s *source, _ *plan) value {
	return textValue("+1 " + m.spot.area + " 555 01" + digits(s.below(100), 2))
}

func digits(n, width int) string {
	text := strconv.Itoa(n)
	return strings.Repeat("0", max(width-len(text), 0)) + text
}

// numberOf is the number that was written for a field.
func numberOf(raw json.RawMessage) (float64, bool) {
	if len(raw) == 0 {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return f, err == nil && f == f
}
