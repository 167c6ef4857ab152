package diag

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Excerpt is the part of a line that is shown under a message.
type Excerpt struct {
	Text  string // the line, cut around the place; no line ends or control characters other than tabs
	Caret int    // how many characters of Text stand before the place; -1: no caret
}

// An excerpt keeps this many characters before and after its place: a line of a megabyte must neither fill a
// terminal nor be held in memory by every problem in it.
const (
	excerptBefore = 60
	excerptAfter  = 60
)

// NewExcerpt cuts a line around a column (from 1, in characters; 0: no caret).
func NewExcerpt(line []byte, column int) Excerpt {
	if column <= 0 {
		e := ExcerptAt(line, 0)
		e.Caret = -1
		return e
	}
	at := 0
	for n := 1; n < column && at < len(line); n++ {
		_, size := utf8.DecodeRune(line[at:])
		at += size
	}
	return ExcerptAt(line, at)
}

// ExcerptAt cuts a line around a byte. It reads the line only near that, however long it is.
func ExcerptAt(line []byte, offset int) Excerpt {
	start, caret := offset, 0
	for ; start > 0 && caret < excerptBefore; caret++ {
		_, size := utf8.DecodeLastRune(line[:start])
		start -= size
	}
	var b strings.Builder
	if start > 0 {
		b.WriteString("…")
		caret++
	}
	rest := line[start:]
	for n := 0; len(rest) > 0; n++ {
		if n == excerptBefore+excerptAfter {
			b.WriteString("…")
			break
		}
		r, size := utf8.DecodeRune(rest)
		b.WriteRune(printable(r))
		rest = rest[size:]
	}
	return Excerpt{Text: b.String(), Caret: caret}
}

// printable keeps a file from moving the cursor of the terminal that shows its mistakes.
func printable(r rune) rune {
	if r == '\t' || unicode.IsPrint(r) || unicode.Is(unicode.Cf, r) && !bidi(r) {
		return r
	}
	if unicode.IsSpace(r) && r != '\n' && r != '\r' && r != '\v' && r != '\f' && r < 0x2028 {
		return ' '
	}
	return utf8.RuneError
}

// bidi finds the controls that reorder the text around them.
func bidi(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// render is the excerpt under its line number, and the caret line under it.
func (e Excerpt) render(line int) string {
	number := strconv.Itoa(line)
	text := "  " + number + " | " + e.Text
	if e.Caret < 0 {
		return text
	}
	return text + "\n  " + strings.Repeat(" ", len(number)) + " | " + padding(e.Text, e.Caret) + "^"
}

// padding is blank text exactly as wide as the first n characters of a line: tabs stay tabs, since only the
// terminal knows how wide they are; wide characters take two columns, combining ones none.
func padding(text string, n int) string {
	var b strings.Builder
	for _, r := range text {
		if n == 0 {
			break
		}
		n--
		switch {
		case r == '\t':
			b.WriteByte('\t')
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case wide(r):
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func wide(r rune) bool {
	if r < 0x1100 {
		return false
	}
	kind := width.LookupRune(r).Kind()
	return kind == width.EastAsianWide || kind == width.EastAsianFullwidth
}

// oneLine keeps a message on its line whatever it quotes: headers and logs may not be broken by a file.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return ' '
		}
		return printable(r)
	}, s)
}
