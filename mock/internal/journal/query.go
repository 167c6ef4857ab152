package journal

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/match"
)

// AllSessions is the name that means all of them.
const AllSessions = "*"

// Filter says which entries are wanted. Zero values ask nothing.
type Filter struct {
	Session   string      // or AllSessions
	After     uint64      // only entries with a greater Seq
	Since     time.Time   // only requests that began then or later, in real time
	Decisions []string    // one of these
	Path      *match.Path // nil: any, those outside of the base path included
	Following bool        // somebody reads on from where it was: Limit keeps the first ones
	Limit     int         // the last so many, or with Following the first; 0: all
}

// List gives entries in the order in which they were recorded.
func (j *Journal) List(f Filter) []*Entry {
	var found []*Entry
	defer j.reading.Add(-1)
	for _, r := range j.recordsOf(f.Session, f.After) {
		if !f.Since.IsZero() && j.made.Add(r.began).Before(f.Since) {
			continue
		}
		if e := j.entry(r); f.accepts(e) {
			found = append(found, e)
		}
	}
	if f.Limit <= 0 || len(found) <= f.Limit {
		return found
	}
	if f.Following {
		return found[:f.Limit]
	}
	return found[len(found)-f.Limit:]
}

func (f *Filter) accepts(e *Entry) bool {
	return (len(f.Decisions) == 0 || slices.Contains(f.Decisions, e.Decision)) && (f.Path == nil || f.Path.Match(e.Path))
}

// recordsOf copies under the lock and leaves the work for later: records do not change, until whoever asked for them counts
// itself off in reading.
func (j *Journal) recordsOf(session string, after uint64) []*record {
	if session == AllSessions {
		all := j.recordsOfAll(after)
		slices.SortFunc(all, func(a, b *record) int { return cmp.Compare(a.Seq, b.Seq) })
		return all
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.reading.Add(1)
	l := j.logs[session]
	if l == nil {
		return nil
	}
	return slices.Clone(l.after(after))
}

func (j *Journal) recordsOfAll(after uint64) []*record {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.reading.Add(1)
	all := make([]*record, 0, j.entries)
	for _, l := range j.logs {
		all = append(all, l.after(after)...)
	}
	return all
}

func (l *log) after(seq uint64) []*record {
	i := sort.Search(len(l.records), func(i int) bool { return l.records[i].Seq > seq })
	return l.records[i:]
}

func find(records []*record, seq uint64) (int, bool) {
	return slices.BinarySearchFunc(records, seq, func(r *record, seq uint64) int { return cmp.Compare(r.Seq, seq) })
}

// Find finds an entry of a session (or of AllSessions) by the ID of its View or by its X-Request-Id, the latest first;
// nil if it is not there, or no longer.
func (j *Journal) Find(session, id string) *Entry {
	defer j.reading.Add(-1)
	all := j.recordsOf(session, 0)
	seq, err := strconv.ParseUint(id, 10, 64)
	if i, found := find(all, seq); err == nil && found {
		return j.entry(all[i])
	}
	for _, r := range slices.Backward(all) {
		if e := j.entry(r); id != "" && e.RequestID == id {
			return e
		}
	}
	return nil
}

// Evidence is all that is kept of a session; truncated says that there was more, which was evicted. Of a journal that keeps
// nothing, nothing is evidence.
func (j *Journal) Evidence(session string) (entries []*Entry, truncated bool) {
	defer j.reading.Add(-1)
	records, truncated := j.evidence(session)
	for _, r := range records {
		entries = append(entries, j.entry(r))
	}
	return entries, truncated
}

func (j *Journal) evidence(session string) (records []*record, truncated bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.reading.Add(1)
	l := j.logs[session]
	if l == nil {
		return nil, j.lost || j.options.Entries < 0
	}
	return slices.Clone(l.records), l.truncated
}

// Clear forgets the entries of a session, or of AllSessions. What is recorded next is all that there is: nothing counts as
// truncated any more.
func (j *Journal) Clear(session string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if session == AllSessions {
		for _, l := range j.logs {
			j.remove(l)
		}
		j.lost = false
		return
	}
	if l := j.logs[session]; l != nil {
		j.remove(l)
	}
	if j.lost { // of which sessions is no longer known: of this one, it is
		j.open(session).truncated = false
	}
}

// Size is how much is kept.
func (j *Journal) Size() (entries, bytes int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.entries, j.bytes
}
