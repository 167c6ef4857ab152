package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"

	"github.com/salesos/salesos-mock/mock/internal/fixture"
)

// usualScenarios is offered when it is there and nothing else is asked for.
const usualScenarios = "scenarios"

// chooseScenarios takes the folder that is asked for, else the usual one if there is one, else what is inside the
// program.
func chooseScenarios(folder string) source {
	if folder != "" {
		return asked(folder, true)
	}
	return usual(source{folder: usualScenarios, scenarios: true}, "no file with rules", func(name string) bool {
		if !fixture.Relevant(name) {
			return false
		}
		content := look(filepath.Join(usualScenarios, name))
		return content != otherContent && content != noFile
	})
}

// holdsScenarios says whether a folder is meant for scenarios: by a file in it, or by its name if nothing in it is
// a fixture.
func holdsScenarios(folder string) (bool, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return false, err
	}
	named, err := filepath.Abs(folder)
	if err != nil {
		return false, err
	}
	steering := filepath.Base(named) == usualScenarios
	for _, e := range entries {
		switch name := e.Name(); {
		case isOurs(name):
			steering = false
		case fixture.Relevant(name) && look(filepath.Join(folder, name)) == rules:
			return true, nil
		}
	}
	return steering, nil
}

// content is what a file seems to hold.
type content int

const (
	otherContent content = iota
	noFile               // a folder, a pipe
	nothing              // it is empty
	unreadable
	rules
)

// look finds in a file what every scenario has, in YAML or JSON. A broken one has it, too.
func look(path string) content {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return unreadable
	case !info.Mode().IsRegular():
		return noFile
	}
	data, err := os.ReadFile(path)
	switch {
	case err != nil:
		return unreadable
	case len(bytes.TrimSpace(data)) == 0:
		return nothing
	case regexp.MustCompile(`(?m)^["']?rules["']?\s*:|^\s*[{,]?\s*"rules"\s*:`).Match(data):
		return rules
	}
	return otherContent
}
