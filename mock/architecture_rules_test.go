package mock_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	slashpath "path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// goFile is one file of the project.
type goFile struct {
	path   string // from the top of the project, with slashes
	folder string // the package's import path below the module; "" is main
	test   bool
	file   *ast.File
}

type goTree struct {
	fset    *token.FileSet
	sources []goFile
}

// readTree parses what the Go command would build: neither testdata nor folders that it skips, nor other modules.
func readTree(t *testing.T, project fs.FS) *goTree {
	t.Helper()
	tree := &goTree{fset: token.NewFileSet()}
	err := fs.WalkDir(project, ".", func(name string, entry fs.DirEntry, err error) error {
		switch base := slashpath.Base(name); {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules"):
			return fs.SkipDir
		case entry.IsDir() && name != "." && isModule(project, name):
			return fs.SkipDir
		case entry.IsDir() || slashpath.Ext(name) != ".go":
			return nil
		}
		return tree.add(project, name)
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func isModule(project fs.FS, folder string) bool {
	_, err := fs.Stat(project, folder+"/go.mod")
	return err == nil
}

func (tree *goTree) add(project fs.FS, name string) error {
	text, err := fs.ReadFile(project, name)
	if err != nil {
		return err
	}
	file, err := parser.ParseFile(tree.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	folder := strings.TrimPrefix(slashpath.Dir(name), ".")
	tree.sources = append(tree.sources, goFile{name, folder, strings.HasSuffix(name, "_test.go"), file})
	return nil
}

// packages are the sources that are built into the program or its library, by folder.
func (tree *goTree) packages() map[string][]goFile {
	packages := map[string][]goFile{}
	for _, s := range tree.sources {
		if !s.test {
			packages[s.folder] = append(packages[s.folder], s)
		}
	}
	return packages
}

func (tree *goTree) imports(from, to string) bool {
	return slices.ContainsFunc(tree.packages()[from], func(s goFile) bool {
		return slices.ContainsFunc(s.file.Imports, func(i *ast.ImportSpec) bool { return imported(i) == modulePath+"/"+to })
	})
}

// length counts a function's lines, from func to the closing brace.
func (tree *goTree) length(f *ast.FuncDecl) int {
	return tree.fset.Position(f.End()).Line - tree.fset.Position(f.Pos()).Line + 1
}

// findings are all the violations, as "file:line: what", in order.
func (tree *goTree) findings() []string {
	var found []finding
	report := func(at token.Pos, format string, args ...any) {
		found = append(found, finding{tree.fset.Position(at), fmt.Sprintf(format, args...)})
	}
	for _, s := range tree.sources {
		if s.test {
			s.checkSleep(report)
			continue
		}
		s.checkImports(report)
		s.checkBans(report)
		tree.checkSizes(s, report)
	}
	for folder, sources := range tree.packages() {
		checkPackage(folder, sources, report)
		tree.checkVariables(sources, report)
	}
	slices.SortFunc(found, finding.compare)
	texts := make([]string, 0, len(found))
	for _, f := range found {
		texts = append(texts, fmt.Sprintf("%s:%d: %s", f.at.Filename, f.at.Line, f.text))
	}
	return texts
}

type finding struct {
	at   token.Position
	text string
}

func (f finding) compare(other finding) int {
	return cmp.Or(cmp.Compare(f.at.Filename, other.at.Filename), cmp.Compare(f.at.Line, other.at.Line), cmp.Compare(f.text, other.text))
}

type reporter func(at token.Pos, format string, args ...any)

func (s goFile) checkImports(report reporter) {
	for _, spec := range s.file.Imports {
		name := imported(spec)
		own, ours := strings.CutPrefix(name, modulePath+"/")
		switch first, _, _ := strings.Cut(name, "/"); {
		case spec.Name != nil && spec.Name.Name == ".":
			report(spec.Pos(), "imports with a dot: the names of %s would pass unseen", name)
		case ours:
			s.checkTier(spec, own, report)
		case strings.Contains(first, "."):
			s.checkLibrary(spec, report)
		}
	}
}

func (s goFile) checkTier(spec *ast.ImportSpec, own string, report reporter) {
	from, known := tierOf(s.folder)
	to, target := tierOf(own)
	switch {
	case !known: // said once for the package
	case !target:
		report(spec.Pos(), "imports %s, which has no tier: give it one in tiers (mock/architecture_test.go)", own)
	case from == to && sideways[[2]string{s.folder, own}] == "":
		report(spec.Pos(), "%s imports %s of its own tier %d: needs a line with its reason in sideways (mock/architecture_test.go)", s.folder, own, to)
	case from < to:
		report(spec.Pos(), "%s (tier %d) imports %s (tier %d): only lower tiers may be imported", s.folder, from, own, to)
	}
}

func tierOf(folder string) (tier int, known bool) {
	for pattern, tier := range tiers {
		if isHome([]string{pattern}, folder) {
			return tier, true
		}
	}
	return 0, false
}

// isHome says whether a folder is among those listed, or below one that is listed with /... at its end.
func isHome(homes []string, folder string) bool {
	return slices.ContainsFunc(homes, func(home string) bool {
		top, below := strings.CutSuffix(home, "/...")
		return folder == top || below && strings.HasPrefix(folder, top+"/")
	})
}

func (s goFile) checkLibrary(spec *ast.ImportSpec, report reporter) {
	name := imported(spec)
	for library, homes := range libraries {
		if name != library && !strings.HasPrefix(name, library+"/") {
			continue
		}
		if homes != nil && !isHome(homes, s.folder) {
			report(spec.Pos(), "imports %s, which only %s may", name, strings.Join(homes, ", "))
		}
		return
	}
	report(spec.Pos(), "imports %s, a library without a line in libraries (mock/architecture_test.go)", name)
}

func (s goFile) checkBans(report reporter) {
	for _, b := range bans {
		if isHome(b.homes, s.folder) {
			continue
		}
		for name := range strings.FieldsSeq(b.names) {
			for _, at := range s.mentions(b.pkg, name) {
				report(at, "%s: %s", strings.TrimSuffix(b.pkg+"."+name, ".*"), b.instead)
			}
		}
	}
}

// checkSleep lets a test sleep only where time is not real.
func (s goFile) checkSleep(report reporter) {
	if len(s.mentions("testing/synctest", "*")) > 0 {
		return
	}
	for _, at := range s.mentions("time", "Sleep") {
		report(at, "time.Sleep: poll with a deadline, or use testing/synctest")
	}
}

// mentions finds uses of a package's name, called or not, under whatever name the package was imported; of "*" the
// import itself.
func (s goFile) mentions(pkg, name string) (found []token.Pos) {
	for _, spec := range s.file.Imports {
		if imported(spec) != pkg {
			continue
		}
		if name == "*" {
			return []token.Pos{spec.Pos()}
		}
		local := slashpath.Base(pkg)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		for node := range ast.Preorder(s.file) {
			if selector, ok := node.(*ast.SelectorExpr); ok && selector.Sel.Name == name && isNamed(selector.X, local) {
				found = append(found, selector.Pos())
			}
		}
	}
	return found
}

func (tree *goTree) checkSizes(s goFile, report reporter) {
	if lines := tree.fset.File(s.file.Pos()).LineCount(); lines > maxFile {
		report(tree.fset.File(s.file.Pos()).LineStart(lines), "the file has %d lines; at most %d", lines, maxFile)
	}
	for _, f := range s.functions() {
		if f.Recv == nil && f.Name.Name == "init" {
			report(f.Pos(), "func init: make it where it is used, or pass it in")
		}
		if lines := tree.length(f); lines > maxFunction {
			report(f.Pos(), "%s has %d lines; at most %d", f.Name.Name, lines, maxFunction)
		}
	}
}

func (s goFile) functions() (found []*ast.FuncDecl) {
	for _, declaration := range s.file.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok {
			found = append(found, f)
		}
	}
	return found
}

func checkPackage(folder string, sources []goFile, report reporter) {
	first := sources[0].file
	if _, known := tierOf(folder); !known {
		report(first.Name.Pos(), "package %s has no tier: give it one in tiers (mock/architecture_test.go)", folder)
	}
	if !slices.ContainsFunc(sources, func(s goFile) bool { return s.file.Doc != nil }) {
		report(first.Name.Pos(), "package %s has no package comment", folder)
	}
}

// checkVariables finds variables of a package that a function changes. The checker resolves names within the package;
// what other packages declare is unknown to it, and its errors about that say nothing.
func (tree *goTree) checkVariables(sources []goFile, report reporter) {
	files := make([]*ast.File, 0, len(sources))
	for _, s := range sources {
		files = append(files, s.file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Error: func(error) {}, Importer: noImports{}, FakeImportC: true}
	pkg, _ := config.Check(sources[0].folder, tree.fset, files, info)
	changed := func(target ast.Expr) {
		name := rootName(target)
		if v, ok := info.Uses[name].(*types.Var); ok && v.Parent() == pkg.Scope() {
			report(name.Pos(), "%s is a variable of the package and is changed: keep it in a value that is passed", name.Name)
		}
	}
	for _, file := range files {
		for node := range ast.Preorder(file) {
			eachChange(node, changed)
		}
		for _, name := range madeToChange(file) {
			report(name.Pos(), "%s is a variable of the package and is changed: keep it in a value that is passed", name.Name)
		}
	}
}

// eachChange calls changed for all that a statement assigns to, counts up, ranges into or deletes from.
func eachChange(node ast.Node, changed func(ast.Expr)) {
	switch n := node.(type) {
	case *ast.AssignStmt:
		for _, target := range n.Lhs {
			changed(target)
		}
	case *ast.IncDecStmt:
		changed(n.X)
	case *ast.RangeStmt:
		changed(n.Key)
		changed(n.Value)
	case *ast.CallExpr:
		if isNamed(n.Fun, "delete") || isNamed(n.Fun, "clear") {
			changed(n.Args[0])
		}
	}
}

// madeToChange finds variables of a package whose type has no other use. A sync.Pool and a sync.Once hold nothing
// that a caller could observe, so they are free.
func madeToChange(file *ast.File) (found []*ast.Ident) {
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok || general.Tok != token.VAR {
			continue
		}
		for _, spec := range general.Specs {
			variable := spec.(*ast.ValueSpec)
			of, ok := variable.Type.(*ast.SelectorExpr)
			if ok && (isNamed(of.X, "atomic") || isNamed(of.X, "sync") && of.Sel.Name != "Pool" && of.Sel.Name != "Once") {
				found = append(found, variable.Names...)
			}
		}
	}
	return found
}

// rootName is the name at which an expression begins: m of m[k].f.
func rootName(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

func isNamed(e ast.Expr, name string) bool {
	identifier, ok := e.(*ast.Ident)
	return ok && identifier.Name == name
}

func imported(spec *ast.ImportSpec) string {
	name, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return name
}

// noImports knows no other package.
type noImports struct{}

func (noImports) Import(name string) (*types.Package, error) {
	return nil, fmt.Errorf("%s is not looked into", name)
}
