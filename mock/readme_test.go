package mock_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/fixtures"
	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/document"
)

// readme is README.md, taken apart.
type readme struct {
	text     string
	headings []string // "## …", without the signs
	blocks   []block
	tables   [][][]string // rows of cells; the first row is the heading
}

// block is a fenced block of code.
type block struct {
	line     int    // of its first line
	section  string // the heading above it
	language string
	remark   string // the comment before it, which readers do not see
	text     string
	answer   *block // json or text that follows a block of commands with nothing between: what it prints
}

var remarkLine = regexp.MustCompile(`^<!-- (.*) -->$`)

func readReadme(t *testing.T) *readme {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	r := &readme{text: strings.ReplaceAll(string(data), "\r\n", "\n")}
	r.takeApart(strings.Split(r.text, "\n"))
	return r
}

// takeApart finds headings, blocks and tables.
func (r *readme) takeApart(lines []string) {
	section, remark := "", ""
	var table [][]string
	adjacent := false // nothing but empty lines since the last block
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if table != nil && !strings.HasPrefix(line, "|") {
			r.tables, table = append(r.tables, table), nil
		}
		switch found := remarkLine.FindStringSubmatch(line); {
		case strings.HasPrefix(line, "```"):
			start := i + 1
			i = start + max(slices.Index(lines[start:], "```"), 0)
			r.addBlock(block{start + 1, section, strings.TrimPrefix(line, "```"), remark, strings.Join(lines[start:i], "\n") + "\n", nil}, adjacent)
			remark, adjacent = "", true
			continue
		case found != nil:
			remark = found[1]
		case strings.HasPrefix(line, "## "):
			section = strings.TrimPrefix(line, "## ")
			r.headings = append(r.headings, section)
		case strings.HasPrefix(line, "|"):
			table = append(table, cells(line))
		}
		adjacent = adjacent && line == ""
	}
}

func (r *readme) addBlock(b block, adjacent bool) {
	if n := len(r.blocks); adjacent && n > 0 && r.blocks[n-1].language == "sh" && (b.language == "json" || b.language == "text") {
		r.blocks[n-1].answer = &b
		return
	}
	r.blocks = append(r.blocks, b)
}

func cells(line string) []string {
	row := strings.Split(strings.Trim(line, "|"), "|")
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	return row
}

// table gives the rows of all tables whose heading begins with the cells given.
func (r *readme) table(t *testing.T, heading ...string) [][]string {
	t.Helper()
	var rows [][]string
	for _, table := range r.tables {
		if len(table) > 2 && len(table[0]) >= len(heading) && slices.Equal(table[0][:len(heading)], heading) {
			rows = append(rows, table[2:]...)
		}
	}
	if len(rows) == 0 {
		t.Fatalf("README.md has no table with the heading %q", heading)
	}
	return rows
}

var code = regexp.MustCompile("`([^`]+)`")

// codes are the texts of a cell that stand in code marks.
func codes(cell string) []string {
	var all []string
	for _, found := range code.FindAllStringSubmatch(cell, -1) {
		all = append(all, found[1])
	}
	return all
}

// column is what stands in code marks in a column of a table, row by row.
func column(table [][]string, n int) []string {
	var all []string
	for _, row := range table {
		all = append(all, codes(row[n])...)
	}
	return all
}

// same compares what README.md lists with what there is, in any order.
func same(t *testing.T, what string, listed, there []string) {
	t.Helper()
	listed, there = slices.Clone(listed), slices.Clone(there)
	slices.Sort(listed)
	slices.Sort(there)
	if diff := cmp.Diff(there, listed); diff != "" {
		t.Errorf("%s: - is there but not in README.md, + is in README.md but not there:\n%s", what, diff)
	}
}

// TestReadmeContents: the table of contents names each chapter once, in order, and every link within the page leads somewhere.
func TestReadmeContents(t *testing.T) {
	r := readReadme(t)
	anchor := func(heading string) string {
		keep := func(c rune) rune {
			switch {
			case c == ' ':
				return '-'
			case strings.ContainsRune(",:.?!'", c):
				return -1
			}
			return c
		}
		return "#" + strings.Map(keep, strings.ToLower(heading))
	}
	var anchors, wanted []string
	for _, heading := range r.headings {
		anchors = append(anchors, anchor(heading))
		if heading != "Contents" {
			wanted = append(wanted, "- ["+heading+"]("+anchor(heading)+")")
		}
	}
	_, contents, _ := strings.Cut(r.text, "## Contents\n\n")
	contents, _, _ = strings.Cut(contents, "\n\n")
	if diff := cmp.Diff(wanted, strings.Split(contents, "\n")); diff != "" {
		t.Errorf("the contents differ from the headings (-headings +contents):\n%s", diff)
	}
	for _, link := range regexp.MustCompile(`\]\((#[^)]*)\)`).FindAllStringSubmatch(r.text, -1) {
		if !slices.Contains(anchors, link[1]) {
			t.Errorf("README.md links to %s, which is no heading", link[1])
		}
	}
}

// TestReadmeFiles reads all YAML that README.md shows, and serves what is marked as a fixture file, <!-- file: fixtures/… -->, beside
// the shipped files.
func TestReadmeFiles(t *testing.T) {
	shown := 0
	for _, b := range readReadme(t).blocks {
		if b.language == "yaml" {
			if _, problems := document.Parse("README.yaml", []byte(b.text), document.DefaultLimits()); len(problems) > 0 {
				t.Errorf("README.md:%d: %v", b.line, problems)
			}
		}
		name, isFile := strings.CutPrefix(b.remark, "file: fixtures/")
		if !isFile {
			continue
		}
		shown++
		dir := t.TempDir()
		if err := os.CopyFS(dir, fixtures.FS); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := mock.New(mock.Fixtures(dir), mock.Watch("off")); err != nil {
			t.Errorf("README.md:%d, as %s: %v", b.line, name, err)
		}
	}
	if shown == 0 {
		t.Error("README.md shows no file that is marked as one")
	}
}
