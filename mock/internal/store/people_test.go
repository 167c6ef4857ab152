package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The fields of the records that the tests make.
const (
	fieldID = iota
	fieldEmail
	fieldName
	fieldScore
	fieldOpen
	fieldTags
)

func peopleFields() []Field {
	return []Field{
		{Name: "id", Kind: Text}, {Name: "email", Kind: Text, Unique: true}, {Name: "name", Kind: Text},
		{Name: "score", Kind: Number}, {Name: "open", Kind: Boolean}, {Name: "tags", Kind: Opaque},
	}
}

// person is a record as the naive model knows it.
type person struct {
	ID    string   `json:"id"`
	Email *string  `json:"email"`
	Name  *string  `json:"name"`
	Score *float64 `json:"score"`
	Open  *bool    `json:"open"`
	Tags  []string `json:"tags"`
}

func (p person) record(l *Layout) *Record {
	return l.Encode([]json.RawMessage{
		raw(p.ID), raw(p.Email), raw(p.Name), raw(p.Score), raw(p.Open), raw(p.Tags),
	})
}

func raw(value any) json.RawMessage {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return encoded
}

func pointer[T any](v T) *T { return &v }

func (p person) text(field int) *string {
	return map[int]*string{fieldID: &p.ID, fieldEmail: p.Email, fieldName: p.Name}[field]
}

// model is the naive store: a map that is copied by each write and searched from one end to the other.
type model map[string]person

func (m model) query(q Query) (ids []string, total int, more bool) {
	var hits []person
	for _, p := range m {
		if meets(p, q) {
			hits = append(hits, p)
		}
	}
	slices.SortFunc(hits, func(a, b person) int { return comparePeople(a, b, q.SortBy, q.Descending) })
	total = len(hits)
	if q.After != nil {
		at := person{ID: q.After.ID}
		setKey(&at, q.SortBy, q.After.Key)
		hits = slices.DeleteFunc(hits, func(p person) bool { return comparePeople(p, at, q.SortBy, q.Descending) <= 0 })
	} else {
		hits = hits[min(q.Offset, len(hits)):]
	}
	if q.Limit > 0 && len(hits) > q.Limit {
		hits, more = hits[:q.Limit], true
	}
	for _, p := range hits {
		ids = append(ids, p.ID)
	}
	return ids, total, more
}

func setKey(p *person, field int, key json.RawMessage) {
	target := map[int]any{fieldEmail: &p.Email, fieldName: &p.Name, fieldScore: &p.Score, fieldOpen: &p.Open}[field]
	if field == fieldID {
		target = &p.ID
	}
	if target != nil {
		if err := json.Unmarshal(key, target); err != nil {
			panic(err)
		}
	}
}

func keyOf(p person, field int) json.RawMessage {
	if field < 0 {
		return nil
	}
	return []json.RawMessage{raw(p.ID), raw(p.Email), raw(p.Name), raw(p.Score), raw(p.Open), raw(p.Tags)}[field]
}

func meets(p person, q Query) bool {
	for _, e := range q.Equal {
		if !equals(p, e) {
			return false
		}
	}
	for _, a := range q.AtLeast {
		if p.Score == nil || *p.Score < a.Minimum {
			return false
		}
	}
	if q.Search == "" {
		return true
	}
	for _, field := range q.SearchIn {
		if t := p.text(field); t != nil && strings.Contains(strings.ToLower(*t), strings.ToLower(q.Search)) {
			return true
		}
	}
	return false
}

func equals(p person, e Equal) bool {
	switch e.Field {
	case fieldScore:
		var n float64
		return json.Unmarshal([]byte(e.Value), &n) == nil && p.Score != nil && *p.Score == n
	case fieldOpen:
		return p.Open != nil && fmt.Sprint(*p.Open) == e.Value
	case fieldTags:
		return p.Tags != nil && string(raw(p.Tags)) == e.Value
	}
	t := p.text(e.Field)
	if t == nil {
		return false
	}
	if e.Fold {
		return strings.EqualFold(*t, e.Value)
	}
	return *t == e.Value
}

func comparePeople(a, b person, field int, descending bool) int {
	c := 0
	switch field {
	case fieldID, fieldEmail, fieldName:
		c = compareValues(a.text(field), b.text(field), func(x, y string) int {
			return slices.Compare([]rune(x), []rune(y))
		})
	case fieldScore:
		c = compareValues(a.Score, b.Score, func(x, y float64) int {
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		})
	case fieldOpen:
		c = compareValues(a.Open, b.Open, func(x, y bool) int {
			return slices.Index([]bool{false, true}, x) - slices.Index([]bool{false, true}, y)
		})
	}
	if descending {
		c = -c
	}
	if c == 0 {
		c = strings.Compare(a.ID, b.ID)
	}
	return c
}

func compareValues[T any](a, b *T, compare func(a, b T) int) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return compare(*a, *b)
}

func idsOf(records []*Record) (ids []string) {
	for _, r := range records {
		ids = append(ids, r.ID())
	}
	return ids
}

func mustView(t testing.TB, l *Layout, records []*Record) *View {
	t.Helper()
	v, err := NewView(l, records)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
