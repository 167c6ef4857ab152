package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"github.com/salesos/salesos-mock/mock/internal/diag"
)

func parseYAML(src *source, limits Limits) (*Node, diag.List) {
	b := &builder{source: src, limits: limits}
	if density(src.data) > limits.MaxNodes {
		return b.finish(nil, b.fail(0, 0, "the file has too many values: at most %d are read", limits.MaxNodes))
	}
	if root, problems, done := parseChunks(src, limits); done {
		return root, problems
	}
	document, err := load(src.data, limits.MaxDepth)
	if err != nil {
		return b.finish(nil, b.yamlError(err))
	}
	c := &converter{builder: b}
	root, err := c.convert(document, 0)
	return b.finish(root, err)
}

// density estimates how many values a YAML text holds, since the YAML library builds its whole tree before we
// can count: each value is begun by one of these characters, and none begins more than two.
func density(data []byte) int {
	n := 0
	for i, c := range data {
		switch c {
		case '\n', ',', '[', '{':
			n++
		case ':', '-', '?':
			if i+1 == len(data) || data[i+1] == ' ' || data[i+1] == '\n' {
				n++
			}
		}
	}
	return n
}

// errSecondDocument is not for people: yamlError says it better.
type errSecondDocument struct{ line, column uint32 }

func (errSecondDocument) Error() string { return "a second document" }

// load reads the one document of a text; nil if it is empty. A panic of the library becomes an error: a file
// that somebody is editing must not end the server that watches it.
func load(data []byte, depth int) (document *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			document, err = nil, fmt.Errorf("the YAML parser gave up: %v", p)
		}
	}()
	limits := loaderlimits.New(loaderlimits.DepthFunc(func(n int, _ *loaderlimits.DepthContext) error {
		if n > depth+1 {
			return errTooDeep
		}
		return nil
	}))
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithPlugin(limits))
	if err != nil {
		return nil, err
	}
	var first, second yaml.Node
	if err := loader.Load(&first); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	switch err := loader.Load(&second); {
	case err == nil:
		return nil, errSecondDocument{uint32(second.Line), uint32(second.Column)}
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	return &first, nil
}

// converter turns the library's tree into ours.
type converter struct {
	*builder
	lines    uint32              // before this chunk
	open     map[*yaml.Node]bool // the aliased nodes we are in
	expanded int                 // nodes made by following aliases
}

func (c *converter) at(n *yaml.Node) (line, column uint32) {
	return uint32(max(n.Line, 1)) + c.lines, uint32(max(n.Column, 1))
}

// maxExpanded bounds what aliases may repeat: a few lines of aliases of aliases mean billions of values.
const maxExpanded = 100_000

func (c *converter) convert(n *yaml.Node, depth int) (*Node, error) {
	if n == nil {
		return c.node(Null, 1, 1)
	}
	if len(c.open) > 0 {
		if c.expanded++; c.expanded > maxExpanded {
			line, column := c.at(n)
			return nil, c.fail(line, column, "aliases repeat too many values: at most %d", maxExpanded)
		}
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return c.convert(n.Content[0], depth)
	case yaml.AliasNode:
		return c.alias(n, depth)
	case yaml.ScalarNode:
		return c.scalar(n)
	case yaml.SequenceNode:
		return c.list(n, depth+1)
	}
	return c.mapping(n, depth+1)
}

func (c *converter) alias(n *yaml.Node, depth int) (*Node, error) {
	if c.open[n.Alias] {
		line, column := c.at(n)
		return nil, c.fail(line, column, "the alias *%s stands within what it means", n.Value)
	}
	if c.open == nil {
		c.open = map[*yaml.Node]bool{}
	}
	c.open[n.Alias] = true
	defer delete(c.open, n.Alias)
	return c.convert(n.Alias, depth)
}

const explicit = yaml.TaggedStyle | yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

func (c *converter) scalar(n *yaml.Node) (*Node, error) {
	line, column := c.at(n)
	node, err := c.node(String, line, column)
	if err != nil {
		return nil, err
	}
	node.Text = n.Value
	if n.Style&explicit == 0 {
		node.Kind = core(n.Value)
	}
	if n.Style&yaml.TaggedStyle != 0 {
		c.tagged(node, n.Tag)
	}
	switch node.Kind {
	case Null:
		node.Text = ""
	case Number:
		return node, c.checkRange(node)
	}
	return node, nil
}

// tagged gives a scalar the type that its tag asks for.
func (c *converter) tagged(node *Node, tag string) {
	wanted, known := map[string]Kind{"!!str": String, "!!null": Null, "!!bool": Bool, "!!int": Number, "!!float": Number, "!": String}[tag]
	switch found := core(node.Text); {
	case !known:
		p := node.Problem("unknown tag %s", tag)
		p.Allowed = []string{"!!str", "!!null", "!!bool", "!!int", "!!float"}
		c.problems.Add(p)
	case wanted == String || wanted == found:
		node.Kind = wanted
	default:
		c.problems.Add(node.Problem("the tag %s does not fit %q", tag, shorten(node.Text)))
	}
}

func (c *converter) list(n *yaml.Node, depth int) (*Node, error) {
	node, err := c.collection(List, "!!seq", n, depth)
	if err != nil || len(n.Content) == 0 {
		return node, err
	}
	items := make([]*Node, len(n.Content))
	for i, item := range n.Content {
		if items[i], err = c.convert(item, depth); err != nil {
			return nil, err
		}
	}
	node.children = &children{items: items}
	return node, nil
}

func (c *converter) collection(kind Kind, tag string, n *yaml.Node, depth int) (*Node, error) {
	line, column := c.at(n)
	if depth > c.limits.MaxDepth {
		return nil, c.tooDeep(line, column)
	}
	if n.Style&yaml.TaggedStyle != 0 && n.Tag != tag {
		return nil, c.fail(line, column, "unknown tag %s", n.Tag)
	}
	return c.node(kind, line, column)
}

func (c *converter) mapping(n *yaml.Node, depth int) (*Node, error) {
	node, err := c.collection(Map, "!!map", n, depth)
	if err != nil || len(n.Content) == 0 {
		return node, err
	}
	members := make([]Member, 0, len(n.Content)/2)
	var merges []*Node
	var seen keys
	for i := 0; i+1 < len(n.Content); i += 2 {
		m, err := c.key(n.Content[i])
		if err != nil {
			return nil, err
		}
		if m.Value, err = c.convert(n.Content[i+1], depth); err != nil {
			return nil, err
		}
		if m.Name == "<<" && n.Content[i].Style&explicit == 0 {
			merges = append(merges, m.Value)
			continue
		}
		if earlier := seen.add(members, m.Name, m.line); earlier > 0 {
			c.duplicate(m.Name, m.line, m.column, earlier)
		}
		members = append(members, m)
	}
	for _, m := range merges {
		members = c.merge(members, m)
	}
	node.children = &children{members: members}
	return node, nil
}

// key reads the name of a member. What would be a number or a boolean elsewhere is a name here.
func (c *converter) key(n *yaml.Node) (Member, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	line, column := c.at(n)
	if n.Kind != yaml.ScalarNode {
		return Member{}, c.fail(line, column, "a key must be plain text, found %s", map[bool]string{true: "a map", false: "a list"}[n.Kind == yaml.MappingNode])
	}
	if n.Value == "" && n.Style&explicit == 0 {
		return Member{}, c.fail(line, column, "a key is missing before the colon")
	}
	return Member{Name: n.Value, line: line, column: column}, c.count(line, column)
}

// merge adds the members of a map, or of several, that are not there yet: "<<: *defaults".
func (c *converter) merge(members []Member, from *Node) []Member {
	switch from.Kind {
	case Map:
		var seen keys
		for _, m := range from.Members() {
			if seen.add(members, m.Name, m.line) == 0 {
				members = append(members, m)
			}
		}
	case List:
		for _, item := range from.Items() {
			if item.Kind != Map {
				c.problems.Add(item.Problem("<< takes a map or a list of maps, found %s", item.Describe()))
				continue
			}
			members = c.merge(members, item)
		}
	default:
		c.problems.Add(from.Problem("<< takes a map or a list of maps, found %s", from.Describe()))
	}
	return members
}
