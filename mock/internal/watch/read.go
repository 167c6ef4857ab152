package watch

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A reading that meets a save in progress is tried again, so often and after such a pause; what then
// still changes is handed out as it is, marked as Unsettled.
const (
	readTries = 10
	readPause = 20 * time.Millisecond
)

// File is a relevant file of a folder.
type File struct {
	Name string // base name
	Data []byte
}

// Problem is a relevant name, or the folder itself, that could not be read.
type Problem struct {
	Name string // base name; empty: the folder
	Err  error
}

// Snapshot is what one folder held at one moment.
type Snapshot struct {
	Folder    string    // as the caller named it
	Missing   bool      // there is no such folder; that is not a Problem
	Files     []File    // by name
	Problems  []Problem // the folder first, then by name
	Unsettled bool      // the files changed as fast as they were read: they may not belong together
}

// Read reads the relevant files of a folder, all as they were at one moment: when something changes
// meanwhile it reads again. A nil relevant takes every name, a maxFileBytes of 0 is DefaultMaxFileBytes.
// What cannot be read is in the Snapshot; the one error is that ctx ended.
func Read(ctx context.Context, folder string, relevant func(name string) bool, maxFileBytes int64) (Snapshot, error) {
	o := Options{Relevant: relevant, MaxFileBytes: maxFileBytes}.withDefaults()
	s, _, err := read(ctx, folder, o.Relevant, o.MaxFileBytes)
	return s, err
}

func read(ctx context.Context, folder string, relevant func(string) bool, limit int64) (Snapshot, sight, error) {
	for try := 1; ; try++ {
		if err := ctx.Err(); err != nil {
			return Snapshot{}, nil, context.Cause(ctx)
		}
		before := look(folder, relevant)
		s := gather(folder, relevant, limit)
		s.Unsettled = !before.same(look(folder, relevant))
		// The sight before is the one to remember: what came after it is then found by the next look.
		if !s.Unsettled || try == readTries {
			return s, before, nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(readPause):
		}
	}
}

// gather reads a folder once.
func gather(folder string, relevant func(string) bool, limit int64) Snapshot {
	s := Snapshot{Folder: folder}
	names, err := list(folder, relevant)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.Missing = true
	case err != nil:
		s.Problems = append(s.Problems, Problem{Err: err})
	}
	for _, name := range names {
		data, err := readFile(filepath.Join(folder, name), limit)
		if err != nil {
			s.Problems = append(s.Problems, Problem{Name: name, Err: err})
			continue
		}
		s.Files = append(s.Files, File{Name: name, Data: data})
	}
	return s
}

// list names the relevant entries of a folder in order.
func list(folder string, relevant func(string) bool) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		if info, e := os.Stat(folder); e == nil && !info.IsDir() {
			return nil, fmt.Errorf("%s is a file, not a folder", folder)
		}
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if relevant(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// readFile reads a regular file. It opens without blocking, or a named pipe would hold it for ever.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder, not a file", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	data := make([]byte, 0, min(info.Size(), limit)+1)
	data, err = appendAll(data, io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is too large: allowed are %d bytes", path, limit)
	}
	return data, err
}

// appendAll reads to the end into the room that data has, and makes more if the file grew.
func appendAll(data []byte, r io.Reader) ([]byte, error) {
	for {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// sum is a hash over all that a caller can tell apart: names, bytes and what could not be read.
func (s Snapshots) sum() [32]byte {
	h := sha256.New()
	for _, folder := range s.Folders {
		fmt.Fprintf(h, "folder %t %d %d\n", folder.Missing, len(folder.Files), len(folder.Problems))
		for _, file := range folder.Files {
			writeSized(h, []byte(file.Name))
			writeSized(h, file.Data)
		}
		for _, problem := range folder.Problems {
			writeSized(h, []byte(problem.Name))
			writeSized(h, []byte(problem.Err.Error()))
		}
	}
	return [32]byte(h.Sum(nil))
}

// writeSized writes the length too, so that no two lists of names and contents run into the same bytes.
func writeSized(h hash.Hash, data []byte) {
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(data))))
	h.Write(data)
}
