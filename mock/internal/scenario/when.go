package scenario

import (
	"github.com/salesos/salesos-mock/mock/internal/condition"
	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/match"
)

func (r *reader) when(n *document.Node, d *draft) {
	readMap(r, n, whenKeys(), d)
	if d.when.Path != nil {
		d.pathNode = n.Get("path")
	}
}

func whenKeys() []key[draft] {
	fields := object{"type": "object", "additionalProperties": ref("textValue")}
	keys := described(condition.Keys(), map[string]object{
		"method": oneOrMore(choice(condition.Methods()...)), "path": {"type": "string", "pattern": "^/"}, "query": fields, "headers": fields,
		"body": ref("value"), "caller": ref("caller"),
	}, func(d *draft) *match.Matcher { return &d.when })
	return append(keys, key[draft]{"state", "The state of the scenario: \"started\" at first, then what setState says.", object{"type": "string", "minLength": 1},
		func(r *reader, n *document.Node, d *draft) { d.when.State = r.Name(n) }})
}

func callerKeys() []key[match.Callers] {
	return described(condition.CallerKeys(), map[string]object{
		"role": oneOrMore(choice(identity.Roles()...)), "user": oneOrMore(str()), "apiKey": oneOrMore(str()),
	}, func(c *match.Callers) *match.Callers { return c })
}

func testKeys(text bool) []key[match.Value] {
	anything := object{}
	if text {
		anything = scalar()
	}
	return described(condition.TestKeys(text), map[string]object{
		"equals": anything, "matches": {"type": "string", "maxLength": 1000}, "exists": {"type": "boolean"},
		"oneOf": {"type": "array", "items": anything, "minItems": 1},
	}, func(v *match.Value) *match.Value { return v })
}

// described gives conditions their schemas.
func described[C, T any](keys []condition.Key[C], schemas map[string]object, in func(*T) *C) []key[T] {
	all := make([]key[T], len(keys))
	for i, k := range keys {
		all[i] = key[T]{k.Name, k.Meaning, schemas[k.Name], func(r *reader, n *document.Node, to *T) { k.Read(&r.Reader, n, in(to)) }}
	}
	return all
}
