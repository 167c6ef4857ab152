package mock

import (
	"slices"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/fixture"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
)

// scenarioSchemaName is the name of the schema of scenario files.
const scenarioSchemaName = "scenario"

// Schema is the JSON Schema, draft 2020-12, of a kind of file, as editors use it to check and to complete: "fixture" is
// that of definitions (*.schema.yaml), "records-leads" that of the records of the resource leads, as it is defined now.
// SchemaNames has all the names; of another one there is no schema.
func (s *Server) Schema(name string) (schema []byte, ok bool) {
	switch name {
	case fixture.DefinitionSchemaName:
		return fixture.DefinitionSchema(fixtureOptions()), true
	case fixture.AuthSchemaName:
		return fixture.AuthSchema(), true
	case fixture.RoutesSchemaName:
		return fixture.RoutesSchema(), true
	case scenarioSchemaName:
		return scenario.Schema(), true
	}
	generation := s.sessions.Generation()
	for i := range generation.Resources {
		if d := generation.Resources[i].Definition; fixture.RecordSchemaName(d.Name) == name {
			return fixture.RecordSchema(d), true
		}
	}
	return nil, false
}

// SchemaNames lists what Schema knows, sorted.
func (s *Server) SchemaNames() []string {
	names := []string{fixture.DefinitionSchemaName, fixture.AuthSchemaName, fixture.RoutesSchemaName, scenarioSchemaName}
	generation := s.sessions.Generation()
	for i := range generation.Resources {
		names = append(names, fixture.RecordSchemaName(generation.Resources[i].Definition.Name))
	}
	slices.SortFunc(names, strings.Compare)
	return names
}
