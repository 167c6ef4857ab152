package mock

import "github.com/salesos/salesos-mock/mock/internal/diag"

// Scenarios counts the scenarios that there are, and their rules.
func (s *Server) Scenarios() (scenarios, rules int) {
	for _, one := range s.sessions.Generation().Scenarios.Scenarios() {
		scenarios++
		rules += len(one.Rules)
	}
	return scenarios, rules
}

// Advice is what is allowed in the scenario files and hardly meant: rules that fit no route, for one.
func (s *Server) Advice() diag.List {
	var advice diag.List
	generation := s.sessions.Generation()
	for _, one := range generation.Scenarios.Scenarios() {
		advice.Add(one.Advise(generation.Operations)...)
	}
	return advice
}
