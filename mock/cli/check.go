package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/fixture"
)

type checkCommand struct {
	Paths     []string `arg:"" optional:"" name:"files" help:"Folders, or files: then the folder of each is checked, since its files belong together. Without any, what serve would serve."`
	Fixtures  text     `placeholder:"DIR" from:"SALESOS_MOCK_FIXTURES" help:"Folder with the data that is checked when none is named, and that scenarios are checked against."`
	Scenarios text     `placeholder:"DIR" from:"SALESOS_MOCK_SCENARIOS" help:"Folder with the scenarios that are checked when none is named."`
}

// Run says everything that is wrong with the files, on standard output: it is what was asked for.
func (c *checkCommand) Run(p *process) error {
	sources, err := c.sources()
	if err != nil {
		return err
	}
	var broken []string
	for _, s := range sources {
		problems, err := c.check(p, s)
		if err != nil {
			return err
		}
		if problems > 0 {
			broken = append(broken, fmt.Sprintf("%s: %s", s, count(problems, "problem", "problems")))
		}
	}
	if len(broken) > 0 {
		return errors.New(strings.Join(broken, "\n"+program+": "))
	}
	return nil
}

// sources are the folders to be checked, each once.
func (c *checkCommand) sources() ([]source, error) {
	if len(c.Paths) == 0 {
		return []source{chooseSource(string(c.Fixtures)), chooseScenarios(string(c.Scenarios))}, nil
	}
	var sources []source
	for _, path := range c.Paths {
		folder, err := folderOf(path)
		if err != nil {
			return nil, err
		}
		steering, err := holdsScenarios(folder)
		if err != nil {
			return nil, err
		}
		if s := (source{folder: folder, scenarios: steering}); !slices.Contains(sources, s) {
			sources = append(sources, s)
		}
	}
	return sources, nil
}

func folderOf(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%s does not exist%s", path, didYouMean(path))
	case err != nil:
		return "", err
	case info.IsDir():
		return filepath.Clean(path), nil
	case !fixture.Relevant(info.Name()):
		return "", fmt.Errorf("%s is neither a fixture nor a scenario file; allowed: names that end in .yaml, .yml or .json", path)
	default:
		return filepath.Dir(path), nil
	}
}

// didYouMean names the file of the folder that was probably meant.
func didYouMean(path string) string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return ""
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	if nearest := diag.Nearest(filepath.Base(path), names); nearest != "" {
		return fmt.Sprintf("; did you mean %s?", filepath.Join(filepath.Dir(path), nearest))
	}
	return ""
}

// check lets the server itself load the files, so that what passes here can be served.
func (c *checkCommand) check(p *process, s source) (problems int, err error) {
	if err := s.there(); err != nil {
		return 0, err
	}
	if s.foreign != "" {
		p.warn("%s", s.reservations())
	}
	if s.scenarios {
		return c.checkScenarios(p, s)
	}
	_, err = mock.New(mock.Fixtures(s.folder), mock.Watch("off"))
	var found diag.List
	switch {
	case errors.As(err, &found):
		return len(found), p.print("%s\n", found.Error())
	case err != nil:
		return 0, err
	}
	set, err := s.read()
	if err != nil {
		return 0, err
	}
	advice := set.Advice()
	if len(set.Resources) == 0 && len(set.Routes) == 0 {
		advice.Add(nothingIn(s, "it defines no data, so none is served"))
	}
	return 0, p.passed(s, summary(set), advice)
}

// nothingIn is the advice about a folder that could be served, though hardly anybody wants that.
func nothingIn(s source, what string) diag.Problem {
	return diag.Problem{Position: diag.Position{File: s.String()}, What: what + "; " + program + " init DIR writes files to begin with"}
}

// passed says that nothing is wrong, and what may not be meant.
func (p *process) passed(s source, summary string, advice diag.List) error {
	if err := p.print("%s: %s: no problems\n", s, summary); err != nil {
		return err
	}
	for _, a := range advice {
		if err := p.print("advice: %s\n", a.Error()); err != nil {
			return err
		}
	}
	return nil
}

// checkScenarios advises by the data that would be served with the scenarios, or, if that is broken, by what is inside
// the program: mistakes of the data are none of the scenarios'.
func (c *checkCommand) checkScenarios(p *process, s source) (problems int, err error) {
	for _, data := range []string{chooseSource(string(c.Fixtures)).folder, ""} {
		server, err := mock.New(mock.Fixtures(data), mock.Scenarios(s.folder), mock.Watch("off"))
		var found diag.List
		switch {
		case err == nil:
			scenarios, rules := server.Scenarios()
			advice := server.Advice()
			if scenarios == 0 {
				advice.Add(nothingIn(s, "there is no scenario in it"))
			}
			return 0, p.passed(s, count(scenarios, "scenario", "scenarios")+", "+count(rules, "rule", "rules"), advice)
		case !errors.As(err, &found):
			return 0, err
		}
		own := slices.DeleteFunc(found, func(one diag.Problem) bool { return !strings.HasPrefix(one.File, strings.TrimSuffix(s.String(), "/")) })
		if len(own) > 0 {
			return len(own), p.print("%s\n", own.Error())
		}
	}
	return 0, fmt.Errorf("%s cannot be checked", s)
}

// summary counts what the files amount to, made-up records included.
func summary(set *fixture.Set) string {
	parts := []string{count(len(set.Resources), "resource", "resources")}
	for _, r := range set.Resources {
		parts = append(parts, fmt.Sprintf("%d %s", len(r.Records)+r.Definition.Generate.Count, r.Definition.Name))
	}
	users := count(len(set.Auth.Users), "user", "users")
	if !set.HasAuth {
		users = "the " + users + " of the program"
	}
	parts = append(parts, users, count(len(set.Auth.Keys), "key", "keys"), count(len(set.Routes), "route", "routes"))
	return strings.Join(parts, ", ")
}
