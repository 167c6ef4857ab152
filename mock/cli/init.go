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
)

type initCommand struct {
	Dir   string `arg:"" optional:"" default:"." help:"Folder in which the folder fixtures is made."`
	Force bool   `help:"Write over files that are there."`
}

// Run writes all files or, when one of them is there already, none.
func (c *initCommand) Run(p *process) error {
	folder := filepath.Join(c.Dir, usualFolder)
	names, err := shippedFiles()
	if err != nil {
		return err
	}
	if there := existing(folder, names); len(there) > 0 && !c.Force {
		return fmt.Errorf("nothing was written, since these files are there already:\n  %s\n--force writes over them", strings.Join(there, "\n  "))
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, name := range names {
		if err := writeShipped(filepath.Join(folder, name), name, c.Force); err != nil {
			return err
		}
		if err := p.print("wrote %s\n", filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return p.print("\nNext: %s\nIt serves these files; save a change and it is there.\n", c.next(folder))
}

func (c *initCommand) next(folder string) string {
	if filepath.Clean(c.Dir) == "." {
		return program
	}
	return program + " --fixtures " + shellQuote(folder)
}

func shippedFiles() ([]string, error) {
	entries, err := fs.ReadDir(fixtures.FS, ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if fixture.Relevant(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

func existing(folder string, names []string) []string {
	var there []string
	for _, name := range names {
		path := filepath.Join(folder, name)
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			there = append(there, path)
		}
	}
	return there
}

// writeShipped relies on the system for not writing over a file that has come up meanwhile.
func writeShipped(path, name string, force bool) error {
	data, err := fs.ReadFile(fixtures.FS, name)
	if err != nil {
		return err
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(path, flags, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}
