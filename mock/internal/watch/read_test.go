package watch

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	b := &bench{T: t, dir: dir}
	b.write("b.yaml", "B")
	b.write("a.yaml", "")
	b.write("notes.txt", "no")
	b.write("big.yaml", "123456")
	s, err := Read(t.Context(), dir, isYAML, 5)
	b.check(err)
	if s.Folder != dir || s.Missing || s.Unsettled {
		t.Errorf("got %+v", s)
	}
	if len(s.Files) != 2 || s.Files[0].Name != "a.yaml" || s.Files[1].Name != "b.yaml" || string(s.Files[1].Data) != "B" {
		t.Errorf("files %+v", s.Files)
	}
	want := filepath.Join(dir, "big.yaml") + " is too large: allowed are 5 bytes"
	if len(s.Problems) != 1 || s.Problems[0].Name != "big.yaml" || s.Problems[0].Err.Error() != want {
		t.Errorf("problems %+v, want %s", s.Problems, want)
	}
}

func TestReadTakesEveryNameByDefault(t *testing.T) {
	dir := t.TempDir()
	b := &bench{T: t, dir: dir}
	b.write("notes.txt", "yes")
	s, err := Read(t.Context(), dir, nil, 0)
	b.check(err)
	if got := contents(s)["notes.txt"]; got != "yes" {
		t.Errorf("got %+v", s)
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	why := errors.New("told to stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := Read(ctx, t.TempDir(), nil, 0); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}

// Files that are replaced while they are read come out old or new, and never half.
func TestReadIsNeverTorn(t *testing.T) {
	dir := t.TempDir()
	b := &bench{T: t, dir: dir}
	versions := [][]byte{bytes.Repeat([]byte("a"), 300_000), bytes.Repeat([]byte("b"), 200_000)}
	b.write("x.yaml", string(versions[0]))
	ctx, cancel := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			_ = os.WriteFile(b.path("tmp"), versions[i%2], 0o644)
			_ = os.Rename(b.path("tmp"), b.path("x.yaml"))
		}
	})
	defer writer.Wait()
	defer cancel()
	for range 20 {
		s, err := Read(ctx, dir, isYAML, 0)
		b.check(err)
		if len(s.Files) != 1 || !bytes.Equal(s.Files[0].Data, versions[0]) && !bytes.Equal(s.Files[0].Data, versions[1]) {
			t.Fatalf("a torn file: %+v", s.Problems)
		}
	}
}

func TestSumTellsEverythingApart(t *testing.T) {
	one := func(s Snapshot) Snapshots { return Snapshots{Folders: []Snapshot{s}} }
	all := map[string]Snapshots{
		"empty":        one(Snapshot{}),
		"none":         {},
		"missing":      one(Snapshot{Missing: true}),
		"file":         one(Snapshot{Files: []File{{"a", []byte("b")}}}),
		"shifted":      one(Snapshot{Files: []File{{"ab", nil}}}),
		"renamed":      one(Snapshot{Files: []File{{"c", []byte("b")}}}),
		"two":          one(Snapshot{Files: []File{{"a", []byte("b")}, {"c", nil}}}),
		"problem":      one(Snapshot{Problems: []Problem{{"a", errors.New("b")}}}),
		"two folders":  {Folders: []Snapshot{{Files: []File{{"a", nil}}}, {}}},
		"other folder": {Folders: []Snapshot{{}, {Files: []File{{"a", nil}}}}},
	}
	seen := map[[32]byte]string{}
	for name, s := range all {
		if other, ok := seen[s.sum()]; ok {
			t.Errorf("%s and %s have the same sum", name, other)
		}
		seen[s.sum()] = name
	}
	s := one(Snapshot{})
	s.Seq, s.Folders[0].Unsettled = 7, true
	if s.sum() != all["empty"].sum() {
		t.Error("Seq and Unsettled are no content")
	}
}
