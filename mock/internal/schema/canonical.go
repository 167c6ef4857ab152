package schema

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
)

// Values are stored as JavaScript would print them, so that 1.0 comes back as 1 and an escaped é as é, and
// equal values are equal bytes.

// parseNumber reads a JSON number. One too large for a double is no number, as Infinity is none in JavaScript.
func parseNumber(raw []byte) (float64, bool) {
	n, err := strconv.ParseFloat(string(raw), 64)
	return n, err == nil
}

func isInteger(n float64) bool { return n == math.Trunc(n) }

// appendNumber prints a finite number as JavaScript does: exponents only below 1e-6 and from 1e21 on, no negative zero.
func appendNumber(to []byte, n float64) []byte {
	switch size := math.Abs(n); {
	case n == 0:
		return append(to, '0')
	case size >= 1e-6 && size < 1e21:
		return strconv.AppendFloat(to, n, 'f', -1, 64)
	}
	start := len(to)
	to = strconv.AppendFloat(to, n, 'e', -1, 64)
	// Go writes at least two digits of exponent: 1e-07.
	if e := bytes.IndexByte(to[start:], 'e') + start; to[e+2] == '0' && len(to) == e+4 {
		to = append(to[:e+2], to[e+3])
	}
	return to
}

func formatNumber(n float64) string { return string(appendNumber(nil, n)) }

// appendString prints a text as JSON.stringify does. Package encoding/json would also escape U+2028 and U+2029.
func appendString(to []byte, text string) []byte {
	to = append(to, '"')
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '"', c == '\\':
			to = append(to, '\\', c)
		case c >= ' ':
			to = append(to, c)
		default:
			to = appendControl(to, c)
		}
	}
	return append(to, '"')
}

func appendControl(to []byte, c byte) []byte {
	const short, letters = "\b\t\n\f\r", "btnfr"
	if i := strings.IndexByte(short, c); i >= 0 {
		return append(to, '\\', letters[i])
	}
	const hex = "0123456789abcdef"
	return append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// appendRawString prints a JSON string again. Without an escape in it there is only one way to write it.
func appendRawString(to []byte, raw json.RawMessage) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return append(to, raw...)
	}
	text, _ := jsonbody.DecodeString(raw)
	return appendString(to, text)
}

// appendCompact copies a value of any kind without the white space between its parts.
func appendCompact(to []byte, raw json.RawMessage) []byte {
	out := bytes.NewBuffer(to)
	if err := json.Compact(out, raw); err != nil {
		return append(to, "null"...) // no Object of jsonbody.Parse holds such a value
	}
	return out.Bytes()
}
