package session

import (
	"sync"

	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/referee"
)

// Totals keep what sessions forget when they are reset or dropped, for whoever judges all that a program did from its
// beginning to its end.
type Totals struct {
	journal   *journal.Journal
	forgotten referee.Referee // what was found in sessions since they were reset or dropped

	mu    sync.Mutex
	calls map[call]int
}

// everything is the one session of the journal of Totals.
const everything = "everything"

// call is an operation, called in a session.
type call struct{ session, operation string }

// NewTotals makes empty totals that keep so many requests.
func NewTotals(entries int) *Totals {
	return &Totals{journal: journal.New(journal.Options{Entries: entries}), calls: map[call]int{}}
}

func (t *Totals) record(x *journal.Exchange) {
	if t == nil {
		return
	}
	own := *x
	own.Session = everything
	t.journal.Record(&own)
	if x.Operation == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls[call{x.Session, x.Operation}]++
}

func (t *Totals) forget(r *referee.Referee) {
	if t != nil {
		t.forgotten.Absorb(r)
	}
}

// Calls counts the calls of each operation in a session, or in Every.
func (t *Totals) Calls(session string) map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls := map[string]int{}
	for c, n := range t.calls {
		if session == Every || c.session == session {
			calls[c.operation] += n
		}
	}
	return calls
}

// Totals are what outlives resets and dropped sessions; nil if nothing does.
func (m *Manager) Totals() *Totals { return m.options.Totals }

// Total is what was found in all sessions, those included that are gone.
func (m *Manager) Total() (referee.AuditReport, referee.CoverageReport) {
	audit, _ := m.Audit(Every)
	coverage, _ := m.Coverage(Every)
	forgotten := &m.options.Totals.forgotten
	return referee.MergeAudits(Every, []referee.AuditReport{forgotten.Audit(Every), audit}),
		referee.MergeCoverage(Every, []referee.CoverageReport{forgotten.Coverage(Every, m.Generation().Operations), coverage})
}

// VerifyTotal asks what came to any session whether it was what is expected.
func (m *Manager) VerifyTotal(expectations []referee.Expectation) referee.Verdict {
	entries, truncated := m.options.Totals.journal.Evidence(everything)
	return referee.Verify(entries, truncated, expectations)
}
