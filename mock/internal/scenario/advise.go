package scenario

import (
	"net/http"
	"slices"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/operation"
)

// Advise finds what is allowed but probably not meant, given the routes that are served: a path that fits none of them, a method that
// those do not know, and fields that none of them has.
func (s *Scenario) Advise(table *operation.Table) diag.List {
	var advice diag.List
	for _, r := range s.Rules {
		advice.Add(r.Advise(table)...)
	}
	return advice
}

// Advise finds in one rule what is allowed but probably not meant.
func (r *Rule) Advise(table *operation.Table) diag.List {
	if r.pathNode == nil {
		return nil
	}
	atPath := r.operations(table, false)
	meant := r.operations(table, true)
	switch {
	case len(atPath) == 0:
		p := r.pathNode.Problem("no route fits the path %q: the rule can only answer requests that would be 404", r.pathNode.Text)
		p.Nearest = diag.Nearest(r.pathNode.Text, table.Paths())
		return diag.List{p}
	case len(meant) == 0:
		p := r.pathNode.Problem("no route with the path %q has the method of the rule", r.pathNode.Text)
		for _, o := range atPath {
			p.Allowed = append(p.Allowed, o.Method)
		}
		return diag.List{p}
	}
	return r.adviseFields(meant)
}

// operations are those whose path, and method if asked for, the rule can fit.
func (r *Rule) operations(table *operation.Table, method bool) []*operation.Operation {
	var all []*operation.Operation
	for _, o := range table.All() {
		// A HEAD is served by the operation for GET.
		names := len(r.when.Methods) == 0 || r.when.NamesMethod(o.Method) || o.Method == http.MethodGet && r.when.NamesMethod(http.MethodHead) || r.when.NamesMethod(http.MethodOptions)
		if r.when.Path.Fits(o.Path) && (names || !method) {
			all = append(all, o)
		}
	}
	return all
}

func (r *Rule) adviseFields(meant []*operation.Operation) diag.List {
	var problems diag.List
	for i := range r.steps {
		for at, field := range r.steps[i].Fields {
			if known := fieldNames(meant); r.steps[i].Error == apierror.Validation && !slices.Contains(known, field) {
				p := r.steps[i].fieldNodes[at].Problem("no route with this path has the field %q: its message will be that of an unknown property", field)
				p.Nearest = diag.Nearest(field, known)
				problems.Add(p)
			}
		}
	}
	return problems
}

func fieldNames(operations []*operation.Operation) []string {
	var names []string
	for _, o := range operations {
		if o.Resource != nil {
			for i := range o.Resource.Fields {
				names = append(names, o.Resource.Fields[i].Name)
			}
		}
		if o.Body != nil {
			for i := range o.Body.Fields {
				names = append(names, o.Body.Fields[i].Name)
			}
		}
	}
	return names
}
