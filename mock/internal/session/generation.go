// Package session holds isolated worlds: each session has its own data over the shared fixtures, its own clock,
// ids, rate-limit windows and logged-out tokens, and never sees another (control.md section 4).
package session

import (
	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/mock/internal/store"
)

// Generation is everything that one load of the files gave. It does not change.
type Generation struct {
	Number     uint64 // counts the loads, from 1
	Resources  []Resource
	Keyring    *auth.Keyring
	Operations *operation.Table
	Scenarios  *scenario.Set

	byName map[string]*Resource
}

// Resource is one resource of a generation, with the records of its files.
type Resource struct {
	Definition *schema.Definition
	Layout     *store.Layout
	Base       func() *store.Base // waits until the records are there; the same each time
}

// NewGeneration makes a generation ready for look-ups.
func NewGeneration(number uint64, resources []Resource, keyring *auth.Keyring, table *operation.Table, scenarios *scenario.Set) *Generation {
	g := &Generation{
		Number: number, Resources: resources, Keyring: keyring, Operations: table, Scenarios: scenarios,
		byName: make(map[string]*Resource, len(resources)),
	}
	for i := range resources {
		g.byName[resources[i].Definition.Name] = &resources[i]
	}
	return g
}

// Resource finds a resource by name, or nil.
func (g *Generation) Resource(name string) *Resource { return g.byName[name] }
