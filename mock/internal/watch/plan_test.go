//go:build unix

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
)

// drawn is a plan as text, with paths below top: "folder: names", and a * where all relevant names count.
func drawn(p plan, top string) []string {
	var lines []string
	for dir, interest := range p {
		names := slices.Sorted(maps.Keys(interest.names))
		if interest.content {
			names = append(names, "*")
		}
		rel, _ := filepath.Rel(top, dir)
		lines = append(lines, rel+": "+strings.Join(names, " "))
	}
	slices.Sort(lines)
	return lines
}

func TestSurvey(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, dir: top}
	b.check(os.MkdirAll(b.path("real/in/..v1"), 0o755))
	b.write("real/in/..v1/x.yaml", "X")
	b.write("file", "")
	for link, target := range map[string]string{
		"real/in/..data": "..v1", "real/in/x.yaml": "./..data/x.yaml", "real/in/notes": "nowhere",
		"via": "real", "absolute": top + "/via/in", "up": "real/../via/in", "self": "self",
	} {
		b.check(os.Symlink(target, b.path(link)))
	}
	content := []string{"real/in/..v1: x.yaml", "real/in: ..data x.yaml *"}
	cases := map[string][]string{
		"real/in":          append([]string{"real: in"}, content...),
		"via/in":           append([]string{".: via", "real: in"}, content...),
		"absolute":         append([]string{".: absolute via", "real: in"}, content...),
		"up":               append([]string{".: up via", "real: in"}, content...),
		"real/none/deeper": {"real: none"},
		"file/below":       {".: file"},
		"self":             {".: self"},
	}
	for folder, want := range cases {
		slices.Sort(want)
		if got := drawn(survey([]string{b.path(folder)}, isYAML), top); !slices.Equal(got, want) {
			t.Errorf("%s needs\n%q, want\n%q", folder, got, want)
		}
	}
	// Two paths to one folder, as bind mounts make them: the system sends the events to one.
	p := plan{}
	p.in(b.path("real")).names["in"] = true
	p.in(b.path("via")).content = true
	p.merge()
	if got := drawn(p, top); !slices.Equal(got, []string{"real: in *"}) {
		t.Errorf("merged into %q", got)
	}
}

func TestOnRemoteOfALocalFolder(t *testing.T) {
	if local := "/proc/self"; onRemote(local) || onRemote(local+"/none/such") {
		t.Error("/proc is not remote")
	}
}

// Whatever ends the events, the watcher goes on without them and then with new ones.
func TestEventsThatEndAreBegunAgain(t *testing.T) {
	for _, mode := range []Mode{Notify, Auto} {
		t.Run(string(mode), func(t *testing.T) {
			dir := t.TempDir()
			opts := quick(mode, dir)
			opts.Poll = time.Minute // so that nothing is found by looking
			b := &bench{T: t, dir: dir, news: make(chan Snapshots, 100)}
			w, err := New(opts)
			b.check(err)
			b.last, err = w.Load(t.Context())
			b.check(err)
			l := &loop{w: w}
			l.attach()
			broken := l.events.fs
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer l.detach()
				l.run(ctx, func(s Snapshots) { b.news <- s })
			}()
			defer func() { cancel(); <-done }()
			b.save("x.yaml", "one")
			b.wantSoon(map[string]string{"x.yaml": "one"})
			b.check(broken.Close())
			b.save("x.yaml", "two")
			b.wantSoon(map[string]string{"x.yaml": "two"})
			b.save("x.yaml", "six")
			b.wantSoon(map[string]string{"x.yaml": "six"})
		})
	}
}
