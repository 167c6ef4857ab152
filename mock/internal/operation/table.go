package operation

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// Table is every operation of one generation of files. It does not change after New.
type Table struct {
	operations []*Operation
	root       node
}

// node is one segment of the paths below it.
type node struct {
	static map[string]*node
	param  *node
	byVerb map[string]*Operation
}

// New makes the table of the resources and canned answers. Two operations for one method and path are an error.
func New(resources []*schema.Definition, canned []CannedRoute) (*Table, error) {
	t := &Table{}
	all := authOperations()
	for _, d := range resources {
		all = append(all, resourceOperations(d)...)
	}
	for _, route := range canned {
		all = append(all, cannedOperation(route))
	}
	for i := range all {
		if err := t.add(&all[i]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Table) add(o *Operation) error {
	n := &t.root
	for _, segment := range split(o.Path) {
		n = n.child(segment)
	}
	if other, taken := n.byVerb[o.Method]; taken {
		return fmt.Errorf("%s %s is defined twice: as %s and as %s", o.Method, o.Path, other.ID, o.ID)
	}
	if n.byVerb == nil {
		n.byVerb = map[string]*Operation{}
	}
	n.byVerb[o.Method] = o
	t.operations = append(t.operations, o)
	return nil
}

func (n *node) child(segment string) *node {
	if strings.HasPrefix(segment, "{") {
		if n.param == nil {
			n.param = &node{}
		}
		return n.param
	}
	if n.static == nil {
		n.static = map[string]*node{}
	}
	if n.static[segment] == nil {
		n.static[segment] = &node{}
	}
	return n.static[segment]
}

// All lists the operations, authentication first, then as the files give them.
func (t *Table) All() []*Operation { return t.operations }

// Paths lists the paths of the operations, each once.
func (t *Table) Paths() []string {
	var all []string
	for _, o := range t.operations {
		if !slices.Contains(all, o.Path) {
			all = append(all, o.Path)
		}
	}
	return all
}

// Match is what a look-up found: the operation, and the last path parameter, decoded ("" if it has none).
type Match struct {
	Operation *Operation
	ID        string
}

// Lookup finds the operation of a method and an escaped path below the base path. HEAD is looked up as GET. A
// static segment is preferred to a parameter, but only where it knows the method, as NestJS routes do.
func (t *Table) Lookup(method, path string) (Match, bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return Match{}, false
	}
	o, id := t.root.find(method, strings.TrimSuffix(rest, "/"), "")
	if o == nil {
		return Match{}, false
	}
	if strings.ContainsRune(id, '%') {
		if decoded, err := url.PathUnescape(id); err == nil {
			id = decoded
		}
	}
	return Match{Operation: o, ID: id}, true
}

func (n *node) find(method, path, id string) (*Operation, string) {
	segment, rest, more := strings.Cut(path, "/")
	if next := n.static[segment]; next != nil {
		if o, found := next.descend(method, rest, id, more); o != nil {
			return o, found
		}
	}
	if n.param != nil && segment != "" {
		return n.param.descend(method, rest, segment, more)
	}
	return nil, ""
}

func (n *node) descend(method, rest, id string, more bool) (*Operation, string) {
	if more {
		return n.find(method, rest, id)
	}
	return n.byVerb[method], id
}

// Methods lists what a path can be asked for, for the Allow header; nil for an unknown path.
func (t *Table) Methods(path string) []string {
	var methods []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if _, ok := t.Lookup(method, path); ok {
			methods = append(methods, method)
		}
	}
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	if methods != nil {
		methods = append(methods, http.MethodOptions)
	}
	return methods
}

// ByID finds an operation by its ID, or nil.
func (t *Table) ByID(id string) *Operation {
	for _, o := range t.operations {
		if o.ID == id {
			return o
		}
	}
	return nil
}

func split(path string) []string {
	return strings.Split(strings.Trim(path, "/"), "/")
}
