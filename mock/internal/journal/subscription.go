package journal

import "sync/atomic"

// DefaultQueue is how many entries wait for a subscriber that is slow.
const DefaultQueue = 256

// Subscription receives what is recorded from its beginning on. Traffic never waits for it: what its queue has no room
// for is dropped, and counted.
type Subscription struct {
	C <-chan *Entry // closed by Close

	journal *Journal
	queue   chan *Entry
	session string
	dropped atomic.Uint64
}

// Subscribe follows a session, or AllSessions, with a queue of so many entries (0: DefaultQueue).
func (j *Journal) Subscribe(session string, queue int) *Subscription {
	if queue <= 0 {
		queue = DefaultQueue
	}
	s := &Subscription{journal: j, queue: make(chan *Entry, queue), session: session}
	s.C = s.queue
	j.mu.Lock()
	defer j.mu.Unlock()
	j.subscribers[s] = struct{}{}
	j.following.Add(1)
	return s
}

// Followed says whether anybody is told of new entries.
func (j *Journal) Followed() bool { return j.following.Load() > 0 }

// Dropped is how many entries the subscriber was too slow for.
func (s *Subscription) Dropped() uint64 { return s.dropped.Load() }

// Close ends the subscription. It may be called twice.
func (s *Subscription) Close() {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	if _, on := s.journal.subscribers[s]; on {
		delete(s.journal.subscribers, s)
		s.journal.following.Add(-1)
		close(s.queue)
	}
}

func (j *Journal) tell(e *Entry) {
	for s := range j.subscribers {
		if s.session != AllSessions && s.session != e.Session {
			continue
		}
		select {
		case s.queue <- e:
		default:
			s.dropped.Add(1)
		}
	}
}
