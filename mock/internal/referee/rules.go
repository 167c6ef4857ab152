package referee

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/operation"
)

// The measures of the rules. They are lenient: a finding must stand, whatever the machine was busy with.
const (
	atOnce       = 50 * time.Millisecond  // no back-off is shorter
	reaction     = 250 * time.Millisecond // other calls that are on their way when an answer comes cannot be held back
	clicking     = 2 * time.Second        // a person may send the same again after so long
	slowRhythm   = 5 * time.Second        // what comes no quicker than that is polling
	maxRetries   = 10
	maxGaps      = 12
	refreshAgain = 10 * time.Second // a token that was just refreshed needs no refresh
	crowdWithin  = 100 * time.Millisecond
	crowdSize    = 5
	crowdLate    = 2 * time.Second // what comes later was not released by the end of the wait
)

// judgeRetry judges a call that repeats a failed one.
func (a *auditor) judgeRetry(of *chain, c *call) {
	gap := c.began.since(of.waitedFrom())
	of.retries++
	of.note(after(c, &of.last))
	calm := gap >= slowRhythm || of.polled > 0 && keepsRhythm(c.began.since(of.last.began), of.polled)
	of.polling = of.polling && calm
	switch of.last.kind {
	case transient:
		a.judgeTransient(of, c, gap, calm)
	case refused:
		a.judgeRefused(of, c, gap, calm)
	case unknown:
		a.judgeUnknown(of, c)
	}
	a.judgeUnsafe(of, c, gap)
}

// waitedFrom is when a client began to wait. One that gave up an answer that never came has waited long already.
func (of *chain) waitedFrom() moment {
	if of.last.gone {
		return of.last.began
	}
	return of.last.ended
}

// after is a call as evidence, with the time since an earlier answer.
func after(c *call, earlier *trace) *Request {
	r := *c.request()
	r.AfterMS = float64(c.began.real.Sub(earlier.ended.real).Microseconds()) / 1000
	return &r
}

func (a *auditor) judgeTransient(of *chain, c *call, gap time.Duration, calm bool) {
	last := &of.last
	switch {
	case last.tooEarly(c.began):
		a.report(&of.dossier, c, RetryAfter, Failure, fmt.Sprintf("a %d asked to wait %s, the same call came %s",
			last.status, spoken(last.wait), later(gap)))
		return
	case last.wait > 0:
		a.release(c, last)
	case calm: // polls go on, whatever the answer is
	case gap < atOnce:
		a.judgeEager(of, c)
	default:
		a.judgeGrowth(of, c, gap)
	}
	if of.retries > maxRetries && !of.polling {
		a.report(&of.dossier, c, Backoff, Failure, fmt.Sprintf("the call was retried %d times, and there is no end", of.retries))
	}
}

// judgeEager takes a first retry at once for an advice: some libraries do that on purpose, and wait from the second on.
func (a *auditor) judgeEager(of *chain, c *call) {
	severity, message := Advice, "the call was retried at once"
	if of.eager++; of.eager > 1 {
		severity, message = Failure, "the call was retried at once, again and again"
	}
	a.report(&of.dossier, c, Backoff, severity, message)
}

func (a *auditor) judgeGrowth(of *chain, c *call, gap time.Duration) {
	of.gaps = append(of.gaps, gap)
	if len(of.gaps) > maxGaps {
		of.gaps = slices.Delete(of.gaps, 1, 2)
	}
	if !grows(of.gaps) {
		a.report(&of.dossier, c, Backoff, Failure, "the waits before the retries do not grow: "+spokenAll(of.gaps))
	}
}

// grows says whether waits can be those of a back-off. Growth may end at some length, and jitter may make a wait shorter
// than the one before it; a timer that is always the same, and waits that only shrink, are neither.
func grows(gaps []time.Duration) bool {
	n := len(gaps)
	if n < 3 || slices.Max(gaps) >= 2*gaps[0] && slices.Max(gaps[n-3:]) >= 2*gaps[0] {
		return true
	}
	latest := gaps[n-3:]
	longest := slices.Max(latest)
	regular := longest-slices.Min(latest) <= longest/20+15*time.Millisecond
	if regular || shrinks(gaps) {
		return false
	}
	level := n >= 5 && gaps[n-1]+gaps[n-2] < (gaps[0]+gaps[1])*12/10
	return !level || gaps[n-1]+gaps[n-2] > 2*clicking // a person is as irregular
}

// shrinks finds waits that become shorter, each time, by a rule: chance, as full jitter draws it, does so now and then, but
// hardly in equal steps, or four times in a row.
func shrinks(gaps []time.Duration) bool {
	n := len(gaps)
	a, b, c := gaps[n-3].Seconds(), gaps[n-2].Seconds(), gaps[n-1].Seconds()
	if b > a*0.8 || c > b*0.8 {
		return false
	}
	steps := math.Abs((a-b)-(b-c)) <= a/20
	ratio := math.Abs(b*b-a*c) <= b*b/10
	return steps || ratio || n > 3 && a <= gaps[n-4].Seconds()*0.8
}

// judgeRefused lets pass what came after seconds, as a person's second click does, and what may be right by now.
func (a *auditor) judgeRefused(of *chain, c *call, gap time.Duration, calm bool) {
	status := of.last.status
	changed := status != http.StatusBadRequest && !of.changed.IsZero() && !of.changed.After(c.began.real)
	if calm || changed || gap >= clicking {
		return
	}
	a.report(&of.dossier, c, NoRetry, Failure, fmt.Sprintf("a call that was answered %d was sent again %s, just the same", status, later(gap)))
}

// judgeUnknown judges callers without a token. A key cannot be refreshed: only to go on for ever is wrong.
func (a *auditor) judgeUnknown(of *chain, c *call) {
	if of.last.bearer || of.retries <= maxRetries {
		return
	}
	a.report(&of.dossier, c, Reauthenticate, Failure, fmt.Sprintf("a call that was answered 401 was repeated %d times, with the same credential", of.retries))
}

// judgeUnsafe compares what became of the attempts, not what the client was told.
func (a *auditor) judgeUnsafe(of *chain, c *call, gap time.Duration) {
	if !of.written || !c.creates() || !c.carriedOut() || gap > 2*slowRhythm+2*of.last.wait {
		return
	}
	a.report(&of.dossier, c, UnsafeRetry, Failure, "the first attempt was carried out although it seemed to fail ("+of.last.shown.Outcome()+
		"); its repetition made a second record")
}

// holdFor lets a 429 bind all calls of the caller, unless an earlier one does so for longer.
func (who *caller) holdFor(c *call) {
	if h := who.hold; h != nil && h.ended.real.Add(h.wait).After(c.ended.real.Add(c.wait)) && h.tooEarly(c.ended) {
		return
	}
	v := &verdict{trace: c.kept()}
	if who.hold != nil && who.hold.tooEarly(c.began) {
		v.dossier = who.hold.dossier // the same affair
	}
	v.note(c.request())
	who.hold = v
}

// judgeHold judges other calls than the one that was answered 429; that one is judged as a retry.
func (a *auditor) judgeHold(who *caller, c *call, of *chain) {
	h := who.hold
	if h == nil || c.key == h.key || a.doubt.has(c.key) || of != nil && of.last.wait > 0 || c.login != h.login ||
		c.began.real.Before(h.ended.real.Add(reaction)) || !h.tooEarly(c.began) {
		return
	}
	severity, more := Failure, ""
	if c.from() != h.client {
		severity, more = Advice, "; several clients seem to share the credential, and with it the limit"
	}
	h.note(after(c, &h.trace))
	a.report(&h.dossier, c, RetryAfter, severity, fmt.Sprintf("a 429 of %s asked to wait %s, another call of the caller came %s%s",
		h.shown.Call(), spoken(h.wait), later(c.began.since(h.ended)), more))
}

func (who *caller) reject(c *call) {
	v := &verdict{trace: c.kept()}
	if who.rejected != nil {
		v.dossier = who.rejected.dossier
	}
	if len(v.found) == 0 {
		v.note(c.request())
	}
	who.rejected = v
}

// judgeCredential judges the use of a token that was answered 401.
func (a *auditor) judgeCredential(who *caller, c *call) {
	r := who.rejected
	if r == nil || c.began.real.Before(r.ended.real) || c.from() != r.client {
		return
	}
	if c.kind == fine && !c.authenticates() && !c.x.Public {
		who.rejected = nil // it is good again
	}
	again := c.key == r.key
	if !again && (c.authenticates() || c.x.Public || c.began.real.Before(r.ended.real.Add(reaction))) {
		return
	}
	if c.is(operation.Login) || c.is(operation.Logout) {
		return
	}
	r.note(after(c, &r.trace))
	a.report(&r.dossier, c, Reauthenticate, Failure, "the token that "+r.shown.Call()+" was answered 401 with was used again, instead of a refresh or a login")
}

// judgeRefresh finds refreshes at once: the first one revokes the token that the others show.
func (a *auditor) judgeRefresh(c *call) {
	if c.x.Gone {
		return
	}
	for i := range a.refreshes {
		r := &a.refreshes[i]
		if r.caller != c.caller || r.client != c.from() || !together(r, c) {
			continue
		}
		d := &a.meet(c.caller).refresh
		if n := len(d.attempts); n == 0 || c.began.real.Sub(d.attempts[n-1].Time) > refreshAgain {
			*d = dossier{}
			d.note(r.shown)
		}
		d.note(after(c, r))
		a.report(d, c, Reauthenticate, Failure, "the token was refreshed several times at once")
		break
	}
	if len(a.refreshes) >= maxRefreshes {
		a.refreshes = append(slices.Delete(a.refreshes, 0, 1), c.kept())
	} else if a.take(refreshBytes) {
		a.refreshes = append(a.refreshes, c.kept())
	}
}

// together says whether two refreshes overlap, or the second came although the first had succeeded.
func together(r *trace, c *call) bool {
	overlap := c.began.real.Before(r.ended.real) && r.began.real.Before(c.ended.real)
	again := r.kind == fine && !c.began.real.Before(r.ended.real) && c.began.since(r.ended) < refreshAgain
	return overlap || again
}

// release is a call that came when its wait was over.
type release struct {
	began   time.Time
	request *Request
}

// maxReleases bounds what is remembered of them.
const maxReleases = 32

// release judges how many calls the end of a wait let go together.
func (a *auditor) release(c *call, last *trace) {
	if c.began.since(last.ended) > last.wait+crowdLate {
		return
	}
	who := a.meet(c.caller)
	if len(who.released) >= maxReleases {
		who.released = slices.Delete(who.released, 0, 1)
	}
	who.released = append(who.released, release{c.began.real, after(c, last)})
	crowd := who.crowdAround(c.began.real)
	if len(crowd) < crowdSize {
		return
	}
	d := &who.crowd
	if n := len(d.attempts); n == 0 || c.began.real.Sub(d.attempts[n-1].Time).Abs() > time.Second {
		*d = dossier{attempts: crowd}
	} else {
		d.note(after(c, last))
	}
	a.report(d, c, Stampede, Failure, fmt.Sprintf("%d calls were sent within %s of each other when the wait of %s was over",
		len(crowd), spoken(crowdWithin), spoken(last.wait)))
}

// crowdAround is the largest group of calls, one of them at a moment, that began within crowdWithin.
func (who *caller) crowdAround(at time.Time) (largest []*Request) {
	sorted := slices.Clone(who.released)
	slices.SortStableFunc(sorted, func(a, b release) int { return a.began.Compare(b.began) })
	first := 0
	for i := range sorted {
		for sorted[i].began.Sub(sorted[first].began) > crowdWithin {
			first++
		}
		if i+1-first > len(largest) && !sorted[first].began.After(at) && !sorted[i].began.Before(at) {
			largest = nil
			for _, r := range sorted[first : i+1] {
				largest = append(largest, r.request)
			}
		}
	}
	return largest
}

// spoken is a length of time for people: 1.2s, 35ms, 2h.
func spoken(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "0ms"
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return strings.TrimSuffix(strings.TrimSuffix(d.Round(time.Second).String(), "0s"), "0m")
}

// later says how long after something else it was.
func later(d time.Duration) string {
	if d < time.Millisecond {
		return "at once"
	}
	return "after " + spoken(d)
}

func spokenAll(all []time.Duration) string {
	texts := make([]string, len(all))
	for i, d := range all {
		texts[i] = spoken(d)
	}
	return strings.Join(texts, ", ")
}
