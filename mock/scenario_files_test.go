package mock_test

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/salesos/salesos-mock/fixtures"
	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/fixture"
	"github.com/salesos/salesos-mock/mock/internal/generate"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/scenarios"
)

// The scenario files that are shipped, as files. What a client meets in each is in scenarios_test.go.

func shippedScenarios() []string {
	return []string{
		"broken-payloads", "documented-errors", "duplicate-email-race", "flaky-list", "ghost-writes", "maintenance", "offline",
		"rate-limit", "refresh-fails", "session-expiry", "slow-network", "ugly-retry-after",
	}
}

func shippedFile(t *testing.T, name string) (file string, text []byte) {
	t.Helper()
	text, err := fs.ReadFile(scenarios.FS, name+".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return "scenarios/" + name + ".yaml", text
}

func TestShippedScenariosAreListed(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(scenarios.FS, "*")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file, ".yaml"))
	}
	if diff := cmp.Diff(shippedScenarios(), names); diff != "" {
		t.Error(diff)
	}
	type view struct {
		Name, File, Description, State string
		Active                         bool
	}
	views := decode[[]view](start(t).admin("GET", "/scenarios", ""))
	if len(views) != len(names) {
		t.Fatalf("%d scenarios are listed", len(views))
	}
	for i, v := range views {
		if v.Name != names[i] || v.File != "scenarios/"+names[i]+".yaml" || v.Description == "" || v.State != "started" || v.Active {
			t.Errorf("%+v", v)
		}
	}
}

// TestShippedScenariosAreDocumentation: each file can be checked by an editor, says what it is, and how to switch it on.
func TestShippedScenariosAreDocumentation(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	table := shippedOperations(t)
	for _, name := range shippedScenarios() {
		file, text := shippedFile(t, name)
		s, problems := scenario.Parse(file, text, scenario.Options{BasePath: "/api"})
		if problems != nil {
			t.Errorf("%s", problems.Err())
			continue
		}
		if advice := s.Advise(table); len(advice) > 0 {
			t.Errorf("%s", advice.Err())
		}
		if s.Active || s.Description == "" || len(s.Rules) == 0 {
			t.Errorf("%s: active %v, description %q, %d rules", file, s.Active, s.Description, len(s.Rules))
		}
		for _, rule := range s.Rules {
			if rule.Name == "" {
				t.Errorf("%s: a rule has no name", rule.Location())
			}
		}
		root, _ := document.Parse(file, text, document.DefaultLimits())
		var value any
		if err := json.Unmarshal(root.JSON(), &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		checkComment(t, name, string(text))
	}
}

func checkComment(t *testing.T, name, text string) {
	t.Helper()
	const first = "# yaml-language-server: $schema=http://127.0.0.1:4000/__admin/schema/scenario.json\n"
	if !strings.HasPrefix(text, first) {
		t.Errorf("%s does not begin with %q", name, first)
	}
	for _, words := range []string{
		"\n# A good client ", "salesos-mock serve --scenario " + name + "\n", "PUT /__admin/scenarios/" + name + ` {"active": true}`,
		"header X-Mock-Scenario: " + name + "\n", "POST /__admin/reset\n", "\nactive: false #",
	} {
		if !strings.Contains(text, words) {
			t.Errorf("%s does not say %q", name, words)
		}
	}
}

// compiledSchema is the schema as the server serves it to editors.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	served := start(t).admin("GET", "/schema/scenario.json", "")
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(served.Body))
	if err != nil {
		t.Fatal(err)
	}
	if served.Body != string(scenario.Schema()) {
		t.Error("the schema that is served is another")
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("scenario.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// shippedOperations are the routes that the shipped fixtures serve.
func shippedOperations(t *testing.T) *operation.Table {
	t.Helper()
	files, err := fixture.ReadFS(fixtures.FS, "fixtures")
	if err != nil {
		t.Fatal(err)
	}
	set, problems := fixture.Parse(files, fixture.Options{FakeFunctions: generate.Functions(), TakesChoices: generate.TakesChoices})
	if problems != nil {
		t.Fatal(problems.Err())
	}
	var definitions []*schema.Definition
	for i := range set.Resources {
		definitions = append(definitions, set.Resources[i].Definition)
	}
	var canned []operation.CannedRoute
	for i := range set.Routes {
		canned = append(canned, set.Routes[i].CannedRoute)
	}
	table, err := operation.New(definitions, canned)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestPlainWithoutScenario: what is shipped does nothing to a server that nobody told to.
func TestPlainWithoutScenario(t *testing.T) {
	t.Parallel()
	s := start(t)
	for range 12 {
		r := s.do("GET", "/api/leads", "").status(200).header("X-Mock-Decision", "fixture").header("X-Mock-Rule", "").header("X-RateLimit-Limit", "100")
		if !json.Valid([]byte(r.Body)) {
			t.Fatal(r.Body)
		}
	}
	created := s.create(`{"firstName":"A","lastName":"B","email":"plain@example.com"}`)
	s.do("PATCH", path(created), `{"company":"C"}`).status(200)
	s.do("DELETE", path(created), "").status(204)
}
