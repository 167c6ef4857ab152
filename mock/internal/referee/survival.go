package referee

import (
	"fmt"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
)

// SurvivalReport says which documented errors a command survives: it was run once for each of them.
type SurvivalReport struct {
	Command   []string `json:"command"`
	Passed    bool     `json:"passed"` // no trial failed
	Survived  int      `json:"survived"`
	Failed    int      `json:"failed"` // those whose time was up included
	Unproved  int      `json:"notExercised"`
	Baseline  Trial    `json:"baseline"` // the run without errors
	Trials    []Trial  `json:"trials"`
	NotCalled []string `json:"notCalled,omitempty"` // the calls that the command never made, where they were asked for one by one
}

// Trial is one run of a command, with an error in force.
type Trial struct {
	Error      apierror.Name `json:"error,omitempty"`
	Operation  string        `json:"operation,omitempty"` // empty: all that the error fits
	Call       string        `json:"call,omitempty"`      // "GET /leads"
	Session    string        `json:"session"`
	Result     TrialResult   `json:"result"`
	ExitCode   int           `json:"exitCode"`
	Met        int           `json:"met"` // how often the API answered with the error
	DurationMS float64       `json:"durationMs"`
	Gates      []string      `json:"gates,omitempty"`  // what was not met although the command was content
	Findings   []string      `json:"audit,omitempty"`  // the failures that the audit found, in a line each
	Output     string        `json:"output,omitempty"` // the last lines
}

// TrialResult is what became of a trial.
type TrialResult string

// The results. A command that never met the error has proved nothing.
const (
	Survived     TrialResult = "survived"
	Failed       TrialResult = "failed"
	TimedOut     TrialResult = "timeout"
	NotExercised TrialResult = "not exercised"
)

// Note takes down what the audit found.
func (t *Trial) Note(audit *AuditReport) {
	for i := range audit.Findings {
		if f := &audit.Findings[i]; f.Severity == Failure {
			t.Findings = append(t.Findings, fmt.Sprintf("%s: %s: %s%s", f.Rule, f.Call, f.Message, f.repeated()))
		}
	}
}

// Settle counts the results.
func (r *SurvivalReport) Settle() {
	r.Survived, r.Failed, r.Unproved = 0, 0, 0
	for i := range r.Trials {
		switch r.Trials[i].Result {
		case Survived:
			r.Survived++
		case NotExercised:
			r.Unproved++
		default:
			r.Failed++
		}
	}
	r.Passed = r.Failed == 0
}

// Name is the error, and the call if it is for one only.
func (t *Trial) Name() string {
	if t.Call == "" {
		return string(t.Error)
	}
	return string(t.Error) + " on " + t.Call
}

// How says how a trial came to its result, for people: "exit code 1".
func (t *Trial) How() string {
	switch {
	case t.Result == TimedOut:
		return "stopped after " + t.Took()
	case t.ExitCode != 0 && t.Met == 0 && t.Error != "":
		return fmt.Sprintf("exit code %d, without having met the error", t.ExitCode)
	case t.ExitCode != 0:
		return fmt.Sprintf("exit code %d", t.ExitCode)
	case len(t.Gates) > 0:
		return t.Gates[0]
	case t.Result == NotExercised:
		return "the command never met this error"
	}
	return ""
}

// Took is how long the run took, for people.
func (t *Trial) Took() string {
	d := time.Duration(t.DurationMS * float64(time.Millisecond))
	if d < 10*time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}
