package document

import (
	"bytes"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/salesos/salesos-mock/mock/internal/diag"
)

// chunkSize is how much of a long YAML list is read at once.
const chunkSize = 256 << 10

// chunk is a run of whole items of a list.
type chunk struct {
	data  []byte
	lines int // before it

	items    []*Node
	nodes    int
	problems diag.List
}

// parseChunks reads a long list piece by piece, on all processors, so that the library's tree of a file of
// 100,000 records need never exist as a whole. It does so only where the pieces mean what the whole means:
// the root is a list at the margin, and each piece is a document by itself. Anything else, an alias to another
// piece or a syntax error included, is not done, and left to the reader of whole files, whose messages are exact.
func parseChunks(src *source, limits Limits) (root *Node, problems diag.List, done bool) {
	chunks := split(src.data)
	if len(chunks) < 2 {
		return nil, nil, false
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range chunks {
		group.Go(func() error { return chunks[i].parse(src, limits) })
	}
	if group.Wait() != nil {
		return nil, nil, false
	}
	return join(src, limits, chunks)
}

func (k *chunk) parse(src *source, limits Limits) error {
	document, err := load(k.data, limits.MaxDepth)
	if err != nil {
		return err
	}
	c := &converter{builder: &builder{source: src, limits: limits}, lines: uint32(k.lines)}
	list, err := c.convert(document, 0)
	if err != nil {
		return err
	}
	k.items, k.nodes, k.problems = list.Items(), c.nodes, c.problems
	if list.Kind != List {
		return errTooDeep // any error: the whole decides what this is
	}
	return nil
}

func join(src *source, limits Limits, chunks []chunk) (*Node, diag.List, bool) {
	b := &builder{source: src, limits: limits}
	root, err := b.node(List, uint32(chunks[0].lines)+1, 1)
	if err != nil {
		return nil, nil, false
	}
	var items []*Node
	for _, k := range chunks {
		items = append(items, k.items...)
		b.nodes += k.nodes
		b.problems.Add(k.problems...)
	}
	if b.nodes > limits.MaxNodes {
		return nil, nil, false
	}
	root.children = &children{items: items}
	root, problems := b.finish(root, nil)
	return root, problems, true
}

// split cuts a list at the margin before its items. It returns nothing when the text is no such list.
func split(data []byte) []chunk {
	if len(data) < 2*chunkSize || hasOddLineEnds(data) {
		return nil
	}
	at, lines := head(data)
	if !isItem(data[at:]) {
		return nil
	}
	var chunks []chunk
	start, startLine := at, lines
	for at < len(data) {
		end := bytes.IndexByte(data[at:], '\n')
		if end < 0 {
			break
		}
		at += end + 1
		lines++
		rest := data[at:]
		switch {
		case isItem(rest) && at-start >= chunkSize:
			chunks = append(chunks, chunk{data: data[start:at], lines: startLine})
			start, startLine = at, lines
		case bytes.HasPrefix(rest, []byte("---")), bytes.HasPrefix(rest, []byte("...")), bytes.HasPrefix(rest, []byte("%")):
			return nil
		}
	}
	return append(chunks, chunk{data: data[start:], lines: startLine})
}

// head skips comments, empty lines and one "---" before the first item.
func head(data []byte) (at, lines int) {
	begun := false
	for at < len(data) {
		line, _, _ := bytes.Cut(data[at:], []byte("\n"))
		text := bytes.TrimSpace(line)
		if string(text) == "---" && !begun {
			begun = true
		} else if len(text) > 0 && text[0] != '#' {
			break
		}
		at += min(len(line)+1, len(data)-at)
		lines++
	}
	return at, lines
}

func isItem(b []byte) bool {
	return bytes.HasPrefix(b, []byte("- ")) || bytes.HasPrefix(b, []byte("-\n"))
}

// hasOddLineEnds finds line ends that YAML counts and that are not "\n", which is all that split counts.
func hasOddLineEnds(data []byte) bool {
	for _, end := range []string{"\u0085", "\u2028", "\u2029"} {
		if bytes.Contains(data, []byte(end)) {
			return true
		}
	}
	return bytes.Count(data, []byte("\r")) != bytes.Count(data, []byte("\r\n"))
}
