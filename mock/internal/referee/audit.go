package referee

import (
	"hash/maphash"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/journal"
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
	seed      maphash.Seed
	seeded    bool
	callers   []*caller
	chains    []*chain
	refreshes []call
	recent    recent    // successful reads
	changed   time.Time // when the client last heard of a change
	findings  []*Finding
	omitted   int
	requests  int
}

// caller is what must be known of a credential with a user agent.
type caller struct {
	id       uint64
	hold     *verdict // the 429 that asks for the longest wait
	rejected *verdict // the last 401 to a token
	released []release
	crowd    dossier // of the last stampede
	refresh  dossier // of the last refreshes at once
}

// verdict is an answer that binds later calls, with those that did not heed it.
type verdict struct {
	call
	dossier
}

// dossier is the evidence of one affair, and the findings that it led to.
type dossier struct {
	attempts []Request // the first ones and the last
	found    map[Rule]*Finding
}

// chain is a call that failed, and what became of it.
type chain struct {
	dossier
	key     uint64
	last    call
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
	a.callers, a.chains, a.refreshes, a.recent = nil, nil, nil, recent{}
	a.changed, a.findings, a.omitted, a.requests = time.Time{}, nil, 0, 0
}

func (a *auditor) hash(from uint64, parts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(a.seed)
	maphash.WriteComparable(&h, from)
	for _, part := range parts {
		_, _ = h.WriteString(part)
		_ = h.WriteByte(0)
	}
	return h.Sum64()
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
}

// claim finds the failure that a call repeats. Of several, which parallel calls have left, it is the oldest: the call is
// given the benefit of the longest wait. A call that was on its way before the answer came repeats nothing.
func (a *auditor) claim(c *call) *chain {
	var oldest *chain
	for _, candidate := range a.chains {
		if candidate.key == c.key && !c.began.real.Before(candidate.last.ended.real) &&
			(oldest == nil || candidate.last.ended.real.Before(oldest.last.ended.real)) {
			oldest = candidate
		}
	}
	if oldest != nil && c.began.since(oldest.last.ended) > forgetAfter+2*oldest.last.wait {
		a.close(oldest) // somebody asks anew
		return nil
	}
	return oldest
}

// forgetAfter is when a call that failed is no longer being retried.
const forgetAfter = time.Minute

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
		a.callers = slices.Delete(a.callers, 0, 1)
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
		a.close(of)
		if c.kind == fine {
			a.recent.add(c.key, c.began.real)
		}
		return
	}
	a.follow(c, of)
	if c.x.Status == http.StatusTooManyRequests && c.wait > 0 && c.kind == transient {
		a.meet(c.caller).holdFor(c)
	}
	if c.kind == unknown && bearer(c) {
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
	if of == nil {
		if len(a.chains) >= maxChains {
			a.chains = slices.Delete(a.chains, 0, 1)
		}
		of = &chain{key: c.key, polled: a.recent.rhythm(c.key, c.began.real), polling: true}
		a.chains = append(a.chains, of)
		of.note(evidence(c.x))
	}
	of.last, of.changed = c.kept(), time.Time{}
	of.change(a.changed)
	of.written = of.written || c.creates() && c.carriedOut()
}

func (a *auditor) close(of *chain) {
	if i := slices.Index(a.chains, of); of != nil && i >= 0 {
		a.chains = slices.Delete(a.chains, i, i+1)
	}
}

// note keeps a request as evidence.
func (d *dossier) note(r Request) {
	if len(d.attempts) >= maxEvidence {
		d.attempts = slices.Delete(d.attempts, 1, 2)
	}
	d.attempts = append(d.attempts, r)
}

// kept is a call without the bodies and headers, which would be held in memory with it.
func (c *call) kept() call {
	kept := *c
	x := *c.x
	x.RequestBody, x.ResponseBody = nil, nil
	request := map[string][]string{}
	for _, name := range [...]string{"User-Agent", "Origin", "X-Forwarded-For", "Accept-Language"} {
		if values := x.RequestHeader[name]; len(values) > 0 {
			request[name] = values[:1:1]
		}
	}
	x.RequestHeader = request
	x.ResponseHeader = nil
	if value := header(c.x, "Retry-After"); value != "" {
		x.ResponseHeader = []journal.Header{{Name: "Retry-After", Value: value}}
	}
	kept.x = &x
	return kept
}

// report adds a finding, or a request to one that the affair has already. The dossier holds the evidence so far, with that
// request as the last.
func (a *auditor) report(d *dossier, c *call, rule Rule, severity Severity, message string) {
	f := d.found[rule]
	switch {
	case f == nil:
		if f = a.find(c, rule, severity); f == nil {
			return
		}
		if d.found == nil {
			d.found = map[Rule]*Finding{}
		}
		d.found[rule] = f
		f.add(d.attempts...)
	default:
		f.add(d.attempts[len(d.attempts)-1])
	}
	if severity == Failure || f.Severity == severity {
		f.Severity, f.Message = severity, message
	}
	f.Count++
}

// find makes a finding, unless there are too many.
func (a *auditor) find(c *call, rule Rule, severity Severity) *Finding {
	if len(a.findings) >= maxFindings {
		a.omitted++
		return nil
	}
	r := evidence(c.x)
	f := &Finding{Rule: rule, Severity: severity, Caller: c.who(), Call: r.Call(), RuleText: rule.Text()}
	a.findings = append(a.findings, f)
	return f
}
