// Package validatorjs answers three questions exactly as the npm package validator (validator.js 13.15) does,
// since the messages of the API depend on its verdicts: is this an e-mail address, is this a UUID, how long is
// this text (contract.md section 6). It knows neither fields nor messages; package schema does.
//
// JavaScript sees a string as UTF-16 code units, so a character outside the Basic Multilingual Plane is two of them:
// where that matters the code says so. A Go string may also hold bytes that are no UTF-8; each of them
// counts as U+FFFD, which is what the reader of request bodies makes of it.
package validatorjs

import (
	"strings"
	"unicode/utf8"
)

// Limits of validator.js: the first and the last count UTF-16 units, the other two UTF-8 bytes.
const (
	maxEmailUnits  = 254
	maxUserBytes   = 64
	maxDomainBytes = 254
	maxLabelUnits  = 63
)

// IsEmail reports whether validator.js isEmail(s), with its default options, is true.
func IsEmail(s string) bool {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	if !withinUnits(s, maxEmailUnits) {
		return false
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return false
	}
	user, domain := s[:at], s[at+1:]
	if len(user) > maxUserBytes || len(domain) > maxDomainBytes || !isHostName(domain) {
		return false
	}
	// A lone quote is its own counterpart in validator.js, and then quotes an empty name.
	if strings.HasPrefix(user, `"`) && strings.HasSuffix(user, `"`) {
		return isQuotedUser(user[1:max(1, len(user)-1)])
	}
	return isPlainUser(user)
}

// isPlainUser takes words separated by single dots.
func isPlainUser(user string) bool {
	empty := true // the word so far
	for _, r := range user {
		switch {
		case r == '.' && empty:
			return false
		case r == '.':
			empty = true
		case r < utf8.RuneSelf && !isAtomByte(byte(r)), r >= utf8.RuneSelf && !isWordRune(r, 0xA1):
			return false
		default:
			empty = false
		}
	}
	return !empty
}

func isAtomByte(c byte) bool {
	return isLetter(c) || isDigit(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// isQuotedUser takes what stands between the quotes: a backslash frees all characters but NUL and the line feed, and
// no quote stands without one.
func isQuotedUser(text string) bool {
	escaped := false
	for _, r := range text {
		switch {
		case r >= utf8.RuneSelf:
			// validator.js lists the white space above ASCII apart, but all of it is in the range of words.
			if !isWordRune(r, 0xA0) {
				return false
			}
			escaped = false
		case escaped:
			if r == 0 || r == '\n' {
				return false
			}
			escaped = false
		case r == '\\':
			escaped = true
		case r == 0 || r == '"':
			return false
		}
	}
	return !escaped
}

// isWordRune tells the characters above ASCII that names and top-level domains may hold. JavaScript
// sees two surrogates in place of a character above U+FFFF, and neither is in the ranges.
func isWordRune(r, first rune) bool {
	switch {
	case r <= 0xD7FF:
		return r >= first
	case r <= 0xFDCF:
		return r >= 0xF900
	default:
		return r >= 0xFDF0 && r <= 0xFFEF
	}
}

// isHostName is validator.js isFQDN: labels, and a top-level domain that is no number.
func isHostName(domain string) bool {
	dot := strings.LastIndexByte(domain, '.')
	if dot < 0 || !isTopLevel(domain[dot+1:]) {
		return false
	}
	for label := range strings.SplitSeq(domain, ".") {
		if !isLabel(label) {
			return false
		}
	}
	return true
}

// isTopLevel takes two or more letters, or an xn name, which may hold digits and hyphens.
func isTopLevel(s string) bool {
	return isWordTopLevel(s) || isEncodedTopLevel(s)
}

func isWordTopLevel(s string) bool {
	count := 0
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if !isLetter(byte(r)) {
				return false
			}
		case r == 0xA9 || !isWordRune(r, 0xA1) || isSpace(r):
			return false
		}
		count++
	}
	return count >= 2
}

func isEncodedTopLevel(s string) bool {
	if len(s) < 4 || s[0]|0x20 != 'x' || s[1]|0x20 != 'n' {
		return false
	}
	for i := 2; i < len(s); i++ {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c != '-' {
			return false
		}
	}
	return true
}

// isSpace tells the white space above U+00A0 that JavaScript's \s knows.
func isSpace(r rune) bool {
	switch r {
	case 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF:
		return true
	}
	return r >= 0x2000 && r <= 0x200A
}

// isLabel takes letters, digits, inner hyphens and nearly all above ASCII (surrogates and private use too), but no
// full-width forms of ASCII.
func isLabel(s string) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' || !withinUnits(s, maxLabelUnits) {
		return false
	}
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if c := byte(r); !isLetter(c) && !isDigit(c) && c != '-' {
				return false
			}
		case r < 0xA1 || r >= 0xFF01 && r <= 0xFF5E:
			return false
		}
	}
	return true
}

// withinUnits reports whether s has at most limit UTF-16 code units.
func withinUnits(s string, limit int) bool {
	if len(s) <= limit { // no character has more units than bytes
		return true
	}
	units := 0
	for _, r := range s {
		units++
		if r > 0xFFFF {
			units++
		}
		if units > limit {
			return false
		}
	}
	return true
}

// IsUUID reports whether validator.js isUUID(s, "all") is true: versions 1 to 8 with variant 8, 9, a or b,
// and the two UUIDs of only 0 or only f. Case does not matter.
func IsUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	zeros, effs := 0, 0
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
			continue
		}
		switch {
		case c == '0':
			zeros++
		case c|0x20 == 'f':
			effs++
		case !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f'):
			return false
		}
	}
	const digits = 32
	if zeros == digits || effs == digits {
		return true
	}
	return s[14] >= '1' && s[14] <= '8' && strings.IndexByte("89abAB", s[19]) >= 0
}

// Length counts as validator.js isLength does: a surrogate pair, so any character, is one, and a variation
// selector U+FE0E or U+FE0F is none, unless it is the first character or follows another selector.
func Length(s string) int {
	n := 0
	selectable := false
	for _, r := range s {
		if r != 0xFE0E && r != 0xFE0F {
			n++
			selectable = true
			continue
		}
		if !selectable {
			n++
		}
		selectable = false
	}
	return n
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
