// Package match decides whether a request is one that somebody meant, and can say why it is not. It knows no file
// format and no HTTP server: package scenario builds matchers from its files, and whoever serves requests fills in a
// Request.
package match

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Caller is who sent a request, as far as its credential says; empty where it says nothing.
type Caller struct {
	Role      string // "USER"
	UserID    string
	UserEmail string
	APIKey    string // the key itself
	KeyName   string // what the key is called
}

// Request is what can be matched on. It belongs to one goroutine: what is costly to find out is found out once,
// when a matcher asks for it.
type Request struct {
	Method   string
	Path     string // escaped, below the base path: "/leads/abc"; empty for a request outside of it
	RawQuery string
	Header   http.Header
	Body     func() (value any, ok bool) // as encoding/json decodes into an any; nil or false: there is no JSON body
	Caller   Caller

	Secret func(name string) bool // headers, parameters and members whose values Explain does not show; nil: it shows all

	query   url.Values
	value   any
	isJSON  bool
	decoded bool
}

// Query is the parsed query string. What cannot be parsed in it is left out.
func (r *Request) Query() url.Values {
	if r.query == nil {
		r.query, _ = url.ParseQuery(r.RawQuery)
	}
	return r.query
}

func (r *Request) body() (any, bool) {
	if !r.decoded {
		r.decoded = true
		if r.Body != nil {
			r.value, r.isJSON = r.Body()
		}
	}
	return r.value, r.isJSON
}

// Field is a condition on a query parameter or a header. Of several values, one must pass.
type Field struct {
	Name  string // of a header: in canonical form
	Value Value
}

// Callers is a condition on who sent a request; an empty list asks nothing.
type Callers struct {
	Roles []string
	Users []string // ids or e-mail addresses, the latter compared without case
	Keys  []string // names of API keys, or keys themselves
}

// Matcher is a set of conditions, all of which must hold. Its zero value matches every request. It must not be
// changed once it is in use.
type Matcher struct {
	Methods []string // in capitals; empty: any. GET stands for HEAD as well
	Path    *Path    // nil: any
	Except  []*Path  // paths that are not meant, although Path fits them
	Query   []Field
	Headers []Field
	Caller  Callers
	State   string // of the scenario; empty: any
	Body    *Value // nil: any, or none
}

// NamesMethod says whether the matcher names a method itself: one that names GET matches HEAD without naming it.
func (m *Matcher) NamesMethod(method string) bool { return slices.Contains(m.Methods, method) }

// Match says whether all conditions but that on the state hold. The cheap ones are asked first.
func (m *Matcher) Match(r *Request) bool {
	return m.method(r) && m.path(r) && m.query(r) && m.headers(r) && m.Caller.match(&r.Caller) && m.body(r)
}

// MatchState says whether the condition on the state holds.
func (m *Matcher) MatchState(state string) bool { return m.State == "" || m.State == state }

func (m *Matcher) method(r *Request) bool {
	return len(m.Methods) == 0 || m.NamesMethod(r.Method) || r.Method == http.MethodHead && m.NamesMethod(http.MethodGet)
}

func (m *Matcher) path(r *Request) bool {
	return (m.Path == nil || m.Path.Match(r.Path)) && !m.excepts(r)
}

func (m *Matcher) excepts(r *Request) bool {
	return slices.ContainsFunc(m.Except, func(p *Path) bool { return p.Match(r.Path) })
}

func (m *Matcher) query(r *Request) bool {
	for i := range m.Query {
		if f := &m.Query[i]; !f.Value.acceptsText(r.Query()[f.Name]) {
			return false
		}
	}
	return true
}

func (m *Matcher) headers(r *Request) bool {
	for i := range m.Headers {
		if f := &m.Headers[i]; !f.Value.acceptsText(r.Header[f.Name]) {
			return false
		}
	}
	return true
}

func (m *Matcher) body(r *Request) bool {
	if m.Body == nil {
		return true
	}
	value, ok := r.body()
	return m.Body.accepts(value, ok)
}

func (c *Callers) match(who *Caller) bool {
	return c.role(who) && c.user(who) && c.key(who)
}

func (c *Callers) role(who *Caller) bool {
	return len(c.Roles) == 0 || slices.Contains(c.Roles, who.Role)
}

func (c *Callers) user(who *Caller) bool {
	if len(c.Users) == 0 {
		return true
	}
	return slices.ContainsFunc(c.Users, func(user string) bool {
		return user != "" && (user == who.UserID || strings.EqualFold(user, who.UserEmail))
	})
}

func (c *Callers) key(who *Caller) bool {
	if len(c.Keys) == 0 {
		return true
	}
	return slices.ContainsFunc(c.Keys, func(key string) bool {
		return key != "" && (key == who.KeyName || key == who.APIKey)
	})
}

// Explain names the first condition that does not hold for a request, for people: "the method is GET, POST or PATCH is
// wanted". It is empty when all hold.
func (m *Matcher) Explain(r *Request, state string) string {
	switch {
	case !m.method(r):
		return fmt.Sprintf("the method is %s, %s is wanted", r.Method, either(m.Methods))
	case m.excepts(r):
		return fmt.Sprintf("the path is %s, which is not meant", r.Path)
	case !m.path(r):
		return fmt.Sprintf("the path is %s, %s is wanted", orNone(r.Path), m.Path)
	case !m.query(r):
		return r.explainFields("query parameter", m.Query, r.Query())
	case !m.headers(r):
		return r.explainFields("header", m.Headers, r.Header)
	case !m.Caller.match(&r.Caller):
		return m.Caller.explain(&r.Caller)
	case !m.MatchState(state):
		return fmt.Sprintf("the state is %q, %q is wanted", state, m.State)
	case !m.body(r):
		value, ok := r.body()
		return m.Body.explain("the body", value, ok, r.secret)
	}
	return ""
}

func (r *Request) explainFields(kind string, fields []Field, values map[string][]string) string {
	for i := range fields {
		f := &fields[i]
		got := values[f.Name]
		if f.Value.acceptsText(got) {
			continue
		}
		found := "is not there"
		if len(got) > 0 && r.secret(f.Name) {
			found = "is " + hidden
		} else if len(got) > 0 {
			found = "is " + strings.Join(quoted(got), " and ")
		}
		return fmt.Sprintf("the %s %s %s, %s is wanted", kind, f.Name, found, f.Value.want())
	}
	return ""
}

// hidden stands where a secret is.
const hidden = "[redacted]"

func (r *Request) secret(name string) bool { return r.Secret != nil && r.Secret(name) }

func (c *Callers) explain(who *Caller) string {
	switch {
	case !c.role(who):
		return fmt.Sprintf("the caller's role is %s, %s is wanted", orNone(who.Role), either(c.Roles))
	case !c.user(who):
		return fmt.Sprintf("the caller is %s, %s is wanted", orNone(who.UserEmail), either(c.Users))
	}
	// The key is a secret: neither the one sent nor the ones wanted are shown.
	return fmt.Sprintf("the caller's API key is %s, another is wanted", orNone(who.KeyName))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// either words a choice: "A", "A or B", "A, B or C".
func either(choices []string) string {
	last := len(choices) - 1
	if last < 1 {
		return strings.Join(choices, "")
	}
	return strings.Join(choices[:last], ", ") + " or " + choices[last]
}

func quoted(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = show(s)
	}
	return out
}
