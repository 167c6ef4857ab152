package generate

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/salesos/salesos-mock/fixtures"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// shipped reads a definition out of a schema file as package fixture does, but without its checks.
func shipped(t testing.TB, name string) *schema.Definition {
	t.Helper()
	data, err := fixtures.FS.ReadFile(name + ".schema.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	root := doc.Content[0]
	var head struct {
		Singular string   `yaml:"x-singular"`
		Required []string `yaml:"required"`
		Generate struct {
			Count int       `yaml:"count"`
			Seed  uint64    `yaml:"seed"`
			Until time.Time `yaml:"until"`
			Days  int       `yaml:"days"`
		} `yaml:"x-generate"`
	}
	if err := root.Decode(&head); err != nil {
		t.Fatal(err)
	}
	required := map[string]bool{}
	for _, r := range head.Required {
		required[r] = true
	}
	var fields []schema.Field
	for i := 0; i < len(root.Content); i += 2 {
		if root.Content[i].Value != "properties" {
			continue
		}
		props := root.Content[i+1]
		for j := 0; j < len(props.Content); j += 2 {
			f := shippedField(t, props.Content[j+1])
			f.Name = props.Content[j].Value
			f.Required = required[f.Name]
			fields = append(fields, f)
		}
	}
	def := schema.NewDefinition(name, head.Singular, fields)
	def.Generate = schema.Generate{Count: head.Generate.Count, Seed: head.Generate.Seed, Until: head.Generate.Until, Days: head.Generate.Days}
	return def
}

func shippedField(t testing.TB, node *yaml.Node) schema.Field {
	t.Helper()
	var in struct {
		Type     schema.Type   `yaml:"type"`
		Format   schema.Format `yaml:"format"`
		Enum     []string      `yaml:"enum"`
		Reserved []string      `yaml:"x-reserved"`
		Max      *int          `yaml:"maxLength"`
		Least    *float64      `yaml:"minimum"`
		Most     *float64      `yaml:"maximum"`
		Items    yaml.Node     `yaml:"items"`
		Default  any           `yaml:"default"`
		ReadOnly bool          `yaml:"readOnly"`
		Unique   bool          `yaml:"x-unique"`
		Set      schema.Setter `yaml:"x-set"`
		Fake     string        `yaml:"x-fake"`
		Chance   *float64      `yaml:"x-chance"`
		Weights  yaml.Node     `yaml:"x-weights"`
	}
	if err := node.Decode(&in); err != nil {
		t.Fatal(err)
	}
	f := schema.Field{Type: in.Type, Format: in.Format, Enum: in.Enum, Reserved: in.Reserved, MaxLength: in.Max,
		Minimum: in.Least, Maximum: in.Most, ReadOnly: in.ReadOnly, Unique: in.Unique, Set: in.Set}
	if in.Default != nil {
		f.Default, _ = json.Marshal(in.Default)
	}
	if !in.Items.IsZero() {
		item := shippedField(t, &in.Items)
		f.Items = &item
	}
	f.Fake.Chance = 1
	if in.Chance != nil {
		f.Fake.Chance = *in.Chance
	}
	name, choices, found := strings.Cut(in.Fake, ":")
	f.Fake.Function = name
	if found {
		for _, c := range strings.Split(choices, ",") {
			f.Fake.Choices = append(f.Fake.Choices, strings.TrimSpace(c))
		}
	}
	for i := 0; i+1 < len(in.Weights.Content); i += 2 {
		var w float64
		if err := in.Weights.Content[i+1].Decode(&w); err != nil || math.IsNaN(w) {
			t.Fatal(err)
		}
		f.Fake.Weights = append(f.Fake.Weights, schema.Weight{Value: in.Weights.Content[i].Value, Weight: w})
	}
	return f
}

func leads(t testing.TB) *Generator { return generator(t, shipped(t, "leads")) }

func users() Related {
	return Related{UserIDs: []string{
		"00000000-0000-4000-8000-00000000a001", "00000000-0000-4000-8000-00000000a002", "00000000-0000-4000-8000-00000000a003",
	}}
}

func generator(t testing.TB, def *schema.Definition) *Generator {
	t.Helper()
	g, err := New(def, users())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A row is a record by field name.
type row map[string]json.RawMessage

func rowOf(def *schema.Definition, values []json.RawMessage) row {
	r := row{}
	for i, v := range values {
		r[def.Fields[i].Name] = v
	}
	return r
}

func (r row) text(name string) string { return textOf(r[name]) }
func (r row) has(name string) bool    { return string(r[name]) != "null" }

// complete finishes a record that is written as JSON.
func complete(t testing.TB, g *Generator, identity, written string) row {
	t.Helper()
	var given map[string]json.RawMessage
	if err := json.Unmarshal([]byte(written), &given); err != nil {
		t.Fatal(err)
	}
	values := make([]json.RawMessage, len(g.def.Fields))
	for name, v := range given {
		i := g.def.Index(name)
		if i < 0 {
			t.Fatalf("no field %s", name)
		}
		values[i] = v
	}
	return rowOf(g.def, g.Complete(identity, values))
}
