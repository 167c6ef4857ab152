package watch

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxLinks is how many symlinks a path may go through, as on Linux.
const maxLinks = 40

// plan says which folders must be watched, by their real path, and what matters in each.
type plan map[string]*interest

// interest is what matters in a folder.
type interest struct {
	names   map[string]bool // these entries
	content bool            // and all relevant ones
}

// survey finds what must be watched for the folders: each itself; its parent, where it comes and goes;
// the nearest parent that exists, where it does not; and the place of each symlink on the way, to the
// folder and to its files, since a Kubernetes config map changes by swapping one (..data) that no file
// of ours is called after.
func survey(folders []string, relevant func(string) bool) plan {
	p := plan{}
	for _, folder := range folders {
		dir, ok := p.trace(folder)
		if !ok {
			continue
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		p.in(dir).content = true
		for _, entry := range entries {
			if entry.Type()&fs.ModeSymlink != 0 && relevant(entry.Name()) {
				p.trace(filepath.Join(dir, entry.Name()))
			}
		}
	}
	p.merge()
	return p
}

func (p plan) in(dir string) *interest {
	i := p[dir]
	if i == nil {
		i = &interest{names: map[string]bool{}}
		p[dir] = i
	}
	return i
}

// merge keeps one path of each folder that has several (bind mounts): the system knows it as one, and
// gives all its events to the path that was watched first.
func (p plan) merge() {
	var kept []string
	var infos []fs.FileInfo
	for _, dir := range slices.Sorted(maps.Keys(p)) {
		info, err := os.Stat(dir)
		if err != nil {
			continue
		}
		twin := slices.IndexFunc(infos, func(other fs.FileInfo) bool { return os.SameFile(info, other) })
		if twin < 0 {
			kept, infos = append(kept, dir), append(infos, info)
			continue
		}
		first := p.in(kept[twin])
		first.content = first.content || p[dir].content
		maps.Copy(first.names, p[dir].names)
		delete(p, dir)
	}
}

// trace follows an absolute path, notes each place where it could begin to lead elsewhere, and returns
// where it leads now. The folders above its last parent are left out, unless a symlink lies in them:
// watching them would cost more than it tells, and that they moved is found by aiming again.
func (p plan) trace(path string) (real string, ok bool) {
	dir, rest := split(path)
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		if name == "." || name == ".." {
			dir = filepath.Join(dir, name) // dir holds no symlink, so this is where the system goes too
			continue
		}
		at := filepath.Join(dir, name)
		info, err := os.Lstat(at)
		switch {
		case err != nil:
			p.in(dir).names[name] = true
			if !errors.Is(err, fs.ErrNotExist) { // closed to us: its parent hears when it is opened
				p.in(filepath.Dir(dir)).names[filepath.Base(dir)] = true
			}
			return "", false
		case info.Mode()&fs.ModeSymlink != 0:
			p.in(dir).names[name] = true
			target, err := os.Readlink(at)
			if links++; err != nil || links > maxLinks {
				return "", false
			}
			dir, rest = follow(dir, target, rest)
		case len(rest) == 0 || !info.IsDir():
			p.in(dir).names[name] = true
			return at, len(rest) == 0
		default:
			dir = at
		}
	}
	return dir, true
}

func follow(dir, target string, rest []string) (string, []string) {
	if filepath.IsAbs(target) {
		root, names := split(target)
		return root, append(names, rest...)
	}
	return dir, append(names(target), rest...)
}

// split takes an absolute path apart into its root and the names below.
func split(path string) (root string, below []string) {
	root = filepath.VolumeName(path) + string(filepath.Separator)
	return root, names(strings.TrimPrefix(path, root))
}

func names(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r < 0x80 && os.IsPathSeparator(uint8(r)) })
}
