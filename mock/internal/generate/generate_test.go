package generate

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock/internal/schema"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestShowLeads prints what a person should read now and then: do they look real? (go test -run ShowLeads -v)
func TestShowLeads(t *testing.T) {
	g := leads(t)
	for n := range 20 {
		t.Logf("%s", g.Record(n))
	}
}

// TestWorldStaysTheSame guards what people's tests rely on: the ids and names of the shipped leads. A change of a
// word list, of gofakeit or of the shipped schema shows here; if it is meant, run with -update and say so in the
// changelog.
func TestWorldStaysTheSame(t *testing.T) {
	g := leads(t)
	var got bytes.Buffer
	all := sha256.New()
	for n := range 200 {
		values := make([][]byte, 0, len(g.def.Fields))
		for _, v := range g.Record(n) {
			values = append(values, v)
		}
		line := bytes.Join(values, []byte("\t")) // not json.Marshal, which would escape what we do not
		fmt.Fprintf(all, "%s\n", line)
		if n < 5 {
			fmt.Fprintf(&got, "%s\n", line)
		}
	}
	fmt.Fprintf(&got, "200 records: %x\n", all.Sum(nil))
	const name = "testdata/leads.golden"
	if *update {
		if err := os.WriteFile(name, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}

// TestRecordDependsOnItsNumberAlone asks for records in another order, again, and from several goroutines.
func TestRecordDependsOnItsNumberAlone(t *testing.T) {
	one, other := leads(t), leads(t)
	var want [64][]json.RawMessage
	for n := range want {
		want[n] = one.Record(n)
	}
	var tasks sync.WaitGroup
	for range 4 {
		tasks.Go(func() {
			for n := len(want) - 1; n >= 0; n-- {
				if !reflect.DeepEqual(other.Record(n), want[n]) {
					t.Errorf("record %d differs", n)
				}
			}
		})
	}
	tasks.Wait()
}

func TestSeedAndResourceMakeAnotherWorld(t *testing.T) {
	base := leads(t).Record(0)
	seeded := shipped(t, "leads")
	seeded.Generate.Seed++
	named := shipped(t, "leads")
	named.Name = "prospects"
	for _, def := range []*schema.Definition{seeded, named} {
		if id := generator(t, def).Record(0)[0]; string(id) == string(base[0]) {
			t.Errorf("%s with seed %d has the same first id %s", def.Name, def.Generate.Seed, id)
		}
	}
}

// TestAnotherFieldMovesNothing adds a field at each place, and takes away those that nothing derives from.
func TestAnotherFieldMovesNothing(t *testing.T) {
	def := shipped(t, "leads")
	compare := func(name string, changed *schema.Definition) {
		t.Helper()
		g, other := generator(t, def), generator(t, changed)
		for n := range 30 {
			was, is := rowOf(def, g.Record(n)), rowOf(changed, other.Record(n))
			for field, v := range is {
				if before, ok := was[field]; ok && string(before) != string(v) {
					t.Fatalf("%s: record %d: %s was %s and is %s", name, n, field, before, v)
				}
			}
		}
	}
	with := func(fields []schema.Field) *schema.Definition {
		d := schema.NewDefinition(def.Name, def.Singular, fields)
		d.Generate = def.Generate
		return d
	}
	for at := 0; at <= len(def.Fields); at += 8 {
		extra := schema.Field{Name: "nickname", Type: schema.String, Fake: schema.Fake{Function: "petname", Chance: 0.5}}
		compare("added nickname", with(slices.Insert(slices.Clone(def.Fields), at, extra)))
	}
	for _, gone := range []string{"phone", "title", "website", "street", "description", "leadSource", "rating", "leadScore", "email", "lastContactedAt"} {
		compare("without "+gone, with(slices.DeleteFunc(slices.Clone(def.Fields), func(f schema.Field) bool { return f.Name == gone })))
	}
}

func TestAnotherChanceLeavesTheValuesThatRemain(t *testing.T) {
	def, rare := shipped(t, "leads"), shipped(t, "leads")
	rare.Field("title").Fake.Chance = 0.3
	g, other := generator(t, def), generator(t, rare)
	title, gone := def.Index("title"), 0
	for n := range 200 {
		was, is := string(g.Record(n)[title]), string(other.Record(n)[title])
		if is == "null" {
			gone++
		} else if is != was {
			t.Fatalf("record %d: %s became %s", n, was, is)
		}
	}
	if gone < 110 || gone > 170 {
		t.Errorf("%d of 200 have no title, want about 140", gone)
	}
}

func TestFunctions(t *testing.T) {
	names := Functions()
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Error("not sorted, or one twice")
	}
	for _, want := range []string{"lastname", "company", "city", "word", "hexcolor", "price", "person-email", "one-of", "headcount"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, not := range []string{"date", "year", "email", "map", "csv", "template", "regex", "creditcardexp"} {
		if slices.Contains(names, not) {
			t.Errorf("%s is there", not)
		}
	}
	if !TakesChoices("one-of") || TakesChoices("city") || TakesChoices("nothing") {
		t.Error("TakesChoices is wrong")
	}
}

// TestEveryFunctionIsDeterministic runs each on the type that it makes, twice.
func TestEveryFunctionIsDeterministic(t *testing.T) {
	var fields []schema.Field
	for _, name := range Functions() {
		fn, _ := functionNamed(name)
		f := schema.Field{Name: "f-" + name, Format: fn.format, Fake: schema.Fake{Function: name, Chance: 1}}
		f.Type = map[kind]schema.Type{text: schema.String, number: schema.Number, truth: schema.Boolean, list: schema.Array}[fn.makes]
		if fn.choices {
			f.Fake.Choices = []string{"a", "b", "c"}
		}
		fields = append(fields, f)
	}
	def := schema.NewDefinition("things", "Thing", fields)
	one, other := generator(t, def), generator(t, def)
	filled := make([]bool, len(fields))
	for n := range 20 {
		a, b := one.Record(n), other.Record(n)
		for i := range a {
			if string(a[i]) != string(b[i]) {
				t.Errorf("%s gave %s, then %s", fields[i].Name, a[i], b[i])
			}
			filled[i] = filled[i] || string(a[i]) != "null"
			checkValue(t, &fields[i], a[i])
		}
	}
	for i, ok := range filled {
		if !ok {
			t.Errorf("%s made nothing in 20 records", fields[i].Name)
		}
	}
}

func TestNewRefusesWhatCannotFill(t *testing.T) {
	fake := func(function string, choices ...string) schema.Fake {
		return schema.Fake{Function: function, Choices: choices, Chance: 1}
	}
	tests := []struct {
		name  string
		field schema.Field
		want  string
	}{
		{"unknown", schema.Field{Type: schema.String, Fake: fake("fistname")}, "no such function"},
		{"clock", schema.Field{Type: schema.String, Fake: fake("date")}, "no such function"},
		{"parameters", schema.Field{Type: schema.String, Fake: fake("regex")}, "no such function"},
		{"text for integer", schema.Field{Type: schema.Integer, Fake: fake("city")}, "it makes a text, but the field is of type integer"},
		{"list for string", schema.Field{Type: schema.String, Fake: fake("some-of", "a")}, "it makes a list, but the field is of type string"},
		{"number for boolean", schema.Field{Type: schema.Boolean, Fake: fake("score")}, "it makes a number, but the field is of type boolean"},
		{"no choices", schema.Field{Type: schema.String, Fake: fake("one-of")}, "it needs choices"},
		{"choices", schema.Field{Type: schema.String, Fake: fake("city", "Rome")}, "it takes no choices"},
		{"format", schema.Field{Type: schema.String, Format: schema.Email, Fake: fake("city")}, "it does not make a value of format email"},
		{"date", schema.Field{Type: schema.String, Format: schema.DateTime, Fake: fake("word")}, "it does not make a value of format date-time"},
		{"enum", schema.Field{Type: schema.String, Enum: []string{"A"}, Fake: fake("word")}, "the field takes its values from its enum"},
		{"items", schema.Field{Type: schema.Array, Items: &schema.Field{Type: schema.Integer}, Fake: fake("city")}, "it makes a text, but the field is of type integer"},
		{"items' enum", schema.Field{Type: schema.Array, Items: &schema.Field{Type: schema.String, Enum: []string{"A"}}, Fake: fake("some-of", "B")}, "not all of its choices"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.field.Name = "thing"
			_, err := New(schema.NewDefinition("things", "Thing", []schema.Field{test.field}), Related{})
			var problem *FieldError
			if !errors.As(err, &problem) || problem.Field != "thing" || problem.Function != test.field.Fake.Function {
				t.Fatalf("error %v", err)
			}
			if !strings.Contains(problem.Reason, test.want) {
				t.Errorf("reason %q, want %q", problem.Reason, test.want)
			}
		})
	}
}

// TestFieldsByName gives a resource without any x-fake values that fit its names.
func TestFieldsByName(t *testing.T) {
	var fields []schema.Field
	for _, name := range []string{"firstName", "lastName", "phone", "title", "companyName", "city", "jobTitle", "notes", "billing_zip", "codename"} {
		fields = append(fields, schema.Field{Name: name, Type: schema.String, Fake: schema.Fake{Chance: 1}})
	}
	fields = append(fields, schema.Field{Name: "email", Type: schema.String, Format: schema.Email, Unique: true, Fake: schema.Fake{Chance: 1}})
	def := schema.NewDefinition("contacts", "Contact", fields)
	g := generator(t, def)
	known := places()
	for n := range 50 {
		r := rowOf(def, g.Record(n))
		if !slices.Contains(women(), r.text("firstName")) && !slices.Contains(men(), r.text("firstName")) {
			t.Errorf("first name %s", r["firstName"])
		}
		if !slices.Contains(businessTitles(), r.text("title")) || !slices.Contains(businessTitles(), r.text("jobTitle")) {
			t.Errorf("titles %s and %s", r["title"], r["jobTitle"])
		}
		if !slices.ContainsFunc(known, func(p place) bool {
			return p.city == r.text("city") && strings.HasPrefix(r.text("billing_zip"), p.postcode)
		}) {
			t.Errorf("city %s with postcode %s", r["city"], r["billing_zip"])
		}
		if first := strings.ToLower(r.text("firstName")); !strings.HasPrefix(r.text("email"), first+".") {
			t.Errorf("email %s of %s", r["email"], first)
		}
		if r.text("notes") == "" || r.text("codename") == "" || !strings.HasPrefix(r.text("phone"), "+1 ") {
			t.Errorf("notes %s, codename %s, phone %s", r["notes"], r["codename"], r["phone"])
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	g := leads(b)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		g.Record(n)
	}
}

func BenchmarkRecords(b *testing.B) {
	for _, count := range []int{200, 1_000, 100_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			def := shipped(b, "leads")
			for b.Loop() {
				g := generator(b, def)
				for n := range count {
					g.Record(n)
				}
			}
		})
	}
}
