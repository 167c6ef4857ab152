package document

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/salesos/salesos-mock/mock/internal/diag"
)

func TestYAMLMeansTheSameAsItsJSON(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"empty":              {"", "null"},
		"only comments":      {"# nothing\n", "null"},
		"norway":             {"[no, yes, on, off, y, n, No]", `["no","yes","on","off","y","n","No"]`},
		"booleans":           {"[true, False, TRUE]", "[true,false,true]"},
		"nulls":              {"[~, null, NULL, !!null , '']", `[null,null,null,null,""]`},
		"dates stay text":    {"[2026-06-30T18:00:00Z, 2026-06-30, 12:30]", `["2026-06-30T18:00:00Z","2026-06-30","12:30"]`},
		"numbers":            {"[0x1F, 0o17, 017, +5, 1., .5, 1e3, -0, 1e21, 1e-7, 1_000]", `[31,15,17,5,1,0.5,1000,0,1e+21,1e-7,"1_000"]`},
		"quoted numbers":     {`["5", '5', !!str 5]`, `["5","5","5"]`},
		"tags":               {"[!!int 5, !!null , !!bool true, !!float 1.5]", "[5,null,true,1.5]"},
		"order":              {"b: 1\na: 2", `{"b":1,"a":2}`},
		"number keys":        {"200: x\ntrue: y", `{"200":"x","true":"y"}`},
		"alias":              {"a: &x [1]\nb: *x", `{"a":[1],"b":[1]}`},
		"merge":              {"a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}", `{"a":{"p":1,"q":2},"b":{"q":3,"p":1}}`},
		"merge of several":   {"b: {<<: [{p: 1}, {p: 2, q: 3}]}", `{"b":{"p":1,"q":3}}`},
		"block text":         {"a: |\n  x\n  y\nb: >-\n  x\n  y", `{"a":"x\ny\n","b":"x y"}`},
		"escapes":            {`"\u00e9\U0001F600\t\"<&>\u2028"`, "\"é😀\\t\\\"<&>\u2028\""},
		"byte order mark":    {"\ufeffa: 1", `{"a":1}`},
		"windows line ends":  {"a: 1\r\nb: 2\r\n", `{"a":1,"b":2}`},
		"document start":     {"--- # first\na: 1\n...\n", `{"a":1}`},
		"time of day":        {"1:30", `"1:30"`},
		"looks like a float": {"[1e, .e1, +, ., 0x, 0o8, 1.2.3]", `["1e",".e1","+",".","0x","0o8","1.2.3"]`},
	} {
		n, problems := Parse("f.yaml", []byte(c.yaml), DefaultLimits())
		if problems != nil {
			t.Errorf("%s: %v", name, problems)
		} else if got := string(n.JSON()); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestJSONIsReadAsWritten(t *testing.T) {
	for in, want := range map[string]string{
		``:                       `null`,
		` [1, 2.50, -0.0, 1E2] `: `[1,2.5,0,100]`,
		`{"a":{"b":[]},"c":{}}`:  `{"a":{"b":[]},"c":{}}`,
		`"\ud83d\ude00\u00e9\/"`: `"😀é/"`,
		`["\ud83d","\ude00x","\ud83d\ud83d\ude00"]`: `["�","�x","�😀"]`,
		"\ufeff{\"\\u0061\": \"\\b\\f\\n\\r\\t\"}":  `{"a":"\b\f\n\r\t"}`,
		`[true,false,null]`:                         `[true,false,null]`,
		"\"\u007f\u0085\ufeff\"":                    "\"\u007f\u0085\ufeff\"",
	} {
		n, problems := Parse("f.json", []byte(in), DefaultLimits())
		if problems != nil {
			t.Errorf("%s: %v", in, problems)
		} else if got := string(n.JSON()); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

func TestBrokenFilesAreExplained(t *testing.T) {
	deep := strings.Repeat("[", 65) + strings.Repeat("]", 65)
	for _, c := range []struct{ file, text, want string }{
		{"a.yaml", "a: [1, 2\nb: 3", `a.yaml:2:2: did not find expected ',' or ']' (while parsing a flow sequence that begins in line 1, column 4)`},
		{"a.yaml", "a: \"x\ny: 1", `a.yaml:2:5: the quoted string that begins in line 1, column 4 has no end`},
		{"a.yaml", "- a\n- b: c: d", `a.yaml:2:7: a colon cannot stand here: put a value that contains ": " in quotes, or check the indentation`},
		{"a.yaml", "a:\n\tb: 1", `a.yaml:2:1: a tab cannot be used for indentation: use spaces`},
		{"a.yaml", "é: @x", `a.yaml:1:4: a value cannot begin with '@': put it in quotes`},
		{"a.yaml", "a: *x", `a.yaml:1:4: unknown anchor "x" referenced: a value that begins with * must be put in quotes`},
		{"a.yaml", "a: 1\nb:\n  c: 1\n  c: 2\na: 2", "a.yaml:4:3: the key \"c\" stands twice in this map, first in line 3\n" +
			`a.yaml:5:1: the key "a" stands twice in this map, first in line 1`},
		{"a.yaml", "a: 1\n---\n  b: 2\n", `a.yaml:2:1: the file holds several documents: remove the line "---" between them`},
		{"a.yaml", "a: 1\nb: x\x00y", `a.yaml:2:5: the control character U+0000 cannot stand in a file: remove it, or escape it in a quoted string`},
		{"a.yaml", "é: \xff", `a.yaml:1:4: the byte 0xFF is not valid UTF-8: save the file as UTF-8`},
		{"a.yaml", "\xff\xfea\x00", `a.yaml:1:1: the file is UTF-16: save it as UTF-8`},
		{"a.yaml", "a: .inf", `a.yaml:1:4: .inf is not a number that JSON knows`},
		{"a.yaml", "a: 1e999", `a.yaml:1:4: the number 1e999 is too large`},
		{"a.yaml", "a: !foo b", `a.yaml:1:4: unknown tag !foo; allowed: !!str, !!null, !!bool, !!int, !!float`},
		{"a.yaml", "a: !!int b", `a.yaml:1:4: the tag !!int does not fit "b"`},
		{"a.yaml", "a: !foo [b]", `a.yaml:1:4: unknown tag !foo`},
		{"a.yaml", "? [a]\n: 1", `a.yaml:1:3: a key must be plain text, found a list`},
		{"a.yaml", ": 1", `a.yaml:1:1: a key is missing before the colon`},
		{"a.yaml", "a: \"\\ud83d\\ude00\"", `a.yaml:1:7: invalid Unicode escape: YAML writes characters beyond \uFFFF as \U0001F600`},
		{"a.yaml", "a: &x [*x]", `a.yaml:1:8: the alias *x stands within what it means`},
		{"a.yaml", "a: {<<: 5}", `a.yaml:1:9: << takes a map or a list of maps, found the number 5`},
		{"a.yaml", "a: - 5", `a.yaml:1:4: a list cannot begin here: put "- " on a line of its own, or the value in quotes`},
		{"a.yaml", deep, `a.yaml:1:65: lists and maps are nested too deeply: at most 64 levels are read`},
		{"a.json", deep, `a.json:1:65: lists and maps are nested too deeply: at most 64 levels are read`},
		{"a.json", "{\"a\": 1,\n \"é\": 2 \"b\": 3}", `a.json:2:9: found '"' where "," or "}" is needed`},
		{"a.json", "[1,\n]", `a.json:1:3: a comma before "]" is not allowed in JSON`},
		{"a.json", "{a: 1}", `a.json:1:2: found 'a' where a key in double quotes is needed`},
		{"a.json", "['a']", `a.json:1:2: found '\'' where a value is needed (JSON knows only double quotes)`},
		{"a.json", "[1] // x", `a.json:1:5: found '/' where the end of the file is needed (JSON has no comments; a .yaml file has)`},
		{"a.json", "[01]", `a.json:1:2: "01" is not a number as JSON writes them`},
		{"a.json", "[1e999]", `a.json:1:2: the number 1e999 is too large`},
		{"a.json", "[nul]", `a.json:1:2: found 'n' where a value is needed`},
		{"a.json", `{"a"`, `a.json:1:5: the file ends where ":" is needed`},
		{"a.json", "[\"é\\x\"]", `a.json:1:4: unknown escape in a string; known are \" \\ \/ \b \f \n \r \t and \u with four hexadecimal digits`},
		{"a.json", "[\"a\nb\"]", `a.json:1:4: a string cannot go over the end of a line: close it, or write \n`},
		{"a.json", "[\"a\tb\"]", `a.json:1:4: the control character U+0009 cannot stand in a string: write \u0009`},
		{"a.json", "[\"a", `a.json:1:2: the string that begins here has no end`},
		{"a.json", "{\"a\":1,\n\"a\":2}", `a.json:2:1: the key "a" stands twice in this map, first in line 1`},
		{"a.json", "[1]\x00", `a.json:1:4: found '\x00' where the end of the file is needed`},
	} {
		n, problems := Parse(c.file, []byte(c.text), DefaultLimits())
		var got []string
		for _, p := range problems {
			got = append(got, p.Short())
		}
		if text := strings.Join(got, "\n"); text != c.want || n != nil {
			t.Errorf("%q\n got %s\nwant %s", c.text, text, c.want)
		}
	}
}

// TestHostileFilesEndSoon: whatever somebody puts in the folder, the server that watches it goes on.
func TestHostileFilesEndSoon(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	const size = 1 << 18
	limits := Limits{MaxBytes: size, MaxDepth: 64, MaxNodes: size}
	for name, c := range map[string]struct{ file, text, want string }{
		"alias bomb":        {"f.yaml", bomb, "aliases repeat too many values"},
		"brackets":          {"f.yaml", strings.Repeat("[", size), "nested too deeply"},
		"brackets in JSON":  {"f.json", strings.Repeat("[", size), "nested too deeply"},
		"dashes":            {"f.yaml", strings.Repeat("- ", size/2), "nested too deeply"},
		"question marks":    {"f.yaml", strings.Repeat("? ", size/2), "nested too deeply"},
		"braces":            {"f.yaml", strings.Repeat("{a: ", size/4), "nested too deeply"},
		"too large":         {"f.yaml", strings.Repeat("x", size+1), "the file is too large: 262145 bytes, at most 262144 are read"},
		"too large as JSON": {"f.json", strings.Repeat(" ", size+1), "the file is too large"},
		"one long word":     {"f.yaml", strings.Repeat("x", size), ""},
		"commas":            {"f.yaml", "[" + strings.Repeat(",", size-2) + "]", "did not find"},
		"many values":       {"f.yaml", "[" + strings.Repeat("a,", size/2-2) + "]", ""},
		"many keys":         {"f.yaml", "{" + strings.Repeat("a,", size/2-2) + "}", "stands twice"},
		"open quote":        {"f.yaml", "a: '" + strings.Repeat("b: c\n", size/5-2), "has no end"},
		"comments":          {"f.yaml", strings.Repeat("#\n", size/2), ""},
		"anchors":           {"f.yaml", strings.Repeat("- &a b\n", size/7), ""},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, problems := Parse(c.file, []byte(c.text), limits)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if text := problems.Error(); !strings.Contains(text, c.want) || c.want == "" && text != "" {
				t.Errorf("got %.300s, want %s", text, c.want)
			}
			if len(problems.Error()) > 1<<16 {
				t.Errorf("the message has %d bytes", len(problems.Error()))
			}
		})
	}
}

func TestNodesAreBounded(t *testing.T) {
	limits := Limits{MaxBytes: 1000, MaxDepth: 8, MaxNodes: 10}
	for _, file := range []string{"f.json", "f.yaml"} {
		if _, problems := Parse(file, []byte(`[0,1,2,3,4,5,6,7,8]`), limits); problems != nil {
			t.Errorf("%s: ten nodes: %v", file, problems)
		}
		_, problems := Parse(file, []byte(`[0,1,2,3,4,5,6,7,8,{"a":[]}]`), limits)
		if !strings.Contains(problems.Error(), "too many values: at most 10") {
			t.Errorf("%s: too many nodes: %v", file, problems)
		}
	}
}

func TestChunksMeanWhatTheWholeMeans(t *testing.T) {
	item := "- id: lead-%d\n  # a comment\n  text: |\n    - not an item\n\n  list:\n  - a\n  - {b: c}\n"
	var long strings.Builder
	for i := 0; long.Len() < 3*chunkSize; i++ {
		fmt.Fprintf(&long, item, i)
	}
	items := long.String()
	for name, text := range map[string]string{
		"list":             items,
		"with a head":      "# head\n\n---\n" + items,
		"windows":          strings.ReplaceAll(items, "\n", "\r\n"),
		"aliases":          "- &x {a: 1}\n" + items + "- *x\n",
		"a quoted item":    items + "- 'a\n- b'\n" + items,
		"duplicate":        items + "- {a: 1, a: 2}\n" + items,
		"a syntax error":   items + "- {a: 1\n" + items,
		"second document":  items + "---\n" + items,
		"separators":       "- \"a\u2028b\"\n" + items + "- {a: 1, a: 2}\n",
		"map after a list": items + "b: 1\n",
		"two heads":        "---\n---\n" + items,
	} {
		t.Run(name, func(t *testing.T) {
			limits := RecordLimits()
			src := &source{file: "f.yaml", data: []byte(text)}
			b := &builder{source: src, limits: limits}
			var want *Node
			tree, err := load(src.data, limits.MaxDepth)
			if err != nil {
				err = b.yamlError(err)
			} else {
				want, err = (&converter{builder: b}).convert(tree, 0)
			}
			want, wantProblems := b.finish(want, err)

			got, problems := Parse("f.yaml", []byte(text), limits)
			if problems.Error() != wantProblems.Error() {
				t.Fatalf("got %v, want %v", problems, wantProblems)
			}
			if want != nil && outline(got) != outline(want) {
				t.Error("the trees differ")
			}
		})
	}
}

// outline writes a tree with all its places.
func outline(n *Node) string {
	var b strings.Builder
	var walk func(n *Node)
	walk = func(n *Node) {
		fmt.Fprintf(&b, "%d:%d %v %q\n", n.line, n.column, n.Kind, n.Text)
		for _, item := range n.Items() {
			walk(item)
		}
		for _, m := range n.Members() {
			fmt.Fprintf(&b, "%d:%d key %q\n", m.line, m.column, m.Name)
			walk(m.Value)
		}
	}
	walk(n)
	return b.String()
}

func TestPlacesAgreeBetweenFormats(t *testing.T) {
	text := "{\"a\": [1, \"é😀\", {\"b\": true}],\r\n  \"c\": \"\\u00e9\", \"ü\": null,\n\t\"d\":{}}"
	asJSON, problems := Parse("f.json", []byte(text), DefaultLimits())
	if problems != nil {
		t.Fatal(problems)
	}
	asYAML, problems := Parse("f.yaml", []byte(text), DefaultLimits())
	if problems != nil {
		t.Fatal(problems)
	}
	if outline(asJSON) != outline(asYAML) {
		t.Errorf("JSON\n%s\nYAML\n%s", outline(asJSON), outline(asYAML))
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e-3,"\ud83d\ude00",null,true]}`, `[`, `"\u12`, "\"\xff\"", `[1,]`, `{"a":1,"a":2}`, "[\r\r\n1]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, problems := Parse("f.json", data, DefaultLimits())
		checkPlaces(t, problems, data)
		if problems != nil {
			if json.Valid(data) && utf8.Valid(data) && !mayRefuse(problems) {
				t.Fatalf("valid JSON refused: %v", problems)
			}
			return
		}
		data = trimBOM(data)
		if len(strings.TrimSpace(string(data))) == 0 {
			return
		}
		var want any
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatalf("invalid JSON accepted: %v", err)
		}
		var got any
		if err := json.Unmarshal(n.JSON(), &got); err != nil {
			t.Fatalf("wrote invalid JSON: %v", err)
		}
		if a, b := mustJSON(want), mustJSON(got); a != b {
			t.Fatalf("got %s, want %s", b, a)
		}
	})
}

// mayRefuse knows what we refuse of valid JSON.
func mayRefuse(problems []diag.Problem) bool {
	for _, p := range problems {
		for _, reason := range []string{"stands twice", "too large", "too deeply", "UTF-16"} {
			if strings.Contains(p.What, reason) {
				return true
			}
		}
	}
	return false
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return strings.ReplaceAll(string(b), "-0", "0")
}

func FuzzParseYAML(f *testing.F) {
	for _, seed := range []string{"a: [1, {b: c}]\n", "- &x a\n- *x\n", "? a\n: b", "a: |\n  x\n", "<<: {a: 1}", "a: !!int 5", "--- a\n--- b", "\ta", "'", "%YAML 1.2\n---\na", "{a, b: }", "a: &a [*a]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, problems := Parse("f.yaml", data, DefaultLimits())
		checkPlaces(t, problems, data)
		if problems == nil && !json.Valid(n.JSON()) {
			t.Fatalf("wrote invalid JSON: %s", n.JSON())
		}
	})
}

func checkPlaces(t *testing.T, problems []diag.Problem, data []byte) {
	t.Helper()
	for _, p := range problems {
		if p.What == "" || p.File == "" || p.Line < 0 || p.Line > len(data)+2 || p.Column > len(data)+2 {
			t.Fatalf("a bad problem: %#v", p)
		}
		if text := p.Error(); !utf8.ValidString(text) {
			t.Fatalf("a message that is no UTF-8: %q", text)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, file, item string }{
		{"yaml", "f.yaml", "- id: lead-%d\n  email: ada@example.com\n  company: Foo Bar, Inc.\n  leadScore: 45\n  painPoints: [Manual data entry, Poor reporting]\n"},
		{"json", "f.json", `,{"id":"lead-%d","email":"ada@example.com","company":"Foo Bar, Inc.","leadScore":45,"painPoints":["Manual data entry","Poor reporting"]}`},
	} {
		var text strings.Builder
		for i := range 10_000 {
			fmt.Fprintf(&text, c.item, i)
		}
		data := text.String()
		if c.name == "json" {
			data = "[" + data[1:] + "]"
		}
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, problems := Parse(c.file, []byte(data), RecordLimits()); problems != nil {
					b.Fatal(problems)
				}
			}
		})
	}
}

// An error that only the end of the file gives away is shown where somebody can see it.
func TestAnErrorAtTheEndHasALine(t *testing.T) {
	for text, want := range map[string]string{
		"a: [1,\n":            "f.yaml:1:7:",
		"a: [1,\n\n  \n":      "f.yaml:1:7:",
		"a: 1\nb: {c: 2\n":    "f.yaml:2:9:",
		"a: 1\nb: \"open\n\n": "f.yaml:2:9:",
		"[":                   "f.yaml:1:2:",
	} {
		_, problems := Parse("f.yaml", []byte(text), DefaultLimits())
		if len(problems) != 1 {
			t.Errorf("%q: %v", text, problems)
			continue
		}
		if got := problems[0].Error(); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "^") {
			t.Errorf("%q: got %s, want it at %s", text, got, want)
		}
	}
}
