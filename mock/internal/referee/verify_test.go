package referee

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/operation"
)

func expectations(t *testing.T, text string) []Expectation {
	t.Helper()
	all, problems := ParseExpectations("expect.yaml", []byte(text), Options{BasePath: "/api"})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func evidenceOf(o journal.Options, sent ...*journal.Exchange) ([]*journal.Entry, bool) {
	j := journal.New(o)
	for _, x := range sent {
		j.Record(x)
	}
	return j.Evidence("s")
}

func TestVerify(t *testing.T) {
	t.Parallel()
	sent := list(
		get(0, 200), post(100, 201), at(200, "PATCH", "/leads/1", 200, body(`{"status":"LOST"}`)), get(300, 503),
		get(310, 503, resent), get(2300, 200), at(2400, "DELETE", "/leads/1", 204, key),
	)
	cases := []struct {
		expect, actual string // actual: "" for a pass, else a part of the diff
	}{
		{`{when: {method: POST, path: /leads}, exactly: 1}`, ""},
		{`{when: {method: POST, path: /api/leads}, status: 201}`, ""},
		{`{when: {path: /leads/**}, exactly: 6}`, ""}, // what the transport repeats counts once
		{`{when: {method: GET, path: /leads}, exactly: 2}`, "actual:   3 times"},
		{`{when: {method: GET, path: /leads}, atLeast: 2, atMost: 3}`, ""},
		{`{when: {method: GET, path: /leads}, exactly: 4}`, "actual:   3 times\n    10:00:00.345 GET /leads → 200"},
		{`{when: {method: GET, path: /leads}, atMost: 2}`, "10:00:00.345 GET /leads → 200"},
		{`{when: {method: GET, path: /leads}, status: 5xx, exactly: 1}`, ""},
		{`{when: {method: GET}, status: 404}`, "the answer was 200, 404 is wanted"},
		{`{when: {method: PUT, path: "/leads/{id}"}, atLeast: 1}`, "PATCH /leads/1 came, you expected PUT"},
		{`{when: {method: POST, path: /lead}}`, "the path is /leads, /lead is wanted"},
		{`{when: {method: PATCH, body: {status: QUALIFIED}}}`, `the body's status is "LOST", "QUALIFIED" is wanted`},
		{`{when: {method: DELETE}, never: true}`, "DELETE /leads/1 → 204"},
		{`{when: {method: PUT}, never: true}`, ""},
		{`{when: {path: /nothing/at/all}, exactly: 0}`, ""},
		{`{when: {method: GET, path: /leads}, exactly: 3, within: 3s}`, ""},
		{`{when: {method: GET, path: /leads}, exactly: 3, within: 1s}`, "at most 2 of them within 1s"},
		{`{when: {method: GET, path: /leads}, atLeast: 2, within: 400ms}`, ""},
		{`{when: {method: GET, path: /leads}, atMost: 2, within: 1s}`, ""},
		{`{when: {method: GET, path: /leads}, atMost: 1, within: 1s}`, "at most 2 of them"},
		{`{inOrder: [{when: {method: POST}}, {when: {method: PATCH}}, {when: {method: GET}}]}`, ""},
		{`{inOrder: [{when: {method: PATCH}}, {when: {method: POST}}]}`, "came, but not after the others"},
		{`{inOrder: [{when: {method: POST}}, {when: {method: PUT, path: /leads/1}}]}`, "10:00:00.545 PATCH /leads/1 came, you expected PUT"},
		{`{inOrder: [{when: {method: GET}}, {when: {method: GET}}, {when: {method: GET}}, {when: {method: GET}}]}`, "number 4"},
		{`{inOrder: [{when: {method: GET}}, {when: {method: DELETE}}], within: 200ms}`, ""},
		{`{inOrder: [{when: {method: POST}}, {when: {method: DELETE}}], within: 2s}`, "never within 2s"},
		{`{when: {headers: {User-Agent: {matches: "^app/"}}}, exactly: 6}`, ""},
	}
	entries, truncated := evidenceOf(journal.Options{}, sent...)
	for _, c := range cases {
		v := Verify(entries, truncated, expectations(t, c.expect))
		r := v.Results[0]
		if v.Passed != (c.actual == "") || v.Passed != r.Passed || !strings.Contains(r.Diff, c.actual) || (r.Diff == "") != v.Passed {
			t.Errorf("%s: passed %v, wanted %q in\n%s", c.expect, v.Passed, c.actual, r.Diff)
		}
	}
}

// What counts is no miss, even if there is too little of it.
func TestVerifyTooFew(t *testing.T) {
	t.Parallel()
	entries, truncated := evidenceOf(journal.Options{}, get(0, 200), get(300, 200), post(600, 201))
	r := Verify(entries, truncated, expectations(t, `{when: {method: GET, path: /leads}, exactly: 3}`)).Results[0]
	if r.Passed || r.Actual != "2 times" || len(r.Misses) != 1 || !strings.HasPrefix(r.Misses[0], "POST /leads came, you expected GET") {
		t.Errorf("%+v", r)
	}
}

func TestVerifyTruncated(t *testing.T) {
	t.Parallel()
	entries, truncated := evidenceOf(journal.Options{Entries: 3}, post(0, 201), get(100, 200), get(200, 200), get(300, 200))
	for expect, want := range map[string]bool{
		`{when: {method: POST}, never: true}`:                      false, // it came, and was evicted
		`{when: {method: GET}, exactly: 3}`:                        false,
		`{when: {method: GET}, atMost: 9}`:                         false,
		`{when: {method: GET}, atLeast: 3}`:                        true, // what is left proves it
		`{when: {method: POST}}`:                                   false,
		`{inOrder: [{when: {method: POST}}, {when: {path: /**}}]}`: false,
	} {
		v := Verify(entries, truncated, expectations(t, expect))
		if v.Passed != want || !v.JournalTruncated || v.Results[0].JournalTruncated == want {
			t.Errorf("%s: %+v", expect, v)
		}
	}
}

func TestVerifyCutBody(t *testing.T) {
	t.Parallel()
	long := post(0, 201, body(`{"a":"`+strings.Repeat("x", 100)+`","email":"a@b.c"}`))
	entries, truncated := evidenceOf(journal.Options{RequestBody: 50}, long)
	v := Verify(entries, truncated, expectations(t, `{when: {method: POST, body: {email: a@b.c}}, never: true}`))
	if v.Passed || !v.Results[0].BodiesCut {
		t.Errorf("%+v", v)
	}
}

func TestParseMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{wen: {}}`:                                        `did you mean "when"`,
		`{when: {metod: GET}}`:                             `did you mean "method"`,
		`{when: {method: get}}`:                            `did you mean "GET"`,
		`{when: {path: leads}}`:                            "does not begin with a slash",
		`{when: {state: x}}`:                               "unknown key \"state\"",
		`{exactly: 1}`:                                     "nothing says which requests",
		`{when: {}, exactly: 1, atLeast: 1}`:               "contradicts",
		`{when: {}, atLeast: 3, atMost: 2}`:                "at most 2 contradicts at least 3",
		`{when: {}, never: false}`:                         "true is needed",
		`{when: {}, within: 5}`:                            "a length of time",
		`{when: {}, within: 0s}`:                           "above zero",
		`{when: {}, status: 99}`:                           "whole number from 100 to 599",
		`{when: {}, status: 9xx}`:                          "a class such as 2xx",
		`{inOrder: [{when: {}}]}`:                          "at least two",
		`{inOrder: [{when: {}}, {when: {}}], never: true}`: "cannot stand beside",
		`[]`:                                  "the list is empty",
		`{when: {body: {a: {matches: "("}}}}`: "no regular expression",
		`{when: {query: {a: {exists: false, equals: 1}}}}`: "contradicts the other tests",
		`{when: {caller: {role: BOSS}}}`:                   "ADMIN",
		`{expect: [], extra: 1}`:                           `unknown key "extra"`,
		`- 5`:                                              "a map",
	} {
		_, problems := ParseExpectations("e.yaml", []byte(text), Options{BasePath: "/api"})
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "e.yaml:1:") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzParseExpectations(f *testing.F) {
	for _, seed := range []string{
		`{when: {method: POST, path: "/leads/{id}", query: {a: {oneOf: [1, x]}}, headers: {A: {exists: true}}, body: {a: {b: [1]}}}, exactly: 1}`,
		"expect:\n- name: x\n  when: {caller: {role: USER, user: a, apiKey: k}}\n  atLeast: 1\n  atMost: 2\n  within: 3s\n",
		`{inOrder: [{when: {method: GET}}, {when: {body: {equals: null}}, status: [2xx, 404]}], within: 1s}`, `[{when: {}, never: true}]`, `{`, `null`, `5`,
	} {
		f.Add(seed)
	}
	entries, truncated := evidenceOf(journal.Options{}, get(0, 200), post(10, 201))
	f.Fuzz(func(t *testing.T, text string) {
		for _, file := range []string{"e.yaml", "e.json"} {
			all, problems := ParseExpectations(file, []byte(text), Options{BasePath: "/api"})
			if len(problems) > 0 {
				if all != nil || problems.Error() == "" {
					t.Fatal("expectations beside problems")
				}
				continue
			}
			if v := Verify(entries, truncated, all); len(v.Results) != len(all) {
				t.Fatal("results are missing")
			}
		}
	})
}

func coverageTable(t *testing.T) *operation.Table {
	t.Helper()
	table, err := operation.New(nil, []operation.CannedRoute{{Method: "GET", Path: "/things/{id}", Answer: operation.Answer{Status: 200}}})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	table := coverageTable(t)
	var r Referee
	thing := table.All()[len(table.All())-1]
	answer := func(status int, decision string, more ...func(*journal.Exchange)) {
		r.Record(at(0, "GET", "/things/1", status, append(more, func(x *journal.Exchange) { x.Operation, x.Decision = thing.ID, decision })...))
	}
	answer(200, "fixture")
	answer(404, "fixture")
	answer(404, "directive")
	answer(503, "scenario")
	answer(503, journal.TransportResend)
	answer(409, "directive") // does not fit: counts nowhere
	report := r.Coverage("s", table)
	line := report.Operations[len(report.Operations)-1]
	got := map[apierror.Name]string{}
	for _, e := range line.Errors {
		got[e.Error] = e.how() + e.Header
	}
	want := map[apierror.Name]string{
		"not_found": "1 natural, 1 forced", "unavailable": "1 forced", "unauthorized": "X-Mock-Error: unauthorized", "forbidden": "X-Mock-Error: forbidden",
		"rate_limited": "X-Mock-Error: rate_limited", "internal": "X-Mock-Error: internal",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || report.Exercised != 2 || line.Exercised != 2 || report.Percent != percent(2, report.Total) {
		t.Errorf("got %v\nwant %v\n%+v", got, want, report)
	}
	merged := MergeCoverage("*", []CoverageReport{report, (&Referee{}).Coverage("t", table), report})
	if last := merged.Operations[len(merged.Operations)-1]; merged.Exercised != 2 || merged.Total != report.Total || last.Exercised != 2 {
		t.Errorf("merged: %+v", merged)
	}
	r.Reset()
	if again := r.Coverage("s", table); again.Exercised != 0 {
		t.Errorf("after the reset: %+v", again)
	}
}

func TestCoverageNames(t *testing.T) {
	t.Parallel()
	for _, entry := range apierror.Catalogue() {
		x := at(0, "GET", "/", entry.Error.Status)
		x.ResponseBody = entry.Error.Body()
		if got := errorOf(x); got != entry.Name {
			t.Errorf("%s was taken for %s", entry.Name, got)
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	nasty := "evil\x1b[2J|`<b>"
	audit := judged(list(get(0, 503, retry("30"), token(nasty)), get(1000, 200, token(nasty)), post(0, 400), post(20, 400),
		at(0, "GET", "/x?token=hush&a="+nasty, 500), at(12, "GET", "/x?token=hush&a="+nasty, 500)))
	if len(audit.Findings) != 3 {
		t.Fatalf("%+v", audit)
	}
	var r Referee
	table := coverageTable(t)
	reports := map[string]interface {
		Write(w io.Writer, f Format, color bool) error
	}{"audit": audit, "coverage": r.Coverage(nasty, table),
		"verdict": Verify(nil, true, expectations(t, `{name: "evil\e[2J|`+"`"+`", when: {method: PUT}}`))}
	for name, report := range reports {
		for _, format := range Formats() {
			f := Format(format)
			var b bytes.Buffer
			if err := report.Write(&b, f, false); err != nil {
				t.Fatal(err)
			}
			if text := b.String(); strings.Contains(text, "\x1b") || strings.Contains(text, "hush") || b.Len() < 100 {
				t.Errorf("%s as %s:\n%s", name, format, text)
			}
			checkSyntax(t, f, b.Bytes())
		}
	}
	var b bytes.Buffer
	if err := audit.Write(&b, Text, true); err != nil || !strings.Contains(b.String(), "\x1b[31m") {
		t.Errorf("colour: %v\n%s", err, b.String())
	}
}

func checkSyntax(t *testing.T, f Format, data []byte) {
	t.Helper()
	switch f {
	case JSON:
		if !json.Valid(data) {
			t.Errorf("no JSON: %s", data)
		}
	case JUnit:
		var suites struct {
			Suite struct {
				Tests int        `xml:"tests,attr"`
				Cases []struct{} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal(data, &suites); err != nil || suites.Suite.Tests == 0 || suites.Suite.Tests != len(suites.Suite.Cases) {
			t.Errorf("%v in %s", err, data)
		}
	}
}

func TestBounded(t *testing.T) {
	t.Parallel()
	var r Referee
	for i := range 20_000 {
		x := at(i*20, "GET", fmt.Sprint("/leads/", i/3), 500, token(fmt.Sprint(i%997/3)))
		r.Record(x)
	}
	a := &r.auditor
	if len(a.chains) > maxChains || len(a.callers) > maxCallers || len(a.findings) > maxFindings || a.omitted == 0 && len(a.findings) == maxFindings {
		t.Errorf("%d chains, %d callers, %d findings, %d omitted", len(a.chains), len(a.callers), len(a.findings), a.omitted)
	}
	for _, f := range a.findings {
		if len(f.Requests) > maxEvidence {
			t.Errorf("%d requests", len(f.Requests))
		}
	}
}

func TestRetryAfterValues(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "-1": 0, "soon": 0, "30": 30 * time.Second, "99999999999999": longestWait, "1.5": 0,
		now.Add(5 * time.Second).Format(http.TimeFormat): 5 * time.Second, now.Add(-time.Hour).Format(http.TimeFormat): 0,
	} {
		if got, _ := retryAfter(value, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// BenchmarkExchange is what a quick read costs: the journal and the audit.
func BenchmarkExchange(b *testing.B) {
	j := journal.New(journal.Options{})
	var r Referee
	x := get(0, 200)
	x.RequestHeader = http.Header{"User-Agent": {"bench"}, "Authorization": {"Bearer " + strings.Repeat("x", 300)}, "Origin": {"http://localhost:3000"},
		"Accept": {"*/*"}, "Accept-Encoding": {"gzip"}}
	x.Credential = strings.Repeat("x", 300)
	for _, name := range []string{"Vary", "Content-Type", "Content-Length", "X-Request-Id", "X-Mock-Decision", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		x.ResponseHeader = append(x.ResponseHeader, journal.Header{Name: name, Value: "some value"})
	}
	x.ResponseBody, x.BodyShared = bytes.Repeat([]byte("x"), 900), true
	b.Run("both", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			j.Record(x)
			r.Record(x)
		}
	})
	b.Run("journal", func(b *testing.B) {
		for b.Loop() {
			j.Record(x)
		}
	})
	b.Run("audit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.Record(x)
		}
	})
}
