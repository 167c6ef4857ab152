package mock_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The rules that no compiler knows: which package may import which, what may be called where, how long things may
// get. They are read from the sources, without running a command, so that the test cache sees every file that
// matters: a changed import is never answered with the verdict of yesterday.

const modulePath = "github.com/salesos/salesos-mock"

// tiers is the graph: a package imports those of lower tiers only. A new package gets its line here, in the lowest
// tier that its work allows. Here and below, /... means a folder and those in it.
var tiers = map[string]int{
	"fixtures":  0, // data and one embed.go each
	"scenarios": 0,

	"mock/internal/adminapi/dashboard": 0, // files and how they are sent

	"mock/internal/apierror":    0,
	"mock/internal/diag":        0,
	"mock/internal/document":    0,
	"mock/internal/entropy":     0,
	"mock/internal/identity":    0,
	"mock/internal/jsonbody":    0,
	"mock/internal/ledger":      0, // one account for what httpapi, session, scenario and referee hold
	"mock/internal/match":       0,
	"mock/internal/requestlog":  0,
	"mock/internal/validatorjs": 0,
	"mock/internal/watch":       0,
	"mock/internal/wire":        0,
	"mock/internal/wirefault":   0,

	"mock/internal/adminapi/overlay": 1, // data, with the catalogue in it

	"mock/internal/condition": 1,
	"mock/internal/journal":   1,
	"mock/internal/operation": 1,
	"mock/internal/outcome":   1,
	"mock/internal/schema":    1,
	"mock/internal/store":     1,

	"mock/internal/auth":     2,
	"mock/internal/contract": 2,
	"mock/internal/crm":      2,
	"mock/internal/fixture":  2,
	"mock/internal/generate": 2,
	"mock/internal/openapi":  2,
	"mock/internal/referee":  2,
	"mock/internal/scenario": 2,

	"mock/internal/session": 3,

	"mock/internal/adminapi": 4,
	"mock/internal/httpapi":  4,

	"mock": 5,

	"mock/cli":      6,
	"mock/mocktest": 6,

	"":               7, // main
	"mock/bench/...": 7, // programs that measure the others
	"mock/clients":   7, // tests with real clients
}

// sideways are the imports within a tier, each with what makes it worth having. One that is no longer used has to go.
var sideways = map[[2]string]string{
	{"mock/internal/document", "mock/internal/diag"}:    "what a file gets wrong is said with its line and a caret; diag knows no formats",
	{"mock/internal/operation", "mock/internal/schema"}: "an operation is data, and its body's schema is part of it",
	{"mock/internal/outcome", "mock/internal/operation"}: "whether an error fits is a fact of the operation; the grammar of outcomes " +
		"only asks for it",
	{"mock/internal/outcome", "mock/internal/schema"}: "X-Mock-Fields speaks of a resource's fields, with the messages of their rules",
	{"mock/internal/wire", "mock/internal/entropy"}:   "deadlines are counted from when their connection began; entropy alone reads the clock",
}

// libraries are the modules that the program is built from, and the packages that may know them; nil is all.
var libraries = map[string][]string{
	"github.com/labstack/echo/v4":              {"mock", "mock/internal/adminapi", "mock/internal/httpapi", "mock/bench/..."}, // its next major version changes every handler; what is measured against is a bare Echo
	"github.com/brianvoe/gofakeit/v7":          {"mock/internal/generate"},                                                    // its output for a seed changes between versions
	"github.com/alecthomas/kong":               {"mock/cli"},
	"github.com/fsnotify/fsnotify":             {"mock/internal/watch"},
	"github.com/golang-jwt/jwt/v5":             {"mock/internal/auth"},
	"go.yaml.in/yaml/v4":                       {"mock/internal/document"},            // lines, columns and limits are settled there once
	"golang.org/x/net":                         {"mock/cli", "mock/internal/fixture"}, // what may stand in a header
	"github.com/santhosh-tekuri/jsonschema/v6": {"mock/internal/contract"},            // by which tests judge answers; no part of the program
	"golang.org/x/sync":                        nil,
	"golang.org/x/sys":                         {"mock/cli"}, // who owns the terminal
	"golang.org/x/text":                        {"mock/internal/diag"},
}

// A ban is names of a package of the standard library, parted by spaces, or "*" for all of it, that only its homes
// may mention.
type ban struct {
	pkg, names string
	homes      []string
	instead    string
}

var bans = []ban{
	{"time", "Now", []string{"mock/internal/entropy", "mock/bench/..."}, "ask the session's clock, or entropy.WallNow for real time"},
	{"time", "Since Until", []string{"mock/bench/..."}, "ask a clock twice"},
	{"time", "Sleep", nil, "wait for a timer and the context's end in one select"},
	{"math/rand", "*", nil, "draw from package entropy"},
	{"math/rand/v2", "*", []string{"mock/internal/entropy"}, "draw from package entropy"},
	{"crypto/rand", "*", []string{"mock/internal/entropy"}, "draw from package entropy"},
	{"os", "Exit", []string{"", "mock/bench/..."}, "return an exit code from cli.Main"},
	{"os", "Args Getenv LookupEnv Environ", []string{"", "mock/cli", "mock/bench/...", "mock/internal/contract"}, "take what the command line or the environment gave as an option"},
	{"os", "Stdin Stdout Stderr", []string{"", "mock/cli", "mock/bench/..."}, "take a reader or a writer"},
	{"fmt", "Print Printf Println Scan Scanf Scanln", nil, "take a reader or a writer"},
	{"log", "Default Fatal Fatalf Fatalln Panic Panicf Panicln Print Printf Println", nil, "log through the *slog.Logger that was given"},
	{"net/http", "DefaultClient Get Head Post PostForm DefaultServeMux Handle HandleFunc", nil, "a client or a mux of one's own has its time-outs, and no other user"},
}

const (
	maxFunction = 80  // lines from func to the closing brace
	maxFile     = 499 // lines
)

func TestArchitecture(t *testing.T) {
	t.Parallel()
	tree := readTree(t, os.DirFS(".."))
	if len(tree.packages()) < 20 {
		t.Fatalf("only %d packages were read: the test looks in the wrong folder", len(tree.packages()))
	}
	for _, finding := range tree.findings() {
		t.Error(finding)
	}
	for edge, why := range sideways {
		if !tree.imports(edge[0], edge[1]) {
			t.Errorf("%s no longer imports %s (%s): take the edge out of sideways", edge[0], edge[1], why)
		}
	}
}

// TestArchitectureCatches breaks each rule on purpose: a rule that finds nothing in the tree has shown nothing.
func TestArchitectureCatches(t *testing.T) {
	t.Parallel()
	long := "// F is.\nfunc F() {" + strings.Repeat("\n", maxFunction) + "}\n"
	cases := []struct {
		name, file, code string
		want             []string
	}{
		{"nothing", "mock/internal/crm/x.go", "import \"time\"\nvar zero time.Time", nil},
		{"a lower tier", "mock/internal/crm/x.go", `import _ "` + modulePath + `/mock/internal/store"`, nil},
		{"an edge that is listed", "mock/internal/document/x.go", `import _ "` + modulePath + `/mock/internal/diag"`, nil},
		{"a higher tier", "mock/internal/store/x.go", `import _ "` + modulePath + `/mock/internal/crm"`,
			[]string{"mock/internal/store/x.go:3: mock/internal/store (tier 1) imports mock/internal/crm (tier 2): only lower tiers may be imported"}},
		{"the same tier", "mock/internal/crm/x.go", `import _ "` + modulePath + `/mock/internal/auth"`,
			[]string{"mock/internal/crm/x.go:3: mock/internal/crm imports mock/internal/auth of its own tier 2: needs a line with its reason in sideways (mock/architecture_test.go)"}},
		{"an unknown package", "mock/internal/utils/x.go", "",
			[]string{"mock/internal/utils/x.go:2: package mock/internal/utils has no tier: give it one in tiers (mock/architecture_test.go)"}},
		{"importing an unknown package", "mock/internal/crm/x.go", `import _ "` + modulePath + `/mock/internal/utils"`,
			[]string{"mock/internal/crm/x.go:3: imports mock/internal/utils, which has no tier: give it one in tiers (mock/architecture_test.go)"}},
		{"a library away from home", "mock/internal/crm/x.go", `import "github.com/labstack/echo/v4/middleware"`,
			[]string{"mock/internal/crm/x.go:3: imports github.com/labstack/echo/v4/middleware, which only mock, mock/internal/adminapi, mock/internal/httpapi, mock/bench/... may"}},
		{"a library at home", "mock/internal/httpapi/x.go", `import _ "github.com/labstack/echo/v4"`, nil},
		{"another major version", "mock/internal/httpapi/x.go", `import _ "github.com/labstack/echo/v5"`,
			[]string{"mock/internal/httpapi/x.go:3: imports github.com/labstack/echo/v5, a library without a line in libraries (mock/architecture_test.go)"}},
		{"reading the time", "mock/internal/crm/x.go", "import clock \"time\"\nvar f = clock.Now",
			[]string{"mock/internal/crm/x.go:4: time.Now: ask the session's clock, or entropy.WallNow for real time"}},
		{"reading the time at home", "mock/internal/entropy/x.go", "import \"time\"\nvar f = time.Now", nil},
		{"sleeping", "mock/internal/watch/x.go", "import \"time\"\nfunc f() { time.Sleep(1) }",
			[]string{"mock/internal/watch/x.go:4: time.Sleep: wait for a timer and the context's end in one select"}},
		{"chance", "mock/internal/crm/x.go", `import _ "math/rand/v2"`,
			[]string{"mock/internal/crm/x.go:3: math/rand/v2: draw from package entropy"}},
		{"exit", "mock/cli/x.go", "import \"os\"\nfunc f() { os.Exit(1) }",
			[]string{"mock/cli/x.go:4: os.Exit: return an exit code from cli.Main"}},
		{"exit in a folder of homes", "mock/bench/bare/x.go", "import \"os\"\nfunc main() { os.Exit(1) }", nil},
		{"a folder that begins like a home", "mock/benchmarks/x.go", "import \"os\"\nfunc main() { os.Exit(1) }",
			[]string{"mock/benchmarks/x.go:2: package mock/benchmarks has no tier: give it one in tiers (mock/architecture_test.go)",
				"mock/benchmarks/x.go:4: os.Exit: return an exit code from cli.Main"}},
		{"exit at home", "main.go", "import \"os\"\nfunc main() { os.Exit(1) }", nil},
		{"a dot import", "mock/internal/crm/x.go", `import . "strings"`,
			[]string{"mock/internal/crm/x.go:3: imports with a dot: the names of strings would pass unseen"}},
		{"init", "mock/internal/crm/x.go", "func init() {}",
			[]string{"mock/internal/crm/x.go:3: func init: make it where it is used, or pass it in"}},
		{"a long function", "mock/internal/crm/x.go", long,
			[]string{"mock/internal/crm/x.go:4: F has 81 lines; at most 80"}},
		{"a function of just the length", "mock/internal/crm/x.go", strings.Replace(long, "\n}", "}", 1), nil},
		{"a long file", "mock/internal/crm/x.go", strings.Repeat("\n", maxFile-1),
			[]string{"mock/internal/crm/x.go:500: the file has 500 lines; at most 499"}},
		{"a file of just the length", "mock/internal/crm/x.go", strings.Repeat("\n", maxFile-2), nil},
		{"a variable that changes", "mock/internal/crm/x.go", "var n, m, k = 0, map[int]int{}, struct{ a int }{}\nfunc f() { n++; m[1], k.a = 2, 3; delete(m, 1); for n = range 3 {} }",
			[]string{"mock/internal/crm/x.go:4: k is a variable of the package and is changed: keep it in a value that is passed",
				"mock/internal/crm/x.go:4: m is a variable of the package and is changed: keep it in a value that is passed",
				"mock/internal/crm/x.go:4: m is a variable of the package and is changed: keep it in a value that is passed",
				"mock/internal/crm/x.go:4: n is a variable of the package and is changed: keep it in a value that is passed",
				"mock/internal/crm/x.go:4: n is a variable of the package and is changed: keep it in a value that is passed"}},
		{"a local variable of the same name", "mock/internal/crm/x.go", "var n = 1\nfunc f() { n := n; n++ }", nil},
		{"a variable made to change", "mock/internal/crm/x.go", "import \"sync/atomic\"\nvar count atomic.Int64",
			[]string{"mock/internal/crm/x.go:4: count is a variable of the package and is changed: keep it in a value that is passed"}},
		{"a test may", "mock/internal/crm/x_test.go", "import \"time\"\nfunc f() { time.Now() }", nil},
		{"a test that sleeps", "mock/internal/crm/x_test.go", "import \"time\"\nfunc f() { time.Sleep(1) }",
			[]string{"mock/internal/crm/x_test.go:4: time.Sleep: poll with a deadline, or use testing/synctest"}},
		{"a test that sleeps in a bubble", "mock/internal/crm/x_test.go", "import (\n\"time\"\n_ \"testing/synctest\")\nfunc f() { time.Sleep(1) }", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			source := "// Package x is.\npackage x\n" + c.code
			tree := readTree(t, fstest.MapFS{c.file: {Data: []byte(source)}})
			if got := tree.findings(); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestArchitecturePackageComment stands apart, since every other case has the comment.
func TestArchitecturePackageComment(t *testing.T) {
	t.Parallel()
	tree := readTree(t, fstest.MapFS{"mock/internal/crm/x.go": {Data: []byte("package crm")}})
	want := []string{"mock/internal/crm/x.go:1: package mock/internal/crm has no package comment"}
	if got := tree.findings(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFunctionsAreShort holds what is a matter of the whole: half of the functions fit in 12 lines, nine in ten in 40.
func TestFunctionsAreShort(t *testing.T) {
	t.Parallel()
	tree := readTree(t, os.DirFS(".."))
	var lengths []int
	for _, s := range tree.sources {
		for _, f := range s.functions() {
			if !s.test {
				lengths = append(lengths, tree.length(f))
			}
		}
	}
	slices.Sort(lengths)
	if median := lengths[len(lengths)/2]; median > 12 {
		t.Errorf("the median function has %d lines; at most 12", median)
	}
	if ninth := lengths[len(lengths)*9/10]; ninth >= 40 {
		t.Errorf("nine in ten functions have up to %d lines; under 40", ninth)
	}
}
