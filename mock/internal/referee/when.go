package referee

import (
	"net/http"
	"slices"

	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/match"
)

// when reads the conditions of scenario files (control.md section 3). A state is not among them: it is a scenario's, and
// what it was when a request came is past.
func (r *reader) when(n *document.Node, p *Pattern) {
	if !r.fewEnough(n) {
		return
	}
	r.Map(n, map[string]func(*document.Node){
		"method":  func(v *document.Node) { p.Methods = r.oneOrMoreOf(v, methods()) },
		"path":    func(v *document.Node) { r.path(v, p) },
		"query":   func(v *document.Node) { p.Query = r.textFields(v, false) },
		"headers": func(v *document.Node) { p.Headers = r.textFields(v, true) },
		"body":    func(v *document.Node) { condition := r.value(v); p.Body = &condition },
		"caller":  func(v *document.Node) { r.caller(v, &p.Caller) },
	})
}

func (r *reader) caller(n *document.Node, c *match.Callers) {
	r.Map(n, map[string]func(*document.Node){
		"role":   func(v *document.Node) { c.Roles = r.oneOrMoreOf(v, identity.Roles()) },
		"user":   func(v *document.Node) { c.Users = r.strings(v) },
		"apiKey": func(v *document.Node) { c.Keys = r.strings(v) },
	})
}

func (r *reader) oneOrMoreOf(n *document.Node, allowed []string) []string {
	var all []string
	if !r.someItems(n) {
		return nil
	}
	r.OneOrMore(n, func(item *document.Node) {
		if one := r.OneOf(item, allowed...); !slices.Contains(all, one) {
			all = append(all, one)
		}
	})
	return all
}

func (r *reader) strings(n *document.Node) []string {
	if !r.someItems(n) {
		return nil
	}
	return r.Strings(n)
}

// someItems refuses lists that are empty or endless.
func (r *reader) someItems(n *document.Node) bool {
	if n.Kind == document.List && len(n.Items()) == 0 {
		r.Fail(n, "the list is empty: nothing would ever match")
		return false
	}
	return r.fewEnough(n)
}

func (r *reader) path(n *document.Node, p *Pattern) {
	if n.Kind != document.String {
		r.Wrong(n, "a string")
		return
	}
	pattern, err := match.ParsePath(n.Text, r.options.BasePath)
	if err != nil {
		r.Fail(n, "%s", err)
		return
	}
	p.Path = pattern
}

func (r *reader) textFields(n *document.Node, isHeader bool) []match.Field {
	var all []match.Field
	if !r.fewEnough(n) {
		return nil
	}
	r.Members(n, func(m document.Member) {
		f := match.Field{Name: m.Name, Value: r.textValue(m.Value)}
		if isHeader {
			f.Name = http.CanonicalHeaderKey(m.Name)
		}
		all = append(all, f)
	})
	return all
}

// text takes a scalar as it is written: parameters and headers are text.
func (r *reader) text(n *document.Node) string {
	if n.Kind != document.String && n.Kind != document.Number && n.Kind != document.Bool {
		r.Wrong(n, "a string, a number or a boolean")
		return ""
	}
	return n.Text
}

func (r *reader) textValue(n *document.Node) match.Value {
	if n.Kind != document.Map {
		return match.ValueOf(match.Equals(r.text(n)))
	}
	if len(n.Members()) == 0 {
		r.Fail(n, "found an empty map where a value or tests are needed")
	}
	return r.tests(n, func(v *document.Node) any { return r.text(v) })
}

// value reads a condition on the body or a part of it: tests, an object of conditions, or a value to equal.
func (r *reader) value(n *document.Node) match.Value {
	if n.Kind != document.Map {
		return match.ValueOf(match.Equals(decoded(n)))
	}
	if slices.ContainsFunc(testNames(), func(name string) bool { return n.Get(name) != nil }) {
		return r.tests(n, decoded)
	}
	v := match.Value{Object: true}
	if !r.fewEnough(n) {
		return v
	}
	r.Members(n, func(m document.Member) {
		v.Members = append(v.Members, match.Member{Name: m.Name, Value: r.value(m.Value)})
	})
	return v
}

func testNames() []string { return []string{"equals", "matches", "exists", "oneOf"} }

func (r *reader) tests(n *document.Node, read func(*document.Node) any) (v match.Value) {
	add := func(t match.Test) { v.Tests = append(v.Tests, t) }
	if !r.fewEnough(n) {
		return v
	}
	r.Map(n, map[string]func(*document.Node){
		"equals":  func(t *document.Node) { add(match.Equals(read(t))) },
		"matches": func(t *document.Node) { r.pattern(t, add) },
		"exists":  func(t *document.Node) { add(match.Exists(r.Bool(t))) },
		"oneOf":   func(t *document.Node) { r.choices(t, read, add) },
	})
	if exists := n.Get("exists"); exists != nil && exists.Kind == document.Bool && !exists.IsTrue() && len(n.Members()) > 1 {
		r.Fail(exists, "exists: false contradicts the other tests: nothing would ever match")
	}
	return v
}

func (r *reader) pattern(n *document.Node, add func(match.Test)) {
	test, err := match.Matches(r.String(n))
	if err != nil {
		r.Fail(n, "%s", err)
		return
	}
	add(test)
}

func (r *reader) choices(n *document.Node, read func(*document.Node) any, add func(match.Test)) {
	if !r.someItems(n) {
		return
	}
	var choices []any
	r.List(n, func(item *document.Node) { choices = append(choices, read(item)) })
	add(match.OneOf(choices...))
}

// decoded is a value as encoding/json decodes it.
func decoded(n *document.Node) any {
	switch n.Kind {
	case document.Bool:
		return n.IsTrue()
	case document.Number:
		f, _ := n.Float64() // document.Parse refuses those that are none
		return f
	case document.String:
		return n.Text
	case document.List:
		list := make([]any, 0, len(n.Items()))
		for _, item := range n.Items() {
			list = append(list, decoded(item))
		}
		return list
	case document.Map:
		object := make(map[string]any, len(n.Members()))
		for _, m := range n.Members() {
			object[m.Name] = decoded(m.Value)
		}
		return object
	}
	return nil
}
