package referee

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/salesos/salesos-mock/mock/internal/journal"
)

// Format is how a report is written.
type Format string

// The formats.
const (
	Text     Format = "text" // for people, aligned
	JSON     Format = "json"
	JUnit    Format = "junit"
	Markdown Format = "markdown"
)

// Formats lists them.
func Formats() []string { return []string{string(Text), string(JSON), string(JUnit), string(Markdown)} }

// ContentType is the format's media type.
func (f Format) ContentType() string {
	switch f {
	case JSON:
		return "application/json; charset=utf-8"
	case JUnit:
		return "application/xml; charset=utf-8"
	case Markdown:
		return "text/markdown; charset=utf-8"
	}
	return "text/plain; charset=utf-8"
}

// Write writes the report. color is for Text only.
func (r AuditReport) Write(w io.Writer, f Format, color bool) error {
	switch f {
	case JSON:
		return writeJSON(w, r)
	case JUnit:
		return writeXML(w, r.suite())
	case Markdown:
		return writeText(w, r.markdown())
	}
	return writeText(w, r.text(palette(color)))
}

// Write writes the report. color is for Text only.
func (r CoverageReport) Write(w io.Writer, f Format, color bool) error {
	switch f {
	case JSON:
		return writeJSON(w, r)
	case JUnit:
		return writeXML(w, r.suite())
	case Markdown:
		return writeText(w, r.markdown())
	}
	return writeText(w, r.text(palette(color)))
}

func writeText(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

func writeJSON(w io.Writer, report any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}

// The elements of JUnit's XML that its readers agree on.
type (
	testSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []testSuite
	}
	testSuite struct {
		XMLName  xml.Name   `xml:"testsuite"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Cases    []testCase `xml:"testcase"`
	}
	testCase struct {
		Class   string    `xml:"classname,attr"`
		Name    string    `xml:"name,attr"`
		Failure *xmlText  `xml:"failure"`
		Skipped *xmlText  `xml:"skipped"`
		Output  *xmlPlain `xml:"system-out"`
	}
	xmlText struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	xmlPlain struct {
		Text string `xml:",chardata"`
	}
)

func (s *testSuite) add(c testCase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func writeXML(w io.Writer, suites ...testSuite) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(testSuites{Suites: suites}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// paint is a set of ANSI colours, or of nothing. They are those of every terminal, as the user's theme has them.
type paint struct{ red, green, yellow, bold, dim, none string }

func palette(color bool) paint {
	if !color {
		return paint{}
	}
	return paint{"\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[2m", "\x1b[0m"}
}

// safe keeps text from outside from doing anything to a terminal, or to the line that it stands in.
func safe(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// cell is text from outside in a Markdown document.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "`", "'", "<", "&lt;", ">", "&gt;", "[", `\[`, "*", `\*`, "_", `\_`).Replace(safe(s))
}

// code is text from outside between backticks, in a table as well.
func code(s string) string {
	return "`" + strings.NewReplacer("|", `\|`, "`", "'").Replace(safe(s)) + "`"
}

// ofSession names the session of a report, for people.
func ofSession(id string) string {
	if id == journal.AllSessions {
		return "all sessions"
	}
	return "session " + id
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
