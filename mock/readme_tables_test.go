package mock_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/brianvoe/gofakeit/v7"

	"github.com/salesos/salesos-mock/fixtures"
	"github.com/salesos/salesos-mock/mock/cli"
	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/fixture"
	"github.com/salesos/salesos-mock/mock/internal/generate"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/wirefault"
	"github.com/salesos/salesos-mock/scenarios"
)

// helpText is what a command says of itself, in one line.
func helpText(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	code := cli.Main(t.Context(), append(args, "--help"), nil, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	if code != 0 {
		t.Fatalf("%q ends with %d: %s", args, code, errs.String())
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// TestReadmeFlags holds the table of flags against what serve says of itself: names, variables and defaults.
func TestReadmeFlags(t *testing.T) {
	_, help, _ := strings.Cut(helpText(t, "serve"), "--version Show the version.")
	var there []string
	flag := regexp.MustCompile(`--([a-z-]+)(?:=\S+)? (.*?) ?\(\$([A-Z_]+)\)`)
	for _, found := range flag.FindAllStringSubmatch(help, -1) {
		_, value, _ := strings.Cut(found[2], "Default: ")
		there = append(there, "--"+found[1]+" "+found[3]+" "+value)
	}
	if len(there) < 10 || len(there) != strings.Count(help, "($") {
		t.Fatalf("the help of serve is not understood: found %d flags in %s", len(there), help)
	}
	var listed []string
	for _, row := range readReadme(t).table(t, "flag", "variable", "default") {
		listed = append(listed, strings.Join(codes(row[0]), " ")+" "+strings.Join(codes(row[1]), " ")+" "+strings.TrimPrefix(row[2], "–"))
	}
	same(t, "flags", listed, there)
}

// TestReadmeRunFlags: what run has besides the flags of serve stands in its chapter, and nothing else does.
func TestReadmeRunFlags(t *testing.T) {
	flags := func(text string) []string {
		found := regexp.MustCompile(`--[a-z]+(?:-[a-z]+)*`).FindAllString(text, -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	served := flags(helpText(t, "serve"))
	_, chapter, _ := strings.Cut(readReadme(t).text, "\n## Run: a mock for one command\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	of := func(text string) []string {
		return slices.DeleteFunc(flags(text), func(flag string) bool { return slices.Contains(served, flag) || flag == "--retry" }) // curl's
	}
	same(t, "flags of run", of(chapter), of(helpText(t, "run")))
}

// TestReadmeCommands holds the table of commands against those that the program says it has.
func TestReadmeCommands(t *testing.T) {
	var errs bytes.Buffer
	cli.Main(t.Context(), []string{"?"}, nil, cli.Streams{In: strings.NewReader(""), Out: &errs, Err: &errs})
	found := regexp.MustCompile(`allowed: ([a-z, ]+)`).FindStringSubmatch(errs.String())
	if found == nil {
		t.Fatalf("the program does not say which commands it has: %s", errs.String())
	}
	var listed []string
	for _, command := range column(readReadme(t).table(t, "command"), 0) {
		name, _, _ := strings.Cut(command, " ")
		listed = append(listed, name)
	}
	same(t, "commands", listed, strings.Split(found[1], ", "))
}

func TestReadmeDirectives(t *testing.T) {
	table := readReadme(t).table(t, "header", "query")
	var headers, queries []string
	for _, key := range outcome.Keys() {
		if key.Header != "" {
			headers, queries = append(headers, key.Header), append(queries, key.Queries...)
		}
	}
	same(t, "directives", column(table, 0), headers)
	same(t, "query forms of directives", column(table, 1), queries)
}

func TestReadmeScenarios(t *testing.T) {
	files, err := fs.Glob(scenarios.FS, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], ".yaml")
	}
	same(t, "scenarios", column(readReadme(t).table(t, "scenario"), 0), files)
}

// TestReadmeRules holds the keys of rules and steps against the schema that editors check files by.
func TestReadmeRules(t *testing.T) {
	type object struct {
		Properties map[string]any `json:"properties"`
	}
	var schema struct {
		Definitions map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(scenario.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	r := readReadme(t)
	keys := func(definition string) []string {
		return slices.Collect(maps.Keys(schema.Definitions[definition].Properties))
	}
	table := r.table(t, "key", "meaning")
	same(t, "keys of rules", column(table, 0), keys("rule"))
	_, steps, _ := strings.Cut(r.text, "\nA step has ")
	steps, _, _ = strings.Cut(steps, "\n\n")
	steps = regexp.MustCompile(`(?s)\(.*?\)`).ReplaceAllString(steps, "")
	same(t, "keys of steps", codes(steps), keys("step"))
}

// TestReadmeKeywords holds the table of keywords against what the reader of definitions says it allows.
func TestReadmeKeywords(t *testing.T) {
	file := fixture.File{Path: "things.schema.yaml", Data: []byte("nonsense: 1\nproperties:\n  id: {type: string, nonsense: 1}\n")}
	_, problems := fixture.Parse([]fixture.File{file}, fixture.Options{})
	var own, others []string
	for _, p := range problems {
		for _, keyword := range p.Allowed {
			switch {
			case !strings.Contains(p.What, "nonsense") || slices.Contains(own, keyword) || slices.Contains(others, keyword):
			case strings.HasPrefix(keyword, "x-"):
				own = append(own, keyword)
			default:
				others = append(others, keyword)
			}
		}
	}
	if len(own) == 0 {
		t.Fatalf("the reader does not say what it allows: %v", problems)
	}
	r := readReadme(t)
	same(t, "keywords", column(r.table(t, "keyword"), 0), own)
	_, listed, _ := strings.Cut(r.text, "**Definitions** are")
	listed, _, _ = strings.Cut(listed, "\n\n")
	for _, keyword := range codes(listed) {
		if !slices.Contains(others, keyword) {
			t.Errorf("README.md lists the keyword %s, which the reader does not allow; it allows %s", keyword, strings.Join(others, ", "))
		}
	}
}

// TestReadmeFunctions: the functions of x-fake that are not gofakeit's are all listed.
func TestReadmeFunctions(t *testing.T) {
	var own, listed []string
	for _, name := range generate.Functions() {
		if gofakeit.GetFuncLookup(name) == nil {
			own = append(own, name)
		}
	}
	for _, name := range column(readReadme(t).table(t, "functions"), 0) {
		if gofakeit.GetFuncLookup(name) == nil || !slices.Contains(generate.Functions(), name) {
			listed = append(listed, name)
		}
	}
	same(t, "functions of x-fake", listed, own)
}

func TestReadmeErrors(t *testing.T) {
	var names []string
	for _, row := range readReadme(t).table(t, "name", "status") {
		name := codes(row[0])[0]
		names = append(names, name)
		entry, known := apierror.Lookup(name)
		if !known {
			continue
		}
		r := start(t).do("GET", "/api/auth/me", "", "X-Mock-Error: "+name)
		if strconv.Itoa(r.Status) != row[1] {
			t.Errorf("%s: README.md says %s, it is %d", name, row[1], r.Status)
		}
		for _, message := range codes(row[2]) {
			if message != "Retry-After" && !strings.Contains(r.Body, strconv.Quote(message)) {
				t.Errorf("%s (%v): README.md says %q, it is %s", name, entry.Name, message, r.Body)
			}
		}
		if strings.Contains(row[2], "Retry-After") != (r.Header.Get("Retry-After") != "") {
			t.Errorf("%s: README.md says %q, Retry-After is %q", name, row[2], r.Header.Get("Retry-After"))
		}
	}
	same(t, "errors", names, apierror.Names())
}

func TestReadmeFaults(t *testing.T) {
	var there []string
	for _, kind := range wirefault.All() {
		there = append(there, string(kind))
	}
	var listed []string
	for _, row := range readReadme(t).table(t, "fault") {
		listed = append(listed, codes(row[0])...)
	}
	same(t, "faults", listed, there)
}

// TestReadmeAnswerHeaders: a page can read the headers that are listed, and no other X-Mock-… header.
func TestReadmeAnswerHeaders(t *testing.T) {
	r := start(t).do("GET", "/api/leads", "", "Origin: https://app.example.com")
	var there []string
	for _, name := range strings.Split(r.Header.Get("Access-Control-Expose-Headers"), ", ") {
		if strings.HasPrefix(name, "X-Mock-") {
			there = append(there, name)
		}
	}
	same(t, "headers of answers", column(readReadme(t).table(t, "response header"), 0), there)
}

func shippedDirectory(t *testing.T) identity.Directory {
	t.Helper()
	files, err := fixture.ReadFS(fixtures.FS, "fixtures")
	if err != nil {
		t.Fatal(err)
	}
	set, problems := fixture.Parse(files, fixture.Options{TakesChoices: generate.TakesChoices})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return set.Auth
}

func TestReadmeCredentials(t *testing.T) {
	r, directory := readReadme(t), shippedDirectory(t)
	var users, keys, listed []string
	for _, u := range directory.Users {
		users = append(users, u.Email+" "+string(u.Role))
		if u.Password != "password" {
			t.Errorf("README.md says that the password of %s is password", u.Email)
		}
	}
	for _, row := range r.table(t, "user", "role") {
		listed = append(listed, codes(row[0])[0]+" "+row[1])
	}
	same(t, "users", listed, users)
	for _, k := range directory.Keys {
		keys = append(keys, k.Key)
	}
	same(t, "API keys", column(r.table(t, "API key"), 0), keys)
	if n := strings.Count(r.text, directory.Secret); n != 2 {
		t.Errorf("the secret stands %d times in README.md, not twice", n)
	}
}

// TestReadmeToken makes a token as README.md says that anybody can.
func TestReadmeToken(t *testing.T) {
	directory := shippedDirectory(t)
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode([]byte(`{"sub":"`+directory.Users[2].ID+`","role":"USER","exp":4102444800}`))
	mac := hmac.New(sha256.New, []byte(directory.Secret))
	mac.Write([]byte(text))
	r := start(t).do("GET", "/api/auth/me", "", "X-API-Key: -", "Authorization: Bearer "+text+"."+encode(mac.Sum(nil)))
	if r.status(http.StatusOK); !strings.Contains(r.Body, directory.Users[2].Email) {
		t.Errorf("the token is that of %s", r.Body)
	}
}

// TestReadmeAdminRoutes holds the table of the admin API against the routes that it registers, as its source says.
func TestReadmeAdminRoutes(t *testing.T) {
	sources, err := filepath.Glob("internal/adminapi/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var there, listed []string
	registered := regexp.MustCompile(`method: http\.Method(Get|Post|Put|Patch|Delete), path: "(/[a-z][^"]*)"`)
	for _, name := range sources {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range registered.FindAllStringSubmatch(string(text), -1) {
			there = append(there, strings.ToUpper(found[1])+" /__admin"+regexp.MustCompile(`:([a-z]+)`).ReplaceAllString(found[2], "{$1}"))
		}
	}
	for _, row := range readReadme(t).table(t, "route", "does") {
		for _, route := range codes(row[0]) {
			if strings.Contains(route, " /__admin") {
				listed = append(listed, route)
			}
		}
	}
	same(t, "routes of the admin API", listed, append(there, "GET /__admin"))
}
