package store

import "testing"

// What was counted in blocks that did not change is not counted again, and the sum is right whatever was changed: records
// that come, go and move, blocks that are parted and that vanish.
func TestTalliesOutliveChanges(t *testing.T) {
	layout := NewLayout(peopleFields())
	var records []*Record
	for i := range 9_000 {
		records = append(records, cheapPerson(i).record(layout))
	}
	v := mustView(t, layout, records)
	q := Query{AtLeast: []AtLeast{{fieldScore, 50}}, SearchIn: []int{fieldName}, Search: "ada", SortBy: fieldName, Limit: 20}
	ask := func(v *View) (uncountedBefore, blocks int) {
		t.Helper()
		o := v.order(v.ordering(q.SortBy, q.Descending))
		seen := o.tallying(v.conditions(&q))
		for i := range o.blocks {
			if _, known := seen.lookUp(o.serials[i]); !known {
				uncountedBefore++
				seen.add(o.serials[i], 0)
			}
		}
		want := 0
		for r := range v.All() {
			want += b2i(matchesAll(v.conditions(&q), r))
		}
		for range 2 {
			if got := v.Query(q).Total; got != want || want == 0 {
				t.Fatalf("%d records, want %d", got, want)
			}
		}
		again := o.tallying(v.conditions(&q))
		for i := range o.blocks {
			if _, known := again.lookUp(o.serials[i]); !known || again.counts != nil {
				t.Fatalf("block %d of %d is not known as it is (%v)", i, len(o.blocks), known)
			}
		}
		return uncountedBefore, len(o.blocks)
	}
	if unknown, blocks := ask(v); unknown != blocks || blocks < 8 {
		t.Fatalf("of %d blocks %d are uncounted at first", blocks, unknown)
	}
	for i := range 40 {
		tx := v.Begin()
		p := cheapPerson(i * 97)
		switch p.Score = pointer(float64(40 + i)); i % 4 {
		case 0: // it goes
			tx.Delete(p.ID)
		case 1: // it moves
			p.Name = pointer("ada, moved")
			tx.Put(p.record(layout))
		case 2: // another comes
			p.ID, p.Email = "new"+p.ID, nil
			tx.Put(p.record(layout))
		case 3: // it stays where it is
			tx.Put(p.record(layout))
		}
		v = tx.Commit()
		if unknown, blocks := ask(v); unknown > 3 {
			t.Errorf("change %d: %d of %d blocks are uncounted", i, unknown, blocks)
		}
	}
	for i := range 5 { // many at once: blocks are parted and vanish
		tx := v.Begin()
		for n := range 300 {
			p := cheapPerson(1500*i + n)
			if i%2 == 0 {
				tx.Delete(p.ID)
				continue
			}
			p.Name = pointer("ada in a crowd")
			tx.Put(p.record(layout))
		}
		v = tx.Commit()
		ask(v)
	}
}
