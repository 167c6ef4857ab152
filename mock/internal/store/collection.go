package store

import (
	"encoding/json"
	"sync"
	"sync/atomic"

	"github.com/salesos/salesos-mock/mock/internal/ledger"
)

// Base is what one generation of the files says of a resource. It is shared by all sessions and never changed.
type Base struct {
	View    *View
	Sources map[string]uint64 // by record id: a hash of what a file wrote for it
}

// stamp tells whether and how the files have a record; one without a source is as if it were always written the same.
func (b *Base) stamp(id string) (hash uint64, present bool) {
	if hash, present = b.Sources[id]; !present {
		_, present = b.View.Get(id)
	}
	return hash, present
}

// Collection is one session's copy of one resource: the base, and what the session made of it. It costs a few
// words until the session writes. Readers never wait; writers wait for each other.
type Collection struct {
	writing sync.Mutex
	state   atomic.Pointer[state]
	account *ledger.Ledger // of what sessions write; nil: none is kept
}

// state is swapped as a whole: what the session changed is what differs between base.View and view.
type state struct {
	base *Base
	view *View
}

// NewCollection returns a collection that is as the base says.
func NewCollection(b *Base) *Collection {
	c := &Collection{}
	c.state.Store(&state{b, b.View})
	return c
}

// AccountTo lets a ledger know what the session writes, from now on; it may refuse to take more. It is called before the
// collection is used.
func (c *Collection) AccountTo(l *ledger.Ledger) *Collection {
	c.account = l
	return c
}

// Close takes what the session wrote off its account. Somebody may still use the collection, unaccounted for.
func (c *Collection) Close() {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.account.Give(int64(c.View().written))
	c.account = nil
}

// View returns the records as they are now.
func (c *Collection) View() *View { return c.state.Load().view }

// Write lets fn change the records. When it returns nil, all its changes are there at once; else none of them is,
// and its error is returned. So it is when the account is full: ledger.ErrFull. Calls are serialised: fn must not call Write, Reset or Rebase of the same collection.
func (c *Collection) Write(fn func(tx *Tx) error) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	now := c.state.Load()
	tx := now.view.Begin()
	if err := fn(tx); err != nil {
		return err
	}
	next := tx.Commit()
	if err := c.account.Take(int64(next.written - now.view.written)); err != nil {
		return err
	}
	c.state.Store(&state{now.base, next})
	return nil
}

// Reset forgets what the session did.
func (c *Collection) Reset(b *Base) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.replace(&state{b, b.View})
}

// replace changes the state for a reason that nobody may refuse. It is called with the lock held.
func (c *Collection) replace(next *state) {
	c.account.Give(int64(c.View().written - next.view.written))
	c.state.Store(next)
}

// Rebase takes over a new generation of the files (control.md section 5). What the session changed stays, except for
// records that the new files brought or changed: of those the session's version, or its deletion, is dropped. A record
// that went from the files goes, unless the session changed it.
//
// When the layout has changed, the session's records are re-encoded by field name. A new field takes the value of the
// base's record with the same id, or, when there is none, what missing returns; nil is null, and missing may be nil.
func (c *Collection) Rebase(b *Base, missing func(recordID string, field int) json.RawMessage) {
	c.writing.Lock()
	defer c.writing.Unlock()
	now := c.state.Load()
	next := &state{b, b.View}
	if now.view != now.base.View {
		next.view = reapply(now, b, missing)
	}
	c.replace(next)
}

// reapply returns the new base's view with what the session changed of the old.
func reapply(now *state, b *Base, missing func(string, int) json.RawMessage) *View {
	tx := b.View.Begin()
	for _, id := range differences(now.base.View, now.view) {
		if fileWins(now.base, b, id) {
			continue
		}
		r, ok := now.view.Get(id)
		if !ok {
			tx.Delete(id)
			continue
		}
		tx.Put(r.adapt(b.View.layout, func(field int) json.RawMessage {
			if based, ok := b.View.Get(id); ok {
				return based.Raw(field)
			}
			if missing == nil {
				return nil
			}
			return missing(id, field)
		}))
	}
	return tx.Commit()
}

// fileWins reports whether the new files brought a record, or say something else of it than the old ones did.
func fileWins(old, new *Base, id string) bool {
	was, had := old.stamp(id)
	is, has := new.stamp(id)
	return has && (!had || was != is)
}
