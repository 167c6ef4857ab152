// Package condition reads which requests are meant: the `when` of scenario files and of expectations, which are one grammar
// (control.md section 3). Packages scenario and referee read with it, each what else stands in its own files.
package condition

import (
	"net/http"
	"slices"

	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/match"
)

// Reader reads conditions, and notes all that is wrong with them.
type Reader struct {
	document.Decoder
	BasePath string // "/api": paths may be written with it or without
}

// Key is a key of a map: what it means, and how its value is read.
type Key[T any] struct {
	Name, Meaning string
	Read          func(r *Reader, n *document.Node, to *T)
}

// MaxItems bounds a list or map whose items are judged one by one.
const MaxItems = 1000

// ReadMap reads a map by its table. It stops where no further problem would be kept, and refuses a map of very many keys as
// a whole: to show where each of a million mistakes stands would take hours.
func ReadMap[T any](r *Reader, n *document.Node, keys []Key[T], to *T) {
	if r.Problems.Full() || !r.AtMost(n, MaxItems) {
		return
	}
	fields := make(map[string]func(*document.Node), len(keys))
	for _, k := range keys {
		fields[k.Name] = func(value *document.Node) { k.Read(r, value, to) }
	}
	r.Map(n, fields)
}

// AtMost notes a list or map that is too long to be meant.
func (r *Reader) AtMost(n *document.Node, most int) bool {
	if size := max(len(n.Items()), len(n.Members())); size > most {
		r.Fail(n, "found %s of %d items, at most %d are read", n.Kind, size, most)
		return false
	}
	return true
}

// Methods are those that clients of the API send.
func Methods() []string {
	return []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
}

// Keys are the conditions on a request.
func Keys() []Key[match.Matcher] {
	return []Key[match.Matcher]{
		{"method", "One method or a list; left out: any. GET stands for HEAD as well.",
			func(r *Reader, n *document.Node, m *match.Matcher) { m.Methods = r.oneOrMoreOf(n, Methods()) }},
		{"path", "With or without the base path. {id} is one segment; /leads/** is /leads and all below it.",
			func(r *Reader, n *document.Node, m *match.Matcher) { m.Path = r.path(n) }},
		{"query", "Parameters of the query string, each with its value or tests.",
			func(r *Reader, n *document.Node, m *match.Matcher) { m.Query = r.textFields(n, false) }},
		{"headers", "Headers of the request, each with its value or tests.",
			func(r *Reader, n *document.Node, m *match.Matcher) { m.Headers = r.textFields(n, true) }},
		{"body", "What the JSON body holds: a subset of its members, each with its value or tests.",
			func(r *Reader, n *document.Node, m *match.Matcher) { v := r.value(n); m.Body = &v }},
		{"caller", "Who sends the request.", func(r *Reader, n *document.Node, m *match.Matcher) { ReadMap(r, n, CallerKeys(), &m.Caller) }},
	}
}

// CallerKeys are the conditions on a caller.
func CallerKeys() []Key[match.Callers] {
	return []Key[match.Callers]{
		{"role", "The caller's role.", func(r *Reader, n *document.Node, c *match.Callers) { c.Roles = r.oneOrMoreOf(n, identity.Roles()) }},
		{"user", "The caller's e-mail address or id.", func(r *Reader, n *document.Node, c *match.Callers) { c.Users = r.texts(n) }},
		{"apiKey", "The name of the caller's API key, or the key.", func(r *Reader, n *document.Node, c *match.Callers) { c.Keys = r.texts(n) }},
	}
}

func (r *Reader) oneOrMoreOf(n *document.Node, allowed []string) []string {
	var all []string
	if !r.some(n) {
		return nil
	}
	r.OneOrMore(n, func(item *document.Node) {
		if one := r.OneOf(item, allowed...); !slices.Contains(all, one) {
			all = append(all, one)
		}
	})
	return all
}

func (r *Reader) texts(n *document.Node) []string {
	if !r.some(n) {
		return nil
	}
	return r.Strings(n)
}

// some refuses lists that are empty or endless.
func (r *Reader) some(n *document.Node) bool {
	if n.Kind == document.List && len(n.Items()) == 0 {
		r.Fail(n, "the list is empty: nothing would ever match")
		return false
	}
	return r.AtMost(n, MaxItems)
}

func (r *Reader) path(n *document.Node) *match.Path {
	if n.Kind != document.String {
		r.Wrong(n, "a string")
		return nil
	}
	pattern, err := match.ParsePath(n.Text, r.BasePath)
	if err != nil {
		r.Fail(n, "%s", err)
		return nil
	}
	return pattern
}

func (r *Reader) textFields(n *document.Node, isHeader bool) []match.Field {
	var all []match.Field
	if !r.AtMost(n, MaxItems) {
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
