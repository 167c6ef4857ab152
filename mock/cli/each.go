package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/referee"
)

// A trial may take so much longer than the run without errors, but at least so long.
const (
	patience      = 10
	leastPatience = 30 * time.Second
)

// leaveAfter is how long a command that was asked to end has for that.
const leaveAfter = time.Second

// tailLines is how much of a failed trial's output is shown.
const tailLines = 15

// eachFlags ask for one run for each documented error.
type eachFlags struct {
	EachError  bool   `help:"Run the command once for each documented error, in a session of its own each time, and say which it survives."`
	Operations bool   `help:"With --each-error: once for each error of each operation that the command calls."`
	Times      number `default:"1" least:"0" most:"1000000" placeholder:"N" help:"With --each-error: how often each operation answers with the error before it recovers; 0: always. Default: 1."`
	Jobs       number `default:"1" least:"1" most:"256" placeholder:"N" help:"With --each-error: how many runs at a time. Default: 1."`
	Timeout    period `default:"0" bare:"s" min:"0s" max:"24h" placeholder:"TIME" help:"With --each-error: how long a run may take. Default: ten times as long as without errors, and at least 30s."`
}

// check finds flags that do nothing.
func (f *eachFlags) check() error {
	if f.EachError {
		return nil
	}
	for name, given := range map[string]bool{"--operations": f.Operations, "--times": f.Times != 1, "--jobs": f.Jobs != 1, "--timeout": f.Timeout != 0} {
		if given {
			return usageError{fmt.Errorf("%s means something only together with --each-error", name), "run"}
		}
	}
	return nil
}

// matrix runs a command once for each documented error.
type matrix struct {
	*process
	c    *runCommand
	h    *hosted
	gate *gates

	timeout  time.Duration // of a trial; 0: none
	progress *progress
}

// trial is one run to be made: an error, and the operations that answer with it.
type trial struct {
	name       apierror.Name
	operations []*operation.Operation
	single     bool // the run is about the one operation
	session    string
}

// found is the trial before anything came of it.
func (t *trial) found() referee.Trial {
	found := referee.Trial{Error: t.name, Session: t.session}
	if t.single {
		found.Operation, found.Call = t.operations[0].ID, t.operations[0].Method+" "+t.operations[0].Path
	}
	return found
}

// eachError runs the command without errors, then with each of them, and tells which runs it survived.
func (c *runCommand) eachError(p *process, h *hosted, g *gates) error {
	ctx, stop := p.untilStopped()
	defer stop()
	m := &matrix{process: p, c: c, h: h, gate: g, timeout: time.Duration(c.Timeout), progress: p.newProgress()}
	report, err := m.run(ctx)
	broken := h.end()
	if err == nil {
		err = broken
	}
	if err != nil {
		return err
	}
	return m.conclude(report)
}

func (m *matrix) run(ctx context.Context) (*referee.SurvivalReport, error) {
	baseline, err := m.try(ctx, trial{session: "baseline"})
	if err != nil {
		return nil, err
	}
	called, err := m.judgeBaseline(baseline)
	if err != nil {
		return nil, err
	}
	if m.timeout == 0 {
		m.timeout = max(leastPatience, patience*time.Duration(baseline.DurationMS*float64(time.Millisecond)))
	}
	trials := m.trials(called)
	m.progress.begin(len(trials), baseline, called, m.timeout)
	report := &referee.SurvivalReport{Command: m.c.Command, Baseline: baseline, Trials: make([]referee.Trial, len(trials))}
	if m.c.Operations {
		report.NotCalled = m.notCalled(called)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(int(m.c.Jobs))
	for i, t := range trials {
		group.Go(func() (err error) {
			if report.Trials[i] = t.found(); len(t.operations) > 0 {
				m.progress.start(report.Trials[i].Name())
			}
			if report.Trials[i], err = m.try(ctx, t); err == nil {
				m.progress.finish(&report.Trials[i])
			}
			return err
		})
	}
	err = group.Wait()
	m.progress.end()
	report.Settle()
	return report, err
}

// judgeBaseline finds out what the command calls. One that fails without errors cannot show that it survives any.
func (m *matrix) judgeBaseline(baseline referee.Trial) (called []*operation.Operation, err error) {
	if baseline.Result != referee.Survived {
		return nil, fmt.Errorf("the command fails even without errors (%s): mend that first, then try the errors%s", baseline.How(), quote(baseline.Output))
	}
	calls := m.h.Totals().Calls(baseline.Session)
	called = slices.DeleteFunc(slices.Clone(m.h.Operations()), func(o *operation.Operation) bool { return calls[o.ID] == 0 })
	if len(called) == 0 {
		return nil, errors.New("the command never called the API, so no error can be tried: it finds the address in SALESOS_API_URL (in each run another one)")
	}
	return called, nil
}

// notCalled are the calls that the command never makes.
func (m *matrix) notCalled(called []*operation.Operation) (calls []string) {
	for _, o := range m.h.Operations() {
		if !slices.Contains(called, o) {
			calls = append(calls, o.Method+" "+o.Path)
		}
	}
	return calls
}

// quote is output below a message.
func quote(output string) string {
	var b strings.Builder
	for line := range strings.Lines(output) {
		b.WriteString("\n  | " + harmless(strings.TrimRight(line, "\r\n")))
	}
	return b.String()
}

// trials are the runs to make. An error that none of the called operations can give is not worth one: it would be the
// run without errors once more.
func (m *matrix) trials(called []*operation.Operation) []trial {
	var all []trial
	for _, name := range apierror.Names() {
		name := apierror.Name(name)
		fitting := slices.DeleteFunc(slices.Clone(called), func(o *operation.Operation) bool { return !o.Fits(name) })
		if !m.c.Operations {
			all = append(all, trial{name: name, operations: slices.DeleteFunc(fitting, func(o *operation.Operation) bool { return isLoginItself(o, name) })})
			continue
		}
		for _, o := range fitting {
			all = append(all, trial{name: name, operations: []*operation.Operation{o}, single: true})
		}
	}
	for i := range all {
		all[i].session = fmt.Sprintf("each-%d-%s", i+1, all[i].name)
	}
	return all
}

// isLoginItself: a session that has ended is mended by logging in or by a refresh. If these were refused together with the
// rest, nobody could survive; they are tried by themselves, with --operations.
func isLoginItself(o *operation.Operation, name apierror.Name) bool {
	return name == apierror.Unauthorized && (o.Action == operation.Login || o.Action == operation.Refresh)
}

// try makes one run in a session of its own.
func (m *matrix) try(ctx context.Context, t trial) (referee.Trial, error) {
	found := t.found()
	if t.name != "" && len(t.operations) == 0 {
		found.Result = referee.NotExercised
		return found, nil
	}
	s, err := m.h.Session(t.session)
	if err != nil {
		return found, err
	}
	if err := m.force(s, t); err != nil {
		return found, err
	}
	environ, err := m.h.environ(s, m.environ)
	if err != nil {
		return found, err
	}
	if err := m.exec(ctx, environ, &found); err != nil {
		return found, err
	}
	m.judge(&found)
	return found, nil
}

// judge looks at what came of a run: whether the error was met, and what else was asked for.
func (m *matrix) judge(found *referee.Trial) {
	audit, coverage := m.h.Totals().Reports(found.Session)
	found.Met = met(&coverage, found.Error)
	found.Note(&audit)
	if unmet := m.gate.judgeAudit(&audit); unmet != "" {
		found.Gates = append(found.Gates, unmet)
	}
	if m.gate.expectations != nil {
		if verdict := m.h.Totals().Verify(found.Session, m.gate.expectations...); !verdict.Passed {
			found.Gates = append(found.Gates, judgeVerdict(&verdict))
		}
	}
	switch {
	case found.Result == referee.Survived && found.Error != "" && found.Met == 0:
		found.Result = referee.NotExercised
	case found.Result == referee.Survived && len(found.Gates) > 0:
		found.Result = referee.Failed
	}
}

// met is how often a run was answered with an error that was put in force.
func met(coverage *mock.CoverageReport, name apierror.Name) (n int) {
	for i := range coverage.Operations {
		for _, e := range coverage.Operations[i].Errors {
			if e.Error == name {
				n += e.Forced
			}
		}
	}
	return n
}

// conclude tells which errors the command survives, on standard output: it is what was asked for.
func (m *matrix) conclude(report *referee.SurvivalReport) error {
	_, coverage := m.h.Totals().Reports(mock.AllSessions)
	reports := []referee.Report{report}
	if err := referee.WriteAll(m.streams.Out, mock.Text, m.colorful(m.streams.Out), reports...); err != nil {
		return err
	}
	if err := m.gate.write(m.process, reports); err != nil {
		return err
	}
	unmet := m.gate.judgeCoverage(&coverage)
	for i := range report.Trials {
		switch t := &report.Trials[i]; {
		case t.ExitCode != 0 || t.Result == referee.TimedOut:
			return exitError{exitFailure, nil}
		case len(t.Gates) > 0:
			unmet = append(unmet, t.Name()+": "+strings.Join(t.Gates, ", "))
		}
	}
	return unmetError(unmet)
}

// force lets the operations of a trial answer with its error.
func (m *matrix) force(s *mock.Session, t trial) error {
	entry, _ := apierror.Lookup(string(t.name))
	step := `"error":"` + string(t.name) + `"`
	if entry.Error.RetryAfter != "" {
		step += `,"retryAfter":1` // who waits as long as is asked for must not hold the runs up
	}
	if m.c.Times > 0 {
		step += fmt.Sprintf(`,"times":%d`, m.c.Times)
	}
	for _, o := range t.operations {
		if err := s.AddRuleFor(o.ID, "each-"+o.ID, []byte(`{"respond":{`+step+`}}`)); err != nil {
			return err
		}
	}
	return nil
}

// exec runs the command, its output kept back. When its time is up, it is ended with all that belongs to its group.
func (m *matrix) exec(ctx context.Context, environ []string, found *referee.Trial) error {
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	if m.timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, m.timeout)
		defer cancel()
	}
	c := exec.CommandContext(limited, m.c.Command[0], m.c.Command[1:]...)
	output := &tail{}
	c.Env, c.Stdout, c.Stderr, c.WaitDelay = environ, output, output, leaveAfter
	c.Cancel = func() error { return askGroupToEnd(c.Process) }
	inOwnGroup(c)
	began := entropy.WallNow()
	code, err := wait(c, func() func() { return func() {} })
	found.DurationMS = float64(entropy.WallNow().Sub(began).Milliseconds())
	if limited.Err() != nil && c.Process != nil {
		_ = endGroup(c.Process) // what is left of it; nothing may be
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	found.ExitCode, found.Output = code, output.lines(tailLines)
	switch {
	case limited.Err() != nil:
		found.Result, found.DurationMS = referee.TimedOut, float64(m.timeout.Milliseconds())
	case code != 0:
		found.Result = referee.Failed
	default:
		found.Result = referee.Survived
	}
	return err
}

// stopped says which signal ended the runs.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string { return "stopped by the signal " + s.signal.String() }

// untilStopped ends the context at the first signal that asks for it, with the exit code that a shell would give. The
// second one ends the program at once.
func (p *process) untilStopped() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(p.ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			number, _ := s.(syscall.Signal)
			cancel(exitError{128 + int(number), stopped{s}})
		case <-ctx.Done():
		}
	})
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
		waiting.Wait()
	}
}
