package referee

import "slices"

// AuditReport is the client's conduct in one session, or in several.
type AuditReport struct {
	Session  string    `json:"session"`
	Passed   bool      `json:"passed"` // no failure; advices are none
	Requests int       `json:"requests"`
	Findings []Finding `json:"findings"`          // failures first, in the order in which they were found
	Omitted  int       `json:"omitted,omitempty"` // findings beyond the first 100
}

// Audit reports what was found so far.
func (r *Referee) Audit(session string) AuditReport {
	a := &r.auditor
	a.mu.Lock()
	defer a.mu.Unlock()
	report := AuditReport{Session: session, Requests: a.requests, Findings: []Finding{}, Omitted: a.omitted}
	for _, f := range a.findings {
		found := *f
		found.Requests = slices.Clone(f.Requests)
		report.Findings = append(report.Findings, found)
	}
	report.settle()
	return report
}

// settle sorts the findings, and says whether any of them is a failure.
func (r *AuditReport) settle() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return rank(a.Severity) - rank(b.Severity) })
	r.Passed = r.Omitted == 0 && (len(r.Findings) == 0 || r.Findings[0].Severity == Advice)
}

func rank(s Severity) int {
	if s == Failure {
		return 0
	}
	return 1
}

// MergeAudits puts reports of several sessions together.
func MergeAudits(session string, reports []AuditReport) AuditReport {
	merged := AuditReport{Session: session, Findings: []Finding{}}
	for _, r := range reports {
		merged.Requests += r.Requests
		merged.Omitted += r.Omitted
		merged.Findings = append(merged.Findings, r.Findings...)
	}
	merged.settle()
	return merged
}
