package clients_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the files into recipes/README.md anew")

// quotation is a file of a recipe on the page: its name as a link, then what is in it.
var quotation = regexp.MustCompile("(?m)^\\[`(.+)`\\]\\((.+)\\)\n\n```([a-z]+)\n((?s:.*?))^```$")

// notQuoted are files beside the recipes, which prove them and are not meant to be copied.
var notQuoted = []string{
	"containers/compose_test.go", "containers/doc.go", "containers/go.mod", "containers/go.sum", "cypress/tsconfig.json",
	"app/index.html", "app/page.js", "app/leads.js",
}

// The page shows each file of the recipes as it is, and so as it is run.
func TestTheRecipesPageQuotesTheFiles(t *testing.T) {
	t.Parallel()
	recipes := os.DirFS("recipes")
	page, err := fs.ReadFile(recipes, "README.md")
	if err != nil {
		t.Fatal(err)
	}
	var quoted []string
	text := quotation.ReplaceAllStringFunc(string(page), func(found string) string {
		parts := quotation.FindStringSubmatch(found)
		file, err := fs.ReadFile(recipes, parts[2])
		if err != nil {
			t.Fatal(err)
		}
		if quoted = append(quoted, parts[2]); parts[1] != parts[2] {
			t.Errorf("%s is called %s", parts[2], parts[1])
		}
		if string(file) != parts[4] && !*update {
			t.Errorf("recipes/README.md shows %s as it was; go test ./mock/clients -run Recipes -update writes it anew", parts[2])
		}
		return strings.TrimSuffix(found, parts[4]+"```") + string(file) + "```"
	})
	for _, file := range recipeFiles(t, recipes) {
		if !slices.Contains(quoted, file) {
			t.Errorf("recipes/README.md does not show %s", file)
		}
	}
	if *update {
		if err := os.WriteFile(filepath.Join("recipes", "README.md"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// recipeFiles are the files in the folders of the recipes.
func recipeFiles(t *testing.T, recipes fs.FS) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(recipes, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == "node_modules":
			return fs.SkipDir
		case !entry.IsDir() && strings.Contains(name, "/") && !slices.Contains(notQuoted, name):
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
