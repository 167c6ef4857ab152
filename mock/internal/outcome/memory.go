package outcome

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// Memory parses directives and remembers what it parsed: a test or a person asks for the same thing again and again. Its
// zero value is ready, and safe for concurrent use. What it gives is shared, as every Outcome in use is.
type Memory struct {
	parsed sync.Map // what was written → Directives
	count  atomic.Int64
}

// The bounds of what is remembered: when it is full, it starts over.
const (
	maxParsed     = 512
	maxParsedText = 512 // bytes of one
)

// Parse is ParseDirectives.
func (m *Memory) Parse(header http.Header, rawQuery string) (Directives, *DirectiveError) {
	text, ok := written(header, rawQuery)
	if !ok {
		return ParseDirectives(header, rawQuery)
	}
	if known, ok := m.parsed.Load(text); ok {
		return *known.(*Directives), nil
	}
	d, err := ParseDirectives(header, rawQuery)
	if err == nil {
		m.keep(text, d)
	}
	return d, err
}

func (m *Memory) keep(text string, d Directives) {
	if m.count.Add(1) > maxParsed {
		m.parsed.Clear()
		m.count.Store(1)
	}
	m.parsed.Store(strings.Clone(text), &d)
}

// written is all that directives can stand in, as one text; false for what is not worth remembering: several headers, whose
// order is not known, or long ones.
func written(header http.Header, rawQuery string) (string, bool) {
	name := ""
	for candidate := range header {
		if !isDirective(candidate) {
			continue
		}
		if name != "" || len(header[candidate]) != 1 {
			return "", false
		}
		name = candidate
	}
	if name == "" {
		return rawQuery, len(rawQuery) <= maxParsedText
	}
	value := header[name][0]
	return name + "\n" + value + "\n" + rawQuery, len(value)+len(rawQuery) <= maxParsedText
}
