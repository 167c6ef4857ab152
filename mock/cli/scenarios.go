package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/salesos/salesos-mock/mock/internal/fixture"
)

// usualScenarios is offered when it is there and nothing else is asked for.
const usualScenarios = "scenarios"

// chooseScenarios takes the folder that is asked for, else the usual one if it holds scenarios for us, else what is
// inside the program.
func chooseScenarios(asked string) source {
	if asked != "" {
		return source{folder: asked, scenarios: true}
	}
	found, err := holdsScenarios(usualScenarios)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return source{scenarios: true}
	case err != nil:
		return source{scenarios: true, note: fmt.Sprintf("the folder %s cannot be read and is not used: %v", usualScenarios, err)}
	case found:
		return source{folder: usualScenarios, scenarios: true}
	default:
		return source{scenarios: true, note: "the folder " + usualScenarios + " is not used: no file in it has rules"}
	}
}

// holdsScenarios says whether a folder has a file that is meant as a scenario.
func holdsScenarios(folder string) (bool, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return fixture.Relevant(e.Name()) && !isOurs(e.Name()) && isScenario(filepath.Join(folder, e.Name()))
	}), nil
}

// isScenario looks into a file for what every scenario has, in YAML or JSON. A broken one has it, too.
func isScenario(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	data, err := os.ReadFile(path)
	return err == nil && regexp.MustCompile(`(?m)^["']?rules["']?\s*:|^\s*[{,]?\s*"rules"\s*:`).Match(data)
}
