package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// generation makes a base of "id=name" entries, as files would write them.
func generation(t testing.TB, l *Layout, entries map[string]string) *Base {
	t.Helper()
	b := &Base{Sources: map[string]uint64{}}
	var records []*Record
	for id, name := range entries {
		records = append(records, named(l, id, name))
		for _, c := range name {
			b.Sources[id] = b.Sources[id]*31 + uint64(c)
		}
	}
	b.View = mustView(t, l, records)
	return b
}

func named(l *Layout, id, name string) *Record {
	values := make([]json.RawMessage, len(l.fields))
	values[l.id] = raw(id)
	values[l.Index("name")] = raw(name)
	return l.Encode(values)
}

func nameOf(v *View, id string) string {
	r, ok := v.Get(id)
	if !ok {
		return "none"
	}
	name, _ := r.Text(v.Layout().Index("name"))
	return name
}

func put(l *Layout, id, name string) func(*Tx) error {
	return func(tx *Tx) error { tx.Put(named(l, id, name)); return nil }
}

func remove(id string) func(*Tx) error {
	return func(tx *Tx) error { tx.Delete(id); return nil }
}

func TestRebase(t *testing.T) {
	l := NewLayout(peopleFields())
	type files = map[string]string
	for _, c := range []struct {
		name   string
		before files
		write  func(*Tx) error // nil: the session does nothing
		after  files
		want   string // the name of record a, or none
	}{
		{"untouched, file the same", files{"a": "file"}, nil, files{"a": "file"}, "file"},
		{"untouched, file changed", files{"a": "file"}, nil, files{"a": "newer"}, "newer"},
		{"untouched, file dropped it", files{"a": "file"}, nil, files{}, "none"},
		{"untouched, file brought it", files{}, nil, files{"a": "newer"}, "newer"},
		{"changed, file the same", files{"a": "file"}, put(l, "a", "mine"), files{"a": "file"}, "mine"},
		{"changed, file changed", files{"a": "file"}, put(l, "a", "mine"), files{"a": "newer"}, "newer"},
		{"changed, file dropped it", files{"a": "file"}, put(l, "a", "mine"), files{}, "mine"},
		{"deleted, file the same", files{"a": "file"}, remove("a"), files{"a": "file"}, "none"},
		{"deleted, file changed", files{"a": "file"}, remove("a"), files{"a": "newer"}, "newer"},
		{"deleted, file dropped it", files{"a": "file"}, remove("a"), files{}, "none"},
		{"created, file without it", files{}, put(l, "a", "mine"), files{}, "mine"},
		{"created, file brought it", files{}, put(l, "a", "mine"), files{"a": "newer"}, "newer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Another record changes in the file and another in the session, so that neither has nothing to do.
			c.before["file"], c.after["file"] = "1", "2"
			collection := NewCollection(generation(t, l, c.before))
			if c.write != nil {
				mustWrite(t, collection, c.write)
				mustWrite(t, collection, put(l, "other", "kept"))
			}
			collection.Rebase(generation(t, l, c.after), nil)
			v := collection.View()
			if got := nameOf(v, "a"); got != c.want {
				t.Errorf("record a is %s, want %s", got, c.want)
			}
			if got := nameOf(v, "file"); got != "2" {
				t.Errorf("the file's record is %s, want 2", got)
			}
			if got := nameOf(v, "other"); c.write != nil && got != "kept" {
				t.Errorf("the session's other record is %s, want kept", got)
			}
			if got := len(v.Query(Query{SortBy: fieldName}).Records); got != v.Len() {
				t.Errorf("a list has %d records, want %d", got, v.Len())
			}
		})
	}
}

func mustWrite(t testing.TB, c *Collection, fn func(*Tx) error) {
	t.Helper()
	if err := c.Write(fn); err != nil {
		t.Fatal(err)
	}
}

// TestRebaseTwice holds that the second generation is compared with the first, not with the one the session began with.
func TestRebaseTwice(t *testing.T) {
	l := NewLayout(peopleFields())
	first := generation(t, l, map[string]string{"a": "1", "b": "1"})
	second := generation(t, l, map[string]string{"a": "1", "b": "2"})
	c := NewCollection(first)
	mustWrite(t, c, put(l, "a", "mine"))
	mustWrite(t, c, remove("b"))
	c.Rebase(second, nil)
	mustWrite(t, c, remove("b"))
	c.Rebase(generation(t, l, map[string]string{"a": "1", "b": "2"}), nil)
	if a, b := nameOf(c.View(), "a"), nameOf(c.View(), "b"); a != "mine" || b != "none" {
		t.Errorf("a is %s and b %s, want mine and none", a, b)
	}
	c.Reset(second)
	if c.View() != second.View {
		t.Error("Reset does not lead back to the base")
	}
}

func TestRebaseOfUnchangedSessionTakesTheBaseItself(t *testing.T) {
	l := NewLayout(peopleFields())
	c := NewCollection(generation(t, l, map[string]string{"a": "1"}))
	mustWrite(t, c, func(*Tx) error { return nil })
	second := generation(t, l, map[string]string{"a": "2"})
	c.Rebase(second, nil)
	if c.View() != second.View {
		t.Error("a session without changes got a view of its own")
	}
}

// TestRebaseForgetsWhatTheBaseItselfWrote holds that a base made by writing to another view is no session's change.
func TestRebaseForgetsWhatTheBaseItselfWrote(t *testing.T) {
	l := NewLayout(peopleFields())
	tx := generation(t, l, map[string]string{"a": "1", "gone": "1"}).View.Begin()
	tx.Put(named(l, "made", "by the base"))
	tx.Delete("gone")
	c := NewCollection(&Base{View: tx.Commit()})
	mustWrite(t, c, remove("made"))
	mustWrite(t, c, put(l, "new", "mine"))
	c.Rebase(&Base{View: tx.Commit()}, nil)
	if got := idsOf(c.View().Query(Query{SortBy: -1}).Records); !slices.Equal(got, []string{"a", "new"}) {
		t.Errorf("after the rebase there are %v, want a and new", got)
	}
}

func TestRebaseToAnotherLayout(t *testing.T) {
	old := NewLayout(peopleFields())
	changed := NewLayout([]Field{{Name: "city"}, {Name: "name"}, {Name: "id"}, {Name: "zip"}})
	c := NewCollection(generation(t, old, map[string]string{"a": "file", "b": "file"}))
	mustWrite(t, c, put(old, "a", "mine"))
	mustWrite(t, c, put(old, "new", "mine"))
	next := generation(t, changed, map[string]string{"a": "file", "b": "file"})
	tx := next.View.Begin()
	tx.Put(changed.Encode([]json.RawMessage{raw("Rome"), raw("file"), raw("a"), nil}))
	next.View = tx.Commit()
	c.Rebase(next, func(id string, field int) json.RawMessage {
		if changed.fields[field].Name == "zip" {
			return nil
		}
		return raw("made for " + id)
	})
	for id, want := range map[string]string{
		"a":   `{"city":"Rome","name":"mine","id":"a","zip":null}`,
		"b":   `{"city":null,"name":"file","id":"b","zip":null}`,
		"new": `{"city":"made for new","name":"mine","id":"new","zip":null}`,
	} {
		if r, ok := c.View().Get(id); !ok || string(r.JSON()) != want {
			t.Errorf("record %s is %v, want %s", id, r, want)
		}
	}
}

// TestRebaseToleratesDuplicates holds that a unique value which the session and the new file both gave is found as
// long as one of the two has it.
func TestRebaseToleratesDuplicates(t *testing.T) {
	l := NewLayout(peopleFields())
	mail := pointer("X@example.com")
	base := func(people ...person) *Base {
		var records []*Record
		for _, p := range people {
			records = append(records, p.record(l))
		}
		return &Base{View: mustView(t, l, records)}
	}
	for _, gone := range []string{"mine", "theirs"} {
		c := NewCollection(base())
		mustWrite(t, c, func(tx *Tx) error { tx.Put(person{ID: "mine", Email: mail}.record(l)); return nil })
		c.Rebase(base(person{ID: "theirs", Email: pointer("x@EXAMPLE.com")}), nil)
		both := c.View().Query(Query{Equal: []Equal{{Field: fieldEmail, Value: "x@example.com", Fold: true}}})
		if both.Total != 2 {
			t.Fatalf("%d records have the value, want 2", both.Total)
		}
		mustWrite(t, c, remove(gone))
		left, ok := c.View().FindUnique(fieldEmail, "x@example.com")
		if !ok || left.ID() == gone {
			t.Errorf("after %s went the index finds %v", gone, left)
		}
	}
}

func TestWriteIsAllOrNothing(t *testing.T) {
	l := NewLayout(peopleFields())
	c := NewCollection(generation(t, l, map[string]string{"a": "1"}))
	before := c.View()
	refused := errors.New("refused")
	err := c.Write(func(tx *Tx) error {
		tx.Put(named(l, "b", "2"))
		tx.Delete("a")
		return refused
	})
	if !errors.Is(err, refused) || c.View() != before {
		t.Errorf("after an error (%v) the view has changed", err)
	}
}

// TestNoUpdateIsLost lets writers count in records of their own while generations come and readers list.
func TestNoUpdateIsLost(t *testing.T) {
	const writers, counts = 3, 150
	l := NewLayout(peopleFields())
	first := map[string]string{"file": "1"}
	for i := range 1500 {
		first["r"+strconv.Itoa(i)] = "0"
	}
	bases := []*Base{generation(t, l, first), nil}
	first["file"] = "2"
	bases[1] = generation(t, l, first)
	c := NewCollection(bases[0])

	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			id := "r" + strconv.Itoa(w*700)
			for range counts {
				if err := c.Write(func(tx *Tx) error { return countUp(l, tx, id) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writing.Go(func() {
		for i := range 40 {
			c.Rebase(bases[i%2], nil)
		}
	})
	for range 3 {
		reading.Go(func() {
			for open := true; open; {
				select {
				case <-done:
					open = false
				default:
				}
				checkConsistent(t, c.View())
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	for w := range writers {
		if got := nameOf(c.View(), "r"+strconv.Itoa(w*700)); got != strconv.Itoa(counts) {
			t.Errorf("writer %d counted to %s, want %d", w, got, counts)
		}
	}
}

func countUp(l *Layout, tx *Tx, id string) error {
	r, ok := tx.Get(id)
	if !ok {
		return fmt.Errorf("record %s is not there", id)
	}
	name, _ := r.Text(fieldName)
	n, err := strconv.Atoi(name)
	tx.Put(named(l, id, strconv.Itoa(n+1)))
	return err
}

// checkConsistent asks one view the same thing in several ways.
func checkConsistent(t *testing.T, v *View) {
	zeros := Query{Equal: []Equal{{Field: fieldName, Value: "0"}}, SortBy: fieldName}
	sorted := v.Query(zeros)
	zeros.SortBy, zeros.Descending, zeros.Limit = fieldID, true, 5
	again := v.Query(zeros)
	found := v.Query(Query{Search: "0", SearchIn: []int{fieldName}, Limit: 1})
	if len(sorted.Records) != sorted.Total || sorted.Total != again.Total || found.Total < sorted.Total {
		t.Errorf("one view counts %d, %d, %d and at most %d", len(sorted.Records), sorted.Total, again.Total, found.Total)
	}
}
