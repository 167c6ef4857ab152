package match_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/match"
)

func pattern(t testing.TB, text string) *match.Path {
	t.Helper()
	p, err := match.ParsePath(text, "/api")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPath(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		yes, not string
	}{
		{"/leads", "/leads /leads/", "/leads/1 / /lead /leadsx"},
		{"/api/leads", "/leads", "/api/leads"},
		{"/apileads", "/apileads", "/leads"},
		{"/leads/", "/leads /leads/", "/leads/1"},
		{"/leads/{id}", "/leads/1 /leads/a%2Fb /leads/stats", "/leads /leads/ /leads//x /leads/1/score"},
		{"/leads/{id}/score", "/leads/1/score", "/leads/1 /leads/1/scores /leads//score"},
		{"/leads/**", "/leads /leads/ /leads/1 /leads/1/score", "/lead /leadsx /"},
		{"/leads/{id}/**", "/leads/1 /leads/1/a/b", "/leads"},
		{"/**", "/ /leads /a/b/c", ""},
		{"/", "/", "/leads"},
		{"/api", "/", "/api"},
		{"/leads/a b", "/leads/a%20b", "/leads/a+b /leads/a%zz"},
		{"/leads/a%20b", "/leads/a%20b", "/leads/ab"},
	} {
		p := pattern(t, c.pattern)
		x := match.NewIndex([]*match.Matcher{{Path: p}})
		for want, paths := range map[bool]string{true: c.yes, false: c.not} {
			for path := range strings.FieldsSeq(paths) {
				if got := p.Match(path); got != want {
					t.Errorf("%s on %s: %v", c.pattern, path, got)
				}
				if got := len(x.Find(&match.Request{Method: "GET", Path: path}, nil)) == 1; got != want {
					t.Errorf("%s on %s: the index says %v", c.pattern, path, got)
				}
			}
		}
		if p.Match("") || p.String() != c.pattern {
			t.Errorf("%s: outside of the base path, or as text: %s", c.pattern, p)
		}
	}
}

func TestPathRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"leads":                      `the path "leads" does not begin with a slash`,
		"/leads?x=1":                 "the path \"/leads?x=1\" holds a query: write it under `query`",
		"/a//b":                      "the path has an empty segment",
		"/**/b":                      `"**" can only be the last segment of a path`,
		"/a/*":                       `the segment "*": write {id} for any one segment, ** at the end for any further ones`,
		"/a/:id":                     `the segment ":id": write {id} for any one segment`,
		"/a/x{id}":                   `the segment "x{id}": {name} must be a whole segment`,
		"/a/{}":                      `the segment "{}": {name} must be a whole segment`,
		"/a/%zz":                     `the segment "%zz": invalid URL escape "%zz"`,
		strings.Repeat("/a", 33):     "the path has 33 segments, at most 32 are allowed",
		"/" + strings.Repeat("/", 9): "",
	} {
		_, err := match.ParsePath(text, "/api")
		if got := fmt.Sprint(err); got != want && want != "" {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestPathFitsRoutes(t *testing.T) {
	for _, c := range []struct {
		pattern, route string
		want           bool
	}{
		{"/leads/abc", "/leads/{id}", true}, {"/leads/{id}", "/leads/stats", true}, {"/leads/**", "/leads/{id}/score", true},
		{"/lead", "/leads", false}, {"/leads/{id}", "/leads", false}, {"/leads", "/leads/{id}", false},
	} {
		if got := pattern(t, c.pattern).Fits(c.route); got != c.want {
			t.Errorf("%s fits %s: %v", c.pattern, c.route, got)
		}
	}
}

func decode(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func regex(t testing.TB, text string) match.Test {
	t.Helper()
	m, err := match.Matches(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func member(name string, v match.Value) *match.Value {
	return &match.Value{Object: true, Members: []match.Member{{Name: name, Value: v}}}
}

func TestBody(t *testing.T) {
	of := match.ValueOf
	for _, c := range []struct {
		body    string // "" for none
		value   *match.Value
		explain string // "" for a match
	}{
		{`{"a":1,"b":2}`, member("a", of(match.Equals(1.0))), ""},
		{`{"a":1}`, member("a", of(match.Equals("1"))), `the body's a is 1, "1" is wanted`},
		{`{"b":1}`, member("a", of(match.Equals(nil))), `the body's a is not there, null is wanted`},
		{`{"a":null}`, member("a", of(match.Equals(nil))), ""},
		{`{"a":null}`, member("a", of(match.Exists(true))), ""},
		{`{"a":null}`, member("a", of(match.Exists(false))), `the body's a is null, none is wanted`},
		{`{}`, member("a", of(match.Exists(false))), ""},
		{`{}`, member("a", of(match.Exists(true))), "the body's a is not there, any value is wanted"},
		{`{"a":{"b":1,"c":2}}`, member("a", *member("b", of(match.Equals(1.0)))), ""},
		{`{"a":{"b":1,"c":2}}`, member("a", of(match.Equals(map[string]any{"b": 1.0}))), `the body's a is {"b":1,"c":2}, {"b":1} is wanted`},
		{`{"a":{"b":2}}`, member("a", *member("b", of(match.Equals(1.0)))), "the body's a's b is 2, 1 is wanted"},
		{`{"a":[1,2]}`, member("a", of(match.Equals([]any{1.0, 2.0}))), ""},
		{`{"a":[1,2,3]}`, member("a", of(match.Equals([]any{1.0, 2.0}))), "the body's a is [1,2,3], [1,2] is wanted"},
		{`{"a":"x@example.com"}`, member("a", of(regex(t, `@example\.com$`))), ""},
		{`{"a":"x@example.org"}`, member("a", of(regex(t, `@example\.com$`))), `the body's a is "x@example.org", a match of @example\.com$ is wanted`},
		{`{"a":42}`, member("a", of(regex(t, `^42$`))), ""},
		{`{"a":[]}`, member("a", of(regex(t, `.*`))), "the body's a is [], a match of .* is wanted"},
		{`{"a":2}`, member("a", of(match.OneOf(1.0, 2.0))), ""},
		{`{"a":3}`, member("a", of(match.OneOf(1.0, "x", nil))), `the body's a is 3, 1, "x" or null is wanted`},
		{`[1]`, member("a", of(match.Exists(false))), "the body is [1], an object is wanted"},
		{``, member("a", of(match.Exists(false))), "the body is not there, an object is wanted"},
		{`[1]`, &match.Value{Tests: []match.Test{match.Equals([]any{1.0})}}, ""},
		{``, &match.Value{Tests: []match.Test{match.Exists(false)}}, ""},
		{`{"a":"` + strings.Repeat("é", 100) + `"}`, member("a", of(match.Equals(1.0))), `the body's a is "` + strings.Repeat("é", 39) + `…, 1 is wanted`},
	} {
		m := match.Matcher{Body: c.value}
		asked := 0
		r := &match.Request{Body: func() (any, bool) {
			asked++
			if c.body == "" {
				return nil, false
			}
			return decode(t, c.body), true
		}}
		if got := m.Explain(r, ""); got != c.explain || m.Match(r) != (c.explain == "") {
			t.Errorf("%s: %s", c.body, got)
		}
		if asked != 1 {
			t.Errorf("%s was decoded %d times", c.body, asked)
		}
	}
}

func TestConditions(t *testing.T) {
	request := func() *match.Request {
		return &match.Request{
			Method: "GET", Path: "/leads", RawQuery: "status=NEW&status=LOST&page=2&bad=%zz", Header: http.Header{"X-Tenant": {"acme"}},
			Caller: match.Caller{Role: "USER", UserID: "u1", UserEmail: "ada@example.com", APIKey: "sk_secret", KeyName: "ci"},
		}
	}
	is := func(name, value string) []match.Field {
		return []match.Field{{Name: name, Value: match.ValueOf(match.Equals(value))}}
	}
	for _, c := range []struct {
		m       match.Matcher
		explain string
	}{
		{match.Matcher{}, ""},
		{match.Matcher{Methods: []string{"GET"}}, ""},
		{match.Matcher{Methods: []string{"POST", "PATCH"}}, "the method is GET, POST or PATCH is wanted"},
		{match.Matcher{Path: pattern(t, "/leads/{id}")}, "the path is /leads, /leads/{id} is wanted"},
		{match.Matcher{Query: is("status", "LOST")}, ""},
		{match.Matcher{Query: is("page", "2")}, ""},
		{match.Matcher{Query: is("status", "WON")}, `the query parameter status is "NEW" and "LOST", "WON" is wanted`},
		{match.Matcher{Query: is("bad", "x")}, `the query parameter bad is not there, "x" is wanted`},
		{match.Matcher{Query: []match.Field{{Name: "q", Value: match.ValueOf(match.Exists(false))}}}, ""},
		{match.Matcher{Headers: is("X-Tenant", "acme")}, ""},
		{match.Matcher{Headers: is("X-Tenant", "other")}, `the header X-Tenant is "acme", "other" is wanted`},
		{match.Matcher{Headers: []match.Field{{Name: "X-Tenant", Value: match.ValueOf(regex(t, "^ac"))}}}, ""},
		{match.Matcher{Headers: []match.Field{{Name: "X-Tenant", Value: match.ValueOf(match.Exists(false))}}}, `the header X-Tenant is "acme", none is wanted`},
		{match.Matcher{Caller: match.Callers{Roles: []string{"ADMIN", "USER"}}}, ""},
		{match.Matcher{Caller: match.Callers{Roles: []string{"ADMIN"}}}, "the caller's role is USER, ADMIN is wanted"},
		{match.Matcher{Caller: match.Callers{Users: []string{"ADA@example.com"}}}, ""},
		{match.Matcher{Caller: match.Callers{Users: []string{"u1"}}}, ""},
		{match.Matcher{Caller: match.Callers{Users: []string{"bob"}}}, "the caller is ada@example.com, bob is wanted"},
		{match.Matcher{Caller: match.Callers{Keys: []string{"sk_secret"}}}, ""},
		{match.Matcher{Caller: match.Callers{Keys: []string{"ci"}}}, ""},
		{match.Matcher{Caller: match.Callers{Keys: []string{"sk_other"}}}, "the caller's API key is ci, another is wanted"},
		{match.Matcher{State: "degraded"}, `the state is "started", "degraded" is wanted`},
		{match.Matcher{Methods: []string{"POST"}, State: "degraded"}, "the method is GET, POST is wanted"},
	} {
		r := request()
		if got := c.m.Explain(r, "started"); got != c.explain {
			t.Errorf("got %q, want %q", got, c.explain)
		}
		if got := c.m.Match(r) && c.m.MatchState("started"); got != (c.explain == "") {
			t.Errorf("%q, but matches: %v", c.explain, got)
		}
	}
	nobody := &match.Request{Method: "GET"}
	m := match.Matcher{Caller: match.Callers{Users: []string{""}, Keys: []string{""}}}
	if m.Match(nobody) {
		t.Error("an empty name is taken for nobody's")
	}
}

func TestHeadIsMatchedAsGet(t *testing.T) {
	for methods, want := range map[string]bool{"": true, "GET": true, "HEAD": true, "GET HEAD": true, "POST": false} {
		m := match.Matcher{Methods: strings.Fields(methods)}
		if got := m.Match(&match.Request{Method: "HEAD"}); got != want {
			t.Errorf("%s: %v", methods, got)
		}
		if got := len(match.NewIndex([]*match.Matcher{&m}).Find(&match.Request{Method: "HEAD", Path: "/leads"}, nil)); (got == 1) != want || got > 1 {
			t.Errorf("%s: the index finds %d", methods, got)
		}
	}
}

func TestPatternsAreBounded(t *testing.T) {
	for _, text := range []string{"(", strings.Repeat("a", 1001), "((a{1000}){1000}){1000}", "a**"} {
		if _, err := match.Matches(text); err == nil {
			t.Errorf("%.20s is accepted", text)
		}
	}
	m := match.Matcher{Body: member("a", match.ValueOf(regex(t, "(a+)+$x")))}
	long := map[string]any{"a": strings.Repeat("a", 10<<20)}
	began := time.Now()
	if m.Match(&match.Request{Body: func() (any, bool) { return long, true }}) {
		t.Error("matched")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestIndexByText(t *testing.T) {
	is := func(name string, test match.Test) match.Field {
		return match.Field{Name: name, Value: match.ValueOf(test)}
	}
	header := func(tests ...match.Test) *match.Matcher {
		var m match.Matcher
		for _, test := range tests {
			m.Headers = append(m.Headers, is("X-Tenant", test))
		}
		return &m
	}
	all := []*match.Matcher{
		header(match.Equals("a")), header(match.Equals("b")), header(match.OneOf("a", "b")), header(match.Exists(true), match.Equals("a")),
		{Methods: []string{"GET", "HEAD"}, Query: []match.Field{is("q", match.Equals("1"))}},
		{Body: member("email", match.ValueOf(match.Equals("x")))}, {Body: member("email", match.ValueOf(match.Equals(1.0)))},
		{Body: member("n", *member("m", match.ValueOf(match.Equals("x"))))},
	}
	x := match.NewIndex(all)
	for _, method := range []string{"GET", "HEAD", "POST"} {
		for _, tenants := range [][]string{nil, {"a"}, {"a", "a"}, {"b", "a"}, {"c"}} {
			for _, body := range []string{`{"email":"x"}`, `{"email":1}`, `[]`, `{"n":{"m":"x"}}`} {
				r := &match.Request{Method: method, Path: "/leads", RawQuery: "q=1&q=1", Header: http.Header{"X-Tenant": tenants}, Body: func() (any, bool) { return decode(t, body), true }}
				found := x.Find(r, nil)
				if !slices.IsSorted(found) || len(slices.Compact(slices.Clone(found))) != len(found) {
					t.Errorf("%s %v %s: found %v", method, tenants, body, found)
				}
				for i, m := range all {
					if m.Match(r) && !slices.Contains(found, i) {
						t.Errorf("%s %v %s: %d is not found", method, tenants, body, i)
					}
				}
			}
		}
	}
}

// The index may find too many, never too few, and always in order.
func FuzzIndex(f *testing.F) {
	f.Add("/leads/{id} /leads/** /a /** /a/{x}/c/**", "/leads/1", "GET")
	f.Add("/a%20b /a", "/a%20b/", "HEAD")
	f.Fuzz(func(t *testing.T, patterns, path, method string) {
		if len(patterns) > 1000 { // to ask each matcher is what takes long
			return
		}
		all := []*match.Matcher{{}, {Methods: []string{"GET"}}}
		for text := range strings.FieldsSeq(patterns) {
			if p, err := match.ParsePath(text, ""); err == nil {
				all = append(all, &match.Matcher{Path: p}, &match.Matcher{Path: p, Methods: []string{"GET", "HEAD"}})
			}
		}
		r := &match.Request{Method: method, Path: path}
		found := match.NewIndex(all).Find(r, nil)
		if !slices.IsSorted(found) {
			t.Error("not in order")
		}
		for i, m := range all {
			if m.Match(r) != slices.Contains(found, i) {
				t.Errorf("%s %q on %s: matches %v", m.Methods, path, m.Path, m.Match(r))
			}
		}
	})
}
