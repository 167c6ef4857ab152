// Package document reads a YAML or JSON file into a tree that knows where each value stands, and helps to
// decode that tree strictly: every mistake is reported, with its place, what is allowed and the nearest name.
// Reading is bounded in bytes, depth and nodes, so that no file can hang or exhaust the program that watches
// it. What the values mean is the business of its callers: packages fixture, condition, scenario and referee.
package document

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/diag"
)

// Kind is what a node is. The kinds are those of JSON, since whatever is read will be sent as JSON.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Number
	String
	List
	Map
)

// String is the kind in a message, after "must be" or "found".
func (k Kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "a map"}[k]
}

// Node is one value of a file. Nodes are not changed after Parse.
type Node struct {
	Kind     Kind
	line     uint32
	column   uint32
	Text     string // of a Bool or Number as written, of a String its characters
	source   *source
	children *children // of a List or Map; nil: none
}

// children stand apart from Node because most nodes have none, and a large file has millions of nodes.
type children struct {
	items   []*Node
	members []Member
}

// Member is one key of a Map with its value.
type Member struct {
	Name         string
	line, column uint32
	Value        *Node
}

// Items are the values of a List, in the order of the file.
func (n *Node) Items() []*Node {
	if n.children == nil {
		return nil
	}
	return n.children.items
}

// Members are the keys of a Map, in the order of the file; each stands there once.
func (n *Node) Members() []Member {
	if n.children == nil {
		return nil
	}
	return n.children.members
}

// Get finds the value of a key of a Map, or nil.
func (n *Node) Get(name string) *Node {
	for _, m := range n.Members() {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// Position is where the value begins.
func (n *Node) Position() diag.Position {
	return diag.Position{File: n.source.file, Line: int(n.line), Column: int(n.column)}
}

// Problem is a problem with the value, its place and line filled in.
func (n *Node) Problem(format string, args ...any) diag.Problem {
	return n.source.problem(n.line, n.column, fmt.Sprintf(format, args...))
}

// KeyProblem is a problem with the name of a member of this Map.
func (n *Node) KeyProblem(m Member, format string, args ...any) diag.Problem {
	return n.source.problem(m.line, m.column, fmt.Sprintf(format, args...))
}

// Describe is the value in a message, after "found": the number 5, "text", a list.
func (n *Node) Describe() string {
	switch n.Kind {
	case Bool:
		return n.Text
	case Number:
		return "the number " + shorten(n.Text)
	case String:
		return fmt.Sprintf("%q", shorten(n.Text))
	}
	return n.Kind.String()
}

// shorten keeps a long value from drowning the message about it.
func shorten(s string) string {
	const most = 60
	for i, n := 0, 0; i < len(s); n++ {
		if n == most {
			return s[:i] + "…"
		}
		i += runeLength(s[i:])
	}
	return s
}

// Limits bound what Parse accepts.
type Limits struct {
	MaxBytes int // of the file
	MaxDepth int // lists and maps within each other
	MaxNodes int // keys and values together; aliases count as often as they are used
}

// DefaultLimits are for files that people write: definitions, users, routes, scenarios.
func DefaultLimits() Limits { return Limits{MaxBytes: 1 << 20, MaxDepth: 64, MaxNodes: 1 << 20} }

// RecordLimits are for files of records, which may be exports of 100,000 and more.
func RecordLimits() Limits { return Limits{MaxBytes: 256 << 20, MaxDepth: 64, MaxNodes: 20_000_000} }

// Parse reads a file: JSON when its name ends in .json, else YAML. The file name is used in messages as it is.
// The tree is nil when there is a problem. An empty file is Null.
func Parse(file string, data []byte, limits Limits) (*Node, diag.List) {
	src := &source{file: file, data: data, json: isJSON(file)}
	if len(data) > limits.MaxBytes {
		p := diag.Problem{What: fmt.Sprintf("the file is too large: %d bytes, at most %d are read", len(data), limits.MaxBytes)}
		p.File = file
		return nil, diag.List{p}
	}
	src.data = trimBOM(data)
	if problems := src.checkText(); problems != nil {
		return nil, problems
	}
	if src.json {
		return parseJSON(src, limits)
	}
	return parseYAML(src, limits)
}

func isJSON(file string) bool { return strings.EqualFold(filepath.Ext(file), ".json") }
