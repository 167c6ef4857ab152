package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/salesos/salesos-mock/fixtures"
	"github.com/salesos/salesos-mock/mock/internal/fixture"
	"github.com/salesos/salesos-mock/scenarios"
)

type initCommand struct {
	Dir   string `arg:"" optional:"" default:"." help:"Folder in which the folders fixtures and scenarios are made."`
	Force bool   `help:"Write over files that are there."`
}

// shippedFile is a file of the program, and where it is written to.
type shippedFile struct {
	path string
	from fs.FS
	name string
}

// Run writes all files or, when one of them is there already, none.
func (c *initCommand) Run(p *process) error {
	if info, err := os.Stat(c.Dir); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is a file, not a folder: name the folder in which the folders %s and %s are made", c.Dir, usualFolder, usualScenarios)
	}
	files, err := c.files()
	if err != nil {
		return err
	}
	if there := existing(files); len(there) > 0 && !c.Force {
		return fmt.Errorf("nothing was written, since these files are there already:\n  %s\n--force writes over them", strings.Join(there, "\n  "))
	}
	for _, file := range files {
		if err := os.MkdirAll(filepath.Dir(file.path), 0o755); err != nil {
			return err
		}
		if err := file.write(c.Force); err != nil {
			return err
		}
		if err := p.print("wrote %s\n", file.path); err != nil {
			return err
		}
	}
	return p.print("\nNext: %s\nIt serves these files; save a change and it is there.\n", c.next())
}

func (c *initCommand) next() string {
	if filepath.Clean(c.Dir) == "." {
		return program
	}
	return program + " --fixtures " + shellQuote(filepath.Join(c.Dir, usualFolder)) + " --scenarios " + shellQuote(filepath.Join(c.Dir, usualScenarios))
}

// files are all that the program has.
func (c *initCommand) files() ([]shippedFile, error) {
	var files []shippedFile
	for _, from := range []struct {
		folder string
		fs     fs.FS
	}{{usualFolder, fixtures.FS}, {usualScenarios, scenarios.FS}} {
		entries, err := fs.ReadDir(from.fs, ".")
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if fixture.Relevant(entry.Name()) {
				files = append(files, shippedFile{filepath.Join(c.Dir, from.folder, entry.Name()), from.fs, entry.Name()})
			}
		}
	}
	return files, nil
}

func existing(files []shippedFile) []string {
	var there []string
	for _, file := range files {
		if _, err := os.Lstat(file.path); err == nil {
			there = append(there, file.path)
		}
	}
	return there
}

// write relies on the system for not writing over a file that has come up meanwhile. Half a file is not left behind, and with
// force, what was there stays until the new one is whole.
func (f shippedFile) write(force bool) error {
	data, err := fs.ReadFile(f.from, f.name)
	if err != nil {
		return err
	}
	if force {
		if err := writeWhole(f.path, data); err != nil {
			return fmt.Errorf("write %s: %w", f.path, withoutTemporary(err, f.path))
		}
		return nil
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(f.path)
	}
	return err
}
