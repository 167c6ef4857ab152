package document

import (
	"math"
	"strconv"
	"strings"
)

// core resolves a plain YAML scalar by the core schema of YAML 1.2: "no", "on" and 12:30 are strings, and so
// are dates, whatever older YAML made of them.
func core(text string) Kind {
	switch text {
	case "", "~", "null", "Null", "NULL":
		return Null
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return Bool
	}
	if isNumber(text) {
		return Number
	}
	return String
}

func isNumber(s string) bool {
	switch s[0] {
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '-', '.':
	default:
		return false
	}
	if digits, ok := strings.CutPrefix(s, "0x"); ok {
		return digits != "" && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
	}
	if digits, ok := strings.CutPrefix(s, "0o"); ok {
		return digits != "" && strings.Trim(digits, "01234567") == ""
	}
	return isDecimal(s) || isInfinite(s)
}

// isDecimal is [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
func isDecimal(s string) bool {
	if s[0] == '+' || s[0] == '-' {
		s = s[1:]
	}
	whole := digits(s)
	s = s[whole:]
	fraction := 0
	if strings.HasPrefix(s, ".") {
		fraction = digits(s[1:])
		s = s[1+fraction:]
	}
	if whole+fraction == 0 {
		return false
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && digits(s) == len(s)
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func isInfinite(s string) bool {
	switch strings.TrimLeft(s, "+-") {
	case ".inf", ".Inf", ".INF":
		return len(s) <= len("+.inf")
	}
	return s == ".nan" || s == ".NaN" || s == ".NAN"
}

// validJSONNumber is -? ( 0 | [1-9][0-9]* ) ( \. [0-9]+ )? ( [eE] [-+]? [0-9]+ )?
func validJSONNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	if rest := s[whole:]; strings.HasPrefix(rest, ".") && digits(rest[1:]) == 0 {
		return false
	}
	return isDecimal(s)
}

// Float64 is the value of a Number; ok is false for other kinds.
func (n *Node) Float64() (value float64, ok bool) {
	if n.Kind != Number {
		return 0, false
	}
	f, err := parseNumber(n.Text)
	return f, err == nil
}

// IsTrue is the value of a Bool; false for other kinds.
func (n *Node) IsTrue() bool { return n.Kind == Bool && (n.Text[0] == 't' || n.Text[0] == 'T') }

func parseNumber(s string) (float64, error) {
	if len(s) > 2 && (s[:2] == "0x" || s[:2] == "0o") {
		if u, err := strconv.ParseUint(s, 0, 64); err == nil {
			return float64(u), nil
		}
		return math.Inf(1), strconv.ErrRange
	}
	return strconv.ParseFloat(s, 64)
}

// checkRange refuses numbers that JSON or a double cannot hold.
func (b *builder) checkRange(n *Node) error {
	if isInfinite(n.Text) {
		return b.fail(n.line, n.column, "%s is not a number that JSON knows", n.Text)
	}
	if _, err := parseNumber(n.Text); err != nil {
		return b.fail(n.line, n.column, "the number %s is too large", shorten(n.Text))
	}
	return nil
}
