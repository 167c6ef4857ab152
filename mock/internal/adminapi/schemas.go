package adminapi

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// schemaSuffix ends the names of schemas in addresses, as editors expect it.
const schemaSuffix = ".json"

// listSchemas lists the JSON Schemas that there are, by what follows in their addresses.
func (a *API) listSchemas(c echo.Context) error {
	return answer(c, http.StatusOK, a.schemaNames())
}

func (a *API) schemaNames() []string {
	names := []string{}
	for _, name := range a.options.SchemaNames() {
		names = append(names, name+schemaSuffix)
	}
	return names
}

// schema serves a JSON Schema that editors check files by.
func (a *API) schema(c echo.Context) error {
	name, isFile := strings.CutSuffix(c.Param("name"), schemaSuffix)
	data, ok := a.options.Schema(name)
	if !ok || !isFile {
		return send(c, notFound(unknownName("schema", c.Param("name"), a.schemaNames())))
	}
	return c.Blob(http.StatusOK, "application/schema+json", data)
}
