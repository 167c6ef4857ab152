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
	foreign   string // why the usual folder is not taken, though it is there; may be empty
	missing   bool   // the folder may appear while a server runs
	scenarios bool
}

// asked is the source that a flag or a variable names.
func asked(folder string, scenarios bool) source {
	_, err := os.Stat(folder)
	return source{folder: folder, missing: errors.Is(err, fs.ErrNotExist), scenarios: scenarios}
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

// chooseSource takes the folder that is asked for, else the usual one if there is one, else the data inside the
// program.
func chooseSource(folder string) source {
	if folder != "" {
		return asked(folder, false)
	}
	return usual(source{folder: usualFolder}, "no *.schema.yaml, leads.yaml, auth.yaml or routes.yaml", isOurs)
}

// usual takes the usual folder if it is there, even when it is still empty or cannot be read: what somebody will save
// in it must be served, and what keeps it from being read must be said. But many projects have a folder of that name
// with files that mean something else; such a one is left alone.
func usual(from source, lack string, ours func(name string) bool) source {
	info, err := os.Stat(from.folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return source{scenarios: from.scenarios}
	case err == nil && !info.IsDir():
		return source{scenarios: from.scenarios, foreign: "./" + from.folder + " is a file, not a folder"}
	}
	entries, err := os.ReadDir(from.folder)
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") })
	if err != nil || len(entries) == 0 || slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return ours(e.Name()) }) {
		return from
	}
	return source{scenarios: from.scenarios, foreign: fmt.Sprintf("./%s holds %s", from.folder, lack)}
}

// reservations are what should be known about the choice; may be empty.
func (s source) reservations() string {
	kind, flag := "data", usualFolder
	if s.scenarios {
		kind, flag = usualScenarios, usualScenarios
	}
	switch {
	case s.missing && s.scenarios:
		return s.folder + " does not exist yet: there are no scenarios until it appears"
	case s.missing:
		return s.folder + " does not exist yet: nothing is served until it appears"
	case s.foreign != "":
		return fmt.Sprintf("the built-in %s are used: %s (--%s %s takes the folder all the same)", kind, s.foreign, flag, flag)
	}
	return ""
}

// there is an error for a folder that does not exist, where nobody waits for it.
func (s source) there() error {
	if s.missing {
		return fmt.Errorf("the folder %s does not exist%s", s.folder, didYouMean(s.folder))
	}
	return nil
}

// isOurs: a name that hardly anything else has.
func isOurs(name string) bool {
	stem := strings.TrimSuffix(name, path.Ext(name))
	return fixture.Relevant(name) && (strings.HasSuffix(stem, ".schema") || stem == "auth" || stem == "routes" || stem == "leads")
}

// read reads the files of a source. A folder without users of its own has those inside the program, as when it is
// served.
func (s source) read() (*fixture.Set, error) {
	if err := s.there(); err != nil {
		return nil, err
	}
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
