// Package referee judges what clients do (control.md section 7). verify counts and orders the requests that were recorded,
// audit finds conduct that the documentation asks clients to avoid, coverage counts which documented errors they have met.
// It serves no HTTP: package session holds a Referee for each session, packages adminapi and cli show the reports.
package referee

import "github.com/salesos/salesos-mock/mock/internal/journal"

// Referee judges one session, as its requests come. The zero value is ready, and costs next to nothing until requests
// come. It is safe for concurrent use.
type Referee struct {
	auditor  auditor
	coverage coverage
}

// Record judges an exchange. It is called once for each, when the journal records it.
func (r *Referee) Record(x *journal.Exchange) {
	if x.Decision == journal.TransportResend || x.Decision == byMistake {
		return
	}
	r.coverage.record(x)
	r.auditor.record(x)
}

// byMistake is the X-Mock-Decision of an answer to a directive that makes no sense: the API did not speak.
const byMistake = "directive-error"

// Reset forgets all that was judged.
func (r *Referee) Reset() {
	r.auditor.reset()
	r.coverage.reset()
}
