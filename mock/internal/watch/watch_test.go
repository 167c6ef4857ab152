package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSaves(t *testing.T) {
	saves := map[string]func(b *bench, data string){
		"overwrite": func(b *bench, data string) { b.write("leads.yaml", data) },
		"atomic rename": func(b *bench, data string) {
			b.save("leads.yaml", data)
		},
		"backup, then new": func(b *bench, data string) {
			b.check(os.Rename(b.path("leads.yaml"), b.path("leads.yaml~")))
			b.write("leads.yaml", data)
		},
		"remove, then new": func(b *bench, data string) {
			b.check(os.Remove(b.path("leads.yaml")))
			b.write("leads.yaml", data)
		},
		"same length, time set back": func(b *bench, data string) {
			info, err := os.Stat(b.path("leads.yaml"))
			b.check(err)
			b.write("leads.yaml", data)
			b.check(os.Chtimes(b.path("leads.yaml"), info.ModTime(), info.ModTime()))
		},
		"hard link over it": func(b *bench, data string) {
			b.write("other", data)
			b.check(os.Remove(b.path("leads.yaml")))
			b.check(os.Link(b.path("other"), b.path("leads.yaml")))
		},
	}
	for name, save := range saves {
		t.Run(name, func(t *testing.T) {
			inModes(t, func(t *testing.T, mode Mode) {
				dir := t.TempDir()
				(&bench{T: t, dir: dir}).write("leads.yaml", "one")
				b := start(t, dir, quick(mode, dir))
				for _, data := range []string{"two", "six", "ten"} {
					save(b, data)
					b.wantSoon(map[string]string{"leads.yaml": data})
				}
			})
		})
	}
}

func TestUnchangedContentIsNotAnnounced(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := t.TempDir()
		b := start(t, dir, quick(mode, dir))
		b.write("leads.yaml", "one")
		b.wantSoon(map[string]string{"leads.yaml": "one"})
		b.write("leads.yaml", "one")
		b.save("leads.yaml", "one")
		b.check(os.Chtimes(b.path("leads.yaml"), time.Time{}, time.Unix(1, 0)))
		b.check(os.Chmod(b.path("leads.yaml"), 0o600))
		b.write(".leads.yaml.swp", "an editor's")
		b.write("4913", "")
		b.check(os.Mkdir(b.path("folder"), 0o755))
		// The next announcement is of this change, so none of the above was announced.
		b.save("leads.yaml", "two")
		b.wantNext(map[string]string{"leads.yaml": "two"})
	})
}

func TestAddedAndRemovedFiles(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := t.TempDir()
		b := start(t, dir, quick(mode, dir))
		b.save("a.yaml", "A")
		b.wantSoon(map[string]string{"a.yaml": "A"})
		b.save("b.yaml", "B")
		b.wantSoon(map[string]string{"a.yaml": "A", "b.yaml": "B"})
		b.check(os.Rename(b.path("a.yaml"), b.path("c.yaml")))
		b.wantSoon(map[string]string{"b.yaml": "B", "c.yaml": "A"})
		b.check(os.Remove(b.path("b.yaml")))
		b.wantSoon(map[string]string{"c.yaml": "A"})
	})
}

func TestHalfASaveIsNotAnnounced(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := t.TempDir()
		(&bench{T: t, dir: dir}).write("leads.yaml", "whole")
		opts := quick(mode, dir)
		opts.Quiet = 400 * time.Millisecond
		b := start(t, dir, opts)
		f, err := os.OpenFile(b.path("leads.yaml"), os.O_WRONLY|os.O_TRUNC, 0)
		b.check(err)
		defer f.Close()
		// A slow writer: longer without a byte than a quiet time, then in pieces.
		<-time.After(opts.Quiet + 200*time.Millisecond)
		for i := range 5 {
			_, err = fmt.Fprintf(f, "part %d, ", i)
			b.check(err)
			<-time.After(20 * time.Millisecond)
		}
		b.wantNext(map[string]string{"leads.yaml": "part 0, part 1, part 2, part 3, part 4, "})
	})
}

// A file that grows is announced when it has stopped growing.
func TestALongSaveIsAnnouncedOnce(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := t.TempDir()
		opts := quick(mode, dir)
		opts.Quiet = 400 * time.Millisecond
		b := start(t, dir, opts)
		f, err := os.Create(b.path("leads.yaml"))
		b.check(err)
		defer f.Close()
		var whole strings.Builder
		for i := range 40 {
			line := fmt.Sprintf("line %d\n", i)
			whole.WriteString(line)
			_, err = f.WriteString(line)
			b.check(err)
			<-time.After(30 * time.Millisecond)
		}
		b.wantNext(map[string]string{"leads.yaml": whole.String()})
	})
}

func TestAFolderThatNeverRestsIsReadAllTheSame(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := t.TempDir()
		b := start(t, dir, quick(mode, dir))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for i := 0; ctx.Err() == nil; i++ {
				_ = os.WriteFile(b.path("busy.yaml"), []byte(strings.Repeat("x", 1+i%1000)), 0o644)
				<-time.After(time.Millisecond)
			}
		}()
		b.next()
		b.next()
		cancel()
		<-ended
		b.save("busy.yaml", "rest")
		b.wantSoon(map[string]string{"busy.yaml": "rest"})
	})
}

func TestEveryLastWordIsHeard(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := t.TempDir()
		b := start(t, dir, quick(mode, dir))
		for round := range 10 {
			for i := range round * 7 {
				b.save("leads.yaml", fmt.Sprint("draft ", i))
			}
			b.save("leads.yaml", fmt.Sprint("final ", round))
			b.wantSoon(map[string]string{"leads.yaml": fmt.Sprint("final ", round)})
		}
	})
}

func TestSeveralFolders(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir, other := t.TempDir(), t.TempDir()
		b := start(t, dir, quick(mode, other, dir, dir))
		b.save("x.yaml", "X")
		s := b.next()
		if len(s.Folders) != 4 || s.Folders[0].Folder != other || len(s.Folders[0].Files) != 0 {
			t.Errorf("the first folder is %+v", s.Folders[0])
		}
		for _, folder := range s.Folders[1:3] {
			if folder.Folder != dir || contents(folder)["x.yaml"] != "X" {
				t.Errorf("folder %+v does not hold x.yaml", folder)
			}
		}
		b.check(os.WriteFile(filepath.Join(other, "y.yaml"), []byte("Y"), 0o644))
		b.wantSoon(map[string]string{"y.yaml": "Y"})
	})
}

func TestFirstReading(t *testing.T) {
	dir := t.TempDir()
	(&bench{T: t, dir: dir}).write("a.yaml", "A")
	w, err := New(quick(Poll, dir))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var got []Snapshots
	if err := w.Run(ctx, func(s Snapshots) { got = append(got, s); cancel() }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || contents(got[0].Folders[0])["a.yaml"] != "A" {
		t.Errorf("without Load, Run announced %+v", got)
	}
}

// What was saved between Load and Run would otherwise be served only after the next save.
func TestSavedBetweenLoadAndRun(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := t.TempDir()
		w, err := New(quick(mode, dir))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		(&bench{T: t, dir: dir}).write("a.yaml", "A")
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		var got map[string]string
		err = w.Run(ctx, func(s Snapshots) { got = contents(s.Folders[0]); cancel() })
		if err != nil || got["a.yaml"] != "A" {
			t.Errorf("announced %q, %v", got, err)
		}
	})
}

func TestChangesDuringTheCallbackAreAnnouncedAfterIt(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := t.TempDir()
		b := &bench{T: t, dir: dir}
		w, err := New(quick(mode, dir))
		b.check(err)
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		var got []string
		err = w.Run(ctx, func(s Snapshots) {
			got = append(got, contents(s.Folders[0])["a.yaml"])
			if len(got) == 4 {
				cancel()
				return
			}
			b.save("a.yaml", fmt.Sprint("save ", len(got)))
		})
		if want := []string{"", "save 1", "save 2", "save 3"}; err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("announced %q, %v; want %q", got, err, want)
		}
	})
}

// A reload on demand has handed out the news already.
func TestLoadWhileRunning(t *testing.T) {
	inModes(t, func(t *testing.T, mode Mode) {
		dir := t.TempDir()
		opts := quick(mode, dir)
		opts.Quiet = 500 * time.Millisecond
		b := start(t, dir, opts)
		b.write("a.yaml", "one")
		s, err := b.w.Load(t.Context())
		b.check(err)
		if got := contents(s.Folders[0])["a.yaml"]; got != "one" {
			t.Errorf("Load read %q", got)
		}
		b.last = s
		b.write("a.yaml", "two")
		b.wantNext(map[string]string{"a.yaml": "two"})
	})
}

func TestModeOff(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, quick(Off, dir))
	b.write("a.yaml", "A")
	s, err := b.w.Load(t.Context())
	b.check(err)
	if contents(s.Folders[0])["a.yaml"] != "A" {
		t.Errorf("Load read %+v", s)
	}
	select {
	case s := <-b.news:
		t.Errorf("announced %+v", s)
	default:
	}
}

func TestNewRefusesAnUnknownMode(t *testing.T) {
	_, err := New(Options{Mode: "inotify"})
	want := `watch mode "inotify" is unknown: allowed are auto, notify, poll and off`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestDescribe(t *testing.T) {
	dir := t.TempDir()
	for mode, want := range map[Mode]string{
		Off: "off", Notify: "notify", Poll: "poll every 500ms", "": "notify, and a look every 1s",
	} {
		w, err := New(Options{Mode: mode, Folders: []string{dir}})
		if err != nil {
			t.Fatal(err)
		}
		w.remote = false // wherever the temporary folder lies
		if got := w.Describe(); got != want {
			t.Errorf("mode %q: %q, want %q", mode, got, want)
		}
	}
	w, _ := New(Options{Folders: []string{dir}})
	w.remote = true
	if got, want := w.Describe(), "notify, and poll every 500ms (network or shared file system)"; got != want {
		t.Errorf("remote: %q, want %q", got, want)
	}
	w.setDeaf("too many open files")
	if got, want := w.Describe(), "poll every 500ms (too many open files)"; got != want {
		t.Errorf("without events: %q, want %q", got, want)
	}
}

// The bounds that a person at the editor feels (design.md section 1), with room for a busy machine: the
// best of several saves counts, since one may fall into somebody else's burst.
func TestLatency(t *testing.T) {
	for mode, bound := range map[Mode]time.Duration{
		Notify: 200 * time.Millisecond, Auto: 200 * time.Millisecond, Poll: 900 * time.Millisecond,
	} {
		t.Run(string(mode), func(t *testing.T) {
			dir := t.TempDir()
			b := start(t, dir, Options{Folders: []string{dir}, Relevant: isYAML, Mode: mode})
			best := time.Hour
			for i := range 5 {
				begun := time.Now()
				b.save("leads.yaml", fmt.Sprint(i))
				b.wantNext(map[string]string{"leads.yaml": fmt.Sprint(i)})
				best = min(best, time.Since(begun))
			}
			if best > 2*bound {
				t.Errorf("announced after %v at best, want %v", best, bound)
			}
			if best < DefaultQuiet*3/4 {
				t.Errorf("announced after %v: nobody waited for the save to end", best)
			}
			t.Logf("best of five: %v", best)
		})
	}
}
