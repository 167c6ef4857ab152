package session

import (
	"sync"
	"sync/atomic"
)

// maxRevoked bounds the memory of logged-out tokens; past it the oldest are forgotten.
const maxRevoked = 100_000

// revocations remembers which tokens were logged out or exchanged.
type revocations struct {
	count atomic.Int64 // so that the usual session, with none, takes no lock
	mu    sync.Mutex
	ids   map[string]struct{}
	order []string
}

// Revoke makes a token invalid from now on; false: it was so already.
func (w *World) Revoke(jti string) bool { return w.revoked.add(jti) }

// Revoked says whether a token was logged out or exchanged.
func (w *World) Revoked(jti string) bool { return w.revoked.has(jti) }

func (r *revocations) add(jti string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.ids[jti]; known {
		return false
	}
	if r.ids == nil {
		r.ids = map[string]struct{}{}
	}
	if len(r.order) >= maxRevoked {
		r.forgetOldHalf()
	}
	r.ids[jti] = struct{}{}
	r.order = append(r.order, jti)
	r.count.Store(int64(len(r.ids)))
	return true
}

func (r *revocations) forgetOldHalf() {
	half := len(r.order) / 2
	for _, jti := range r.order[:half] {
		delete(r.ids, jti)
	}
	r.order = append([]string(nil), r.order[half:]...)
}

func (r *revocations) has(jti string) bool {
	if r.count.Load() == 0 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, known := r.ids[jti]
	return known
}

func (r *revocations) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids, r.order = nil, nil
	r.count.Store(0)
}
