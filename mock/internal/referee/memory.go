package referee

import (
	"slices"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/ledger"
)

// What the things that the audit keeps take in memory, strings left out. These are estimates.
const (
	requestBytes = 176
	traceBytes   = 168
	chainBytes   = 176 + traceBytes
	callerBytes  = 336
	findingBytes = 512
	refreshBytes = 2 * (traceBytes + requestBytes) // the slice grows by doubling
)

// New makes a Referee that accounts for what it keeps to a ledger, which many share. Past its limit, the oldest failures of
// the session make room, or the newest are not remembered: nobody is accused on half the evidence. Findings for which there
// is no room are counted as left out.
func New(account *ledger.Ledger) *Referee { return &Referee{auditor: auditor{account: account}} }

// Close forgets all that was judged, and judges no more: nothing is accounted for from now on.
func (r *Referee) Close() {
	r.auditor.close()
	r.coverage.reset()
}

// Sweep forgets the failures that nobody retries any more, at a moment of real time and of the session's clock.
func (r *Referee) Sweep(real, session time.Time) {
	r.auditor.mu.Lock()
	defer r.auditor.mu.Unlock()
	r.auditor.sweep(moment{real, session})
}

// sweep drops the chains that are over.
func (a *auditor) sweep(now moment) {
	a.drop(func(of *chain) bool { return of.over(now) })
	if now.real.Sub(a.forgot) > doubtFor {
		a.doubt = keys{}
	}
}

// drop forgets chains. The slice goes with the last of them: most sessions are idle.
func (a *auditor) drop(which func(*chain) bool) {
	a.chains = slices.DeleteFunc(a.chains, func(of *chain) bool {
		if !which(of) {
			return false
		}
		a.give(of.held)
		return true
	})
	if len(a.chains) == 0 {
		a.chains = nil
	}
}

// makeRoom forgets the oldest failure, and all of the same call: of parallel ones, who knows which was repeated? That call is
// not judged for a while, either: what came before would speak for it.
func (a *auditor) makeRoom() {
	oldest := a.chains[0].last
	a.doubt.add(oldest.key)
	if oldest.ended.real.After(a.forgot) {
		a.forgot = oldest.ended.real
	}
	a.drop(func(of *chain) bool { return of.last.key == oldest.key })
}

// doubtFor is how long a call that was forgotten is not judged after the last was forgotten.
const doubtFor = 10 * time.Minute

// keys is a set of calls, which may seem to have some more in it.
type keys [16]uint64

func (k *keys) add(key uint64)      { k[key>>6%16] |= 1 << (key % 64) }
func (k *keys) has(key uint64) bool { return k[key>>6%16]&(1<<(key%64)) != 0 }

func (a *auditor) give(bytes int) {
	a.account.Give(int64(bytes))
	a.held -= bytes
}

// take accounts for so many bytes more. If there is no room, the oldest failures of the session make it.
func (a *auditor) take(bytes int) bool {
	for a.account.Take(int64(bytes)) != nil {
		if len(a.chains) == 0 {
			return false
		}
		a.makeRoom()
	}
	a.held += bytes
	return true
}

// weigh accounts for what a chain takes now. It may have to make the room itself, and is forgotten then.
func (a *auditor) weigh(of *chain) {
	more := of.size() - of.held
	if more == 0 || !a.take(more) {
		return
	}
	if slices.Contains(a.chains, of) {
		of.held += more
	} else {
		a.give(more)
	}
}

// weighCaller accounts for what is remembered of a caller now, or forgets it.
func (a *auditor) weighCaller(who *caller) {
	more := who.size() - who.held
	if more == 0 {
		return
	}
	if !a.take(more) {
		a.leave(who)
		return
	}
	who.held += more
}

// leave forgets a caller.
func (a *auditor) leave(who *caller) {
	if i := slices.Index(a.callers, who); i >= 0 {
		a.callers = slices.Delete(a.callers, i, i+1)
		a.give(who.held)
	}
}

func (of *chain) size() int { return chainBytes + of.dossier.size() + 8*cap(of.gaps) }

func (who *caller) size() int {
	bytes := callerBytes + who.crowd.size() + who.refresh.size() + who.hold.size() + who.rejected.size()
	for i := range who.released {
		bytes += 32 + who.released[i].request.size()
	}
	return bytes
}

func (v *verdict) size() int {
	if v == nil {
		return 0
	}
	return traceBytes + v.shown.size() + v.dossier.size()
}

func (d *dossier) size() int {
	bytes := 8 * cap(d.found)
	for _, r := range d.attempts {
		bytes += 8 + r.size()
	}
	return bytes
}

func (r *Request) size() int { return requestBytes + len(r.ID) + len(r.Path) + len(r.RetryAfter) }
