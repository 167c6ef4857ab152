package document

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock/internal/diag"
)

// settings has a value of each kind that a decoder takes.
type settings struct {
	Name     string
	Count    int
	Chance   float64
	On       bool
	Method   string
	Methods  []string
	Wait     time.Duration
	At       time.Time
	Seed     uint64
	Sums     []int
	Anything string
	Keys     []string
}

func decode(t *testing.T, text string) (s settings, messages []string) {
	t.Helper()
	root, problems := Parse("f.yaml", []byte(text), DefaultLimits())
	if problems != nil {
		t.Fatal(problems)
	}
	d := Decoder{Problems: &problems}
	d.Map(root, map[string]func(*Node){
		"name":     func(n *Node) { s.Name = d.Name(n) },
		"count":    func(n *Node) { s.Count = d.Int(n, 1, 9) },
		"chance":   func(n *Node) { s.Chance = d.Float(n, 0, 1) },
		"on":       func(n *Node) { s.On = d.Bool(n) },
		"method":   func(n *Node) { s.Method = d.OneOf(n, "GET", "POST") },
		"methods":  func(n *Node) { s.Methods = d.Strings(n) },
		"wait":     func(n *Node) { s.Wait = d.Duration(n) },
		"at":       func(n *Node) { s.At = d.Time(n) },
		"seed":     func(n *Node) { s.Seed = d.Uint64(n) },
		"sums":     func(n *Node) { d.OneOrMore(n, func(n *Node) { s.Sums = append(s.Sums, d.Int(n, -1<<62, 1<<62)) }) },
		"anything": func(n *Node) { s.Anything = string(n.JSON()) },
		"keys":     func(n *Node) { d.Members(n, func(m Member) { s.Keys = append(s.Keys, m.Name) }) },
	}, "name")
	for _, p := range problems {
		messages = append(messages, p.Short())
	}
	return s, messages
}

func TestDecoderTakesWhatIsRight(t *testing.T) {
	got, messages := decode(t, `
name: x
count: 3.0
chance: 0.25
on: true
method: POST
methods: GET
wait: 1.5s
at: 2026-01-31T18:00+02:00
seed: 18446744073709551615
sums: [1, -2]
anything: {a: [1.50]}
keys: {b: 1, a: 2}
`)
	want := settings{
		Name: "x", Count: 3, Chance: 0.25, On: true, Method: "POST", Methods: []string{"GET"}, Wait: 1500 * time.Millisecond,
		At: time.Date(2026, 1, 31, 16, 0, 0, 0, time.UTC), Seed: 1<<64 - 1, Sums: []int{1, -2}, Anything: `{"a":[1.5]}`, Keys: []string{"b", "a"},
	}
	if messages != nil {
		t.Error(messages)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecoderSaysWhatIsWrong(t *testing.T) {
	got, messages := decode(t, `
nmae: x
name: ""
count: 10
chance: -1
on: "true"
method: get
methods: [GET, 5]
wait: 800
at: 2026-02-30
seed: -1
sums: [a, 1.5]
keys: null
`)
	want := []string{
		`f.yaml:2:1: unknown key "nmae"; allowed: anything, at, chance, count, keys, method, methods, name, on, seed, sums, wait; did you mean "name"?`,
		`f.yaml:3:7: found an empty string where a name is needed`,
		`f.yaml:4:8: found the number 10 where a whole number from 1 to 9 is needed`,
		`f.yaml:5:9: found the number -1 where a number from 0 to 1 is needed`,
		`f.yaml:6:5: found "true" where true or false is needed`,
		`f.yaml:7:9: found "get"; allowed: GET, POST; did you mean "GET"?`,
		`f.yaml:8:16: found the number 5 where a string is needed: write "5"`,
		`f.yaml:9:7: found the number 800 where a length of time such as 800ms, 1.5s or 2m is needed`,
		`f.yaml:10:5: found "2026-02-30" where a date such as 2026-01-31 or 2026-01-31T18:00:00Z is needed`,
		`f.yaml:11:7: found the number -1 where a whole number of at least 0 is needed`,
		`f.yaml:12:8: found "a" where a whole number from -4611686018427388000 to 4611686018427388000 is needed`,
		`f.yaml:12:11: found the number 1.5 where a whole number from -4611686018427388000 to 4611686018427388000 is needed`,
		`f.yaml:13:7: found null where a map is needed`,
	}
	if diff := cmp.Diff(want, messages); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(settings{Methods: []string{"GET"}, Sums: []int{0, 0}}, got); diff != "" {
		t.Error(diff)
	}
	if _, messages := decode(t, "[]"); len(messages) != 1 || messages[0] != "f.yaml:1:1: found a list where a map is needed" {
		t.Error(messages)
	}
	if _, messages := decode(t, "on: true"); len(messages) != 1 || messages[0] != `f.yaml:1:1: the key "name" is missing` {
		t.Error(messages)
	}
}

func TestParseTime(t *testing.T) {
	for in, want := range map[string]string{
		"2026-01-02":                     "2026-01-02T00:00:00.000Z",
		"2026-01-02T03:04":               "2026-01-02T03:04:00.000Z",
		"2026-01-02T03:04Z":              "2026-01-02T03:04:00.000Z",
		"2026-01-02T03:04:05":            "2026-01-02T03:04:05.000Z",
		"2026-01-02T03:04:05.1Z":         "2026-01-02T03:04:05.100Z",
		"2026-01-02T03:04:05.1239+01:30": "2026-01-02T01:34:05.123Z",
		"0000-01-01T00:00:00+01:00":      "",
		"2026-1-2":                       "",
		"2026-01-02T24:00:00Z":           "",
		"today":                          "",
		"":                               "",
	} {
		got, ok := ParseTime(in)
		if ok != (want != "") || ok && ISO(got) != want {
			t.Errorf("%q: %v %v, want %q", in, ISO(got), ok, want)
		}
	}
}

func TestLongLinesOfProblemsAreQuick(t *testing.T) {
	text := "[" + strings.Repeat(`{"é":1,"é":2},`, 100_000) + "{}]"
	began := time.Now()
	_, problems := Parse("f.json", []byte(text), RecordLimits())
	if len(problems) != diag.MaxProblems {
		t.Errorf("%d problems", len(problems))
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	if last := problems[diag.MaxProblems-1]; last.Column != 999*14+9 {
		t.Errorf("the last at column %d", last.Column)
	}
}

// Each map of the long line has an unknown key, a wrong value, and lacks a key, which is said of its beginning: places
// are asked for on and back.
func TestLongLinesOfMistakesAreQuick(t *testing.T) {
	const maps = 100_000
	text := "[" + strings.Repeat(`{"a":"x","é":1},`, maps-1) + `{"a":"x","é":1}]`
	root, problems := Parse("f.json", []byte(text), RecordLimits())
	if problems != nil {
		t.Fatal(problems)
	}
	d := Decoder{Problems: &problems}
	asked := 0
	began := time.Now()
	d.List(root, func(n *Node) {
		d.Map(n, map[string]func(*Node){"a": func(n *Node) { asked++; d.OneOf(n, "y"); d.Int(n, 0, 1) }}, "b")
		d.Unknown(n, "thing", []string{"one"})
		d.Members(n, func(m Member) { d.FailKey(n, m, "wrong") })
	})
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	if asked != maps || len(problems) != diag.MaxProblems {
		t.Errorf("%d maps were read, %d problems", asked, len(problems))
	}
	for i, column := range []int{7, 7, 11, 2, 2, 3, 11, 7 + 16} { // of the first maps, in the order of reading
		if problems[i].Column != column {
			t.Errorf("problem %d, %s, stands at column %d, want %d", i, problems[i].What, problems[i].Column, column)
		}
	}
}

func TestOffsetsCountBothWays(t *testing.T) {
	line := []byte("aé→𝄞b")
	offsets := []int{0, 1, 3, 6, 10, 11, 11}
	for from := range offsets {
		for to := range offsets {
			s := &source{}
			s.offset(line, 1, uint32(from+1))
			if got := s.offset(line, 1, uint32(to+1)); got != offsets[to] {
				t.Errorf("from column %d to %d: byte %d, want %d", from+1, to+1, got, offsets[to])
			}
		}
	}
}
