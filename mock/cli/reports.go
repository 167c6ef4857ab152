package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/referee"
)

// reportFlags say which running mock is asked for a report, and how the report is written.
type reportFlags struct {
	target
	Session    text   `default:"default" placeholder:"NAME" help:"The session that is meant. Default: default."`
	Format     choice `default:"text" choice:"text,json,junit,markdown" placeholder:"FORMAT" help:"text, json, junit or markdown. Default: text."`
	AdminToken text   `placeholder:"TEXT" from:"SALESOS_MOCK_ADMIN_TOKEN" help:"The token of the mock's --admin-token."`
}

type auditCommand struct {
	reportFlags
	Fail bool `help:"Exit code 3 if a failure was found."`
}

// Run prints what the clients of a running mock do that they should not.
func (c *auditCommand) Run(p *process) error {
	var report mock.AuditReport
	if err := c.ask(p, "audit", http.MethodGet, nil, &report); err != nil {
		return err
	}
	if err := report.Write(p.streams.Out, mock.Format(c.Format), p.colorful(p.streams.Out)); err != nil {
		return err
	}
	if c.Fail && !report.Passed {
		return unmetError([]string{"the audit found " + count(failures(&report), "failure", "failures")})
	}
	return nil
}

type coverageCommand struct {
	reportFlags
	Min percent `placeholder:"PERCENT" help:"Exit code 3 if fewer of the documented errors were met."`
}

// Run prints which documented errors the clients of a running mock have met.
func (c *coverageCommand) Run(p *process) error {
	var report mock.CoverageReport
	if err := c.ask(p, "coverage", http.MethodGet, nil, &report); err != nil {
		return err
	}
	if err := report.Write(p.streams.Out, mock.Format(c.Format), p.colorful(p.streams.Out)); err != nil {
		return err
	}
	g := gates{gateFlags: &gateFlags{MinCoverage: c.Min}}
	return unmetError(g.judgeCoverage(&report))
}

type verifyCommand struct {
	File text `arg:"" help:"File of expectations, YAML or JSON; - is standard input."`
	reportFlags
	BasePath basePath `default:"/api" placeholder:"PATH" from:"SALESOS_MOCK_BASE_PATH" help:"What the paths of the API begin with. Default: /api."`
}

// Run asks a running mock whether what the file expects came.
func (c *verifyCommand) Run(p *process) error {
	body, err := c.expectations(p)
	if err != nil {
		return err
	}
	var verdict mock.Verdict
	if err := c.ask(p, "verify", http.MethodPost, body, &verdict); err != nil {
		return err
	}
	if err := verdict.Write(p.streams.Out, mock.Format(c.Format), p.colorful(p.streams.Out)); err != nil {
		return err
	}
	if !verdict.Passed {
		return unmetError([]string{judgeVerdict(&verdict)})
	}
	return nil
}

// expectations reads the file and gives it as JSON, which is what a mock takes. What is wrong with it is said here, where
// its lines are known.
func (c *verifyCommand) expectations(p *process) ([]byte, error) {
	data, err := c.read(p)
	if err != nil {
		return nil, usageError{err, "verify"}
	}
	_, problems := referee.ParseExpectations(string(c.File), data, referee.Options{BasePath: string(c.BasePath)})
	if len(problems) > 0 {
		return nil, exitError{exitUsage, problems}
	}
	root, problems := document.Parse(string(c.File), data, document.DefaultLimits())
	if len(problems) > 0 {
		return nil, exitError{exitUsage, problems}
	}
	return root.JSON(), nil
}

func (c *verifyCommand) read(p *process) ([]byte, error) {
	if c.File == "-" {
		return io.ReadAll(p.streams.In)
	}
	return os.ReadFile(string(c.File))
}

// reportWithin bounds how long a mock may take for a report, and largestReport how long that may be, in bytes.
const (
	reportWithin  = 30 * time.Second
	largestReport = 256 << 20
)

// ask asks the admin API of a running mock for a report.
func (f *reportFlags) ask(p *process, route, method string, body []byte, into any) error {
	origin, err := f.origin(p, route)
	if err != nil {
		return err
	}
	ctx, stop := p.untilSignal()
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, reportWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, origin+"/__admin/"+route+"?session="+url.QueryEscape(string(f.Session)), bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if f.AdminToken != "" {
		request.Header.Set("Authorization", "Bearer "+string(f.AdminToken))
	}
	status, answer, err := askMock(request, largestReport)
	if err != nil {
		return fmt.Errorf("no mock answers at %s: %w", origin, err)
	}
	return readReport(origin, status, answer, into)
}

// readReport reads a report, or what is in its way. A 409 is the verdict that not all came.
func readReport(origin string, status int, answer []byte, into any) error {
	if status == http.StatusOK || status == http.StatusConflict {
		if err := json.Unmarshal(answer, into); err == nil {
			return nil
		}
	}
	var refusal struct {
		StatusCode int    `json:"statusCode"`
		Message    string `json:"message"`
	}
	if json.Unmarshal(answer, &refusal) != nil || refusal.Message == "" || refusal.StatusCode != status {
		return fmt.Errorf("something else than %s answers at %s (status %d)", program, origin, status)
	}
	return fmt.Errorf("the mock at %s answers %d: %s", origin, status, harmless(refusal.Message))
}
