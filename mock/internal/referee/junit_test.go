package referee

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"testing"
)

// junitElements is what the schema of Jenkins (junit-10.xsd), which is the strictest in use, allows of what is written here:
// the attributes of each element, those that it must have first, and its children.
var junitElements = map[string]struct {
	required, optional, children []string
}{
	"":           {children: []string{"testsuites"}},
	"testsuites": {optional: []string{"name", "time", "tests", "failures", "disabled", "errors"}, children: []string{"testsuite"}},
	"testsuite": {required: []string{"name"}, optional: []string{"tests", "failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"},
		children: []string{"properties", "testcase", "system-out", "system-err"}},
	"testcase": {required: []string{"name"}, optional: []string{"assertions", "time", "classname", "status"},
		children: []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"failure":    {optional: []string{"type", "message"}},
	"skipped":    {optional: []string{"type", "message"}},
	"system-out": {},
}

// junitSuite is what a reader of JUnit's XML makes of a suite.
type junitSuite struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Skipped  int `xml:"skipped,attr"`
	Cases    []struct {
		Failure *struct{} `xml:"failure"`
		Skipped *struct{} `xml:"skipped"`
	} `xml:"testcase"`
}

// checkJUnit reads a document as strictly as the schema asks.
func checkJUnit(text []byte) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	path := []string{""}
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return countJUnit(text)
		case err != nil:
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			parent, name := path[len(path)-1], token.Name.Local
			if !slices.Contains(junitElements[parent].children, name) {
				return fmt.Errorf("<%s> may not stand in <%s>", name, parent)
			}
			if err := checkAttributes(token); err != nil {
				return err
			}
			path = append(path, name)
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

func checkAttributes(e xml.StartElement) error {
	allowed := junitElements[e.Name.Local]
	var names []string
	for _, a := range e.Attr {
		names = append(names, a.Name.Local)
		if !slices.Contains(slices.Concat(allowed.required, allowed.optional), a.Name.Local) {
			return fmt.Errorf("<%s> may not have %s", e.Name.Local, a.Name.Local)
		}
		if slices.Contains([]string{"tests", "failures", "errors", "skipped"}, a.Name.Local) {
			if _, err := strconv.Atoi(a.Value); err != nil {
				return err
			}
		}
	}
	for _, name := range allowed.required {
		if !slices.Contains(names, name) {
			return fmt.Errorf("<%s> has no %s", e.Name.Local, name)
		}
	}
	return nil
}

// countJUnit: readers believe the attributes, so they must be right.
func countJUnit(text []byte) error {
	var read struct {
		Suites []junitSuite `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &read); err != nil {
		return err
	}
	for _, suite := range read.Suites {
		failed, skipped := 0, 0
		for _, c := range suite.Cases {
			if c.Failure != nil {
				failed++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		if suite.Tests != len(suite.Cases) || suite.Failures != failed || suite.Skipped != skipped {
			return fmt.Errorf("%d tests, %d failures, %d skipped are announced; there are %d, %d, %d", suite.Tests, suite.Failures, suite.Skipped, len(suite.Cases), failed, skipped)
		}
	}
	return nil
}

// TestJUnitIsAsItsReadersWantIt writes every report, with what clients can put into one that XML cannot hold.
func TestJUnitIsAsItsReadersWantIt(t *testing.T) {
	t.Parallel()
	const nasty = "<a> & \"b\" \x00\x1b]0;\ufffe ]]> é"
	finding := func(rule Rule, severity Severity) Finding {
		return Finding{Rule: rule, Severity: severity, Caller: nasty, Call: "GET " + nasty, Message: nasty, Count: 2, RuleText: rule.Text(), Requests: []Request{{Method: "GET", Path: nasty}}}
	}
	for _, r := range []Report{
		&AuditReport{Session: nasty, Findings: []Finding{finding(Backoff, Failure), finding(Backoff, Failure), finding(NoRetry, Advice)}},
		&AuditReport{Session: "default", Passed: true},
		&CoverageReport{Session: nasty, Operations: []OperationCoverage{{Operation: "x", Method: "GET", Path: nasty, Errors: []ErrorCoverage{
			{Error: "internal", Status: 500, Header: "X-Mock-Error: internal"}, {Error: "unavailable", Status: 503, Counts: Counts{Natural: 1}}}}}},
		&Verdict{Results: []Result{{Name: nasty, Passed: true}, {Name: nasty, Actual: nasty, Diff: nasty}}},
	} {
		var b bytes.Buffer
		if err := WriteAll(&b, JUnit, false, r); err != nil {
			t.Fatal(err)
		}
		if err := checkJUnit(b.Bytes()); err != nil {
			t.Errorf("%v in\n%s", err, b.String())
		}
	}
}

// TestTheCheckOfJUnitChecks breaks it on purpose.
func TestTheCheckOfJUnitChecks(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`<testsuite name="a"/>`, `<testsuites><testcase name="a"/></testsuites>`, `<testsuites><testsuite/></testsuites>`, `<testsuites><testsuite name="a" color="b"/></testsuites>`,
		`<testsuites><testsuite name="a" tests="many"/></testsuites>`, `<testsuites><testsuite name="a" tests="2"><testcase name="b"/></testsuite></testsuites>`,
		`<testsuites><testsuite name="a" tests="1"><testcase name="b"><failure/></testcase></testsuite></testsuites>`, "<testsuites>\x00</testsuites>", `<testsuites>`,
	} {
		if checkJUnit([]byte(text)) == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}
