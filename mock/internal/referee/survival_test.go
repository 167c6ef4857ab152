package referee_test

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/referee"
)

func survival() *referee.SurvivalReport {
	r := &referee.SurvivalReport{Command: []string{"npm", "test"}, NotCalled: []string{"GET /auth/me"}, Trials: []referee.Trial{
		{Error: apierror.Unavailable, Result: referee.Survived, Met: 2, DurationMS: 1234, Findings: []string{"retry-after: GET /leads: too early"}},
		{Error: apierror.Internal, Call: "GET /leads", Result: referee.Failed, ExitCode: 1, Met: 1, DurationMS: 20, Findings: []string{"no-retry: x", "backoff: y"}, Output: "a\tb\n\x1b[2J|"},
		{Error: apierror.Conflict, Result: referee.NotExercised},
		{Error: apierror.RateLimited, Result: referee.TimedOut, Met: 9, DurationMS: 61_000},
		{Error: apierror.Forbidden, Result: referee.Failed, ExitCode: 2},
		{Error: apierror.NotFound, Result: referee.Failed, Met: 1, Gates: []string{"the audit found 1 failure"}},
	}}
	r.Settle()
	return r
}

func written(t *testing.T, f referee.Format, reports ...referee.Report) string {
	t.Helper()
	var b strings.Builder
	if err := referee.WriteAll(&b, f, false, reports...); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSurvivalIsTold(t *testing.T) {
	want := `Errors that npm test survives: 1 of 6 errors survived (the audit blames 1 of them), 4 not, 1 not exercised

  error         call        result         met  time   audit       
  unavailable   all         survived       2    1.23s  1 failure   
  internal      GET /leads  failed         1    20ms   2 failures  exit code 1
  conflict      all         not exercised  0    0s     –           the command never met this error
  rate_limited  all         timeout        9    1m1s   passed      stopped after 1m1s
  forbidden     all         failed         0    0s     passed      exit code 2, without having met the error
  not_found     all         failed         1    0s     passed      the audit found 1 failure

  1 operation never called, so not tried

unavailable: survived, but
  audit retry-after: GET /leads: too early

internal on GET /leads: exit code 1
  | a    b
  | ` + "\uFFFD" + `[2J|
  audit no-retry: x
  audit backoff: y

rate_limited: stopped after 1m1s
  | (it printed nothing)

forbidden: exit code 2, without having met the error
  | (it printed nothing)

not_found: the audit found 1 failure
  | (it printed nothing)
`
	if diff := cmp.Diff(want, written(t, referee.Text, survival())); diff != "" {
		t.Error(diff)
	}
	if text := written(t, referee.Markdown, survival()); !strings.Contains(text, "\n| `internal` | `GET /leads` | failed | 1 | 20ms | 2 failures | exit code 1 |\n") {
		t.Error(text)
	}
}

// Reports of several kinds are one document in each format.
func TestReportsTogether(t *testing.T) {
	table, err := operation.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var judge referee.Referee
	judge.Record(&journal.Exchange{Operation: "login", Status: 401, Error: "unauthorized", Decision: "auth"})
	audit, coverage := judge.Audit("*"), judge.Coverage("*", table)
	all := []referee.Report{&audit, referee.Brief(coverage, map[string]int{"login": 1}), survival()}
	var keyed map[string]any
	if err := json.Unmarshal([]byte(written(t, referee.JSON, all...)), &keyed); err != nil || len(keyed) != 3 {
		t.Errorf("%v: %v", err, keyed)
	}
	var suites struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(written(t, referee.JUnit, all...)), &suites); err != nil || len(suites.Suites) != 3 {
		t.Fatalf("%v: %+v", err, suites)
	}
	if last := suites.Suites[2]; last.Tests != 6 || last.Failures != 4 || last.Skipped != 1 {
		t.Errorf("%+v", last)
	}
	text := written(t, referee.Text, all...)
	for _, part := range []string{
		"Audit of all sessions: passed, 1 request\n\nCoverage of documented errors: ", "; of what was called 16.6 % (1 of 6)\n",
		"  POST /auth/login  1/6  missing: bad_request, validation, rate_limited, internal, unavailable\n", " operations never called\n\nErrors that ",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
	if text := written(t, referee.Markdown, all...); !strings.Contains(text, "\n| `POST /auth/login` | 1/6 | bad\\_request, validation,") {
		t.Error(text)
	}
}

// What is forgotten in one place is kept in another, bounds and all.
func TestARefereeTakesOverWhatAnotherFound(t *testing.T) {
	table, err := operation.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var total referee.Referee
	for range 3 {
		var judge referee.Referee
		judge.Record(&journal.Exchange{Operation: "login", Status: 401, Error: "unauthorized", Decision: "auth"})
		judge.Record(&journal.Exchange{Operation: "login", Status: 503, Error: "unavailable", Decision: "directive"})
		total.Absorb(&judge)
		judge.Reset()
	}
	if audit := total.Audit("*"); audit.Requests != 6 || !audit.Passed {
		t.Errorf("%+v", audit)
	}
	for _, o := range total.Coverage("*", table).Operations {
		for _, e := range o.Errors {
			want := referee.Counts{}
			switch {
			case o.Operation == "login" && e.Error == "unauthorized":
				want.Natural = 3
			case o.Operation == "login" && e.Error == "unavailable":
				want.Forced = 3
			}
			if e.Counts != want {
				t.Errorf("%s %s: %+v, want %+v", o.Operation, e.Error, e.Counts, want)
			}
		}
	}
}
