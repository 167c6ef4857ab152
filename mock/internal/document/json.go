package document

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/salesos/salesos-mock/mock/internal/diag"
)

// jsonParser reads RFC 8259 strictly. The standard library's reader knows bytes but neither lines, columns nor
// duplicate keys, and for a file that people edit these are the point.
type jsonParser struct {
	builder
	data  []byte
	at    int
	line  uint32
	shift int // what turns a byte offset into a column of this line
}

func parseJSON(src *source, limits Limits) (*Node, diag.List) {
	p := &jsonParser{builder: builder{source: src, limits: limits}, data: src.data, line: 1, shift: 1}
	return p.finish(p.document())
}

func (p *jsonParser) document() (*Node, error) {
	p.space()
	if p.at == len(p.data) {
		return p.node(Null, 1, 1)
	}
	root, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(p.data) {
		return nil, p.unexpected("the end of the file")
	}
	return root, nil
}

func (p *jsonParser) column() uint32 { return uint32(p.at + p.shift) }

func (p *jsonParser) peek() byte {
	if p.at < len(p.data) {
		return p.data[p.at]
	}
	return 0
}

func (p *jsonParser) space() {
	for ; p.at < len(p.data); p.at++ {
		switch p.data[p.at] {
		case ' ', '\t':
		case '\n':
			p.line++
			p.shift = -p.at
		case '\r':
			if p.at+1 == len(p.data) || p.data[p.at+1] != '\n' {
				p.line++
				p.shift = -p.at
			}
		default:
			return
		}
	}
}

func (p *jsonParser) value(depth int) (*Node, error) {
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth + 1)
	case c == '[':
		return p.array(depth + 1)
	case c == '"':
		n, err := p.node(String, p.line, p.column())
		if err == nil {
			n.Text, err = p.text()
		}
		return n, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	return p.literal()
}

func (p *jsonParser) literal() (*Node, error) {
	rest := p.data[p.at:]
	word, kind := "null", Null
	switch p.peek() {
	case 't':
		word, kind = "true", Bool
	case 'f':
		word, kind = "false", Bool
	}
	if len(rest) < len(word) || string(rest[:len(word)]) != word || wordByte(rest[len(word):]) {
		return nil, p.unexpected("a value")
	}
	n, err := p.node(kind, p.line, p.column())
	if err == nil && kind == Bool {
		n.Text = word
	}
	p.at += len(word)
	return n, err
}

func wordByte(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	c := b[0]
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func (p *jsonParser) number() (*Node, error) {
	n, err := p.node(Number, p.line, p.column())
	if err != nil {
		return nil, err
	}
	start := p.at
	for p.at < len(p.data) && numberByte(p.data[p.at]) {
		p.at++
	}
	if n.Text = string(p.data[start:p.at]); !validJSONNumber(n.Text) {
		return nil, p.fail(n.line, n.column, "%q is not a number as JSON writes them", shorten(n.Text))
	}
	return n, p.checkRange(n)
}

func numberByte(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

func (p *jsonParser) array(depth int) (*Node, error) {
	n, err := p.open(List, depth)
	if err != nil {
		return nil, err
	}
	var items []*Node
	for p.space(); p.peek() != ']'; p.space() {
		if len(items) > 0 {
			if err := p.comma(']'); err != nil {
				return nil, err
			}
		}
		item, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	p.at++
	if items != nil {
		n.children = &children{items: items}
	}
	return n, nil
}

func (p *jsonParser) open(kind Kind, depth int) (*Node, error) {
	if depth > p.limits.MaxDepth {
		return nil, p.tooDeep(p.line, p.column())
	}
	n, err := p.node(kind, p.line, p.column())
	p.at++
	return n, err
}

// comma reads the comma before a further member, and tells the commonest mistakes apart.
func (p *jsonParser) comma(end byte) error {
	if p.peek() != ',' {
		return p.unexpected(fmt.Sprintf(`"," or "%c"`, end))
	}
	line, column := p.line, p.column()
	p.at++
	p.space()
	if p.peek() == end {
		return p.fail(line, column, `a comma before "%c" is not allowed in JSON`, end)
	}
	return nil
}

func (p *jsonParser) object(depth int) (*Node, error) {
	n, err := p.open(Map, depth)
	if err != nil {
		return nil, err
	}
	var members []Member
	var seen keys
	for p.space(); p.peek() != '}'; p.space() {
		if len(members) > 0 {
			if err := p.comma('}'); err != nil {
				return nil, err
			}
		}
		m, err := p.member(depth)
		if err != nil {
			return nil, err
		}
		if earlier := seen.add(members, m.Name, m.line); earlier > 0 {
			p.duplicate(m.Name, m.line, m.column, earlier)
		}
		members = append(members, m)
	}
	p.at++
	if members != nil {
		n.children = &children{members: members}
	}
	return n, nil
}

func (p *jsonParser) member(depth int) (Member, error) {
	if p.peek() != '"' {
		return Member{}, p.unexpected("a key in double quotes")
	}
	m := Member{line: p.line, column: p.column()}
	if err := p.count(m.line, m.column); err != nil {
		return m, err
	}
	var err error
	if m.Name, err = p.text(); err != nil {
		return m, err
	}
	p.space()
	if p.peek() != ':' {
		return m, p.unexpected(`":"`)
	}
	p.at++
	p.space()
	m.Value, err = p.value(depth)
	return m, err
}

// text reads a string; the file is known to be UTF-8.
func (p *jsonParser) text() (string, error) {
	line, column := p.line, p.column()
	p.at++
	start := p.at
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case c == '"':
			p.at++
			return string(p.data[start : p.at-1]), nil
		case c == '\\':
			return p.escaped(p.data[start:p.at], line, column)
		case c < ' ':
			return "", p.controlInString(c)
		default:
			p.step(c)
		}
	}
	return "", p.fail(line, column, "the string that begins here has no end")
}

// step goes one byte on; the further bytes of a character are no columns.
func (p *jsonParser) step(c byte) {
	if c&0xC0 == 0x80 {
		p.shift--
	}
	p.at++
}

func (p *jsonParser) controlInString(c byte) error {
	if c == '\n' || c == '\r' {
		return p.fail(p.line, p.column(), `a string cannot go over the end of a line: close it, or write \n`)
	}
	return p.fail(p.line, p.column(), `the control character U+%04X cannot stand in a string: write \u%04x`, c, c)
}

func (p *jsonParser) escaped(before []byte, line, column uint32) (string, error) {
	var b strings.Builder
	b.Write(before)
	for p.at < len(p.data) {
		c := p.data[p.at]
		switch {
		case c == '"':
			p.at++
			return b.String(), nil
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
		case c < ' ':
			return "", p.controlInString(c)
		default:
			b.WriteByte(c)
			p.step(c)
		}
	}
	return "", p.fail(line, column, "the string that begins here has no end")
}

const (
	escapes   = `"\/bfnrt`
	unescaped = "\"\\/\b\f\n\r\t"
)

// escape reads one escape sequence; two that are the halves of a character are one.
func (p *jsonParser) escape() (rune, error) {
	if p.at+1 < len(p.data) && p.data[p.at+1] != 'u' {
		if i := strings.IndexByte(escapes, p.data[p.at+1]); i >= 0 {
			p.at += 2
			return rune(unescaped[i]), nil
		}
	}
	r, ok := hex4(p.data[p.at:])
	if !ok {
		return 0, p.fail(p.line, p.column(), `unknown escape in a string; known are \" \\ \/ \b \f \n \r \t and \u with four hexadecimal digits`)
	}
	p.at += 6
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if low, ok := hex4(p.data[p.at:]); ok {
		if whole := utf16.DecodeRune(r, low); whole != utf8.RuneError {
			p.at += 6
			return whole, nil
		}
	}
	return utf8.RuneError, nil
}

// hex4 reads a \u escape and its four digits.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// unexpected says what stands where something else was needed, and how to put the usual mistakes right.
func (p *jsonParser) unexpected(needed string) error {
	if p.at >= len(p.data) {
		return p.fail(p.line, p.column(), "the file ends where %s is needed", needed)
	}
	r, _ := utf8.DecodeRune(p.data[p.at:])
	hint := ""
	switch {
	case r == '\'':
		hint = " (JSON knows only double quotes)"
	case r == '/' || r == '#':
		hint = " (JSON has no comments; a .yaml file has)"
	}
	return p.fail(p.line, p.column(), "found %q where %s is needed%s", r, needed, hint)
}
