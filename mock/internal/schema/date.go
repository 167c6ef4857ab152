package schema

import (
	"regexp"
	"sync"
)

// The parts of validator.js isISO8601, whose default options "a valid ISO 8601 date string" means. It takes a year,
// month, week or ordinal date alone, leaves out time, minutes, seconds and zone at will, and does not ask whether the month has that
// day. Its look-aheads and back-references, which Go's expressions lack, are spelled out here as alternatives.
const (
	isoYear    = `[+-]?\d{4}`
	isoMonth   = `(0[1-9]|1[0-2])`
	isoDay     = `([12]\d|0[1-9]|3[01])`
	isoWeek    = `-?W([0-4]\d|5[0-3])(-?[1-7])?`
	isoOrdinal = `-?(00[1-9]|0[1-9]\d|[12]\d{2}|3([0-5]\d|6[1-6]))`
	isoSpace   = `[\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}]`

	isoHour     = `([01]\d|2[0-3])`
	isoSixty    = `[0-5]\d`
	isoFraction = `([.,]\d+)`
	// A fraction may stand behind minutes or behind seconds, and seconds are separated as the minutes are.
	isoColons = isoHour + `:` + isoSixty + `(` + isoFraction + `|:` + isoSixty + isoFraction + `?)?`
	isoDigits = `((` + isoHour + `(` + isoSixty + `)?|24:?00)` + isoFraction + `?)?(` + isoSixty + isoFraction + `?)?`
	isoZone   = `([zZ]|[+-]` + isoHour + `:?(` + isoSixty + `)?)?`
	isoTime   = `((` + isoColons + `|` + isoDigits + `)` + isoZone + `)?`

	// Six digits could be a short date, so a month without a hyphen needs a day or the T behind it.
	isoDate    = `(-` + isoMonth + `(-` + isoDay + `)?|` + isoMonth + isoDay + `|` + isoWeek + `|` + isoOrdinal + `)`
	isoPattern = `^` + isoYear + `(` + isoDate + `((T|` + isoSpace + `)` + isoTime + `)?|` + isoMonth + `T` + isoTime + `)?$`
)

// iso8601 is compiled when a date is first judged: it is a big expression, and most runs never need it.
var iso8601 = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(isoPattern) })

// isISO8601 reports whether validator.js isISO8601(text), with its default options, is true.
func isISO8601(text string) bool { return iso8601().MatchString(text) }
