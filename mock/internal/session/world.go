package session

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/crm"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/ledger"
	"github.com/salesos/salesos-mock/mock/internal/referee"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/store"
)

// World is one session.
type World struct {
	ID       string
	Clock    *entropy.Clock
	Steering scenario.State // what is in force, and how far it is
	Resends  Resends

	seed    uint64
	records *entropy.IDs // ids of records, and of what conversion makes
	tokens  *entropy.IDs // jti
	traces  *entropy.IDs // request ids
	rules   *entropy.IDs // of rules that a test puts in force

	limits  limits
	revoked revocations

	recorder *recorder                       // of all sessions
	referee  atomic.Pointer[referee.Referee] // nil: nothing was recorded
	began    time.Time                       // when the manager was made
	memory   *ledger.Ledger                  // of what all sessions write; nil once the world is closed
	account  *ledger.Ledger                  // of what the audit keeps for all sessions

	mu       sync.Mutex // held while the world moves to another generation
	pinned   atomic.Pointer[pinned]
	lastUsed atomic.Int64 // the age of the manager then; 0: never
}

// pinned is what a request sees for as long as it takes.
type pinned struct {
	generation *Generation
	rows       map[string]*store.Collection // also of resources that went, in case they come back
}

func (m *Manager) newWorld(id string, seed uint64) *World {
	o := &m.options
	w := &World{
		ID: id, Clock: entropy.NewClock(o.Wall), seed: seed, recorder: &m.recorder, memory: m.memory, account: m.evidence, began: o.began,
		records: entropy.NewIDs(seed, "record"), tokens: entropy.NewIDs(seed, "token"), traces: entropy.NewIDs(seed, "request"), rules: entropy.NewIDs(seed, "rule"),
	}
	w.Steering.AccountTo(m.memory)
	return w
}

// close takes what the session wrote, and what the audit keeps of it, off the accounts of all of them. Requests that are
// under way may still use it.
func (w *World) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.memory = nil
	w.judge().Close()
	w.Steering.Close()
	if p := w.pinned.Load(); p != nil {
		for _, rows := range p.rows {
			rows.Close()
		}
	}
}

// Seed is what the session's chance and ids derive from.
func (w *World) Seed() uint64 { return w.seed }

// LastUsed is when a request last used the session, in real time; zero if none did.
func (w *World) LastUsed() time.Time {
	if used := w.lastUsed.Load(); used != 0 {
		return w.began.Add(time.Duration(used))
	}
	return time.Time{}
}

// NewRecordID makes the id of a new record.
func (w *World) NewRecordID() string { return w.records.Next() }

// NewTokenID makes a jti.
func (w *World) NewTokenID() string { return w.tokens.Next() }

// NewRuleID names a rule that a test puts in force without naming it.
func (w *World) NewRuleID() string { return w.rules.Next() }

// NewRequestID names a request that does not name itself.
func (w *World) NewRequestID() string { return w.traces.Next() }

// Open gives the rows of a resource as a generation defines it, or crm.ErrMoved if the world has moved on.
func (w *World) Open(g *Generation, name string) (*crm.Resource, error) {
	r := g.Resource(name)
	if r == nil {
		return nil, fmt.Errorf("resource %q is not in generation %d", name, g.Number)
	}
	rows := w.at(g).rows[name]
	if rows == nil {
		return nil, crm.ErrMoved
	}
	return crm.Open(r.Definition, r.Layout, rows)
}

// at moves the world to a generation, if it is behind it.
func (w *World) at(g *Generation) *pinned {
	if p := w.pinned.Load(); p != nil && p.generation.Number >= g.Number {
		return p
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.pinned.Load()
	if p != nil && p.generation.Number >= g.Number {
		return p
	}
	next := &pinned{generation: g, rows: make(map[string]*store.Collection, len(g.Resources))}
	if p != nil {
		for name, rows := range p.rows {
			next.rows[name] = rows
		}
	}
	for i := range g.Resources {
		next.adopt(&g.Resources[i], w.memory)
	}
	w.pinned.Store(next)
	return next
}

func (p *pinned) adopt(r *Resource, memory *ledger.Ledger) {
	name := r.Definition.Name
	rows := p.rows[name]
	if rows == nil {
		p.rows[name] = store.NewCollection(r.Base()).AccountTo(memory)
		return
	}
	rows.Rebase(r.Base(), func(_ string, field int) json.RawMessage { return r.Definition.Fields[field].Default })
}

// Reset takes the session back to its fixtures, and its clock, windows and ids to their beginnings. Its requests are
// forgotten, and what was found of them.
func (w *World) Reset(g *Generation) {
	p := w.at(g)
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range p.generation.Resources {
		r := &p.generation.Resources[i]
		p.rows[r.Definition.Name].Reset(r.Base())
	}
	w.Clock.Reset()
	w.Steering.Reset(w.Clock.Now())
	w.limits.reset()
	w.revoked.reset()
	w.records.Reset()
	w.tokens.Reset()
	w.traces.Reset()
	w.forget()
}
