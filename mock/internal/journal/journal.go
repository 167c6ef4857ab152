// Package journal keeps a bounded record of exchanges, of all sessions together, and tells subscribers of new ones. It
// judges nothing: package referee does, over what is recorded here. Package httpapi records each exchange once; package
// adminapi reads.
package journal

import (
	"container/heap"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
)

// The defaults of Options.
const (
	DefaultEntries      = 20_000
	DefaultBytes        = 3 << 20
	DefaultRequestBody  = 64 << 10
	DefaultResponseBody = 2 << 10
)

// Options bound a journal. Zero is the default of each; Entries below zero keeps nothing.
type Options struct {
	Entries      int // of all sessions together
	Bytes        int // of all sessions together
	RequestBody  int // bytes kept of one
	ResponseBody int // bytes kept of one
}

func (o Options) filled() Options {
	for _, f := range []struct {
		to       *int
		standard int
	}{{&o.Entries, DefaultEntries}, {&o.Bytes, DefaultBytes}, {&o.RequestBody, DefaultRequestBody}, {&o.ResponseBody, DefaultResponseBody}} {
		if *f.to == 0 {
			*f.to = f.standard
		}
	}
	return o
}

// Journal is the record. It is safe for concurrent use.
type Journal struct {
	options   Options
	made      time.Time // when it was made
	blocks    blocks
	shapes    shapes
	excerpts  excerpts
	seq       atomic.Uint64
	following atomic.Int32 // how many subscriptions there are: without one, nobody need be told

	mu          sync.Mutex
	logs        map[string]*log
	heaviest    logHeap
	entries     int
	bytes       int
	lost        bool // a log was forgotten although entries of it had been evicted
	subscribers map[*Subscription]struct{}
	spares      []*slab

	reading atomic.Int32 // how many look at records that they found here
}

// New makes an empty journal.
func New(o Options) *Journal {
	return &Journal{options: o.filled(), made: entropy.WallNow(), blocks: blocks{seed: maphash.MakeSeed()}, logs: map[string]*log{}, subscribers: map[*Subscription]struct{}{}}
}

// log is what is kept of one session, oldest first.
type log struct {
	session   string
	records   []*record
	bytes     int
	place     int // in the heap
	truncated bool
	attempts  map[uint64]*attempts

	slab *slab // for the next records; nil: a new one
}

// attempts counts one logical call. It lives as long as an entry of it is kept, which bounds it.
type attempts struct{ made, kept int }

// Record records an exchange. It is called before the last byte of an answer is sent, so that whoever has the answer finds
// it here; of an exchange without an answer, when it is over. Of x only what does not change is kept: texts, and a body that
// is shared.
func (j *Journal) Record(x *Exchange) {
	if j.options.Entries < 0 {
		return
	}
	memory := packing.Get().(*[]byte)
	defer packing.Put(memory)
	borrowed, texts := j.record(x, memory)
	j.mu.Lock()
	defer j.mu.Unlock()
	l := j.open(x.Session)
	r := j.keep(l, &borrowed, texts)
	if x.Seq == 0 {
		x.Seq = j.Next()
	}
	r.Seq = x.Seq
	l.add(r, x.Decision == TransportResend)
	j.entries++
	j.bytes += r.size
	heap.Fix(&j.heaviest, l.place)
	j.evict()
	if j.Followed() {
		j.tell(j.entry(r))
	}
}

// Next is the place of the next exchange, for whoever records exchanges later than they came: of each session, in order.
func (j *Journal) Next() uint64 { return j.seq.Add(1) }

// Finish corrects an entry once its answer was sent: how long that took in all, and whether the client left before the
// end. Entries that were handed out before do not change.
func (j *Journal) Finish(x *Exchange, duration time.Duration, gone bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	l := j.logs[x.Session]
	if l == nil {
		return
	}
	if i, found := find(l.records, x.Seq); found {
		changed := *l.records[i]
		changed.Duration, changed.Gone = duration, gone
		l.records[i] = &changed
	}
}

// maxLogs bounds the sessions of which something is known, be it only that their entries were evicted.
const maxLogs = 40_000

func (j *Journal) open(session string) *log {
	l := j.logs[session]
	if l == nil {
		if len(j.logs) >= maxLogs {
			j.forgetEmpty()
		}
		l = &log{session: session, attempts: map[uint64]*attempts{}, truncated: j.lost}
		j.logs[session] = l
		heap.Push(&j.heaviest, l)
	}
	return l
}

func (j *Journal) forgetEmpty() {
	for _, l := range j.logs {
		if len(l.records) == 0 {
			j.lost = j.lost || l.truncated
			j.remove(l)
		}
	}
}

func (j *Journal) remove(l *log) {
	heap.Remove(&j.heaviest, l.place)
	delete(j.logs, l.session)
	j.entries -= len(l.records)
	j.bytes -= l.bytes
}

// evict takes from the session that holds most, in bytes: a noisy one cannot push out the evidence of the others.
func (j *Journal) evict() {
	for j.entries > j.options.Entries || j.bytes > j.options.Bytes {
		l := j.heaviest[0]
		size := j.drop(l)
		j.entries--
		j.bytes -= size
		heap.Fix(&j.heaviest, l.place)
	}
}

func (l *log) add(r *record, resent bool) {
	a := l.attempts[r.key]
	if a == nil {
		a = new(attempts)
		l.attempts[r.key] = a
	}
	if !resent || a.made == 0 {
		a.made++
	}
	a.kept++
	r.attempts, r.Attempt = a, a.made
	l.records = append(l.records, r)
	l.bytes += r.size
}

// drop forgets the oldest entry.
func (j *Journal) drop(l *log) (size int) {
	r := l.records[0]
	l.records[0] = nil // the array lives on until append moves it
	l.records = l.records[1:]
	l.bytes -= r.size
	l.truncated = true
	if len(l.records) == 0 {
		l.records, l.slab = nil, nil
	}
	if r.attempts.kept--; r.attempts.kept == 0 {
		delete(l.attempts, r.key)
	}
	size = r.size
	j.leave(l, r)
	return size
}

// logHeap has the session that holds most on top.
type logHeap []*log

func (h logHeap) Len() int           { return len(h) }
func (h logHeap) Less(i, j int) bool { return h[i].bytes > h[j].bytes }
func (h logHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push is for package heap.
func (h *logHeap) Push(x any) {
	l := x.(*log)
	l.place = len(*h)
	*h = append(*h, l)
}

// Pop is for package heap.
func (h *logHeap) Pop() any {
	last := len(*h) - 1
	l := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return l
}
