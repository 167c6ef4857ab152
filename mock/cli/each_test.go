//go:build unix

package cli_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock/cli"
)

// survival is what a report says of the runs.
type survival struct {
	Passed                         bool
	Survived, Failed, NotExercised int
	NotCalled                      []string
	Trials                         []struct {
		Error, Call, Session, Result, Output string
		ExitCode, Met                        int
		Gates                                []string
	}
}

// each runs a command with --each-error, and gives the report too.
func each(t *testing.T, args ...string) (result, survival) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	got := running(t, "", append([]string{"--each-error", "--jobs", "4", "--report", file}, args...)...)
	var report struct{ Survival survival }
	if data, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(data, &report); err != nil {
			t.Fatal(err)
		}
	}
	return got, report.Survival
}

// results are the runs in a line each.
func (s survival) results() (lines []string) {
	for _, trial := range s.Trials {
		lines = append(lines, strings.TrimSpace(trial.Error+" "+trial.Call)+": "+trial.Result)
	}
	return lines
}

func TestEachErrorTellsWhatSurvives(t *testing.T) {
	t.Parallel()
	got, report := each(t, "--", "client", "-tries", "2", "GET", "/leads?limit=1")
	want := []string{
		"bad_request: not exercised", "validation: failed", "unauthorized: failed", "forbidden: failed", "not_found: not exercised", "conflict: not exercised",
		"unprocessable: not exercised", "rate_limited: survived", "internal: failed", "unavailable: survived",
	}
	if diff := cmp.Diff(want, report.results()); diff != "" || got.code != 1 {
		t.Errorf("code %d\n%s", got.code, diff)
	}
	if report.Passed || report.Survived != 2 || report.Failed != 4 || report.NotExercised != 4 || report.NotCalled != nil {
		t.Errorf("%+v", report)
	}
	for _, text := range []string{
		"Errors that client -tries 2 GET /leads?limit=1 survives: 2 of 10 errors survived, 4 not, 4 not exercised\n",
		"\n  rate_limited   all   survived       1 ", "\n  conflict       all   not exercised  0 ",
		"\ninternal: exit code 1\n  | 500 {\"statusCode\":500,\"message\":\"Internal Server Error\"}\n",
	} {
		if !strings.Contains(got.out, text) {
			t.Errorf("no %q in\n%s", text, got.out)
		}
	}
	for _, text := range []string{"salesos-mock: without errors: passed in ", "; it calls GET /leads\n", "/10] survived       rate_limited  "} {
		if !strings.Contains(got.err, text) {
			t.Errorf("no %q in\n%s", text, got.err)
		}
	}
}

func TestEachErrorOfEachOperation(t *testing.T) {
	t.Parallel()
	const script = `client GET /leads?limit=1 >/dev/null; client GET /leads/stats && client GET /leads/00000000-0000-4000-8000-000000000001`
	_, report := each(t, "--operations", "--times", "0", "--", "sh", "-c", script)
	if n := len(report.Trials); n != 6+5+6 || len(report.NotCalled) < 20 {
		t.Errorf("%d trials, %d calls that were not made", n, len(report.NotCalled))
	}
	for _, trial := range report.Trials {
		wanted := "failed"
		if trial.Call == "GET /leads" {
			wanted = "survived" // the script does not look
		}
		if trial.Met != 1 || trial.Result != wanted {
			t.Errorf("%+v", trial)
		}
	}
}

// All that survives is a success, and so is what was never met, which the table says.
func TestACommandThatSurvives(t *testing.T) {
	t.Parallel()
	got, report := each(t, "--", "sh", "-c", "client GET /leads/stats; true")
	if !report.Passed || got.code != 0 || report.Survived != 5 || report.NotExercised != 5 {
		t.Errorf("%+v\n%+v", got, report)
	}
}

// A test suite that resets the mock before each test does so in its own run, and what it met before counts.
func TestASuiteThatResets(t *testing.T) {
	t.Parallel()
	_, report := each(t, "--", "sh", "-c", `client -tries 2 GET /leads/stats && SALESOS_API_URL=$SALESOS_ADMIN_URL client POST /reset`)
	for _, trial := range report.Trials {
		if survives := trial.Error == "unavailable" || trial.Error == "rate_limited"; survives && (trial.Result != "survived" || trial.Met != 1) {
			t.Errorf("%+v", trial)
		}
	}
	if report.Failed != 3 || report.Survived != 2 {
		t.Errorf("%+v", report)
	}
}

func TestGatesOfEachRun(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "once.yaml")
	if err := os.WriteFile(file, []byte("- {name: one call, when: {path: /leads/stats}, exactly: 1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, report := each(t, "--verify", file, "--", "client", "-tries", "2", "GET", "/leads/stats")
	for _, trial := range report.Trials {
		if unmet := trial.Error == "unavailable" || trial.Error == "rate_limited"; unmet != (len(trial.Gates) == 1) {
			t.Errorf("%+v", trial)
		}
	}
	if got.code != 1 {
		t.Errorf("a failure comes before a gate: code %d", got.code)
	}
	got, _ = each(t, "--verify", file, "--", "sh", "-c", "client -tries 2 GET /leads/stats; true")
	if want := "salesos-mock: rate_limited: 1 of 1 expectations not met; unavailable: 1 of 1 expectations not met\n"; got.code != 3 || !strings.HasSuffix(got.err, want) {
		t.Errorf("%+v", got)
	}
	got, _ = each(t, "--min-coverage", "90", "--", "sh", "-c", "client GET /leads/stats; true")
	if got.code != 3 || !strings.Contains(got.err, "at least 90 % is asked for") {
		t.Errorf("%+v", got)
	}
}

func TestARunWithoutErrorsMustPass(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"salesos-mock: the command fails even without errors (exit code 3): mend that first, then try the errors\n  | line 2\n":                         {"sh", "-c", "echo; echo 'line 2'; exit 3"},
		"salesos-mock: the command fails even without errors (stopped after ":                                                                           {"--timeout", "50ms", "sleep", "60"},
		"salesos-mock: the command never called the API, so no error can be tried: it finds the address in SALESOS_API_URL (in each run another one)\n": {"true"},
		"salesos-mock: command not found: no-such-command":                                                                                              {"no-such-command"},
	} {
		got, _ := each(t, args...)
		if got.code == 0 || !strings.HasPrefix(got.err, want) || got.out != "" {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
}

// A command that hangs is ended with its children. Its run is a failure that says so.
func TestATimeoutEndsTheWholeGroup(t *testing.T) {
	t.Parallel()
	pids := filepath.Join(t.TempDir(), "pids")
	script := `answer=$(client GET /auth/csrf-token) && exit
case $answer in 503*) sh -c 'trap "" TERM; echo $$ >>` + pids + `; while :; do sleep 0.1; done' & wait;; esac
exit 1`
	got, report := each(t, "--timeout", "6s", "--", "sh", "-c", script)
	if got.code != 1 || !strings.Contains(got.out, "\nunavailable: stopped after 6s\n") {
		t.Errorf("%+v", got)
	}
	for _, trial := range report.Trials {
		if (trial.Result == "timeout") != (trial.Error == "unavailable") {
			t.Errorf("%+v", trial)
		}
	}
	all, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for pid := range strings.Lines(string(all)) {
		gone(t, pid)
	}
}

// What a command starts and leaves behind does not hold the runs up, and is nobody's business.
func TestChildrenThatStayBehind(t *testing.T) {
	t.Parallel()
	began := time.Now()
	got, report := each(t, "--", "sh", "-c", `client GET /leads/stats; sleep 30 & true`)
	if got.code != 0 || report.Survived != 5 || time.Since(began) > 25*time.Second {
		t.Errorf("after %v: %+v", time.Since(began), got)
	}
}

func TestMuchOutputIsCutAndMadeHarmless(t *testing.T) {
	t.Parallel()
	_, report := each(t, "--", "sh", "-c", `client GET /leads/stats && exit; head -c 3000000 /dev/zero; printf '\n\033[2J\nlast\n'; exit 1`)
	for _, trial := range report.Trials {
		if trial.Result == "failed" && (!strings.HasSuffix(trial.Output, "\uFFFD[2J\nlast") || len(trial.Output) > 5000) {
			t.Errorf("%d bytes: %q", len(trial.Output), trial.Output)
		}
	}
}

func TestTheRunsAreStopped(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("salesos-mock")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	command := exec.Command(path, "run", "--each-error", "--", "sh", "-c", `client GET /leads/stats && exit; echo $$ >pid.tmp; mv pid.tmp pid; exec sleep 60`)
	var errs lockedBuffer
	command.Env, command.Dir, command.Stderr, command.SysProcAttr = os.Environ(), folder, &errs, background()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(20 * time.Second)
	for {
		if _, err := os.Stat(filepath.Join(folder, "pid")); err == nil {
			break
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("no run hangs: %s", &errs)
		}
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended(t, command, 143)
	if !strings.HasSuffix(errs.String(), "salesos-mock: stopped by the signal terminated\n") {
		t.Error(errs.String())
	}
	pid, err := os.ReadFile(filepath.Join(folder, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	gone(t, string(pid))
}

// Whoever calls the command line as a function ends it by its context.
func TestTheContextEndsACommand(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var out, errs lockedBuffer
	go func() {
		look := time.NewTicker(5 * time.Millisecond)
		defer look.Stop()
		for !strings.Contains(out.String(), "ready") && ctx.Err() == nil {
			<-look.C
		}
		cancel()
	}()
	if code := cli.Main(ctx, []string{"run", "--", "sh", "-c", "echo ready; exec sleep 60"}, os.Environ(), cli.Streams{Out: &out, Err: &errs}); code != 143 {
		t.Errorf("code %d: %s", code, &errs)
	}
}
