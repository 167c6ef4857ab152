package journal

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// liveBytes is what is alive on the heap.
func liveBytes() uint64 {
	runtime.GC()
	runtime.GC() // what pools held is freed by the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemoryIsFlat records many more requests than are kept, of many sessions, as a test suite sends them. It runs alone, since it
// measures the heap of the process.
func TestMemoryIsFlat(t *testing.T) {
	const requests = 60_000 // the section "journal" of mock/bench sends 2,000,000
	o := Options{Entries: 4000, Bytes: 3 << 20}
	j := New(o)
	body := []byte(`{"id":"` + strings.Repeat("x", 1000) + `"}`)
	record := func(from, to int) {
		for i := from; i < to; i++ {
			j.Record(exchange(fmt.Sprint("session-", i%300), i, func(x *Exchange) {
				x.Target, x.Path = fmt.Sprint("/api/leads/", i), fmt.Sprint("/leads/", i)
				x.ResponseBody, x.BodyShared = body, true
				x.RequestHeader["Authorization"] = []string{fmt.Sprint("Bearer ", strings.Repeat("t", 300), i%50)}
			}))
		}
	}
	record(0, requests/10)
	before := liveBytes()
	record(requests/10, requests)
	after := liveBytes()
	entries, bytes := j.Size()
	t.Logf("after %d requests %.1f MiB, after %d %.1f MiB; %d entries, counted as %.1f MiB", requests/10, mib(before), requests, mib(after), entries, mib(uint64(bytes)))
	if after > before+before/10+1<<20 {
		t.Errorf("the heap grew from %.1f to %.1f MiB", mib(before), mib(after))
	}
	if entries > o.Entries || bytes > o.Bytes || after > uint64(3*o.Bytes) {
		t.Errorf("%d entries, %d bytes, %.1f MiB on the heap", entries, bytes, mib(after))
	}
	runtime.KeepAlive(j)
}

// TestManySessionsHoldLittle: the last records of thousands of sessions do not keep the pieces alive that others had a part in.
func TestManySessionsHoldLittle(t *testing.T) {
	j := New(Options{Bytes: 1 << 20})
	empty := liveBytes()
	for i := range 3000 {
		for n := range 70 {
			j.Record(exchange(fmt.Sprint("session-", i), n))
		}
	}
	if held := liveBytes() - empty; held > 12<<20 {
		t.Errorf("%.1f MiB", mib(held))
	} else {
		t.Logf("%.1f MiB", mib(held))
	}
	runtime.KeepAlive(j)
}

func mib(bytes uint64) float64 { return float64(bytes) / (1 << 20) }

// TestWhatIsReadStays: entries that somebody holds are not used again for others.
func TestWhatIsReadStays(t *testing.T) {
	t.Parallel()
	j := New(Options{Entries: 5})
	s := j.Subscribe(AllSessions, 3)
	record := func(i int) { j.Record(exchange("s", i)) }
	for i := range 20 {
		record(i)
	}
	followed := []*Entry{<-s.C, <-s.C, <-s.C}
	s.Close()
	held := append(j.List(Filter{Session: "s"}), followed...)
	for i := range 100 {
		record(100 + i)
	}
	for i, want := range []string{"req-15", "req-16", "req-17", "req-18", "req-19", "req-0", "req-1", "req-2"} {
		if got := held[i].View(); got.RequestID != want {
			t.Errorf("entry %d became %s, it was %s", i, got.RequestID, want)
		}
	}
}

// TestMemoryIsUsedAgain: who records all day long makes no garbage, and yet whoever reads meanwhile is not shown records of
// others.
func TestMemoryIsUsedAgain(t *testing.T) {
	j := New(Options{Entries: 64})
	for i := range 1000 {
		j.Record(exchange("s", i))
	}
	found := j.recordsOf("s", 0) // by somebody who has not looked at them yet
	for i := range 1000 {
		j.Record(exchange("s", 1000+i))
	}
	for i, r := range found {
		if id := j.entry(r).RequestID; id != fmt.Sprint("req-", 1000-64+i) {
			t.Fatalf("the record of %s is used again", id)
		}
	}
	j.reading.Add(-1)
	used := map[*slab]bool{}
	for i := range 1000 {
		j.Record(exchange("s", i))
		used[j.logs["s"].slab] = true
	}
	if n := len(used); n > 64/slabRecords+2 {
		t.Errorf("a thousand records took %d slabs", n)
	}
}
