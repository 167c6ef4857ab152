package condition

import (
	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/match"
)

// textValue reads a condition on a parameter or header, which is always text.
func (r *Reader) textValue(n *document.Node) match.Value {
	if n.Kind != document.Map {
		return match.ValueOf(match.Equals(r.Text(n)))
	}
	if len(n.Members()) == 0 {
		r.Fail(n, "found an empty map where a value or tests are needed")
	}
	return r.tests(n, true)
}

// Text takes a scalar as it is written.
func (r *Reader) Text(n *document.Node) string {
	if n.Kind == document.String || n.Kind == document.Number || n.Kind == document.Bool {
		return n.Text
	}
	r.Wrong(n, "a string")
	return ""
}

// value reads a condition on the body or a part of it: tests, an object of conditions, or a value to equal.
func (r *Reader) value(n *document.Node) match.Value {
	if n.Kind != document.Map {
		return match.ValueOf(match.Equals(decoded(n)))
	}
	if hasTests(n) {
		return r.tests(n, false)
	}
	v := match.Value{Object: true}
	if !r.AtMost(n, MaxItems) {
		return v
	}
	r.Members(n, func(m document.Member) {
		v.Members = append(v.Members, match.Member{Name: m.Name, Value: r.value(m.Value)})
	})
	return v
}

// TestKeys are the tests that a value can be put to; text: of a parameter or header.
func TestKeys(text bool) []Key[match.Value] {
	value := func(r *Reader, n *document.Node) any {
		if text {
			return r.Text(n)
		}
		return decoded(n)
	}
	add := func(v *match.Value, t match.Test) { v.Tests = append(v.Tests, t) }
	return []Key[match.Value]{
		{"equals", "The value is exactly this one.", func(r *Reader, n *document.Node, v *match.Value) { add(v, match.Equals(value(r, n))) }},
		{"matches", "A regular expression, in the syntax of Go, is found in the value.", func(r *Reader, n *document.Node, v *match.Value) {
			t, err := match.Matches(r.String(n))
			if err != nil {
				r.Fail(n, "%s", err)
			}
			add(v, t)
		}},
		{"exists", "The value is there (null is), or is not.", func(r *Reader, n *document.Node, v *match.Value) { add(v, match.Exists(r.Bool(n))) }},
		{"oneOf", "The value is one of these.", func(r *Reader, n *document.Node, v *match.Value) {
			var choices []any
			if !r.some(n) {
				return
			}
			r.List(n, func(item *document.Node) { choices = append(choices, value(r, item)) })
			add(v, match.OneOf(choices...))
		}},
	}
}

// hasTests says whether a map holds tests instead of members. A member that is called like a test is asked for with
// equals, around it.
func hasTests(n *document.Node) bool {
	for _, k := range TestKeys(false) {
		if n.Get(k.Name) != nil {
			return true
		}
	}
	return false
}

func (r *Reader) tests(n *document.Node, text bool) match.Value {
	var v match.Value
	ReadMap(r, n, TestKeys(text), &v)
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
