package store

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
)

func TestRecordGivesBackItsValues(t *testing.T) {
	l := NewLayout([]Field{{Name: "a\"<&>\u2028"}, {Name: "id"}, {Name: "n", Kind: Number}, {Name: "b", Kind: Boolean}, {Name: "o", Kind: Opaque}})
	r := l.Encode([]json.RawMessage{
		json.RawMessage(`"\"\u00e9\n"`), json.RawMessage(`"r\/1"`), json.RawMessage(`-1.5e3`), json.RawMessage(`true`), json.RawMessage(`{"x":[1]}`),
	})
	var decoded map[string]any
	if err := json.Unmarshal(r.JSON(), &decoded); err != nil || len(decoded) != 5 {
		t.Fatalf("%s: %v", r.JSON(), err)
	}
	if got, ok := r.Text(0); got != "\"é\n" || !ok || decoded["a\"<&>\u2028"] != got {
		t.Errorf("Text(0) = %q, %v of %s", got, ok, r.JSON())
	}
	if r.ID() != "r/1" {
		t.Errorf("ID() = %q", r.ID())
	}
	if n, ok := r.Number(2); n != -1500 || !ok {
		t.Errorf("Number(2) = %v, %v", n, ok)
	}
	if b, ok := r.Bool(3); !b || !ok {
		t.Errorf("Bool(3) = %v, %v", b, ok)
	}
	if string(r.Raw(4)) != `{"x":[1]}` {
		t.Errorf("Raw(4) = %s", r.Raw(4))
	}
	if again := l.Encode(r.Values()); string(again.JSON()) != string(r.JSON()) || again.ID() != r.ID() {
		t.Errorf("encoded again: %s, was %s", again.JSON(), r.JSON())
	}
}

func TestRecordValuesOfOtherTypes(t *testing.T) {
	l := NewLayout([]Field{{Name: "id"}, {Name: "v", Kind: Number}})
	for _, c := range []struct {
		value          string
		text, num, boo bool
	}{
		{`null`, false, false, false}, {`""`, true, false, false}, {`0`, false, true, false},
		{`false`, false, false, true}, {`[]`, false, false, false}, {`{}`, false, false, false},
	} {
		r := l.Encode([]json.RawMessage{json.RawMessage(`"r"`), json.RawMessage(c.value)})
		_, text := r.Text(1)
		_, num := r.Number(1)
		_, boo := r.Bool(1)
		if text != c.text || num != c.num || boo != c.boo || r.IsNull(1) != (c.value == "null") {
			t.Errorf("%s: text %v, number %v, bool %v, null %v", c.value, text, num, boo, r.IsNull(1))
		}
	}
	huge := l.Encode([]json.RawMessage{json.RawMessage(`"r"`), json.RawMessage(`-1e999`)})
	if n, ok := huge.Number(1); !ok || !math.IsInf(n, -1) {
		t.Errorf("-1e999 is %v, %v", n, ok)
	}
}

func TestNilValuesAreNull(t *testing.T) {
	l := NewLayout(peopleFields())
	values := make([]json.RawMessage, len(l.fields))
	values[fieldID] = raw("x")
	const want = `{"id":"x","email":null,"name":null,"score":null,"open":null,"tags":null}`
	r := l.Encode(values)
	if string(r.JSON()) != want {
		t.Errorf("got %s, want %s", r.JSON(), want)
	}
	if edited := r.Values(); edited[fieldName] != nil || cap(r.JSON()) != len(want) {
		t.Error("null values are not nil, or an append would reach what is behind the JSON")
	}
}

func FuzzText(f *testing.F) {
	for _, text := range sampleTexts() {
		f.Add(text)
	}
	l := NewLayout([]Field{{Name: "id"}, {Name: "v"}})
	f.Fuzz(func(t *testing.T, text string) {
		encoded := raw(text)
		var want string
		if err := json.Unmarshal(encoded, &want); err != nil {
			t.Fatal(err)
		}
		r := l.Encode([]json.RawMessage{raw("r"), encoded})
		if got, ok := r.Text(1); !ok || got != want {
			t.Errorf("Text of %s is %q, %v, want %q", encoded, got, ok, want)
		}
		if !json.Valid(r.JSON()) {
			t.Errorf("%s is no JSON", r.JSON())
		}
	})
}

func TestLayoutsThatCannotBe(t *testing.T) {
	for name, fields := range map[string][]Field{
		"no id":      {{Name: "email"}},
		"id no text": {{Name: "id", Kind: Number}},
		"twice":      {{Name: "id"}, {Name: "a"}, {Name: "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			NewLayout(fields)
		})
	}
}

func TestDuplicates(t *testing.T) {
	l := NewLayout(peopleFields())
	mail := func(id string, email *string) *Record { return person{ID: id, Email: email}.record(l) }
	for _, c := range []struct {
		name    string
		records []*Record
		want    *DuplicateError
	}{
		{"none", []*Record{mail("a", pointer("x@y")), mail("b", nil), mail("c", nil)}, nil},
		{"id", []*Record{mail("a", nil), mail("b", nil), mail("a", nil)}, &DuplicateError{"id", "a", 0, 2}},
		{"case of ids counts", []*Record{mail("a", nil), mail("A", nil)}, nil},
		{"case of values does not", []*Record{mail("a", nil), mail("b", pointer("é@y")), mail("c", pointer("É@Y"))},
			&DuplicateError{"email", "É@Y", 1, 2}},
	} {
		_, err := NewView(l, c.records)
		var got *DuplicateError
		if errors.As(err, &got) != (c.want != nil) || got != nil && *got != *c.want {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}
