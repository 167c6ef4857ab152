package match

import "slices"

// bucket is the matchers of one method and path. Those that ask for one certain text somewhere are found by it: a test
// suite may put a rule in force for each of its thousand tenants, all on one path.
type bucket struct {
	rest []int
	keys []textKey
}

// textKey is a place of the request that holds a text, and the matchers by the text they want there.
type textKey struct {
	part   part
	name   string
	wanted map[string][]int
}

type part int

const (
	inHeader part = iota
	inQuery
	inBody // a member of the object
)

func (b *bucket) add(m *Matcher, i int) {
	where, name, text, ok := m.certainText()
	if !ok {
		b.rest = append(b.rest, i)
		return
	}
	at := slices.IndexFunc(b.keys, func(k textKey) bool { return k.part == where && k.name == name })
	if at < 0 {
		at = len(b.keys)
		b.keys = append(b.keys, textKey{part: where, name: name, wanted: map[string][]int{}})
	}
	b.keys[at].wanted[text] = append(b.keys[at].wanted[text], i)
}

// certainText finds a text without which the matcher cannot match. The body is the last choice: it has to be decoded.
func (m *Matcher) certainText() (where part, name, text string, ok bool) {
	for i := range m.Headers {
		if text, ok := m.Headers[i].Value.certain(); ok {
			return inHeader, m.Headers[i].Name, text, true
		}
	}
	for i := range m.Query {
		if text, ok := m.Query[i].Value.certain(); ok {
			return inQuery, m.Query[i].Name, text, true
		}
	}
	if m.Body != nil && m.Body.Object {
		for i := range m.Body.Members {
			if text, ok := m.Body.Members[i].Value.certain(); ok {
				return inBody, m.Body.Members[i].Name, text, true
			}
		}
	}
	return 0, "", "", false
}

func (v *Value) certain() (string, bool) {
	for i := range v.Tests {
		if t := &v.Tests[i]; t.kind == isOneOf && len(t.choices) == 1 {
			text, ok := t.choices[0].(string)
			return text, ok
		}
	}
	return "", false
}

func (b *bucket) find(r *Request, to []int) []int {
	to = append(to, b.rest...)
	for i := range b.keys {
		to = b.keys[i].find(r, to)
	}
	return to
}

func (k *textKey) find(r *Request, to []int) []int {
	switch k.part {
	case inHeader:
		return k.collect(r.Header[k.name], to)
	case inQuery:
		return k.collect(r.Query()[k.name], to)
	}
	value, _ := r.body()
	object, _ := value.(map[string]any)
	if text, ok := object[k.name].(string); ok {
		return append(to, k.wanted[text]...)
	}
	return to
}

func (k *textKey) collect(values []string, to []int) []int {
	for _, value := range values {
		to = append(to, k.wanted[value]...)
	}
	return to
}
