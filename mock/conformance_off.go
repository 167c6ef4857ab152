//go:build !conformance

package mock

import (
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// inspector is for tests: built with the tag conformance, servers hold their own answers against their document.
func (s *Server) inspector() func(*session.Generation, *journal.Exchange) { return nil }
