package document

import (
	"errors"
	"fmt"

	"github.com/salesos/salesos-mock/mock/internal/diag"
)

// failure ends a parse: it carries the one problem that makes going on pointless.
type failure struct{ problem diag.Problem }

func (f *failure) Error() string { return f.problem.Error() }

// builder makes the nodes of one file and counts them.
type builder struct {
	source   *source
	limits   Limits
	nodes    int
	problems diag.List // those after which reading goes on
	slab     []Node    // nodes are made many at a time: a large file has millions
}

func (b *builder) node(kind Kind, line, column uint32) (*Node, error) {
	if err := b.count(line, column); err != nil {
		return nil, err
	}
	if len(b.slab) == 0 {
		b.slab = make([]Node, 128)
	}
	n := &b.slab[0]
	b.slab = b.slab[1:]
	n.Kind, n.line, n.column, n.source = kind, line, column, b.source
	return n, nil
}

func (b *builder) count(line, column uint32) error {
	if b.nodes++; b.nodes > b.limits.MaxNodes {
		return b.fail(line, column, "the file has too many values: at most %d are read", b.limits.MaxNodes)
	}
	return nil
}

func (b *builder) fail(line, column uint32, format string, args ...any) error {
	return &failure{b.source.problem(line, column, fmt.Sprintf(format, args...))}
}

func (b *builder) tooDeep(line, column uint32) error {
	return b.fail(line, column, "lists and maps are nested too deeply: at most %d levels are read", b.limits.MaxDepth)
}

// finish makes the outcome of a parse: a tree without problems, or problems without a tree.
func (b *builder) finish(root *Node, err error) (*Node, diag.List) {
	var f *failure
	if errors.As(err, &f) {
		b.problems.Add(f.problem)
	}
	if len(b.problems) > 0 {
		b.problems.Sort()
		return nil, b.problems
	}
	return root, nil
}

// fewKeys is the size up to which comparing each key with those before it is quicker than a set.
const fewKeys = 16

// keys finds keys that stand twice in one map.
type keys struct{ seen map[string]uint32 }

// add notes a key that the members do not yet hold; it returns the line of an earlier one, or 0.
func (k *keys) add(members []Member, name string, line uint32) uint32 {
	if len(members) < fewKeys {
		for _, m := range members {
			if m.Name == name {
				return m.line
			}
		}
		return 0
	}
	if k.seen == nil {
		k.seen = make(map[string]uint32, 2*len(members))
		for _, m := range members {
			k.seen[m.Name] = m.line
		}
	}
	if earlier, twice := k.seen[name]; twice {
		return earlier
	}
	k.seen[name] = line
	return 0
}

func (b *builder) duplicate(name string, line, column, earlier uint32) {
	if b.problems.Full() {
		return
	}
	b.problems.Add(b.source.problem(line, column, fmt.Sprintf("the key %q stands twice in this map, first in line %d", shorten(name), earlier)))
}
