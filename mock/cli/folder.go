package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/salesos/salesos-mock/fixtures"
	"github.com/salesos/salesos-mock/mock/internal/fixture"
	"github.com/salesos/salesos-mock/mock/internal/generate"
)

// usualFolder is served when it is there and nothing else is asked for.
const usualFolder = "fixtures"

// How messages call what is inside the program.
const (
	builtIn          = "built-in fixtures"
	builtInScenarios = "built-in scenarios"
)

// source is where the data comes from, or the scenarios.
type source struct {
	folder    string // empty: what is inside the program
	note      string // what should be known about the choice; may be empty
	scenarios bool
}

// String names the source in messages.
func (s source) String() string {
	switch {
	case s.folder == "" && s.scenarios:
		return builtInScenarios
	case s.folder == "":
		return builtIn
	}
	return strings.TrimSuffix(filepath.ToSlash(s.folder), "/") + "/"
}

// chooseSource takes the folder that is asked for, else the usual one if it holds files for us, else the data inside
// the program. Many projects have a folder of that name with files that mean something else.
func chooseSource(asked string) source {
	if asked != "" {
		return source{folder: asked}
	}
	entries, err := os.ReadDir(usualFolder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return source{}
	case err != nil:
		return source{note: fmt.Sprintf("the folder %s cannot be read and is not served: %v", usualFolder, err)}
	case slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return isOurs(e.Name()) }):
		return source{folder: usualFolder}
	default:
		return source{note: "the folder " + usualFolder + " is not served: there is no *.schema.yaml, auth.yaml or routes.yaml in it"}
	}
}

// isOurs: a name that hardly anything else has.
func isOurs(name string) bool {
	stem := strings.TrimSuffix(name, path.Ext(name))
	return fixture.Relevant(name) && (strings.HasSuffix(stem, ".schema") || stem == "auth" || stem == "routes" || stem == "leads")
}

// read reads the files of a source. A folder without users of its own has those inside the program, as when it is
// served.
func (s source) read() (*fixture.Set, error) {
	set, err := s.readFiles()
	if err != nil || set.HasAuth {
		return set, err
	}
	shipped, err := source{}.readFiles()
	if err != nil {
		return nil, err
	}
	set.Auth = shipped.Auth
	return set, nil
}

func (s source) readFiles() (*fixture.Set, error) {
	var fsys fs.FS = fixtures.FS
	if s.folder != "" {
		fsys = os.DirFS(s.folder)
	}
	files, err := fixture.ReadFS(fsys, strings.TrimSuffix(s.String(), "/"))
	if err != nil {
		return nil, err
	}
	set, problems := fixture.Parse(files, fixture.Options{FakeFunctions: generate.Functions(), TakesChoices: generate.TakesChoices})
	return set, problems.Err()
}
