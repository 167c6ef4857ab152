package cli

import (
	"fmt"
	"strings"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/diag"
)

type schemaCommand struct {
	Name     string `arg:"" optional:"" help:"Which one: fixture (*.schema.yaml), auth, routes, scenario, records-leads. Without it, their names."`
	Fixtures text   `placeholder:"DIR" from:"SALESOS_MOCK_FIXTURES" help:"Folder with the definitions, which the schemas of records follow. Without it, ./fixtures or the built-in ones."`
}

// Run prints the schema and nothing else, so that it can be put into a file.
func (c *schemaCommand) Run(p *process) error {
	server, err := mock.New(mock.Fixtures(chooseSource(string(c.Fixtures)).folder), mock.Watch("off"))
	if err != nil {
		// Who is mending a broken definition needs its schema most.
		shipped, wrong := mock.New(mock.Watch("off"))
		if wrong != nil {
			return wrong
		}
		if strings.HasPrefix(c.Name, "records-") {
			return err
		}
		p.warn("the definitions are broken, so that schemas of records are those of the built-in ones; check says more")
		server = shipped
	}
	names := server.SchemaNames()
	if c.Name == "" {
		return p.print("%s\n", strings.Join(names, "\n"))
	}
	name := strings.TrimSuffix(c.Name, ".json")
	schema, ok := server.Schema(name)
	if !ok {
		return usageError{unknownName("schema", name, names), "schema"}
	}
	return p.print("%s", schema)
}

// unknownName is a word that is none of those allowed.
func unknownName(what, word string, allowed []string) error {
	text := fmt.Sprintf("%q is no %s; allowed: %s", word, what, strings.Join(allowed, ", "))
	if nearest := diag.Nearest(word, allowed); nearest != "" {
		text += fmt.Sprintf("; did you mean %q?", nearest)
	}
	return fmt.Errorf("%s", text)
}
