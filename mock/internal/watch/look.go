package watch

import (
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	// racy is how long after a change each look compares bytes: a second save of the same length can
	// fall into the same tick of the file system's clock (network file systems count whole seconds).
	racy = 3 * time.Second
	// A look compares bytes each so many times at any rate: some file systems show old times and sizes
	// until a file is opened, and some tools set the time back.
	thorough = 8
)

// sight is what a folder looks like from outside, without reading a file: a cheap sign of change.
type sight map[string]stamp

// self is where a sight holds the folder itself.
const self = "."

// stamp is what the file system says of an entry, behind its symlinks.
type stamp struct {
	info fs.FileInfo // nil: there is only err
	err  string
}

func look(folder string, relevant func(string) bool) sight {
	names, err := list(folder, relevant)
	if err != nil {
		return sight{self: {err: err.Error()}}
	}
	s := make(sight, len(names)+1)
	s[self] = stampOf(folder)
	for _, name := range names {
		s[name] = stampOf(filepath.Join(folder, name))
	}
	return s
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{err: err.Error()}
	}
	return stamp{info: info}
}

func (s sight) same(t sight) bool {
	if len(s) != len(t) {
		return false
	}
	for name, a := range s {
		if b, ok := t[name]; !ok || !a.same(b) {
			return false
		}
	}
	return true
}

func (a stamp) same(b stamp) bool {
	switch {
	case a.info == nil || b.info == nil:
		return a.info == b.info && a.err == b.err
	case !os.SameFile(a.info, b.info) || a.info.Mode() != b.info.Mode():
		return false
	case a.info.IsDir():
		return true // its time tells of files that do not concern us
	}
	return a.info.Size() == b.info.Size() && a.info.ModTime().Equal(b.info.ModTime())
}

// interrupted says whether t looks like the middle of a save that began at s: a file without bytes
// that had some, or no folder where there was one.
func (s sight) interrupted(t sight) bool {
	for name, before := range s {
		if before.info == nil {
			continue
		}
		now := t[name].info
		if name == self && now == nil || name != self && before.info.Size() > 0 && now != nil && now.Size() == 0 {
			return true
		}
	}
	return false
}

// looks looks at all the folders.
func (w *Watcher) looks() []sight {
	all := make([]sight, len(w.paths))
	for i, path := range w.paths {
		all[i] = look(path, w.opts.Relevant)
	}
	return all
}

func sameSights(a, b []sight) bool {
	for i := range a {
		if !a[i].same(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

// differs looks whether the folders may hold something else than what was handed out last; the nth look
// compares the bytes too, where the look alone may be deceived.
func (w *Watcher) differs(nth int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known == nil || !sameSights(w.known.sights, w.looks()) {
		return true
	}
	if w.fresh == 0 && nth%thorough != 0 {
		return false
	}
	w.fresh = max(0, w.fresh-1)
	var s Snapshots
	for _, path := range w.paths {
		s.Folders = append(s.Folders, gather(path, w.opts.Relevant, w.opts.MaxFileBytes))
	}
	return s.sum() != w.known.sum
}

// midway says whether the folders, as they look now, seem to be in the middle of a save.
func (w *Watcher) midway(now []sight) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known == nil {
		return false
	}
	for i, before := range w.known.sights {
		if before.interrupted(now[i]) {
			return true
		}
	}
	return false
}
