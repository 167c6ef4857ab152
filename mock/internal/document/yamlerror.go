package document

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

var errTooDeep = errors.New("nested too deeply")

// yamlError makes a problem of an error of the YAML library: its place, and in its words or better ones what
// is wrong and how to put it right.
func (b *builder) yamlError(err error) error {
	if second := (errSecondDocument{}); errors.As(err, &second) {
		return b.fail(second.line, second.column, `the file holds several documents: remove the line "---" between them`)
	}
	var e *yaml.LoadError
	if !errors.As(err, &e) {
		return b.fail(1, 1, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	mark := e.Mark
	if mark.Line == 0 {
		mark = e.ContextMark
	}
	line, column := b.source.visible(uint32(max(mark.Line, 1)), uint32(max(mark.Column, 1)))
	if errors.Is(err, errTooDeep) || strings.Contains(e.Message, errTooDeep.Error()) {
		return b.tooDeep(line, column)
	}
	return b.fail(line, column, "%s", b.explain(e, line, column))
}

// explain words the commonest mistakes for people who do not know how a YAML parser works.
func (b *builder) explain(e *yaml.LoadError, line, column uint32) string {
	switch {
	case strings.Contains(e.Message, "cannot start any token"):
		return cannotStart(b.character(line, column))
	case strings.Contains(e.Message, "mapping values are not allowed"):
		return `a colon cannot stand here: put a value that contains ": " in quotes, or check the indentation`
	case strings.Contains(e.Message, "found unexpected end of stream") && strings.Contains(e.ContextMsg, "quoted"):
		return fmt.Sprintf("the quoted string that begins in line %d, column %d has no end", e.ContextMark.Line, e.ContextMark.Column)
	case strings.Contains(e.Message, "invalid Unicode character escape"):
		return `invalid Unicode escape: YAML writes characters beyond \uFFFF as \U0001F600`
	case strings.Contains(e.Message, "unknown anchor"):
		return strings.ReplaceAll(e.Message, "'", `"`) + ": a value that begins with * must be put in quotes"
	case strings.Contains(e.Message, "block sequence entries are not allowed"):
		return `a list cannot begin here: put "- " on a line of its own, or the value in quotes`
	}
	return e.Message + during(e)
}

func during(e *yaml.LoadError) string {
	switch {
	case e.ContextMsg == "":
		return ""
	case e.ContextMark.Line == 0 || e.ContextMark == e.Mark:
		return " (" + e.ContextMsg + ")"
	}
	return fmt.Sprintf(" (%s that begins in line %d, column %d)", e.ContextMsg, e.ContextMark.Line, e.ContextMark.Column)
}

func cannotStart(r rune) string {
	if r == '\t' {
		return "a tab cannot be used for indentation: use spaces"
	}
	return fmt.Sprintf("a value cannot begin with %q: put it in quotes", r)
}

// character is what stands at a place.
func (b *builder) character(line, column uint32) rune {
	rest := b.source.line(int(line))
	for ; column > 1 && len(rest) > 0; column-- {
		_, size := utf8.DecodeRune(rest)
		rest = rest[size:]
	}
	r, _ := utf8.DecodeRune(rest)
	return r
}
