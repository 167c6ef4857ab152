package session

import (
	"time"

	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/referee"
)

// Every stands for all sessions.
const Every = journal.AllSessions

// Record keeps an exchange in the journal, and has it judged.
func (w *World) Record(x *journal.Exchange) { w.recorder.add(w, x) }

// Finish corrects what was recorded: how long the exchange took in the end, and whether the client left before.
func (w *World) Finish(x *journal.Exchange, duration time.Duration, gone bool) {
	w.recorder.settle()
	w.recorder.journal.Finish(x, duration, gone)
}

// judge is the session's referee. It is made for the first exchange: most of many sessions never see one.
func (w *World) judge() *referee.Referee {
	if r := w.referee.Load(); r != nil {
		return r
	}
	w.referee.CompareAndSwap(nil, referee.New(w.account))
	return w.referee.Load()
}

// forget clears what is known of the session's requests.
func (w *World) forget() {
	w.recorder.settle()
	w.recorder.journal.Clear(w.ID)
	if r := w.referee.Load(); r != nil {
		w.recorder.totals.forget(w.ID, r)
		r.Reset()
	}
}

// Journal is the record of all sessions.
func (m *Manager) Journal() *journal.Journal {
	m.recorder.settle()
	return m.recorder.journal
}

// Follow subscribes to what is recorded in a session, or in Every, with a queue of so many entries.
func (m *Manager) Follow(id string, queue int) *journal.Subscription {
	followed := m.Journal().Subscribe(id, queue)
	m.recorder.settle() // what came meanwhile need not wait for company
	return followed
}

// Verify asks what came to a session whether it was what is expected; false: there is no such session.
func (m *Manager) Verify(id string, expectations []referee.Expectation) (referee.Verdict, bool) {
	if m.Find(id) == nil {
		return referee.Verdict{}, false
	}
	entries, truncated := m.Journal().Evidence(id)
	return referee.Verify(entries, truncated, expectations), true
}

// Audit reports the conduct of a session's clients, or of the clients of Every; false: there is no such session.
func (m *Manager) Audit(id string) (referee.AuditReport, bool) {
	worlds := m.those(id)
	reports := make([]referee.AuditReport, 0, len(worlds))
	for _, w := range worlds {
		reports = append(reports, w.judge().Audit(w.ID))
	}
	if len(reports) == 1 && id != Every {
		return reports[0], true
	}
	return referee.MergeAudits(id, reports), worlds != nil
}

// Coverage reports which documented errors a session's clients have met, or those of Every; false: there is no such session.
func (m *Manager) Coverage(id string) (referee.CoverageReport, bool) {
	table := m.Generation().Operations
	worlds := m.those(id)
	reports := make([]referee.CoverageReport, 0, len(worlds))
	for _, w := range worlds {
		reports = append(reports, w.judge().Coverage(w.ID, table))
	}
	return referee.MergeCoverage(id, reports), worlds != nil
}

// those are the session of that name, or all that there are, with all that came to them judged; nil: there is none.
func (m *Manager) those(id string) []*World {
	m.recorder.settle()
	if id == Every {
		return m.All()
	}
	if w := m.Find(id); w != nil {
		return []*World{w}
	}
	return nil
}
