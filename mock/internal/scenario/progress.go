package scenario

// Progress is how far a rule is in a session.
type Progress struct {
	Used, Of int  // uses of its steps in this round; Of is 0 where there is nothing to count, or where callers or paths are counted apart
	Spent    bool // it will not answer again: its steps are used up
}

// Progress tells how far each rule is, in their order.
func (s *State) Progress(rules []*Rule) []Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Progress, len(rules))
	for i, r := range rules {
		if r.total > 0 && r.per == perSession {
			all[i] = s.progressOf(r)
		}
	}
	return all
}

func (s *State) progressOf(r *Rule) Progress {
	p := Progress{Of: r.total}
	if run := s.runs[r.key]; run != nil {
		p.Used = run.steps.look("").used
	}
	p.Spent = p.Used >= p.Of && r.then == thenPass
	return p
}
