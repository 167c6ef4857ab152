package session

import (
	"sync"

	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/referee"
)

// Totals keep what sessions forget when they are reset or dropped, for whoever judges all that a program did from its
// beginning to its end.
type Totals struct {
	journal *journal.Journal

	mu        sync.Mutex
	recorded  int
	calls     map[call]int
	forgotten map[string]*referee.Referee // by session: what was found before it was reset or dropped
}

// call is an operation, called in a session.
type call struct{ session, operation string }

// maxForgotten bounds the sessions whose past is kept apart. That of the others is kept together, under no name.
const maxForgotten = 1000

// NewTotals makes empty totals that keep so many requests.
func NewTotals(entries int) *Totals {
	return &Totals{journal: journal.New(journal.Options{Entries: entries}), calls: map[call]int{}, forgotten: map[string]*referee.Referee{}}
}

func (t *Totals) record(x *journal.Exchange) {
	if t == nil {
		return
	}
	t.journal.Record(x)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recorded++
	if x.Operation != "" {
		t.calls[call{x.Session, x.Operation}]++
	}
}

func (t *Totals) forget(session string, r *referee.Referee) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.forgotten[session] == nil {
		if len(t.forgotten) >= maxForgotten {
			session = ""
		}
		if t.forgotten[session] == nil {
			t.forgotten[session] = new(referee.Referee)
		}
	}
	t.forgotten[session].Absorb(r)
}

// past are the referees of a session, or of Every.
func (t *Totals) past(session string) (all []*referee.Referee) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, r := range t.forgotten {
		if session == Every || name == session {
			all = append(all, r)
		}
	}
	return all
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
func (m *Manager) Totals() *Totals {
	m.recorder.settle()
	return m.recorder.totals
}

// Total is what was found in a session, or in Every, from its beginning on.
func (m *Manager) Total(session string) (referee.AuditReport, referee.CoverageReport) {
	table := m.Generation().Operations
	audit, _ := m.Audit(session)
	coverage, _ := m.Coverage(session)
	audits, coverages := []referee.AuditReport{audit}, []referee.CoverageReport{coverage}
	for _, r := range m.recorder.totals.past(session) {
		audits, coverages = append(audits, r.Audit(session)), append(coverages, r.Coverage(session, table))
	}
	return referee.MergeAudits(session, audits), referee.MergeCoverage(session, coverages)
}

// VerifyTotal asks what came to a session, or to Every, from its beginning on, whether it was what is expected.
func (m *Manager) VerifyTotal(session string, expectations []referee.Expectation) referee.Verdict {
	t := m.Totals()
	if session != Every {
		entries, truncated := t.journal.Evidence(session)
		return referee.Verify(entries, truncated, expectations)
	}
	entries := t.journal.List(journal.Filter{Session: Every})
	t.mu.Lock()
	truncated := len(entries) < t.recorded
	t.mu.Unlock()
	return referee.Verify(entries, truncated, expectations)
}
