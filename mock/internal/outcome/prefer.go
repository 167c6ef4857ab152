package outcome

import (
	"strconv"
	"strings"
)

// collectPrefer reads the preferences `code` and `example` (RFC 7240); others are ignored.
func collectPrefer(lines []string) []given {
	var all []given
	for _, line := range lines {
		for _, preference := range splitOutsideQuotes(line, ',') {
			name, value := readPreference(preference)
			g := given{name: "Prefer", values: []string{value}, prefer: name + "=" + value}
			switch {
			case name == "code" && isSuccess(value): // the normal answer
				continue
			case name == "code":
				g.key = KeyStatus
			case name == "example":
				g.key = KeyError
			default:
				continue
			}
			all = append(all, g)
		}
	}
	return all
}

// readPreference takes name and value from `code="503"; foo=bar`; what follows the semicolon says nothing to us.
func readPreference(preference string) (name, value string) {
	first := splitOutsideQuotes(preference, ';')[0]
	name, value, _ = strings.Cut(first, "=")
	value = strings.TrimSpace(value)
	if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
		value = strings.ReplaceAll(value[1:len(value)-1], `\`, "")
	}
	return strings.ToLower(strings.TrimSpace(name)), value
}

func splitOutsideQuotes(text string, separator byte) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == separator && !quoted:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// isSuccess says whether a code asks for the normal answer.
func isSuccess(value string) bool {
	n, err := strconv.Atoi(strings.TrimSpace(value))
	return err == nil && n >= 200 && n <= 299
}
