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

// byMethod holds places in the list of matchers, each list ascending.
type byMethod struct {
	all   []int
	named map[string][]int
}

// NewIndex indexes matchers; Find returns their places in the list.
func NewIndex(matchers []*Matcher) *Index {
	x := &Index{size: len(matchers)}
	for i, m := range matchers {
		x.at(m.Path).add(m.Methods, i)
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

func (b *byMethod) add(methods []string, i int) {
	if len(methods) == 0 {
		b.all = append(b.all, i)
		return
	}
	if b.named == nil {
		b.named = map[string][]int{}
	}
	for _, method := range methods {
		b.named[method] = appendOnce(b.named[method], i)
		if method == http.MethodGet {
			b.named[http.MethodHead] = appendOnce(b.named[http.MethodHead], i)
		}
	}
}

// appendOnce relies on places being added in ascending order.
func appendOnce(list []int, i int) []int {
	if len(list) > 0 && list[len(list)-1] == i {
		return list
	}
	return append(list, i)
}

// Find appends the places of the matchers that may match, ascending. The other conditions have yet to be asked.
func (x *Index) Find(method, path string, to []int) []int {
	start := len(to)
	to = x.pathless.find(method, to)
	if path != "" {
		rest, more := enter(path)
		to = x.root.find(method, rest, more, to)
	}
	slices.Sort(to[start:])
	return to
}

// find visits each node at most once, since the nodes are a tree: a request cannot make it costly.
func (n *node) find(method, rest string, more bool, to []int) []int {
	to = n.below.find(method, to)
	if !more {
		return n.here.find(method, to)
	}
	part, rest, more := strings.Cut(rest, "/")
	if n.static != nil {
		next := n.static[part]
		if next == nil && strings.IndexByte(part, '%') >= 0 {
			next = n.static[unescape(part)]
		}
		if next != nil {
			to = next.find(method, rest, more, to)
		}
	}
	if n.any != nil && part != "" {
		to = n.any.find(method, rest, more, to)
	}
	return to
}

func (b *byMethod) find(method string, to []int) []int {
	to = append(to, b.all...)
	if b.named != nil {
		to = append(to, b.named[method]...)
	}
	return to
}
