package watch

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deadline is for a machine that does much else; nothing waits for it unless something is broken.
const deadline = 20 * time.Second

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") && !strings.HasPrefix(name, ".")
}

// bench is a Watcher at work in a folder of its own.
type bench struct {
	*testing.T
	dir  string
	w    *Watcher
	news chan Snapshots
	last Snapshots
}

// inModes runs a test once in each mode that watches.
func inModes(t *testing.T, test func(*testing.T, Mode)) {
	for _, mode := range []Mode{Notify, Poll, Auto} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			test(t, mode)
		})
	}
}

// lookEvery is how often the tests look, where they do.
const lookEvery = 40 * time.Millisecond

// quick are options that make a test short. In mode Notify nothing is looked at: events alone must do.
func quick(mode Mode, folders ...string) Options {
	o := Options{Folders: folders, Relevant: isYAML, Mode: mode, Quiet: 20 * time.Millisecond, Poll: lookEvery}
	if mode == Notify {
		o.Poll = time.Hour
	}
	return o
}

// start loads and then runs; dir is where the bench's helpers work. It returns when the watcher is at
// rest and waits: what it finds at its start would prove nothing about its waiting. It is told to be so by
// a change in one folder more, the last.
func start(t *testing.T, dir string, opts Options) *bench {
	t.Helper()
	bell := t.TempDir()
	opts.Folders = append(slices.Clip(opts.Folders), bell)
	w, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	first, err := w.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, dir: dir, w: w, news: make(chan Snapshots, 1000), last: first}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx, func(s Snapshots) { b.news <- s }) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(deadline):
			t.Error("Run did not end with its context")
		}
	})
	if opts.Mode != Off {
		b.check(os.WriteFile(filepath.Join(bell, "bell.yaml"), nil, 0o644))
		b.next()
	}
	return b
}

func (b *bench) check(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) write(name, data string) {
	b.Helper()
	b.check(os.WriteFile(b.path(name), []byte(data), 0o644))
}

// save writes as editors do: beside, then over it.
func (b *bench) save(name, data string) {
	b.Helper()
	temporary := b.path("." + name + ".tmp~")
	b.check(os.WriteFile(temporary, []byte(data), 0o644))
	b.check(os.Rename(temporary, b.path(name)))
}

// next is the next announcement.
func (b *bench) next() Snapshots {
	b.Helper()
	select {
	case s := <-b.news:
		if s.Seq <= b.last.Seq {
			b.Errorf("announcement %d came after %d", s.Seq, b.last.Seq)
		}
		if s.sum() == b.last.sum() {
			b.Error("the same content was announced twice in a row")
		}
		b.last = s
		return s
	case <-time.After(deadline):
		b.Fatalf("nothing was announced; the last was %v", contents(b.last.Folders[0]))
		panic("not reached")
	}
}

// wantNext asks that the very next announcement holds this in its first folder.
func (b *bench) wantNext(want map[string]string) {
	b.Helper()
	if got := contents(b.next().Folders[0]); !maps.Equal(got, want) {
		b.Fatalf("announced %q, want %q", got, want)
	}
}

// wantSoon lets other announcements come before, where a change has several steps.
func (b *bench) wantSoon(want map[string]string) {
	b.Helper()
	for !maps.Equal(contents(b.last.Folders[0]), want) {
		b.next()
	}
}

// contents is a snapshot as a map; what could not be read says so.
func contents(s Snapshot) map[string]string {
	m := map[string]string{}
	if s.Missing {
		m["."] = "missing"
	}
	for _, f := range s.Files {
		m[f.Name] = string(f.Data)
	}
	for _, p := range s.Problems {
		m[p.Name] = "problem"
	}
	return m
}
