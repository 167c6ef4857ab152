package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// portFile tells scripts on which port a server listens. It is there, whole, when the server can be called, and gone
// when the server has ended.
type portFile struct {
	path    string
	content []byte
}

// writePortFile writes beside the file and renames: nobody ever reads half of it.
func writePortFile(path, port string) (portFile, error) {
	f := portFile{path, []byte(port + "\n")}
	if err := writeWhole(f.path, f.content); err != nil {
		return portFile{}, fmt.Errorf("--port-file %s cannot be written: %w", path, withoutTemporary(err, path))
	}
	return f, nil
}

// withoutTemporary leaves out the name of the file that is written first, which nobody has given.
func withoutTemporary(err error, path string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder %s does not exist", filepath.Dir(path))
	}
	var of *fs.PathError
	var between *os.LinkError
	switch {
	case errors.As(err, &of):
		return of.Err
	case errors.As(err, &between):
		return between.Err
	}
	return err
}

// remove takes the file away, unless a later server has put its own there.
func (f portFile) remove() {
	if content, err := os.ReadFile(f.path); err == nil && bytes.Equal(content, f.content) {
		_ = os.Remove(f.path)
	}
}
