package requestlog

import (
	"unicode"
	"unicode/utf8"
)

// appendSafe adds text from outside so that it can do nothing to a terminal: what does not print becomes \x1b or
// \u202e, and what is longer than so many bytes is cut. The content of a JSON string is escaped as JSON wants it: logs
// of that kind are read on terminals, too, in the end.
func appendSafe(b []byte, s string, longest int, format Format) []byte {
	s, cut := shorten(s, longest)
	if plain(s) {
		b = append(b, s...)
	} else {
		b = appendEscaped(b, s, format)
	}
	if cut {
		b = append(b, "…"...)
	}
	return b
}

// shorten cuts between characters.
func shorten(s string, longest int) (kept string, cut bool) {
	if len(s) <= longest {
		return s, false
	}
	for i := longest; i > longest-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			return s[:i], true
		}
	}
	return s[:longest], true
}

// plain: nearly every path needs no care, in either format.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// appendEscaped takes a format and no function: handed to a function that is not known beforehand, the caller's
// buffer would have to be allocated.
func appendEscaped(b []byte, s string, format Format) []byte {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		invalid := r == utf8.RuneError && size == 1
		switch {
		case !invalid && unicode.IsPrint(r) && r != '"' && r != '\\':
			b = append(b, s[i:i+size]...)
		case format == JSON:
			b = appendJSONEscape(b, r)
		case invalid:
			b = appendHex(append(b, '\\', 'x'), uint32(s[i]), 2)
		default:
			b = appendTextEscape(b, r)
		}
		i += size
	}
	return b
}

// appendTextEscape shows a character as Go source would; quotes need nothing.
func appendTextEscape(b []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(b, byte(r))
	case r <= 0xff:
		return appendHex(append(b, '\\', 'x'), uint32(r), 2)
	case r <= 0xffff:
		return appendHex(append(b, '\\', 'u'), uint32(r), 4)
	default:
		return appendHex(append(b, '\\', 'U'), uint32(r), 8)
	}
}

// appendJSONEscape shows a character as JSON does: beyond 16 bits as a pair.
func appendJSONEscape(b []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(b, '\\', byte(r))
	case r <= 0xffff:
		return appendHex(append(b, '\\', 'u'), uint32(r), 4)
	default:
		r -= 0x10000
		b = appendHex(append(b, '\\', 'u'), uint32(0xd800+r>>10), 4)
		return appendHex(append(b, '\\', 'u'), uint32(0xdc00+r&0x3ff), 4)
	}
}

func appendHex(b []byte, n uint32, width int) []byte {
	for shift := 4 * (width - 1); shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[n>>shift&0xf])
	}
	return b
}
