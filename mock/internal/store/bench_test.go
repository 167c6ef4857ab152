package store

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// leadFields are those of the leads resource, so that sizes and costs are those of real records.
func leadFields() []Field {
	fields := []Field{{Name: "id"}, {Name: "email", Unique: true}}
	for _, name := range strings.Fields(`firstName lastName phone company title salutation website industry street city
		state postalCode country timeline description leadSource status rating buyingIntent ownerId createdAt updatedAt
		qualifiedDate convertedDate lastContactedAt convertedAccountId convertedContactId convertedOpportunityId
		disqualifiedReason`) {
		fields = append(fields, Field{Name: name})
	}
	return append(fields, Field{Name: "leadScore", Kind: Number}, Field{Name: "numberOfEmployees", Kind: Number},
		Field{Name: "annualRevenue", Kind: Number}, Field{Name: "budget", Kind: Number},
		Field{Name: "isQualified", Kind: Boolean}, Field{Name: "painPoints", Kind: Opaque})
}

// makeLead makes a record of about 1.1 KB. One in five is NEW, one in two hundred is of TRADE_SHOW.
func makeLead(l *Layout, i int) *Record {
	random := rand.New(rand.NewPCG(uint64(i), 7))
	values := make([]json.RawMessage, len(l.fields))
	for f, field := range l.fields {
		switch field.Kind {
		case Text:
			values[f] = raw(fmt.Sprintf("%s %d", field.Name, random.IntN(5000)))
		case Number:
			values[f] = raw(random.IntN(101))
		case Boolean:
			values[f] = raw(random.IntN(2) == 0)
		case Opaque:
			values[f] = raw([]string{"Rising costs"})
		}
	}
	set := func(name string, value any) { values[l.Index(name)] = raw(value) }
	set("id", fmt.Sprintf("%08x-0000-4000-8000-%012x", random.Uint32(), i))
	set("email", fmt.Sprintf("Person.%d@example.com", i))
	set("description", strings.Repeat("All that is worth saying of it. ", 6))
	set("createdAt", fmt.Sprintf("2026-%02d-%02dT%02d:%02d:%02d.%03dZ", 1+random.IntN(12), 1+random.IntN(28),
		random.IntN(24), random.IntN(60), random.IntN(60), random.IntN(1000)))
	set("status", []string{"NEW", "CONTACTED", "QUALIFIED", "LOST", "CONVERTED"}[random.IntN(5)])
	set("leadSource", "WEB")
	if random.IntN(200) == 0 {
		set("leadSource", "TRADE_SHOW")
	}
	set("company", fmt.Sprintf("Company %d", i))
	return l.Encode(values)
}

func makeLeads(l *Layout, n int) []*Record {
	records := make([]*Record, n)
	for i := range records {
		records[i] = makeLead(l, i)
	}
	return records
}

func benchmarkSizes() []int { return []int{1_000, 10_000, 100_000} }

func BenchmarkQuery(b *testing.B) {
	l := NewLayout(leadFields())
	searched := []int{l.Index("firstName"), l.Index("lastName"), l.Index("company"), l.Index("email"), l.Index("title")}
	status, source := l.Index("status"), l.Index("leadSource")
	queries := []struct {
		name  string
		query Query
	}{
		{"none", Query{}},
		{"dense", Query{Equal: []Equal{{Field: status, Value: "NEW"}}}},
		{"denseDeep", Query{Equal: []Equal{{Field: status, Value: "NEW"}}, Offset: 150}},
		{"sparse", Query{Equal: []Equal{{Field: source, Value: "TRADE_SHOW"}}}},
		{"single", Query{Equal: []Equal{{Field: l.Index("company"), Value: "Company 77"}}}},
		{"unique", Query{Equal: []Equal{{Field: l.Index("email"), Value: "person.77@EXAMPLE.com", Fold: true}}}},
		{"atLeast", Query{AtLeast: []AtLeast{{l.Index("leadScore"), 60}}}},
		{"search", Query{Search: "son.77", SearchIn: searched}},
		{"three", Query{
			Equal:   []Equal{{Field: status, Value: "NEW"}, {Field: source, Value: "WEB"}},
			AtLeast: []AtLeast{{l.Index("leadScore"), 60}},
		}},
	}
	for _, size := range benchmarkSizes() {
		v := mustView(b, l, makeLeads(l, size))
		for _, c := range queries {
			c.query.SortBy, c.query.Descending, c.query.Limit = l.Index("createdAt"), true, 20
			v.Query(c.query)
			b.Run(fmt.Sprintf("%s/%d", c.name, size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if v.Query(c.query).Total == 0 {
						b.Fatal("nothing found")
					}
				}
			})
		}
	}
}

// BenchmarkNewQuery measures filters whose counts are not known yet.
func BenchmarkNewQuery(b *testing.B) {
	l := NewLayout(leadFields())
	for _, size := range benchmarkSizes() {
		v := mustView(b, l, makeLeads(l, size))
		run := func(name string, query func(i int) Query) {
			ask := func(i int) {
				q := query(i)
				q.SortBy, q.Descending, q.Limit = l.Index("createdAt"), true, 20
				v.Query(q)
			}
			ask(0) // makes the order and the facets
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					ask(i)
				}
			})
		}
		status := []Equal{{Field: l.Index("status"), Value: "NEW"}}
		run("single", func(i int) Query {
			return Query{Equal: []Equal{{Field: l.Index("company"), Value: fmt.Sprint("Company ", i%size)}}}
		})
		run("atLeast", func(i int) Query {
			return Query{AtLeast: []AtLeast{{l.Index("leadScore"), float64(i%100) + float64(i%37)/37}}}
		})
		run("two", func(i int) Query {
			return Query{Equal: status, AtLeast: []AtLeast{{l.Index("leadScore"), float64(i%100) + float64(i%37)/37}}}
		})
	}
}

// BenchmarkWrite measures a lone insert, and one with a filtered and sorted list after it.
func BenchmarkWrite(b *testing.B) {
	l := NewLayout(leadFields())
	list := Query{
		Equal:  []Equal{{Field: l.Index("status"), Value: "NEW"}},
		SortBy: l.Index("createdAt"), Descending: true, Limit: 20,
	}
	for _, size := range benchmarkSizes() {
		base := mustView(b, l, makeLeads(l, size))
		base.Query(list)
		more := make([]*Record, 200)
		for i := range more {
			more[i] = makeLead(l, 10_000_000+i)
		}
		run := func(b *testing.B, each func(*View)) {
			b.ReportAllocs()
			v := base
			for i := 0; b.Loop(); i++ {
				if i%len(more) == 0 {
					v = base
				}
				tx := v.Begin()
				tx.Put(more[i%len(more)])
				v = tx.Commit()
				each(v)
			}
		}
		b.Run(fmt.Sprintf("put/%d", size), func(b *testing.B) { run(b, func(*View) {}) })
		b.Run(fmt.Sprintf("putAndQuery/%d", size), func(b *testing.B) { run(b, func(v *View) { v.Query(list) }) })
	}
}

func BenchmarkNewView(b *testing.B) {
	l := NewLayout(leadFields())
	for _, size := range benchmarkSizes() {
		records := makeLeads(l, size)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustView(b, l, records)
			}
		})
	}
}

func BenchmarkNewSession(b *testing.B) {
	l := NewLayout(leadFields())
	base := &Base{View: mustView(b, l, makeLeads(l, 10_000))}
	b.ReportAllocs()
	for b.Loop() {
		NewCollection(base)
	}
}

// BenchmarkFirstUse measures what the first reader of an order, and of a text, waits for.
func BenchmarkFirstUse(b *testing.B) {
	l := NewLayout(leadFields())
	searched := []int{l.Index("firstName"), l.Index("lastName"), l.Index("company"), l.Index("email"), l.Index("title")}
	v := mustView(b, l, makeLeads(l, 100_000))
	b.Run("sort", func(b *testing.B) {
		for b.Loop() {
			v.sortAll(v.ordering(l.Index("createdAt"), true))
		}
	})
	b.Run("search", func(b *testing.B) {
		v.Query(Query{Search: "warm", SearchIn: searched, Limit: 20})
		for i := 0; b.Loop(); i++ {
			v.Query(Query{Search: fmt.Sprintf("son.%d", i), SearchIn: searched, Limit: 20})
		}
	})
}

// heapOf returns the bytes that what make returns keeps alive.
func heapOf(make func() any) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	made := make()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(made)
	return after.HeapAlloc - before.HeapAlloc
}

func TestMemoryPerRecord(t *testing.T) {
	const size = 20_000
	l := NewLayout(leadFields())
	encoded := 0
	heap := heapOf(func() any {
		v := mustView(t, l, makeLeads(l, size))
		for _, field := range []string{"createdAt", "lastName"} {
			v.Query(Query{
				SortBy: l.Index(field), Limit: 20, Search: "77", SearchIn: []int{l.Index("email"), l.Index("company")},
				Equal: []Equal{{Field: l.Index("status"), Value: "NEW"}},
			})
		}
		for r := range v.All() {
			encoded += len(r.JSON())
		}
		return v
	})
	t.Logf("%d bytes of JSON and %d of heap per record", encoded/size, heap/size)
	if limit := uint64(encoded + 500*size); heap > limit {
		t.Errorf("%d records take %d bytes of heap, want at most %d", size, heap, limit)
	}
}

func TestSessionCostsNextToNothing(t *testing.T) {
	const sessions = 10_000
	l := NewLayout(leadFields())
	base := &Base{View: mustView(t, l, makeLeads(l, 10))}
	heap := heapOf(func() any {
		all := make([]*Collection, sessions)
		for i := range all {
			all[i] = NewCollection(base)
		}
		return all
	})
	if each := heap / sessions; each > 200 {
		t.Errorf("a session that has not written takes %d bytes, want at most 200", each)
	}
}
