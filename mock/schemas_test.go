package mock_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/salesos/salesos-mock/mock"
)

func TestSchemasAreServed(t *testing.T) {
	s := start(t)
	names := decode[[]string](s.do("GET", "/__admin/schema", "").status(http.StatusOK))
	want := []string{"auth.json", "fixture.json", "records-leads.json", "routes.json", "scenario.json"}
	if len(names) != len(want) {
		t.Fatalf("got %v, want %v", names, want)
	}
	for i, name := range names {
		if name != want[i] {
			t.Errorf("got %v, want %v", names, want)
		}
		got := s.do("GET", "/__admin/schema/"+name, "").status(http.StatusOK).header("Content-Type", "application/schema+json")
		if schema := decode[object](got); schema["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
			t.Errorf("%s: %v", name, schema["$schema"])
		}
	}
	for _, name := range []string{"fixture", "nothing.json", "records-deals.json", ".json"} {
		s.do("GET", "/__admin/schema/"+name, "").status(http.StatusNotFound)
	}
}

// The schema of records follows the definition that it comes from.
func TestSchemasFollowTheFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "things.schema.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const id = "properties:\n  id: {type: string, format: uuid, readOnly: true}\n"
	write(id)
	s := start(t, mock.Fixtures(dir), mock.Watch("off"))
	fields := func() object {
		t.Helper()
		schema := decode[struct {
			Defs struct{ Record struct{ Properties object } } `json:"$defs"`
		}](s.do("GET", "/__admin/schema/records-things.json", "").status(http.StatusOK))
		return schema.Defs.Record.Properties
	}
	if got := fields(); len(got) != 1 || got["id"] == nil {
		t.Errorf("got %v", got)
	}
	write(id + "  stage: {type: string, enum: [OPEN], x-reserved: [WON]}\n")
	s.do("POST", "/__admin/reload", "").status(http.StatusOK)
	stage, _ := fields()["stage"].(object)
	if values, _ := stage["enum"].([]any); len(values) != 3 || values[0] != "OPEN" || values[1] != "WON" || values[2] != nil {
		t.Errorf("got %v", stage)
	}
}
