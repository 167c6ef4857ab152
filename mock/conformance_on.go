//go:build conformance

package mock

import (
	"github.com/salesos/salesos-mock/mock/internal/contract"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// contracts is a memory that no caller could observe.
var contracts contract.Library

// inspector holds every answer against the document of the files from which it was made, at the moment that it is given.
func (s *Server) inspector() func(*session.Generation, *journal.Exchange) {
	witness := contract.NewWitness(&contracts)
	return func(g *session.Generation, x *journal.Exchange) {
		witness.See(x, func() ([]byte, error) { return s.describe(g) })
	}
}
