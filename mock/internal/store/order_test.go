package store

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSortedAgreesWithCompare holds that the shortcut through heads changes no order.
func TestSortedAgreesWithCompare(t *testing.T) {
	numbers := []float64{math.Inf(-1), -1e300, -1.5, math.Copysign(0, -1), 0, 5e-324, 1, 2, 1e300, math.Inf(1)}
	texts := []string{"", "\x00", "a", "a\x00", "2026-01-01T00", "2026-01-01T00:00", "2026-01-01T01", "\uffee", "😀"}
	rapid.Check(t, func(t *rapid.T) {
		o := ordering{kind: rapid.SampledFrom([]Kind{Text, Number, Boolean}).Draw(t, "kind")}
		o.descending = rapid.Bool().Draw(t, "descending")
		prefix := rapid.SampledFrom([]string{"", "2026-01-"}).Draw(t, "prefix")
		places := rapid.SliceOf(rapid.Custom(func(t *rapid.T) place {
			p := place{id: rapid.StringOf(rapid.RuneFrom([]rune("abc"))).Draw(t, "id")}
			switch {
			case rapid.IntRange(0, 5).Draw(t, "null") == 0:
				p.key.null = true
			case o.kind == Text:
				p.key.text = prefix + rapid.SampledFrom(texts).Draw(t, "text")
			default:
				p.key.number = rapid.SampledFrom(numbers).Draw(t, "number")
			}
			return p
		})).Draw(t, "places")
		indexes := o.sorted(places)
		for i := 1; i < len(indexes); i++ {
			if o.compare(places[indexes[i-1]], places[indexes[i]]) > 0 {
				t.Fatalf("%+v stands before %+v", places[indexes[i-1]], places[indexes[i]])
			}
		}
		slices.SortFunc(indexes, cmp.Compare[int32])
		for i, index := range indexes {
			if int(index) != i {
				t.Fatalf("index %d is not there once", i)
			}
		}
	})
}

func TestAllKeepsTheOrderOfTheFiles(t *testing.T) {
	l := NewLayout(peopleFields())
	v := mustView(t, l, []*Record{named(l, "m", "1"), named(l, "z", "1"), named(l, "b", "1")})
	tx := v.Begin()
	tx.Put(named(l, "y", "new"))
	tx.Put(named(l, "a", "new"))
	tx.Put(named(l, "z", "changed"))
	tx.Delete("m")
	if got := idsOf(slices.Collect(tx.Commit().All())); !slices.Equal(got, []string{"z", "b", "a", "y"}) {
		t.Errorf("All gives %v, want z b a y", got)
	}
	if got := idsOf(slices.Collect(v.All())); !slices.Equal(got, []string{"m", "z", "b"}) {
		t.Errorf("All of the old view gives %v, want m z b", got)
	}
	for range v.All() {
		break // a reader may leave early
	}
}

// TestTxGoesOnAfterCommit holds that what a Tx does after Commit does not reach the committed view.
func TestTxGoesOnAfterCommit(t *testing.T) {
	l := NewLayout(peopleFields())
	tx := mustView(t, l, nil).Begin()
	tx.Put(person{ID: "a", Email: pointer("a@x")}.record(l))
	first := tx.Commit()
	tx.Put(person{ID: "a", Email: pointer("b@x")}.record(l))
	tx.Put(person{ID: "c"}.record(l))
	second := tx.Commit()
	for _, c := range []struct {
		view  *View
		email string
		size  int
	}{{first, "A@x", 1}, {second, "B@x", 2}} {
		if _, ok := c.view.FindUnique(fieldEmail, c.email); !ok {
			t.Errorf("no record has %s", c.email)
		}
		if got := len(c.view.Query(Query{SortBy: fieldEmail}).Records); got != c.size || c.view.Len() != c.size {
			t.Errorf("there are %d of %d records, want %d", got, c.view.Len(), c.size)
		}
	}
}
