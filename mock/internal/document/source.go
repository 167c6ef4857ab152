package document

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/salesos/salesos-mock/mock/internal/diag"
)

// source is the file that a tree was read from, kept for the excerpts of messages.
type source struct {
	file string
	data []byte
	json bool

	once  sync.Once
	lines []int // where each line begins; made for the first problem, since most files have none

	mu   sync.Mutex
	last place
}

func (s *source) problem(line, column uint32, what string) diag.Problem {
	text := s.line(int(line))
	return diag.Problem{
		Position: diag.Position{File: s.file, Line: int(line), Column: int(column)},
		What:     what,
		Excerpt:  diag.ExcerptAt(text, s.offset(text, line, column)),
	}
}

// place is a column of a line and its byte.
type place struct {
	line, column uint32
	offset       int
}

// offset finds the byte of a column. It counts from the last place asked for, on or back: a file of one line of many
// megabytes may have a thousand problems, and counting from its beginning for each would take minutes.
func (s *source) offset(text []byte, line, column uint32) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last.line != line || column < s.last.column/2 { // the beginning is nearer
		s.last = place{line: line, column: 1}
	}
	for ; s.last.column > column && s.last.offset > 0; s.last.column-- {
		_, size := utf8.DecodeLastRune(text[:s.last.offset])
		s.last.offset -= size
	}
	for ; s.last.column < column && s.last.offset < len(text); s.last.column++ {
		_, size := utf8.DecodeRune(text[s.last.offset:])
		s.last.offset += size
	}
	return s.last.offset
}

// problemAt is a problem at a byte.
func (s *source) problemAt(offset int, what string) diag.Problem {
	s.index()
	i, found := slices.BinarySearch(s.lines, offset)
	if !found {
		i--
	}
	column := utf8.RuneCount(s.data[s.lines[i]:min(offset, len(s.data))]) + 1
	return s.problem(uint32(i+1), uint32(column), what)
}

// line is the text of a line, from 1, without its end.
func (s *source) line(number int) []byte {
	s.index()
	if number < 1 || number > len(s.lines) {
		return nil
	}
	end := len(s.data)
	if number < len(s.lines) {
		end = s.lines[number]
	}
	return bytes.TrimRight(s.data[s.lines[number-1]:end], "\r\n")
}

// visible is the place itself or, where only blank lines follow (an error that the end of the file gives away), the end
// of the last line that holds something.
func (s *source) visible(line, column uint32) (uint32, uint32) {
	s.index()
	if n := int(line) - 1; n < len(s.lines) && len(bytes.TrimSpace(s.data[s.lines[n]:])) > 0 {
		return line, column
	}
	for n := min(int(line), len(s.lines)); n > 0; n-- {
		if text := bytes.TrimSpace(s.line(n)); len(text) > 0 {
			return uint32(n), uint32(utf8.RuneCount(bytes.TrimRight(s.line(n), " \t"))) + 1
		}
	}
	return 1, 1
}

// index finds the lines as the parsers count them, which for YAML ends a line at Unicode separators, too.
func (s *source) index() {
	s.once.Do(func() {
		s.lines = []int{0}
		for i := 0; i < len(s.data); i++ {
			if n := s.lineEnd(i); n > 0 {
				i += n - 1
				s.lines = append(s.lines, i+1)
			}
		}
	})
}

func (s *source) lineEnd(i int) int {
	switch rest := s.data[i:]; rest[0] {
	case '\n':
		return 1
	case '\r':
		if len(rest) > 1 && rest[1] == '\n' {
			return 2
		}
		return 1
	case 0xC2:
		if !s.json && len(rest) > 1 && rest[1] == 0x85 {
			return 2
		}
	case 0xE2:
		if !s.json && len(rest) > 2 && rest[1] == 0x80 && (rest[2] == 0xA8 || rest[2] == 0xA9) {
			return 3
		}
	}
	return 0
}

func trimBOM(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")) }

// checkText reports bytes that no text file holds, before a parser sees them and names no place.
func (s *source) checkText() diag.List {
	if bytes.HasPrefix(s.data, []byte("\xFF\xFE")) || bytes.HasPrefix(s.data, []byte("\xFE\xFF")) {
		return diag.List{s.problemAt(0, "the file is UTF-16: save it as UTF-8")}
	}
	for i := 0; i < len(s.data); {
		c := s.data[i]
		if c >= ' ' && c < 0x7F {
			i++
			continue
		}
		r, size := utf8.DecodeRune(s.data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return diag.List{s.problemAt(i, fmt.Sprintf("the byte 0x%02X is not valid UTF-8: save the file as UTF-8", c))}
		case !s.json && forbidden(r): // the JSON parser knows where they are allowed
			return diag.List{s.problemAt(i, fmt.Sprintf("the control character U+%04X cannot stand in a file: remove it, or escape it in a quoted string", r))}
		}
		i += size
	}
	return nil
}

// forbidden characters are those that YAML excludes.
func forbidden(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || r == 0x85:
		return false
	case r < ' ' || r >= 0x7F && r < 0xA0:
		return true
	}
	return r == 0xFFFE || r == 0xFFFF || r == 0xFEFF
}

func runeLength(s string) int {
	_, size := utf8.DecodeRuneInString(s)
	return size
}
