package referee

import (
	"hash/maphash"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/ledger"
	"github.com/salesos/salesos-mock/mock/internal/operation"
)

// What the audit remembers of a session. Past it, the oldest is forgotten: a violation may then go unseen, but nobody is
// accused on half the evidence.
const (
	maxCallers   = 64
	maxChains    = 128
	maxRefreshes = 8
	maxRecent    = 256
)

// auditor judges the conduct of the callers of one session.
type auditor struct {
	mu        sync.Mutex
	account   *ledger.Ledger // of what all sessions keep; nil: none is kept
	held      int            // bytes that are accounted for
	closed    bool           // nothing is judged any more
	seed      maphash.Seed
	seeded    bool
	doubt     keys      // calls of which there was no room to remember all
	forgot    time.Time // the last of these
	callers   []*caller
	chains    []*chain
	refreshes []trace
	recent    recent    // successful reads
	changed   time.Time // when the client last heard of a change
	findings  []*Finding
	omitted   int
	requests  int
}

// caller is what must be known of a credential with a user agent.
type caller struct {
	id       uint64
	held     int      // bytes
	hold     *verdict // the 429 that asks for the longest wait
	rejected *verdict // the last 401 to a token
	released []release
	crowd    dossier // of the last stampede
	refresh  dossier // of the last refreshes at once
}

// verdict is an answer that binds later calls, with those that did not heed it.
type verdict struct {
	trace
	dossier
}

// dossier is the evidence of one affair, and the findings that it led to.
type dossier struct {
	attempts []*Request // the first ones and the last
	found    []*Finding
}

// chain is a call that failed, and what became of it.
type chain struct {
	dossier
	held    int // bytes
	last    trace
	gaps    []time.Duration // before the retries that nothing but back-off explains
	eager   int             // retries that came at once
	retries int             // in all
	polled  time.Duration   // the call came in this rhythm before it failed; 0: in none
	polling bool            // each retry kept to a rhythm
	changed time.Time       // when something did since; what was refused before may be right now. Zero: nothing did
	written bool            // an attempt was carried out although the client saw no success
}

func (a *auditor) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clear()
}

// close forgets all, and lets nothing more be remembered.
func (a *auditor) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clear()
	a.closed = true
}

func (a *auditor) clear() {
	a.give(a.held)
	a.callers, a.chains, a.refreshes, a.recent = nil, nil, nil, recent{}
	a.changed, a.findings, a.omitted, a.requests = time.Time{}, nil, 0, 0
	a.doubt, a.forgot = keys{}, time.Time{}
}

// hash mixes texts, so that their order and where one ends matter. Each is hashed by itself: a hash of many parts first
// copies them.
func (a *auditor) hash(from uint64, parts ...string) uint64 {
	for _, part := range parts {
		from = entropy.Mix(from ^ maphash.String(a.seed, part))
	}
	return from
}

func (a *auditor) hashBytes(data []byte) uint64 {
	if len(data) == 0 {
		return 0
	}
	return maphash.Bytes(a.seed, data)
}

func (a *auditor) record(x *journal.Exchange) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	if !a.seeded {
		a.seed, a.seeded = maphash.MakeSeed(), true
	}
	a.requests++
	c := a.newCall(x)
	chain := a.claim(&c)
	if chain != nil {
		a.judgeRetry(chain, &c)
	}
	if who := a.caller(c.caller); who != nil {
		a.judgeHold(who, &c, chain)
		a.judgeCredential(who, &c)
	}
	if c.is(operation.Refresh) {
		a.judgeRefresh(&c)
	}
	a.remember(&c, chain)
	if who := a.caller(c.caller); who != nil {
		a.weighCaller(who)
	}
}

// claim finds the failure that a call repeats. Of several, which parallel calls have left, it is the oldest: the call is
// given the benefit of the longest wait. A call that was on its way before the answer came repeats nothing.
func (a *auditor) claim(c *call) *chain {
	var oldest *chain
	for _, candidate := range a.chains {
		if candidate.last.key == c.key && !c.began.real.Before(candidate.last.ended.real) &&
			(oldest == nil || candidate.last.ended.real.Before(oldest.last.ended.real)) {
			oldest = candidate
		}
	}
	if oldest != nil && oldest.over(c.began) {
		a.end(oldest) // somebody asks anew
		return nil
	}
	return oldest
}

// forgetAfter is when a call that failed is no longer being retried.
const forgetAfter = time.Minute

func (of *chain) over(now moment) bool { return now.since(of.last.ended) > forgetAfter+2*of.last.wait }

func (a *auditor) caller(id uint64) *caller {
	for _, who := range a.callers {
		if who.id == id {
			return who
		}
	}
	return nil
}

func (a *auditor) meet(id uint64) *caller {
	if who := a.caller(id); who != nil {
		return who
	}
	if len(a.callers) >= maxCallers {
		a.leave(a.callers[0])
	}
	who := &caller{id: id}
	a.callers = append(a.callers, who)
	return who
}

// remember keeps what later calls will be judged by.
func (a *auditor) remember(c *call, of *chain) {
	if c.kind == fine && (c.carriedOut() || c.is(operation.CSRFToken)) {
		a.change(c.ended.real)
	}
	if c.kind == fine || c.kind == other || c.kind == abandoned && !c.creates() {
		a.end(of)
		if c.kind == fine {
			a.recent.add(c.key, c.began.real)
		}
		return
	}
	a.follow(c, of)
	if c.x.Status == http.StatusTooManyRequests && c.wait > 0 && c.kind == transient {
		a.meet(c.caller).holdFor(c)
	}
	if c.kind == unknown && c.bearer {
		a.meet(c.caller).reject(c)
	}
}

// change notes that the client heard of a change.
func (a *auditor) change(at time.Time) {
	if at.After(a.changed) {
		a.changed = at
	}
	for _, of := range a.chains {
		of.change(at)
	}
}

// change keeps the first change since the request that failed.
func (of *chain) change(at time.Time) {
	if at.After(of.last.began.real) && (of.changed.IsZero() || at.Before(of.changed)) {
		of.changed = at
	}
}

// follow begins a chain, or makes it longer.
func (a *auditor) follow(c *call, of *chain) {
	switch {
	case of == nil:
		if of = a.begin(c); of == nil {
			return
		}
	case !slices.Contains(a.chains, of):
		return // it had to make room
	}
	of.last, of.changed = c.kept(), time.Time{}
	of.change(a.changed)
	of.written = of.written || c.creates() && c.carriedOut()
	a.weigh(of)
}

// begin begins a chain, unless what should be known of the call was forgotten.
func (a *auditor) begin(c *call) *chain {
	a.sweep(c.began)
	if a.doubt.has(c.key) {
		return nil
	}
	if len(a.chains) >= maxChains {
		a.end(a.chains[0])
	}
	of := &chain{polled: a.recent.rhythm(c.key, c.began.real), polling: true}
	of.note(c.request())
	a.chains = append(a.chains, of)
	return of
}

// end forgets a chain.
func (a *auditor) end(of *chain) {
	if of != nil {
		a.drop(func(other *chain) bool { return other == of })
	}
}

// note keeps a request as evidence.
func (d *dossier) note(r *Request) {
	if len(d.attempts) >= maxEvidence {
		d.attempts = slices.Delete(d.attempts, 1, 2)
	}
	d.attempts = append(d.attempts, r)
}

func (d *dossier) finding(rule Rule) *Finding {
	for _, f := range d.found {
		if f.Rule == rule {
			return f
		}
	}
	return nil
}

// report adds a finding, or a request to one that the affair has already. The dossier holds the evidence so far, with that
// request as the last.
func (a *auditor) report(d *dossier, c *call, rule Rule, severity Severity, message string) {
	f := d.finding(rule)
	if f == nil {
		if f = a.find(d, c, rule, severity); f == nil {
			return
		}
		d.found = append(d.found, f)
	} else {
		last := d.attempts[len(d.attempts)-1]
		f.add(last, len(f.Requests) < maxEvidence && a.take(last.size()))
	}
	if severity == Failure || f.Severity == severity {
		f.Severity, f.Message = severity, message
	}
	f.Count++
}

// find makes a finding of what a dossier holds, unless there are too many.
func (a *auditor) find(d *dossier, c *call, rule Rule, severity Severity) *Finding {
	if len(a.findings) >= maxFindings || !a.take(findingBytes+d.size()) {
		a.omitted++
		return nil
	}
	f := &Finding{Rule: rule, Severity: severity, Caller: c.who(), Call: c.request().Call(), RuleText: rule.Text()}
	f.Requests = make([]Request, 0, len(d.attempts))
	for _, r := range d.attempts {
		f.add(r, true)
	}
	a.findings = append(a.findings, f)
	return f
}
