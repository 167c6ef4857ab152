package referee

// Absorb takes over what another referee has found, who will find nothing more. Calls that the two saw are never
// connected: whatever lies between them made the one forget.
func (r *Referee) Absorb(other *Referee) {
	r.auditor.absorb(other.Audit(""))
	r.coverage.absorb(&other.coverage)
}

func (a *auditor) absorb(found AuditReport) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests += found.Requests
	a.omitted += found.Omitted
	for i := range found.Findings {
		if len(a.findings) == maxFindings {
			a.omitted++
			continue
		}
		a.findings = append(a.findings, &found.Findings[i])
	}
}

func (v *coverage) absorb(other *coverage) {
	other.mu.Lock()
	defer other.mu.Unlock()
	for m, counts := range other.cells {
		v.add(m, counts)
	}
}
