package generate

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/mock/internal/validatorjs"
)

var dateForms = map[schema.Format]*regexp.Regexp{
	schema.DateTime: regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`),
	schema.Date:     regexp.MustCompile(`^\d{4}-\d\d-\d\d$`),
}

// checkValue holds a value against the rules of its field.
func checkValue(t rapid.TB, f *schema.Field, raw json.RawMessage) {
	t.Helper()
	if string(raw) == "null" {
		if f.Required {
			t.Errorf("%s is required, but null", f.Name)
		}
		return
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Errorf("%s: %q: %v", f.Name, raw, err)
		return
	}
	if problem := broken(t, f, v); problem != "" {
		t.Errorf("%s of type %s: %s %s", f.Name, f.Type, raw, problem)
	}
}

func broken(t rapid.TB, f *schema.Field, v any) string {
	switch v := v.(type) {
	case string:
		if f.Type != schema.String {
			return "is of another type"
		}
		return brokenText(f, v)
	case float64:
		if f.Type != schema.Integer && f.Type != schema.Number || f.Type == schema.Integer && v != math.Trunc(v) {
			return "is of another type"
		}
		if f.Minimum != nil && v < *f.Minimum || f.Maximum != nil && v > *f.Maximum {
			return "is out of range"
		}
	case bool:
		if f.Type != schema.Boolean {
			return "is of another type"
		}
	case []any:
		if f.Type != schema.Array {
			return "is of another type"
		}
		for _, item := range v {
			if f.Items != nil && item != nil {
				if problem := broken(t, f.Items, item); problem != "" {
					return problem
				}
			}
		}
	case map[string]any:
		if f.Type != schema.Object {
			return "is of another type"
		}
	}
	return ""
}

func brokenText(f *schema.Field, v string) string {
	length := validatorjs.Length(v)
	switch {
	case len(f.Enum) > 0 && !slices.Contains(f.Enum, v) && !slices.Contains(f.Reserved, v):
		return "is not in the enum"
	case len(f.Enum) > 0:
		return ""
	case f.MaxLength != nil && length > *f.MaxLength:
		return "is too long"
	case f.MinLength != nil && length < *f.MinLength:
		return "is too short"
	case f.Required && v == "":
		return "is empty"
	case f.Format == schema.Email && !validatorjs.IsEmail(v):
		return "is no e-mail address"
	case f.Format == schema.UUID && !validatorjs.IsUUID(v):
		return "is no UUID"
	case dateForms[f.Format] != nil && !dateForms[f.Format].MatchString(v):
		return "is no date"
	}
	return ""
}

// anyField draws a field with rules that some value can keep.
func anyField(t *rapid.T, name string, deep bool) schema.Field {
	types := []schema.Type{schema.String, schema.Integer, schema.Number, schema.Boolean, schema.Object, schema.Array}
	if deep {
		types = types[:5]
	}
	f := schema.Field{Name: name, Type: rapid.SampledFrom(types).Draw(t, "type"), Required: rapid.Bool().Draw(t, "required")}
	f.Fake.Chance = rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(t, "chance")
	f.Unique = rapid.Bool().Draw(t, "unique")
	switch f.Type {
	case schema.String:
		f.Format = rapid.SampledFrom([]schema.Format{"", "", schema.Email, schema.UUID, schema.DateTime, schema.Date}).Draw(t, "format")
		if f.Format == "" && rapid.Bool().Draw(t, "lengths") {
			low := rapid.IntRange(0, 40).Draw(t, "least")
			high := low + rapid.IntRange(1, 300).Draw(t, "most")
			f.MinLength, f.MaxLength = &low, &high
		}
		if f.Format == "" && rapid.Bool().Draw(t, "enum") {
			f.Enum, f.MinLength, f.MaxLength = []string{"A", "B", "C"}, nil, nil
			f.Fake.Weights = rapid.SampledFrom([][]schema.Weight{nil, {{Value: "B", Weight: 1}, {Value: "none", Weight: 3}}}).Draw(t, "weights")
		}
	case schema.Integer, schema.Number:
		low := float64(rapid.IntRange(-1000, 1000).Draw(t, "minimum"))
		high := low + float64(rapid.IntRange(1, 1_000_000).Draw(t, "range"))
		if rapid.Bool().Draw(t, "bounded below") {
			f.Minimum = &low
		}
		if rapid.Bool().Draw(t, "bounded above") {
			f.Maximum = &high
		}
	case schema.Array:
		if rapid.Bool().Draw(t, "items") {
			item := anyField(t, "item", true)
			item.Required = false
			f.Items = &item
		}
	}
	return f
}

func TestAnyDefinition(t *testing.T) {
	names := []string{"firstName", "lastName", "company", "email", "website", "status", "isQualified", "phone", "city", "score",
		"amount", "title", "notes", "url", "createdAt", "numberOfEmployees", "rating", "leadScore", "qualifiedDate", "convertedAccountId", "x"}
	rapid.Check(t, func(t *rapid.T) {
		var fields []schema.Field
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 12, rapid.ID).Draw(t, "names") {
			fields = append(fields, anyField(t, name, false))
		}
		def := schema.NewDefinition("things", "Thing", fields)
		def.Generate.Seed = rapid.Uint64().Draw(t, "seed")
		g, err := New(def, Related{})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		check := func(values []json.RawMessage) {
			for i := range fields {
				checkValue(t, &fields[i], values[i])
				key := fmt.Sprintf("%d %s", i, values[i])
				if tellsApart(&fields[i]) && string(values[i]) != "null" && seen[key] {
					t.Errorf("%s is %s twice", fields[i].Name, values[i])
				}
				seen[key] = true
			}
		}
		for n := range 10 {
			check(g.Record(n))
			check(g.Complete(fmt.Sprint(n), nil))
		}
	})
}

// tellsApart reports whether a field is unique and has room for different values.
func tellsApart(f *schema.Field) bool {
	switch f.Type {
	case schema.String:
		return f.Unique && len(f.Enum) == 0 && f.Format != schema.Date && f.Format != schema.DateTime && (f.MaxLength == nil || *f.MaxLength > 12)
	case schema.Integer, schema.Number:
		return f.Unique && f.Maximum == nil
	}
	return false
}

func FuzzAppendText(f *testing.F) {
	for _, s := range []string{"", "plain", "a\"b\\c", "\x00\x1f\x7f", "<img src=x>&", "\u2028\u2029", "\U0001F600 \u0645\u0631\u062d", "\b\t\n\f\r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			s = strings.ToValidUTF8(s, "\uFFFD")
		}
		var back string
		if err := json.Unmarshal(appendText(nil, s), &back); err != nil || back != s {
			t.Errorf("%q became %q: %v", s, back, err)
		}
	})
}

func TestAppendLikeJavaScript(t *testing.T) {
	for in, want := range map[string]string{
		"<a>&\u2028": "\"<a>&\u2028\"", "\x01\x1f": `"\u0001\u001f"`, "\b\t\n\f\r\"\\": `"\b\t\n\f\r\"\\"`,
	} {
		if got := string(appendText(nil, in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	for in, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "0", 1e21: "1e+21", 1e20: "100000000000000000000", 0.1: "0.1", -1.5: "-1.5", 1e-7: "1e-7", 1e-6: "0.000001", 1.5e-10: "1.5e-10",
	} {
		if got := string(appendNumber(nil, in)); got != want {
			t.Errorf("%v: %s, want %s", in, got, want)
		}
	}
}
