// Package ledger keeps account of memory that callers can make the server hold: bodies and waits under way, records that
// sessions write, rules that tests put in force. Each kind has one Ledger, with a limit for all sessions together, so
// that no request and no number of them takes memory without bound. What is accounted is an estimate.
package ledger

import (
	"errors"
	"sync/atomic"
)

// ErrFull says that the limit does not allow more.
var ErrFull = errors.New("the limit of what may be held in memory is reached")

// Ledger is safe for concurrent use. A nil one has no limit and keeps no account.
type Ledger struct {
	limit int64
	held  atomic.Int64
}

// New makes a ledger with a limit in bytes.
func New(limit int64) *Ledger { return &Ledger{limit: limit} }

// Take accounts for n bytes more, or fewer if n is negative. It fails with ErrFull, and accounts for none, if they were
// more than the limit allows.
func (l *Ledger) Take(n int64) error {
	if l == nil {
		return nil
	}
	if l.held.Add(n) > l.limit && n > 0 {
		l.held.Add(-n)
		return ErrFull
	}
	return nil
}

// Give takes n bytes off the account.
func (l *Ledger) Give(n int64) {
	if l != nil {
		l.held.Add(-n)
	}
}

// Held is how much is accounted for.
func (l *Ledger) Held() int64 {
	if l == nil {
		return 0
	}
	return l.held.Load()
}
