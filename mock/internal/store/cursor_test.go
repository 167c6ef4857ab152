package store

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestCursorIsStable follows cursors to the end while records come, go and change between the pages: none is
// given twice, and none of those that nobody touched is missed.
func TestCursorIsStable(t *testing.T) {
	l := NewLayout(peopleFields())
	var records []*Record
	for i := range 2500 {
		records = append(records, cheapPerson(i).record(l))
	}
	base := mustView(t, l, records)
	for sortBy := -1; sortBy <= fieldTags; sortBy++ {
		for _, descending := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d/%v", sortBy, descending), func(t *testing.T) {
				q := Query{SortBy: sortBy, Descending: descending, Limit: 37, AtLeast: []AtLeast{{fieldScore, 20}}}
				followCursor(t, l, base, q)
			})
		}
	}
}

func followCursor(t *testing.T, l *Layout, v *View, q Query) {
	random := rand.New(rand.NewPCG(1, 2))
	all := q
	all.Limit = 0
	untouched := map[string]bool{}
	for _, r := range v.Query(all).Records {
		untouched[r.ID()] = true
	}
	seen := map[string]bool{}
	for round, more := 0, true; more; round++ {
		page := v.Query(q)
		for _, r := range page.Records {
			if seen[r.ID()] {
				t.Fatalf("record %s is given twice", r.ID())
			}
			seen[r.ID()] = true
		}
		more = page.More
		if more {
			last := page.Records[len(page.Records)-1]
			q.After = &Position{ID: last.ID()}
			if q.SortBy >= 0 {
				q.After.Key = last.Raw(q.SortBy)
			}
			v = disturb(l, v, random, round, last, untouched)
		}
	}
	for id := range untouched {
		if !seen[id] {
			t.Errorf("record %s, which nobody touched, was missed", id)
		}
	}
}

// disturb deletes the record that the cursor stands on and some others, and inserts new ones; ids are never reused.
func disturb(l *Layout, v *View, random *rand.Rand, round int, last *Record, untouched map[string]bool) *View {
	tx := v.Begin()
	gone := []string{last.ID()}
	for range 3 {
		gone = append(gone, cheapPerson(random.IntN(2500)).ID)
	}
	for _, id := range gone {
		tx.Delete(id)
		delete(untouched, id)
	}
	for i := range 3 {
		p := cheapPerson(random.IntN(2500))
		p.ID = fmt.Sprintf("%c-%d-%d", 'a'+rune(random.IntN(26)), round, i)
		tx.Put(p.record(l))
	}
	return tx.Commit()
}
