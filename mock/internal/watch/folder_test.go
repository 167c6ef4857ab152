//go:build unix

package watch

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestFolderAppearsLater(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		top := t.TempDir()
		dir := filepath.Join(top, "a", "b", "fixtures")
		b := start(t, dir, quick(mode, dir))
		if !b.last.Folders[0].Missing {
			t.Error("a folder that is not there is not Missing")
		}
		b.check(os.MkdirAll(dir, 0o755))
		b.write("x.yaml", "X")
		b.wantSoon(map[string]string{"x.yaml": "X"})
		b.save("x.yaml", "Y") // and is watched from then on
		b.wantSoon(map[string]string{"x.yaml": "Y"})
	})
}

func TestFolderAppearsByRename(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		top := t.TempDir()
		dir := filepath.Join(top, "fixtures")
		b := start(t, dir, quick(mode, dir))
		made := filepath.Join(top, "made")
		b.check(os.Mkdir(made, 0o755))
		b.check(os.WriteFile(filepath.Join(made, "x.yaml"), []byte("X"), 0o644))
		b.check(os.Rename(made, dir))
		b.wantSoon(map[string]string{"x.yaml": "X"})
		b.save("x.yaml", "Y")
		b.wantSoon(map[string]string{"x.yaml": "Y"})
	})
}

func TestFolderRemovedAndMadeAgain(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := filepath.Join(t.TempDir(), "up", "fixtures")
		b := &bench{T: t, dir: dir}
		b.check(os.MkdirAll(dir, 0o755))
		b.write("x.yaml", "X")
		b = start(t, dir, quick(mode, dir))
		for range 2 {
			b.check(os.RemoveAll(filepath.Dir(dir)))
			b.wantSoon(map[string]string{".": "missing"})
			b.check(os.MkdirAll(dir, 0o755))
			b.write("x.yaml", "again")
			b.wantSoon(map[string]string{"x.yaml": "again"})
			b.save("x.yaml", "Y")
			b.wantSoon(map[string]string{"x.yaml": "Y"})
		}
	})
}

func TestFolderMadeAnewInOneGo(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := filepath.Join(t.TempDir(), "fixtures")
		b := &bench{T: t, dir: dir}
		b.check(os.Mkdir(dir, 0o755))
		b.write("x.yaml", "X")
		b = start(t, dir, quick(mode, dir))
		for _, data := range []string{"1", "2", "3", "4"} {
			b.check(os.RemoveAll(dir))
			b.check(os.Mkdir(dir, 0o755))
			b.write("x.yaml", data)
			b.wantSoon(map[string]string{"x.yaml": data})
			// The new folder often has the number of the old one, and yet it is not watched.
			b.save("x.yaml", "saved "+data)
			b.wantSoon(map[string]string{"x.yaml": "saved " + data})
		}
	})
}

func TestFolderBecomesASymlink(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		top := t.TempDir()
		dir, one, two := filepath.Join(top, "fixtures"), filepath.Join(top, "one"), filepath.Join(top, "two")
		b := &bench{T: t, dir: dir}
		for _, d := range []string{dir, one, two} {
			b.check(os.Mkdir(d, 0o755))
			b.check(os.WriteFile(filepath.Join(d, "x.yaml"), []byte(filepath.Base(d)), 0o644))
		}
		b = start(t, dir, quick(mode, dir))
		b.check(os.RemoveAll(dir))
		b.check(os.Symlink(one, dir))
		b.wantSoon(map[string]string{"x.yaml": "one"})
		b.check(os.Symlink("two", dir+".new"))
		b.check(os.Rename(dir+".new", dir))
		b.wantSoon(map[string]string{"x.yaml": "two"})
		b.check(os.WriteFile(filepath.Join(two, "x.yaml"), []byte("behind"), 0o644))
		b.wantSoon(map[string]string{"x.yaml": "behind"})
	})
}

// The system sends no event for a folder whose grandparent is moved away: the watch moves with it.
func TestFolderMovesWithItsGrandparent(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		top := t.TempDir()
		dir := filepath.Join(top, "a", "b", "fixtures")
		b := &bench{T: t, dir: dir}
		b.check(os.MkdirAll(dir, 0o755))
		b.write("x.yaml", "X")
		opts := quick(mode, dir)
		opts.Poll = lookEvery // no event tells of it
		b = start(t, dir, opts)
		b.check(os.Rename(filepath.Join(top, "a"), filepath.Join(top, "away")))
		b.wantSoon(map[string]string{".": "missing"})
		b.check(os.MkdirAll(dir, 0o755))
		b.write("x.yaml", "new")
		b.wantSoon(map[string]string{"x.yaml": "new"})
	})
}

func TestGrandparentIsExchanged(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		top := t.TempDir()
		dir, next := filepath.Join(top, "a", "b", "fixtures"), filepath.Join(top, "next", "b", "fixtures")
		b := &bench{T: t, dir: dir}
		b.check(os.MkdirAll(dir, 0o755))
		b.check(os.MkdirAll(next, 0o755))
		b.write("x.yaml", "old")
		b.check(os.WriteFile(filepath.Join(next, "x.yaml"), []byte("new"), 0o644))
		opts := quick(mode, dir)
		opts.Poll = lookEvery // no event tells of it
		b = start(t, dir, opts)
		b.check(os.Rename(filepath.Join(top, "a"), filepath.Join(top, "away")))
		b.check(os.Rename(filepath.Join(top, "next"), filepath.Join(top, "a")))
		b.wantSoon(map[string]string{"x.yaml": "new"})
		b.save("x.yaml", "saved")
		b.wantSoon(map[string]string{"x.yaml": "saved"})
	})
}

// A config map's volume: the files are symlinks through ..data, which alone is swapped.
func TestConfigMap(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := t.TempDir()
		b := &bench{T: t, dir: dir}
		publish := func(version, data string) {
			b.check(os.Mkdir(b.path(version), 0o755))
			b.write(filepath.Join(version, "leads.yaml"), data)
			b.check(os.Symlink(version, b.path("..data_tmp")))
			b.check(os.Rename(b.path("..data_tmp"), b.path("..data")))
		}
		publish("..2026_01", "one")
		b.check(os.Symlink(filepath.Join("..data", "leads.yaml"), b.path("leads.yaml")))
		b = start(t, dir, quick(mode, dir))
		publish("..2026_02", "two")
		b.check(os.RemoveAll(b.path("..2026_01")))
		b.wantNext(map[string]string{"leads.yaml": "two"})
		publish("..2026_03", "six")
		b.check(os.RemoveAll(b.path("..2026_02")))
		b.wantNext(map[string]string{"leads.yaml": "six"})
	})
}

func TestFileBehindASymlinkElsewhere(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir, far := t.TempDir(), t.TempDir()
		b := start(t, dir, quick(mode, dir))
		b.check(os.Symlink(filepath.Join(far, "shared"), b.path("x.yaml")))
		b.wantSoon(map[string]string{"x.yaml": "problem"})
		b.check(os.WriteFile(filepath.Join(far, "shared"), []byte("far"), 0o644))
		b.wantSoon(map[string]string{"x.yaml": "far"})
		b.check(os.WriteFile(filepath.Join(far, "shared"), []byte("off"), 0o644))
		b.wantSoon(map[string]string{"x.yaml": "off"})
	})
}

func TestWhatCannotBeRead(t *testing.T) {
	spoil := map[string]func(b *bench, path string){
		"a folder in its place": func(b *bench, path string) { b.check(os.Mkdir(path, 0o755)) },
		"a symlink to itself":   func(b *bench, path string) { b.check(os.Symlink(path, path)) },
		"a symlink to nothing":  func(b *bench, path string) { b.check(os.Symlink("nothing", path)) },
		"a named pipe":          func(b *bench, path string) { b.check(syscall.Mkfifo(path, 0o644)) },
		"too large":             func(b *bench, path string) { b.check(os.WriteFile(path, make([]byte, 101), 0o644)) },
		"no permission": func(b *bench, path string) {
			if os.Geteuid() == 0 {
				b.Skip("root may read everything")
			}
			b.check(os.WriteFile(path, []byte("secret"), 0))
		},
	}
	for name, spoil := range spoil {
		t.Run(name, func(t *testing.T) {
			inModes(t, func(t *testing.T, mode Mode) {
				dir := t.TempDir()
				opts := quick(mode, dir)
				opts.MaxFileBytes = 100
				b := start(t, dir, opts)
				b.write("x.yaml", "X")
				b.write("y.yaml", "Y")
				b.wantSoon(map[string]string{"x.yaml": "X", "y.yaml": "Y"})
				b.check(os.Remove(b.path("x.yaml")))
				spoil(b, b.path("x.yaml"))
				b.wantSoon(map[string]string{"x.yaml": "problem", "y.yaml": "Y"})
				b.check(os.Remove(b.path("x.yaml")))
				b.write("x.yaml", "healed")
				b.wantSoon(map[string]string{"x.yaml": "healed", "y.yaml": "Y"})
			})
		})
	}
}

func TestFileWhereTheFolderShouldBe(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := filepath.Join(t.TempDir(), "fixtures")
		b := &bench{T: t, dir: dir}
		b.check(os.WriteFile(dir, nil, 0o644))
		b = start(t, dir, quick(mode, dir))
		if got := b.last.Folders[0].Problems; len(got) != 1 || got[0].Err.Error() != dir+" is a file, not a folder" {
			t.Errorf("problems %v", got)
		}
		b.check(os.Remove(dir))
		b.check(os.Mkdir(dir, 0o755))
		b.write("x.yaml", "X")
		b.wantSoon(map[string]string{"x.yaml": "X"})
	})
}
