package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/referee"
)

// gateFlags say what must hold besides the command's own exit code, and where the reports go.
type gateFlags struct {
	FailOnAudit bool    `help:"Exit code 3 if the audit finds a failure."`
	MinCoverage percent `placeholder:"PERCENT" help:"Exit code 3 if fewer of the documented errors were met."`
	Verify      []text  `placeholder:"FILE" help:"Exit code 3 unless what the file expects was requested. Repeatable."`
	Report      []text  `placeholder:"FILE" help:"Write the reports to a file: .json, .xml (JUnit), .md, else text. Repeatable."`
	Format      choice  `choice:"text,json,junit,markdown" placeholder:"FORMAT" help:"Format of the report files, whatever they are called: text, json, junit or markdown."`
}

// gates are the flags, with what the files say.
type gates struct {
	*gateFlags
	expectations []mock.Expectation
}

// read reads the files of expectations.
func (f *gateFlags) read(server *mock.Server) (*gates, error) {
	g := &gates{gateFlags: f}
	for _, file := range f.Verify {
		data, err := os.ReadFile(string(file))
		if err != nil {
			return nil, usageError{fmt.Errorf("--verify: %w", err), "run"}
		}
		expectations, err := server.ParseExpectations(string(file), data)
		if err != nil {
			return nil, exitError{exitUsage, err}
		}
		g.expectations = append(g.expectations, expectations...)
	}
	return g, nil
}

// total judges all that came to a server; the reports are in the order in which they are told.
func (g *gates) total(t *mock.Totals) (reports []referee.Report, unmet []string) {
	audit, coverage := t.Reports(mock.AllSessions)
	reports = []referee.Report{&audit, referee.Brief(coverage, t.Calls(mock.AllSessions))}
	if unfit := g.judgeAudit(&audit); unfit != "" {
		unmet = append(unmet, unfit)
	}
	unmet = append(unmet, g.judgeCoverage(&coverage)...)
	if g.expectations == nil {
		return reports, unmet
	}
	verdict := t.Verify(mock.AllSessions, g.expectations...)
	if !verdict.Passed {
		unmet = append(unmet, judgeVerdict(&verdict))
	}
	return append(reports, &verdict), unmet
}

func (g *gates) judgeAudit(audit *mock.AuditReport) string {
	if !g.FailOnAudit || audit.Passed {
		return ""
	}
	return "the audit found " + count(failures(audit), "failure", "failures")
}

func failures(audit *mock.AuditReport) int {
	advices := 0
	for i := range audit.Findings {
		if audit.Findings[i].Severity == referee.Advice {
			advices++
		}
	}
	return len(audit.Findings) - advices + audit.Omitted
}

func (g *gates) judgeCoverage(coverage *mock.CoverageReport) []string {
	if coverage.Percent >= float64(g.MinCoverage) {
		return nil
	}
	return []string{fmt.Sprintf("the coverage is %.1f %%, at least %g %% is asked for", coverage.Percent, float64(g.MinCoverage))}
}

func judgeVerdict(v *mock.Verdict) string {
	failed := 0
	for i := range v.Results {
		if !v.Results[i].Passed {
			failed++
		}
	}
	return fmt.Sprintf("%d of %d expectations not met", failed, len(v.Results))
}

// unmetError ends the program when a gate was not met.
func unmetError(unmet []string) error {
	if len(unmet) == 0 {
		return nil
	}
	return exitError{exitGate, fmt.Errorf("%s", strings.Join(unmet, "; "))}
}

// write writes the report files, and the summary of a job of GitHub Actions, which takes Markdown at its end.
func (g *gates) write(p *process, reports []referee.Report) error {
	summary := p.env["GITHUB_STEP_SUMMARY"]
	for _, file := range g.Report {
		if string(file) == summary {
			continue
		}
		var b bytes.Buffer
		if err := referee.WriteAll(&b, g.format(string(file)), false, reports...); err != nil {
			return err
		}
		if err := os.WriteFile(string(file), b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("--report: %w", err)
		}
	}
	if summary == "" {
		return nil
	}
	if err := addToSummary(summary, reports); err != nil {
		p.warn("the job's summary (GITHUB_STEP_SUMMARY) cannot be written: %v", err)
	}
	return nil
}

func addToSummary(file string, reports []referee.Report) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	err = referee.WriteAll(f, mock.Markdown, false, reports...)
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// format is that of a report file.
func (g *gates) format(file string) mock.Format {
	if g.Format != "" {
		return mock.Format(g.Format)
	}
	switch strings.ToLower(filepath.Ext(file)) {
	case ".json":
		return mock.JSON
	case ".xml":
		return mock.JUnit
	case ".md", ".markdown":
		return mock.Markdown
	}
	return mock.Text
}
