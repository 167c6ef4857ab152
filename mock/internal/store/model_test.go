package store

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// world is views and the models that say what must be in them, in the order they were made: several branches,
// and every earlier state of each, which must stay as it was.
type world struct {
	layout *Layout
	views  []*View
	models []model
}

func TestViewsAgreeWithModel(t *testing.T) {
	layout := NewLayout(peopleFields())
	rapid.Check(t, func(t *rapid.T) {
		w := &world{layout: layout}
		w.begin(t)
		t.Repeat(map[string]func(*rapid.T){
			"write":      w.write,
			"writeMany":  w.writeMany,
			"query":      w.query,
			"queryAgain": w.query,
			"queryOnce":  w.query,
			"look":       w.look,
		})
	})
}

func (w *world) begin(t *rapid.T) {
	size := rapid.SampledFrom([]int{0, 3, 40, 900, 2000}).Draw(t, "size")
	m := model{}
	var records []*Record
	for i := range size {
		p := cheapPerson(i)
		m[p.ID] = p
		records = append(records, p.record(w.layout))
	}
	v, err := NewView(w.layout, records)
	if err != nil {
		t.Fatal(err)
	}
	w.views, w.models = []*View{v}, []model{m}
}

// cheapPerson makes a person without drawing, so that large views cost rapid nothing.
func cheapPerson(i int) person {
	p := person{ID: fmt.Sprintf("r%d", i*7919%10007), Score: pointer(float64(i * 31 % 101)), Tags: []string{}}
	p.Name = pointer(sampleTexts()[i%len(sampleTexts())])
	p.Email = pointer(fmt.Sprintf("P%d@Example.com", i))
	if i%5 == 0 {
		p.Open = pointer(i%2 == 0)
	}
	if i%17 == 0 {
		p.Name, p.Score = nil, nil
	}
	return p
}

func sampleTexts() []string {
	return []string{"Ada", "ada", "ADA LOVELACE", "Zoë", "", "a\"b\\c", "日本", "😀", "\uffee", "x\n", "null", "12", "\x00", "ada lovelace, countess", "ada lovelace, countesses"}
}

func drawPerson(t *rapid.T) person {
	p := person{ID: drawID(t)}
	text := rapid.Ptr(rapid.SampledFrom(sampleTexts()), true)
	p.Name = text.Draw(t, "name")
	p.Email = rapid.Ptr(rapid.SampledFrom([]string{"a@x", "A@X", "b@x", "P3@example.com", "p900@Example.com", "É@x"}), true).Draw(t, "email")
	p.Score = rapid.Ptr(rapid.SampledFrom([]float64{-1.5, -1e300, math.Copysign(0, -1), 0, 1, 20, 50, 99, 1e300}), true).Draw(t, "score")
	p.Open = rapid.Ptr(rapid.Bool(), true).Draw(t, "open")
	p.Tags = rapid.SampledFrom([][]string{nil, {}, {"x"}}).Draw(t, "tags")
	return p
}

func drawID(t *rapid.T) string {
	if rapid.Bool().Draw(t, "old id") {
		return cheapPerson(rapid.IntRange(0, 2000).Draw(t, "number")).ID
	}
	return "n" + strconv.Itoa(rapid.IntRange(0, 30).Draw(t, "new id"))
}

func (w *world) pick(t *rapid.T) (*View, model) {
	// Mostly the latest, so that changes add up.
	i := len(w.views) - 1
	if rapid.IntRange(0, 3).Draw(t, "earlier") == 0 {
		i = rapid.IntRange(0, i).Draw(t, "view")
	}
	return w.views[i], w.models[i]
}

func (w *world) write(t *rapid.T) {
	v, m := w.pick(t)
	m = maps.Clone(m)
	tx := v.Begin()
	for range rapid.IntRange(0, 6).Draw(t, "steps") {
		if rapid.IntRange(0, 2).Draw(t, "step") == 0 {
			id := drawID(t)
			_, had := m[id]
			if tx.Delete(id) != had {
				t.Fatalf("Delete(%q) = %v, want %v", id, !had, had)
			}
			delete(m, id)
		} else {
			p := drawPerson(t)
			m[p.ID] = p
			tx.Put(p.record(w.layout))
		}
		if tx.Len() != len(m) {
			t.Fatalf("Tx.Len() = %d, want %d", tx.Len(), len(m))
		}
	}
	w.commit(tx, m)
}

// writeMany fills, empties and reorders whole blocks.
func (w *world) writeMany(t *rapid.T) {
	v, m := w.pick(t)
	m = maps.Clone(m)
	tx := v.Begin()
	from := rapid.IntRange(0, 2000).Draw(t, "from")
	count := rapid.SampledFrom([]int{40, 400, 1500}).Draw(t, "count")
	remove := rapid.Bool().Draw(t, "remove")
	for i := from; i < from+count; i++ {
		p := cheapPerson(i)
		if remove {
			tx.Delete(p.ID)
			delete(m, p.ID)
			continue
		}
		p.Score = pointer(float64(from % 90))
		m[p.ID] = p
		tx.Put(p.record(w.layout))
	}
	w.commit(tx, m)
}

func (w *world) commit(tx *Tx, m model) {
	w.views = append(w.views, tx.Commit())
	w.models = append(w.models, m)
}

func (w *world) query(t *rapid.T) {
	v, m := w.pick(t)
	q := drawQuery(t, m)
	got := v.Query(q)
	ids, total, more := m.query(q)
	if !slices.Equal(idsOf(got.Records), ids) || got.Total != total || got.More != more {
		t.Fatalf("%+v of %d records:\n got %q, total %d, more %v\nwant %q, total %d, more %v",
			q, len(m), idsOf(got.Records), got.Total, got.More, ids, total, more)
	}
	for _, r := range got.Records {
		if want := string(raw(m[r.ID()])); string(r.JSON()) != want {
			t.Fatalf("record %s is %s, want %s", r.ID(), r.JSON(), want)
		}
	}
}

func drawQuery(t *rapid.T, m model) Query {
	q := Query{
		SortBy:     rapid.IntRange(-1, fieldTags).Draw(t, "sort by"),
		Descending: rapid.Bool().Draw(t, "descending"),
		Offset:     rapid.SampledFrom([]int{0, 0, 1, 20, 1000, 5000}).Draw(t, "offset"),
		Limit:      rapid.SampledFrom([]int{0, 1, 3, 20, 1200}).Draw(t, "limit"),
	}
	if rapid.Bool().Draw(t, "equal") {
		q.Equal = append(q.Equal, drawEqual(t))
	}
	if rapid.IntRange(0, 2).Draw(t, "at least") == 0 {
		minimum := rapid.SampledFrom([]float64{-2, 0, 20, 20.5, 64, 100, 1e301}).Draw(t, "minimum")
		q.AtLeast = []AtLeast{{fieldScore, minimum}}
	}
	if rapid.IntRange(0, 2).Draw(t, "search") == 0 {
		q.Search = rapid.SampledFrom([]string{"AD", "lace", "ë", "@", "p1", "\xff", "日", "\x00", "\n"}).Draw(t, "text")
		q.SearchIn = rapid.SampledFrom([][]int{{fieldName}, {fieldName, fieldEmail}, {fieldEmail, fieldTags}, nil}).Draw(t, "in")
	}
	if rapid.IntRange(0, 2).Draw(t, "cursor") == 0 {
		p, known := m[drawID(t)]
		if !known {
			p = drawPerson(t)
		}
		q.After = &Position{Key: keyOf(p, q.SortBy), ID: p.ID}
	}
	return q
}

func drawEqual(t *rapid.T) Equal {
	e := Equal{Field: rapid.IntRange(0, fieldTags).Draw(t, "field"), Fold: rapid.Bool().Draw(t, "fold")}
	switch e.Field {
	case fieldID:
		e.Value = drawID(t)
	case fieldEmail:
		e.Value = rapid.SampledFrom([]string{"a@x", "A@X", "P3@Example.com", "p3@example.com", "é@x", ""}).Draw(t, "value")
	case fieldName:
		e.Value = rapid.SampledFrom(sampleTexts()).Draw(t, "value")
	case fieldScore:
		e.Value = rapid.SampledFrom([]string{"20", "2e1", "0", "-1.5", "-0", "nonsense", ""}).Draw(t, "value")
	case fieldOpen:
		e.Value = rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "value")
	case fieldTags:
		e.Value = rapid.SampledFrom([]string{"[]", `["x"]`, "null"}).Draw(t, "value")
	}
	return e
}

func (w *world) look(t *rapid.T) {
	v, m := w.pick(t)
	if v.Len() != len(m) {
		t.Fatalf("Len() = %d, want %d", v.Len(), len(m))
	}
	seen := map[string]bool{}
	for r := range v.All() {
		seen[r.ID()] = true
		if _, ok := m[r.ID()]; !ok {
			t.Fatalf("All gives %q, which is not there", r.ID())
		}
	}
	if len(seen) != len(m) {
		t.Fatalf("All gives %d records, want %d", len(seen), len(m))
	}
	id := drawID(t)
	want, has := m[id]
	if r, ok := v.Get(id); ok != has || ok && string(r.JSON()) != string(raw(want)) {
		t.Fatalf("Get(%q) = %v, %v", id, r, ok)
	}
	email := rapid.SampledFrom([]string{"A@x", "b@X", "p3@example.COM", "P900@example.com", "é@X", "nobody"}).Draw(t, "email")
	var holder string
	for id, p := range m {
		if p.Email != nil && strings.EqualFold(*p.Email, email) && (holder == "" || id < holder) {
			holder = id
		}
	}
	if r, ok := v.FindUnique(fieldEmail, email); ok != (holder != "") || ok && r.ID() != holder {
		t.Fatalf("FindUnique(%q) = %v, %v, want %q", email, r, ok, holder)
	}
}
