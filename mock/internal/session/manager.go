package session

import (
	"container/heap"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/ledger"
)

// Default is the session of requests that name none. It is always there.
const Default = "default"

// The documented bounds of sessions (control.md section 4).
const (
	DefaultCapacity = 10_000
	DefaultIdle     = time.Hour
	DefaultMemory   = 1 << 30
	DefaultEvidence = 32 << 20
)

// validID is what a session may be called (control.md section 2).
var validID = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// maxID is written apart from the expression, which is compiled at each start: with {1,64} that takes many times as long.
const maxID = 64

// IDs says what a session may be called.
const IDs = "1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen are allowed"

// ValidID says whether a session may be called so. One or two dots would lead to another session, where a client tidies the
// path with the prefix of the session.
func ValidID(id string) bool {
	return len(id) <= maxID && validID.MatchString(id) && id != "." && id != ".."
}

// Options of a Manager.
type Options struct {
	Seed     uint64           // of the server; each session's seed derives from it and the session's name
	Wall     func() time.Time // the machine's time; nil: the real one
	Capacity int              // how many sessions there may be besides Default; 0: DefaultCapacity
	Idle     time.Duration    // after which an unused session goes; 0: DefaultIdle
	Journal  *journal.Journal // keeps the requests of all sessions; nil: nothing does
	Memory   int64            // bytes that all sessions together may write: records, and rules of tests; 0: DefaultMemory
	Evidence int64            // bytes that the audit may keep for all sessions together; 0: DefaultEvidence
	Totals   *Totals          // outlive resets and dropped sessions; nil: nothing does

	began time.Time // when the manager was made
}

// age is how long the manager has been there, in nanoseconds. Idleness is told by it and not by dates: it does not jump when
// the machine's clock is set, which would drop the sessions of people who have just used them.
func (o *Options) age(now time.Time) int64 { return max(int64(now.Sub(o.began)), 1) }

// Manager finds and makes sessions. It is safe for concurrent use.
type Manager struct {
	options    Options
	memory     *ledger.Ledger // of what sessions write
	evidence   *ledger.Ledger // of what the audit keeps
	recorder   recorder
	generation atomic.Pointer[Generation]
	fallback   *World
	made       atomic.Uint64 // names sessions that nobody named

	mu     sync.RWMutex
	worlds map[string]*World
	idle   idleQueue
}

// NewManager makes a manager that serves a generation.
func NewManager(g *Generation, o Options) *Manager {
	if o.Wall == nil {
		o.Wall = entropy.WallNow
	}
	if o.Capacity == 0 {
		o.Capacity = DefaultCapacity
	}
	if o.Idle == 0 {
		o.Idle = DefaultIdle
	}
	if o.Journal == nil {
		o.Journal = journal.New(journal.Options{Entries: -1})
	}
	if o.Memory == 0 {
		o.Memory = DefaultMemory
	}
	if o.Evidence == 0 {
		o.Evidence = DefaultEvidence
	}
	o.began = o.Wall()
	m := &Manager{options: o, memory: ledger.New(o.Memory), evidence: ledger.New(o.Evidence), worlds: map[string]*World{}}
	m.recorder.journal, m.recorder.totals = o.Journal, o.Totals
	m.generation.Store(g)
	m.fallback = m.newWorld(Default, m.seed(Default))
	return m
}

// Generation is what new requests see.
func (m *Manager) Generation() *Generation { return m.generation.Load() }

// Publish makes a generation the one that requests see from now on.
func (m *Manager) Publish(g *Generation) { m.generation.Store(g) }

// Default is the session of requests that name none.
func (m *Manager) Default() *World { return m.fallback }

// seed has 53 bits, so that a client in JavaScript can give it back as it is.
func (m *Manager) seed(id string) uint64 { return entropy.Hash(m.options.Seed, "session", id) >> 11 }

// Use finds a session, or makes it on its first use; made says which. The id must be a ValidID.
func (m *Manager) Use(id string) (w *World, made bool) {
	if id == Default {
		return m.fallback, false
	}
	now := m.options.Wall()
	m.mu.RLock()
	w = m.worlds[id]
	m.mu.RUnlock()
	if w == nil {
		w, made = m.add(id, m.seed(id))
	}
	w.lastUsed.Store(m.options.age(now))
	return w, made
}

// Find finds a session without making or using it; nil if there is none.
func (m *Manager) Find(id string) *World {
	if id == Default {
		return m.fallback
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.worlds[id]
}

// ErrExists says that a session cannot be made because it is there already.
type ErrExists struct{ ID string }

func (e *ErrExists) Error() string { return fmt.Sprintf("session %q exists already", e.ID) }

// Create makes a session, with a seed of its own if one is given. An empty id gets a name made for it.
func (m *Manager) Create(id string, seed *uint64) (*World, error) {
	if id == "" {
		id = "s-" + entropy.UUID(entropy.Hash(m.options.Seed+m.made.Add(1), "session name"))[:13]
	}
	own := m.seed(id)
	if seed != nil {
		own = *seed
	}
	if id == Default {
		return nil, &ErrExists{id}
	}
	w, made := m.add(id, own)
	if !made {
		return nil, &ErrExists{id}
	}
	return w, nil
}

func (m *Manager) add(id string, seed uint64) (w *World, made bool) {
	now := m.options.Wall()
	m.mu.Lock()
	defer m.mu.Unlock()
	if w = m.worlds[id]; w != nil {
		return w, false
	}
	m.dropIdle(now)
	for len(m.worlds) >= m.options.Capacity {
		m.forget(m.oldest())
	}
	// The id may be part of a request's memory, which must not live as long as the session.
	w = m.newWorld(strings.Clone(id), seed)
	w.lastUsed.Store(m.options.age(now))
	m.worlds[w.ID] = w
	heap.Push(&m.idle, idleEntry{w, m.options.age(now)})
	return w, true
}

// Drop ends a session; false: there is none of that name, or it is Default, which is only ever reset.
func (m *Manager) Drop(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := m.worlds[id]
	if w == nil {
		return false
	}
	delete(m.worlds, id)
	if i := slices.IndexFunc(m.idle, func(e idleEntry) bool { return e.world == w }); i >= 0 {
		heap.Remove(&m.idle, i)
	}
	w.forget()
	w.close()
	return true
}

// All lists the sessions: Default, then the others by name.
func (m *Manager) All() []*World {
	m.mu.RLock()
	all := make([]*World, 0, len(m.worlds)+1)
	for _, w := range m.worlds {
		all = append(all, w)
	}
	m.mu.RUnlock()
	slices.SortFunc(all, func(a, b *World) int { return strings.Compare(a.ID, b.ID) })
	return slices.Insert(all, 0, m.fallback)
}

// Run drops sessions that nobody uses, and what the audit need not remember of the others, until ctx ends.
func (m *Manager) Run(ctx context.Context) error {
	ticker := time.NewTicker(m.options.Idle / 60)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			m.mu.Lock()
			m.dropIdle(m.options.Wall())
			m.mu.Unlock()
			m.sweep()
		}
	}
}

func (m *Manager) sweep() {
	m.recorder.settle()
	for _, w := range m.All() {
		if r := w.referee.Load(); r != nil {
			r.Sweep(m.options.Wall(), w.Clock.Now())
		}
	}
}

func (m *Manager) dropIdle(now time.Time) {
	limit := m.options.age(now) - int64(m.options.Idle)
	for len(m.idle) > 0 {
		w := m.oldest()
		if w.lastUsed.Load() > limit {
			return
		}
		m.forget(w)
	}
}

// oldest is the session that is idle for longest. It becomes the head of the queue.
func (m *Manager) oldest() *World {
	for {
		head := &m.idle[0]
		used := head.world.lastUsed.Load()
		if used <= head.since {
			return head.world
		}
		head.since = used
		heap.Fix(&m.idle, 0)
	}
}

// forget drops the head of the queue.
func (m *Manager) forget(head *World) {
	heap.Pop(&m.idle)
	delete(m.worlds, head.ID)
	head.forget()
	head.close()
}

// idleQueue orders sessions by when they were last seen to be used. Using one does not touch the queue: what it
// says of a session is corrected when the session comes to its head.
type idleQueue []idleEntry

type idleEntry struct {
	world *World
	since int64
}

func (q idleQueue) Len() int           { return len(q) }
func (q idleQueue) Less(i, j int) bool { return q[i].since < q[j].since }
func (q idleQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *idleQueue) Push(x any)        { *q = append(*q, x.(idleEntry)) }
func (q *idleQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = idleEntry{}
	*q = old[:len(old)-1]
	return last
}
