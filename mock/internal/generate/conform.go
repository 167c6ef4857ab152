package generate

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// A kind is what a value is, before it is JSON.
type kind uint8

const (
	nothing kind = iota
	text
	number
	truth
	moment // number is in milliseconds since 1970
	list
	object
)

// kindNames is how messages to people call what a function makes.
func (k kind) String() string {
	return [...]string{"nothing", "a text", "a number", "true or false", "a date", "a list", "an object"}[k]
}

// A value is one that was made up.
type value struct {
	kind   kind
	text   string
	number float64
	truth  bool
	items  []value
}

func textValue(s string) value {
	if s == "" {
		return value{}
	}
	return value{kind: text, text: s}
}

func numberValue(n int64) value  { return value{kind: number, number: float64(n)} }
func momentValue(ms int64) value { return value{kind: moment, number: float64(ms)} }

// maxSafe is the largest integer that every JSON reader takes exactly.
const maxSafe = 1 << 53

// conform makes a value keep the rules of its field. Each maker aims at them; this is what makes sure.
func conform(f *schema.Field, v value) value {
	if v.kind == nothing && f.Required {
		v = fallback(f)
	}
	switch {
	case v.kind == nothing || v.kind == moment || v.kind == object:
		return v
	case f.Type == schema.String && v.kind == list:
		return value{}
	case f.Type == schema.String && len(f.Enum) == 0 && f.Format == "":
		return value{kind: text, text: fitText(f, v.asText())}
	case f.Type == schema.Integer, f.Type == schema.Number:
		v.number = fitNumber(f, v.number)
	}
	return v
}

func (v value) asText() string {
	switch v.kind {
	case number:
		return string(appendNumber(nil, v.number))
	case truth:
		return strconv.FormatBool(v.truth)
	default:
		return v.text
	}
}

// fitText cuts and fills a text to its lengths. A rune is never less than a character as validator.js counts.
func fitText(f *schema.Field, s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if f.MaxLength != nil {
		s = cut(s, *f.MaxLength)
	}
	least := 0
	if f.MinLength != nil {
		least = *f.MinLength
	}
	if f.Required {
		least = max(least, 1)
	}
	if missing := least - utf8.RuneCountInString(s); missing > 0 {
		const filling = "abcdefghijklmnopqrstuvwxyz"
		s += strings.Repeat(filling, missing/len(filling)+1)[:missing]
	}
	return s
}

// cut shortens a text to so many runes and takes blanks off its end.
func cut(s string, most int) string {
	count := 0
	for i := range s {
		if count == most {
			return strings.TrimRight(s[:i], " ,;-")
		}
		count++
	}
	return s
}

func fitNumber(f *schema.Field, n float64) float64 {
	low, high := bounds(f)
	n = min(max(n, low), high)
	if f.Type == schema.Integer {
		n = math.Trunc(n)
	}
	return n
}

// bounds is the range of a number field; where nothing bounds it, what JSON readers take exactly.
func bounds(f *schema.Field) (low, high float64) {
	low, high = -maxSafe, maxSafe
	if f.Minimum != nil {
		low = *f.Minimum
	}
	if f.Maximum != nil {
		high = *f.Maximum
	}
	if f.Type == schema.Integer {
		low, high = math.Ceil(low), math.Floor(high)
	}
	return low, max(low, high)
}

// fallback is a value for a required field whose maker found none.
func fallback(f *schema.Field) value {
	switch {
	case len(f.Enum) > 0:
		return value{kind: text, text: f.Enum[0]}
	case f.Format == schema.UUID:
		return value{kind: text, text: "00000000-0000-4000-8000-000000000000"}
	case f.Format == schema.Email:
		return value{kind: text, text: "nobody@example.com"}
	case f.Format == schema.DateTime, f.Format == schema.Date:
		return momentValue(defaultUntil)
	}
	switch f.Type {
	case schema.Integer, schema.Number:
		return value{kind: number}
	case schema.Boolean:
		return value{kind: truth}
	case schema.Array:
		return value{kind: list}
	case schema.Object:
		return value{kind: object}
	}
	return value{kind: text, text: "n/a"}
}

func lastResort(f *schema.Field) json.RawMessage {
	return appendValue(nil, f.Format, conform(f, fallback(f)))
}

// appendValue writes a value, or each item of a list, as JSON.stringify does; format is that of a date.
func appendValue(to []byte, format schema.Format, v value) []byte {
	switch v.kind {
	case text:
		return appendText(to, v.text)
	case number:
		return appendNumber(to, v.number)
	case truth:
		return strconv.AppendBool(to, v.truth)
	case moment:
		layout := `"2006-01-02T15:04:05.000Z"`
		if format == schema.Date {
			layout = `"2006-01-02"`
		}
		return time.UnixMilli(int64(v.number)).UTC().AppendFormat(to, layout)
	case list:
		return appendList(to, format, v.items)
	case object:
		return append(to, "{}"...)
	}
	return append(to, "null"...)
}

func appendList(to []byte, format schema.Format, items []value) []byte {
	to = append(to, '[')
	for i, item := range items {
		if i > 0 {
			to = append(to, ',')
		}
		to = appendValue(to, format, item)
	}
	return append(to, ']')
}

// appendText quotes as JSON.stringify does: encoding/json would escape U+2028 as well.
func appendText(to []byte, s string) []byte {
	const short = "\b\t\n\f\r\"\\"
	if !needsEscape(s) {
		to = append(to, '"')
		to = append(to, s...)
		return append(to, '"')
	}
	to = append(to, '"')
	for i := range len(s) {
		c := s[i]
		switch at := strings.IndexByte(short, c); {
		case c >= ' ' && c != '"' && c != '\\':
			to = append(to, c)
		case at >= 0:
			to = append(to, '\\', `btnfr"\`[at])
		default:
			to = append(to, `\u00`...)
			to = append(to, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		}
	}
	return append(to, '"')
}

func needsEscape(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			return true
		}
	}
	return false
}

// appendNumber writes a number as ECMAScript does, with an exponent only where it is far from 1.
func appendNumber(to []byte, n float64) []byte {
	if n == 0 {
		return append(to, '0') // -0 too
	}
	if size := math.Abs(n); size < 1e-6 || size >= 1e21 {
		text := strconv.FormatFloat(n, 'e', -1, 64)
		text = strings.Replace(text, "e-0", "e-", 1)
		return append(to, text...)
	}
	return strconv.AppendFloat(to, n, 'f', -1, 64)
}
