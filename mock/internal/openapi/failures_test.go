package openapi

import (
	"testing"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
)

func TestEachErrorOfTheCatalogueHasASchemaOfItsOwn(t *testing.T) {
	taken := map[string]apierror.Name{}
	for _, entry := range apierror.Catalogue() {
		kind := kinds[entry.Name]
		if kind == "" {
			t.Errorf("%s has no name in kinds", entry.Name)
		} else if other, twice := taken[kind]; twice {
			t.Errorf("%s and %s are both %s", other, entry.Name, kind)
		}
		taken[kind] = entry.Name
	}
	if len(kinds) != len(taken) {
		t.Errorf("%d names for %d errors", len(kinds), len(taken))
	}
}
