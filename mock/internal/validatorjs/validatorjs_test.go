package validatorjs

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf16"
)

// corpus holds verdicts of validator.js itself; testdata/make-corpus.mjs writes it.
type corpus struct {
	Email  []verdict `json:"isEmail"`
	UUID   []verdict `json:"isUUID"`
	Length []verdict `json:"length"`
}

// verdict is a JSON array of an input and what validator.js says of it.
type verdict struct {
	Input string
	Is    any
}

func (v *verdict) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&v.Input, &v.Is})
}

func readCorpus(tb testing.TB) corpus {
	tb.Helper()
	data, err := os.ReadFile("testdata/corpus.json")
	if err != nil {
		tb.Fatal(err)
	}
	var c corpus
	if err := json.Unmarshal(data, &c); err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestVerdictsOfValidatorJS(t *testing.T) {
	t.Parallel()
	c := readCorpus(t)
	for _, section := range []struct {
		name  string
		rows  []verdict
		least int
		port  func(string) any
	}{
		{"isEmail", c.Email, 2000, func(s string) any { return IsEmail(s) }},
		{"isUUID", c.UUID, 300, func(s string) any { return IsUUID(s) }},
		{"length", c.Length, 200, func(s string) any { return float64(Length(s)) }},
	} {
		t.Run(section.name, func(t *testing.T) {
			t.Parallel()
			if len(section.rows) < section.least {
				t.Errorf("corpus has %d rows, want at least %d", len(section.rows), section.least)
			}
			for _, row := range section.rows {
				if got := section.port(row.Input); got != row.Is {
					t.Errorf("%q is %v, validator.js says %v", row.Input, got, row.Is)
				}
			}
		})
	}
}

func TestInvalidUTF8CountsAsReplacementCharacters(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a\xffb", "\xff", "a@\xe2\x82.co", "a@b\xff.co", "\"\xc3\"@b.co", "\xed\xa0\x80"} {
		clean := string([]rune(s))
		if IsEmail(s) != IsEmail(clean) || IsUUID(s) != IsUUID(clean) || Length(s) != Length(clean) {
			t.Errorf("%q and %q differ", s, clean)
		}
	}
}

func TestIsEmailAllocatesNothing(t *testing.T) {
	emails := []string{"ada@example.com", `"a b"@例え.テスト`, strings.Repeat("x", 5000) + "@example.com", "nope"}
	if n := testing.AllocsPerRun(100, func() {
		for _, e := range emails {
			IsEmail(e)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// FuzzPredicates holds what is true of every string, whatever validator.js says of it.
func FuzzPredicates(f *testing.F) {
	c := readCorpus(f)
	for _, rows := range [][]verdict{c.Email[:200], c.UUID[:50], c.Length[:50]} {
		for _, row := range rows {
			f.Add(row.Input)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		units := len(utf16.Encode([]rune(s)))
		if n := Length(s); n < 0 || n > units || n == 0 && s != "" {
			t.Errorf("Length(%q) = %d of %d units", s, n, units)
		}
		if IsEmail(s) {
			at := strings.LastIndex(s, "@")
			if at < 1 || units > 254 || !strings.Contains(s[at:], ".") || strings.ContainsAny(s[at:], " \n_\"") || strings.Contains(s, "\x00") {
				t.Errorf("IsEmail(%q) is true", s)
			}
			if !IsEmail("x" + s[at:]) {
				t.Errorf("the domain of %q is refused for another name", s)
			}
		}
		// Only ASCII: some characters above it have no counterpart in the other case.
		if ascii := len(s) == units; ascii && (IsEmail(s) != IsEmail(strings.ToUpper(s)) || IsUUID(s) != IsUUID(strings.ToUpper(s))) {
			t.Errorf("the case of %q matters", s)
		}
	})
}

func BenchmarkIsEmail(b *testing.B) {
	for b.Loop() {
		IsEmail("ada.lovelace@analytical-engines.example.com")
	}
}
