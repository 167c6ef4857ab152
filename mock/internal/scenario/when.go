package scenario

import (
	"net/http"
	"slices"

	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/match"
)

func methods() []string {
	return []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
}

func (r *reader) when(n *document.Node, d *draft) {
	readMap(r, n, whenKeys(), d)
}

func whenKeys() []key[draft] {
	fields := object{"type": "object", "additionalProperties": ref("textValue")}
	return []key[draft]{
		{"method", "One method or a list; left out: any. GET stands for HEAD as well.", oneOrMore(choice(methods()...)),
			func(r *reader, n *document.Node, d *draft) { d.when.Methods = r.methods(n) }},
		{"path", "With or without the base path. {id} is one segment; /leads/** is /leads and all below it.", object{"type": "string", "pattern": "^/"},
			func(r *reader, n *document.Node, d *draft) { r.path(n, d) }},
		{"query", "Parameters of the query string, each with its value or tests.", fields, func(r *reader, n *document.Node, d *draft) { d.when.Query = r.textFields(n, false) }},
		{"headers", "Headers of the request, each with its value or tests.", fields, func(r *reader, n *document.Node, d *draft) { d.when.Headers = r.textFields(n, true) }},
		{"body", "What the JSON body holds: a subset of its members, each with its value or tests.", ref("value"),
			func(r *reader, n *document.Node, d *draft) { v := r.value(n); d.when.Body = &v }},
		{"caller", "Who sends the request.", ref("caller"), func(r *reader, n *document.Node, d *draft) { readMap(r, n, callerKeys(), &d.when.Caller) }},
		{"state", "The state of the scenario: \"started\" at first, then what setState says.", object{"type": "string", "minLength": 1},
			func(r *reader, n *document.Node, d *draft) { d.when.State = r.Name(n) }},
	}
}

func callerKeys() []key[match.Callers] {
	return []key[match.Callers]{
		{"role", "The caller's role.", oneOrMore(choice(identity.Roles()...)), func(r *reader, n *document.Node, c *match.Callers) { c.Roles = r.oneOrMoreOf(n, identity.Roles()) }},
		{"user", "The caller's e-mail address or id.", oneOrMore(str()), func(r *reader, n *document.Node, c *match.Callers) { c.Users = r.strings(n) }},
		{"apiKey", "The name of the caller's API key, or the key.", oneOrMore(str()), func(r *reader, n *document.Node, c *match.Callers) { c.Keys = r.strings(n) }},
	}
}

func (r *reader) methods(n *document.Node) []string { return r.oneOrMoreOf(n, methods()) }

func (r *reader) oneOrMoreOf(n *document.Node, allowed []string) []string {
	var all []string
	if !r.atMost(n, maxItems) {
		return nil
	}
	r.OneOrMore(n, func(item *document.Node) {
		if one := r.OneOf(item, allowed...); !slices.Contains(all, one) {
			all = append(all, one)
		}
	})
	if n.Kind == document.List && len(n.Items()) == 0 {
		r.Fail(n, "the list is empty: nothing would ever match")
	}
	return all
}

func (r *reader) path(n *document.Node, d *draft) {
	if n.Kind != document.String {
		r.Wrong(n, "a string")
		return
	}
	pattern, err := match.ParsePath(n.Text, r.options.BasePath)
	if err != nil {
		r.Fail(n, "%s", err)
		return
	}
	d.when.Path, d.pathNode = pattern, n
}

func (r *reader) textFields(n *document.Node, isHeader bool) []match.Field {
	var all []match.Field
	if !r.atMost(n, maxItems) {
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

// textValue reads a condition on a parameter or header, which is always text.
func (r *reader) textValue(n *document.Node) match.Value {
	if n.Kind != document.Map {
		return match.ValueOf(match.Equals(r.text(n)))
	}
	if len(n.Members()) == 0 {
		r.Fail(n, "found an empty map where a value or tests are needed")
	}
	return r.tests(n, true)
}

// value reads a condition on the body or a part of it: tests, an object of conditions, or a value to equal.
func (r *reader) value(n *document.Node) match.Value {
	if n.Kind != document.Map {
		return match.ValueOf(match.Equals(decoded(n)))
	}
	if hasTests(n) {
		return r.tests(n, false)
	}
	v := match.Value{Object: true}
	if !r.atMost(n, maxItems) {
		return v
	}
	r.Members(n, func(m document.Member) {
		v.Members = append(v.Members, match.Member{Name: m.Name, Value: r.value(m.Value)})
	})
	return v
}

func testKeys(text bool) []key[match.Value] {
	value := func(r *reader, n *document.Node) any {
		if text {
			return r.text(n)
		}
		return decoded(n)
	}
	anything := object{}
	if text {
		anything = scalar()
	}
	add := func(v *match.Value, t match.Test) { v.Tests = append(v.Tests, t) }
	return []key[match.Value]{
		{"equals", "The value is exactly this one.", anything, func(r *reader, n *document.Node, v *match.Value) { add(v, match.Equals(value(r, n))) }},
		{"matches", "A regular expression, in the syntax of Go, is found in the value.", object{"type": "string", "maxLength": 1000}, func(r *reader, n *document.Node, v *match.Value) {
			t, err := match.Matches(r.String(n))
			if err != nil {
				r.Fail(n, "%s", err)
			}
			add(v, t)
		}},
		{"exists", "The value is there (null is), or is not.", object{"type": "boolean"}, func(r *reader, n *document.Node, v *match.Value) { add(v, match.Exists(r.Bool(n))) }},
		{"oneOf", "The value is one of these.", object{"type": "array", "items": anything, "minItems": 1}, func(r *reader, n *document.Node, v *match.Value) {
			var choices []any
			if !r.atMost(n, maxItems) {
				return
			}
			r.List(n, func(item *document.Node) { choices = append(choices, value(r, item)) })
			if n.Kind == document.List && len(choices) == 0 {
				r.Fail(n, "the list is empty: nothing would ever match")
			}
			add(v, match.OneOf(choices...))
		}},
	}
}

// hasTests says whether a map holds tests instead of members. A member that is called like a test is asked for with
// equals, around it.
func hasTests(n *document.Node) bool {
	for _, k := range testKeys(false) {
		if n.Get(k.name) != nil {
			return true
		}
	}
	return false
}

func (r *reader) tests(n *document.Node, text bool) match.Value {
	var v match.Value
	readMap(r, n, testKeys(text), &v)
	if exists := n.Get("exists"); exists != nil && exists.Kind == document.Bool && !exists.IsTrue() && len(n.Members()) > 1 {
		r.Fail(exists, "exists: false contradicts the other tests: nothing would ever match")
	}
	return v
}

// decoded is a value as encoding/json decodes it.
func decoded(n *document.Node) any {
	switch n.Kind {
	case document.Bool:
		return n.IsTrue()
	case document.Number:
		f, _ := n.Float64() // the reader refused those that are none
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
