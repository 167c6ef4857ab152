package scenario_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
)

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(scenario.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("scenario.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func valid(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	root, problems := document.Parse("x.yaml", []byte(text), document.DefaultLimits())
	if problems != nil {
		t.Fatal(problems)
	}
	var value any
	if err := json.Unmarshal(root.JSON(), &value); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

func TestSchemaAcceptsWhatParseAccepts(t *testing.T) {
	schema := compile(t)
	files := goodFiles()
	files["the example"] = example
	for name, text := range files {
		t.Run(name, func(t *testing.T) {
			if err := valid(t, schema, text); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema := compile(t)
	for name, bad := range badFiles() {
		t.Run(name, func(t *testing.T) {
			err := valid(t, schema, bad.text)
			if err == nil && !bad.lax {
				t.Error("accepted")
			}
			if err != nil && bad.lax {
				t.Error("refused: take the mark away")
			}
		})
	}
}
