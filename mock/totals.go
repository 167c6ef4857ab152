package mock

import (
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// Operation is one method on one path, as data. It must not be changed.
type Operation = operation.Operation

// Operations are all that is served.
func (s *Server) Operations() []*Operation { return s.sessions.Generation().Operations.All() }

// Totals are what all clients of a server did from its start on, in all sessions, whatever was reset or dropped meanwhile.
type Totals struct{ sessions *session.Manager }

// newTotals is nil unless totals are kept.
func newTotals(c config) *session.Totals {
	if !c.totals {
		return nil
	}
	return session.NewTotals(max(c.journal, journal.DefaultEntries))
}

// Totals are there with the option KeepTotals; nil without it.
func (s *Server) Totals() *Totals {
	if s.sessions.Totals() == nil {
		return nil
	}
	return &Totals{s.sessions}
}

// Reports are the audit and the coverage of a session, or of AllSessions.
func (t *Totals) Reports(session string) (AuditReport, CoverageReport) {
	return t.sessions.Total(session)
}

// Verify asks whether what is expected came to a session, or to any of AllSessions.
func (t *Totals) Verify(session string, expectations ...Expectation) Verdict {
	return t.sessions.VerifyTotal(session, expectations)
}

// Calls counts the calls of operations in a session, or in AllSessions.
func (t *Totals) Calls(session string) map[string]int { return t.sessions.Totals().Calls(session) }
