package mock

import (
	"fmt"

	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/referee"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// AllSessions stands for every session where a report can be of several.
const AllSessions = session.Every

// The reports of the referee. Each has a method Write, which writes it as text, JSON, JUnit's XML or Markdown.
type (
	// Request is a request with its answer, as the journal keeps it, its secrets redacted.
	Request = journal.View

	// Expectation is what is expected of the requests of a session. ParseExpectations reads some from a file.
	Expectation = referee.Expectation

	// Verdict says which expectations were met.
	Verdict = referee.Verdict

	// AuditReport is what clients did that the documentation asks them to avoid.
	AuditReport = referee.AuditReport

	// CoverageReport says which documented errors clients have met.
	CoverageReport = referee.CoverageReport

	// Format is how a report is written.
	Format = referee.Format
)

// The formats of reports.
const (
	Text     = referee.Text
	JSON     = referee.JSON
	JUnit    = referee.JUnit
	Markdown = referee.Markdown
)

// ErrNoSession says that a session is not there: nobody has used it, or it was dropped.
type ErrNoSession struct{ ID string }

func (e *ErrNoSession) Error() string { return fmt.Sprintf("there is no session %q", e.ID) }

// newJournal makes the journal of a server; 0 entries is none. Who wants to keep more may use more memory for it.
func newJournal(entries int) *journal.Journal {
	if entries <= 0 {
		return journal.New(journal.Options{Entries: -1})
	}
	more := max(entries, journal.DefaultEntries) / journal.DefaultEntries
	return journal.New(journal.Options{Entries: entries, Bytes: more * journal.DefaultBytes})
}

// ParseExpectations reads a file of expectations, YAML or JSON; name is for messages. The error lists all mistakes.
func (s *Server) ParseExpectations(name string, data []byte) ([]Expectation, error) {
	expectations, problems := referee.ParseExpectations(name, data, referee.Options{BasePath: s.basePath()})
	return expectations, problems.Err()
}

// Requests are the latest requests of a session, or of AllSessions, oldest first: those that the journal still has.
func (s *Server) Requests(id string) []Request {
	entries := s.sessions.Journal().List(journal.Filter{Session: id})
	views := make([]Request, len(entries))
	for i, e := range entries {
		views[i] = e.View()
	}
	return views
}

// Verify asks whether what is expected came to a session. Whoever has an answer can be sure that its request counts.
func (s *Server) Verify(id string, expectations ...Expectation) (Verdict, error) {
	verdict, ok := s.sessions.Verify(id, expectations)
	return verdict, found(id, ok)
}

// Audit reports the conduct of a session's clients, or of the clients of AllSessions.
func (s *Server) Audit(id string) (AuditReport, error) {
	report, ok := s.sessions.Audit(id)
	return report, found(id, ok)
}

// Coverage reports which documented errors the clients of a session, or of AllSessions, have met.
func (s *Server) Coverage(id string) (CoverageReport, error) {
	report, ok := s.sessions.Coverage(id)
	return report, found(id, ok)
}

func found(id string, ok bool) error {
	if ok {
		return nil
	}
	return &ErrNoSession{id}
}
