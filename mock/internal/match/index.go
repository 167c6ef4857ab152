package match

import (
	"net/http"
	"slices"
	"strings"
)

// Index finds, among many matchers, the few whose method and path can fit a request, without asking each of them. It
// does not change, and may be shared.
type Index struct {
	root     node
	pathless byMethod // those that also match outside the base path
	size     int
}

// node is one segment of patterns.
type node struct {
	static map[string]*node
	any    *node
	here   byMethod // patterns that end here
	below  byMethod // patterns that end here with **
}

// byMethod holds the matchers of one place, by the methods that they name.
type byMethod struct {
	all   bucket
	named map[string]*bucket
}

// NewIndex indexes matchers; Find returns their places in the list.
func NewIndex(matchers []*Matcher) *Index {
	x := &Index{size: len(matchers)}
	for i, m := range matchers {
		x.at(m.Path).add(m, i)
	}
	return x
}

// Len is how many matchers there are.
func (x *Index) Len() int { return x.size }

func (x *Index) at(p *Path) *byMethod {
	if p == nil {
		return &x.pathless
	}
	n := &x.root
	for i := range p.segments {
		n = n.child(&p.segments[i])
	}
	if p.below {
		return &n.below
	}
	return &n.here
}

func (n *node) child(s *segment) *node {
	if s.any {
		if n.any == nil {
			n.any = &node{}
		}
		return n.any
	}
	if n.static == nil {
		n.static = map[string]*node{}
	}
	if n.static[s.literal] == nil {
		n.static[s.literal] = &node{}
	}
	return n.static[s.literal]
}

func (b *byMethod) add(m *Matcher, i int) {
	if len(m.Methods) == 0 {
		b.all.add(m, i)
		return
	}
	for _, method := range m.Methods {
		b.of(method).add(m, i)
		if method == http.MethodGet {
			b.of(http.MethodHead).add(m, i)
		}
	}
}

func (b *byMethod) of(method string) *bucket {
	if b.named == nil {
		b.named = map[string]*bucket{}
	}
	if b.named[method] == nil {
		b.named[method] = &bucket{}
	}
	return b.named[method]
}

// Find appends the places of the matchers that may match, ascending, each once. Their other conditions have yet to be asked.
func (x *Index) Find(r *Request, to []int) []int {
	start := len(to)
	to = x.pathless.find(r, to)
	if r.Path != "" {
		rest, more := enter(r.Path)
		to = x.root.find(r, rest, more, to)
	}
	if len(to)-start < 2 {
		return to
	}
	slices.Sort(to[start:])
	return to[:start+len(slices.Compact(to[start:]))]
}

// find visits each node at most once, since the nodes are a tree: a request cannot make it costly.
func (n *node) find(r *Request, rest string, more bool, to []int) []int {
	to = n.below.find(r, to)
	if !more {
		return n.here.find(r, to)
	}
	part, rest, more := strings.Cut(rest, "/")
	if n.static != nil {
		next := n.static[part]
		if next == nil && strings.IndexByte(part, '%') >= 0 {
			next = n.static[unescape(part)]
		}
		if next != nil {
			to = next.find(r, rest, more, to)
		}
	}
	if n.any != nil && part != "" {
		to = n.any.find(r, rest, more, to)
	}
	return to
}

func (b *byMethod) find(r *Request, to []int) []int {
	to = b.all.find(r, to)
	if b.named != nil {
		if named := b.named[r.Method]; named != nil {
			to = named.find(r, to)
		}
	}
	return to
}
