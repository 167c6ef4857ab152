package diag

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestProblemForms(t *testing.T) {
	p := Problem{
		Position: Position{File: "fixtures/leads.yaml", Line: 12, Column: 5},
		What:     `unknown key "statsu"`,
		Allowed:  []string{"email", "status"},
		Nearest:  "status",
		Excerpt:  NewExcerpt([]byte("    statsu: NEW"), 5),
	}
	short := `fixtures/leads.yaml:12:5: unknown key "statsu"; allowed: email, status; did you mean "status"?`
	if got := p.Short(); got != short {
		t.Errorf("short form\n got %s\nwant %s", got, short)
	}
	full := short + "\n  12 |     statsu: NEW\n     |     ^"
	if got := p.Error(); got != full {
		t.Errorf("full form\n got %s\nwant %s", got, full)
	}
	for _, c := range []struct {
		at   Position
		want string
	}{
		{Position{File: "a.yaml"}, "a.yaml"},
		{Position{File: "a.yaml", Line: 3}, "a.yaml:3"},
		{Position{File: "a.yaml", Line: 3, Column: 1}, "a.yaml:3:1"},
	} {
		if got := c.at.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestCaretStandsUnderItsCharacter(t *testing.T) {
	for name, c := range map[string]struct {
		line    string
		column  int
		padding string
	}{
		"plain":             {"a: b", 4, "   "},
		"tab":               {"\ta: b", 2, "\t"},
		"wide":              {"名前: b", 5, "      "},
		"combining":         {"e\u0301: b", 5, "   "},
		"emoji":             {"😀 b", 3, "   "},
		"zero width joiner": {"a\u200db", 3, " "},
		"after the end":     {"ab", 9, "  "},
		"first":             {"ab", 1, ""},
	} {
		got := Problem{Position: Position{"f", 7, c.column}, Excerpt: NewExcerpt([]byte(c.line), c.column)}.Error()
		want := "\n    | " + c.padding + "^"
		if !strings.HasSuffix(got, want) {
			t.Errorf("%s: got %q, want the suffix %q", name, got, want)
		}
	}
}

func TestExcerptCutsLongLines(t *testing.T) {
	line := []byte(strings.Repeat("é", 500) + "X" + strings.Repeat("ö", 500))
	e := NewExcerpt(line, 501)
	if n := utf8.RuneCountInString(e.Text); n != excerptBefore+excerptAfter+2 {
		t.Errorf("%d characters", n)
	}
	if got := []rune(e.Text)[e.Caret]; got != 'X' {
		t.Errorf("caret under %q in %q", got, e.Text)
	}
	if e.Text[:len("…")] != "…" || !strings.HasSuffix(e.Text, "…") {
		t.Errorf("cuts are not marked: %q", e.Text)
	}
}

func TestNothingEscapesToTheTerminal(t *testing.T) {
	e := NewExcerpt([]byte("a\x1b[31m\x07\u202eb\r\xff"), 2)
	if want := "a�[31m��b��"; e.Text != want {
		t.Errorf("got %q, want %q", e.Text, want)
	}
	p := Problem{What: "broken\nover\x00lines"}
	if got := p.Short(); got != "broken over�lines" {
		t.Errorf("got %q", got)
	}
}

func TestListIsBounded(t *testing.T) {
	var l List
	if l.Err() != nil {
		t.Fatal("an empty list is no error")
	}
	for i := range MaxProblems + 5 {
		l.Add(Problem{Position: Position{File: "f", Line: MaxProblems - i}, What: "w"})
	}
	if len(l) != MaxProblems || !l.Full() {
		t.Fatalf("%d problems", len(l))
	}
	text := l.Error()
	if lines := strings.Count(text, "\n"); lines != maxPrinted {
		t.Errorf("%d lines", lines)
	}
	if !strings.HasSuffix(text, "… and at least 950 more") {
		t.Errorf("the end is %q", text[len(text)-40:])
	}
	l.Sort()
	if l[0].Line != 1 {
		t.Errorf("first after sorting: %v", l[0].Position)
	}
}

func TestAllowedIsBounded(t *testing.T) {
	p := Problem{What: "w", Allowed: make([]string, maxAllowed+1)}
	if !strings.HasSuffix(p.Short(), ", … (61 in all)") {
		t.Error(p.Short())
	}
}

func TestNearest(t *testing.T) {
	names := []string{"rate_limited", "status", "leadSource", "id", "description", "unavailable", "unauthorized", "GET", "POST"}
	for word, want := range map[string]string{
		"rate-limited":  "rate_limited",
		"RateLimited":   "rate_limited",
		"statsu":        "status",
		"stats":         "status",
		"Status":        "status",
		"lead_source":   "leadSource",
		"unavaliable":   "unavailable",
		"unauthorised":  "unauthorized",
		"desc":          "description",
		"get":           "GET",
		"PSOT":          "POST",
		"ID":            "id",
		"x":             "",
		"zebra":         "",
		"":              "",
		"status":        "",
		"idx":           "id",
		"completely":    "",
		"descriptionxy": "description",
		"limited":       "rate_limited",
		"source":        "leadSource",
		"mited":         "rate_limited",
		"rip":           "", // too short to be meant as a part
		"staut":         "", // two mistakes in five letters are another word
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
	if got := Nearest("reset", []string{"AFTER_A_RESET", "RESET_BEHIND"}); got != "RESET_BEHIND" {
		t.Errorf("an unfinished word is near %q", got)
	}
	if got := Nearest("reset", []string{"AFTER_A_RESET", "BEFORE_A_RESET"}); got != "" {
		t.Errorf("a part of two names is near %q", got)
	}
	if got := Nearest(strings.Repeat("a", 1<<20), names); got != "" {
		t.Errorf("a huge word is near %q", got)
	}
}

func FuzzNearest(f *testing.F) {
	f.Add("statsu", "status")
	f.Add("", "\xff")
	f.Fuzz(func(t *testing.T, word, candidate string) {
		if got := Nearest(word, []string{candidate}); got != "" && got != candidate {
			t.Fatalf("Nearest(%q) made up %q", word, got)
		}
		if a, b := distance(fold(word[:min(len(word), 80)]), fold(candidate[:min(len(candidate), 80)])),
			distance(fold(candidate[:min(len(candidate), 80)]), fold(word[:min(len(word), 80)])); a != b {
			t.Fatalf("%d one way, %d the other", a, b)
		}
	})
}

func FuzzExcerpt(f *testing.F) {
	f.Add([]byte("\ta: b"), 3)
	f.Add([]byte("\xff\xfe"), 400)
	f.Fuzz(func(t *testing.T, line []byte, column int) {
		text := Problem{Position: Position{"f", 1, column}, What: "w", Excerpt: NewExcerpt(line, column)}.Error()
		if !utf8.ValidString(text) || strings.Count(text, "\n") > 2 || strings.ContainsAny(text, "\r\x1b") {
			t.Fatalf("%q", text)
		}
	})
}
