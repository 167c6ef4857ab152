package referee

import (
	"bytes"
	"net/http"
	"sync"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/operation"
)

// coverage counts which documented error each operation has answered. It is bounded by the operations that there are.
type coverage struct {
	mu    sync.Mutex
	cells map[met]Counts
}

// met is a documented error that an operation has answered.
type met struct {
	operation string
	error     apierror.Name
}

// Counts is how often an error was answered.
type Counts struct {
	Natural int `json:"natural"` // the request earned it
	Forced  int `json:"forced"`  // a directive or a scenario asked for it
}

// Total is how often, in all.
func (c Counts) Total() int { return c.Natural + c.Forced }

func (c Counts) plus(more Counts) Counts {
	return Counts{c.Natural + more.Natural, c.Forced + more.Forced}
}

func (v *coverage) reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cells = nil
}

func (v *coverage) record(x *journal.Exchange) {
	if x.Status < http.StatusBadRequest || x.Operation == "" {
		return
	}
	name := errorOf(x)
	if name == "" {
		return
	}
	if x.Decision == journal.ByDirective || x.Decision == journal.ByScenario {
		v.add(met{x.Operation, name}, Counts{Forced: 1})
	} else {
		v.add(met{x.Operation, name}, Counts{Natural: 1})
	}
}

func (v *coverage) add(m met, more Counts) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.cells == nil {
		v.cells = map[met]Counts{}
	}
	v.cells[m] = v.cells[m].plus(more)
}

// errorOf is the documented error that an answer is; empty for one that is none.
func errorOf(x *journal.Exchange) apierror.Name {
	if x.Error != "" {
		return apierror.Name(x.Error)
	}
	if x.Status == http.StatusBadRequest {
		return badRequest(x.ResponseBody)
	}
	return apierror.FromStatus(x.Status).Name
}

// badRequest tells the two errors of status 400 apart by their message.
func badRequest(body []byte) apierror.Name {
	if bytes.HasPrefix(body, []byte(`{"statusCode":400,"message":[`)) {
		return apierror.Validation
	}
	return apierror.BadRequest
}

// CoverageReport says which documented errors a client has met.
type CoverageReport struct {
	Session    string              `json:"session"`
	Percent    float64             `json:"percent"` // of the pairs of operations and errors that fit
	Exercised  int                 `json:"exercised"`
	Total      int                 `json:"total"`
	Operations []OperationCoverage `json:"operations"`
}

// OperationCoverage is one operation with the errors that fit it.
type OperationCoverage struct {
	Operation string          `json:"operation"`
	Method    string          `json:"method"`
	Path      string          `json:"path"`
	Exercised int             `json:"exercised"`
	Errors    []ErrorCoverage `json:"errors"`
}

// ErrorCoverage is one documented error of an operation.
type ErrorCoverage struct {
	Error  apierror.Name `json:"error"`
	Status int           `json:"status"`
	Counts
	Header string `json:"header,omitempty"` // what would exercise it; empty if it was
}

// Coverage reports what was counted, for the operations of a table. Errors that do not fit an operation count nowhere.
func (r *Referee) Coverage(session string, table *operation.Table) CoverageReport {
	return r.coverage.report(session, table)
}

func (v *coverage) report(session string, table *operation.Table) CoverageReport {
	v.mu.Lock()
	defer v.mu.Unlock()
	report := CoverageReport{Session: session, Operations: []OperationCoverage{}}
	catalogue := apierror.Catalogue()
	for _, o := range table.All() {
		line := v.operation(o, catalogue)
		report.Exercised += line.Exercised
		report.Total += len(line.Errors)
		report.Operations = append(report.Operations, line)
	}
	report.Percent = percent(report.Exercised, report.Total)
	return report
}

func (v *coverage) operation(o *operation.Operation, catalogue []apierror.Entry) OperationCoverage {
	line := OperationCoverage{Operation: o.ID, Method: o.Method, Path: o.Path, Errors: []ErrorCoverage{}}
	for _, entry := range catalogue {
		if !o.Fits(entry.Name) {
			continue
		}
		cell := ErrorCoverage{Error: entry.Name, Status: entry.Error.Status, Counts: v.cells[met{o.ID, entry.Name}]}
		if cell.Total() > 0 {
			line.Exercised++
		} else {
			cell.Header = "X-Mock-Error: " + string(entry.Name)
		}
		line.Errors = append(line.Errors, cell)
	}
	return line
}

// percent is rounded down to a tenth: 99.96 is not all.
func percent(part, whole int) float64 {
	if whole == 0 {
		return 100
	}
	return float64(part*1000/whole) / 10
}

// MergeCoverage adds reports of several sessions, made with the same table, into one: what any of them exercised is.
func MergeCoverage(session string, reports []CoverageReport) CoverageReport {
	merged := CoverageReport{Session: session, Operations: []OperationCoverage{}}
	index := map[string]int{}
	for _, report := range reports {
		for _, line := range report.Operations {
			i, known := index[line.Operation]
			if !known {
				index[line.Operation] = len(merged.Operations)
				line.Errors = append([]ErrorCoverage(nil), line.Errors...)
				merged.Operations = append(merged.Operations, line)
				continue
			}
			merged.Operations[i].merge(line)
		}
	}
	for _, line := range merged.Operations {
		merged.Exercised += line.Exercised
		merged.Total += len(line.Errors)
	}
	merged.Percent = percent(merged.Exercised, merged.Total)
	return merged
}

func (l *OperationCoverage) merge(other OperationCoverage) {
	l.Exercised = 0
	for i := range l.Errors {
		cell := &l.Errors[i]
		for _, more := range other.Errors {
			if more.Error == cell.Error {
				cell.Counts = cell.plus(more.Counts)
			}
		}
		if cell.Total() > 0 {
			cell.Header = ""
			l.Exercised++
		}
	}
}
