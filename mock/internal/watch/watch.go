// Package watch turns folders into "something changed" (control.md section 5): it tells its caller, once
// per change and with the new content, when the relevant files of some folders hold other bytes than before.
//
// It watches folders and never files, since a watch on a file dies with the first atomic save; it waits
// until a save has ended; and it falls back to looking again and again where the system sends no events
// (bind mounts, network file systems). It knows no formats and judges no content: which names are relevant
// is the caller's to say. The façade runs one Watcher; nothing else uses it.
package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Mode is how changes are found out.
type Mode string

// The modes, as `--watch` names them.
const (
	// Auto takes the system's events and looks for itself too: now and then where events are to be
	// trusted, as often as Poll where they are not.
	Auto Mode = "auto"
	// Notify takes the system's events alone.
	Notify Mode = "notify"
	// Poll looks again and again, and needs nothing of the system.
	Poll Mode = "poll"
	// Off watches nothing; Load still reads.
	Off Mode = "off"
)

// The values that stand where Options says nothing.
const (
	DefaultQuiet        = 100 * time.Millisecond
	DefaultPoll         = 500 * time.Millisecond
	DefaultMaxFileBytes = 64 << 20
)

// Options says what is watched, and how.
type Options struct {
	Folders      []string               // they need not exist yet; order is kept in Snapshots
	Relevant     func(name string) bool // by base name, called from several goroutines; nil: every name
	Mode         Mode                   // empty: Auto
	Quiet        time.Duration          // how long nothing may happen before a change counts as ended; 0: DefaultQuiet
	Poll         time.Duration          // between two looks in mode Poll; 0: DefaultPoll
	MaxFileBytes int64                  // a bigger file is a Problem; 0: DefaultMaxFileBytes
	Log          *slog.Logger           // nil: silent
}

// Snapshots is what all the folders held at one moment.
type Snapshots struct {
	// Seq grows with each reading of a Watcher. Load and Run may hand out readings at the same time:
	// the one with the greater Seq is the newer.
	Seq     uint64
	Folders []Snapshot // as in Options.Folders
}

// Watcher watches the folders of its Options. Run it once; Load may be called at any time.
type Watcher struct {
	opts   Options
	paths  []string // the folders, absolute: the working directory may change
	remote bool     // a folder lies on a file system that may send no events

	// mu is held through a whole reading, so that the order of Seq is the order of the readings.
	mu    sync.Mutex
	seq   uint64
	known *reading // the last one handed out; nil: none yet
	fresh int      // looks to come that compare bytes, see Watcher.differs

	stateMu sync.Mutex
	deaf    string // why there are no events; empty: there are
}

// reading is what a Watcher remembers of what it handed out.
type reading struct {
	sum    [32]byte
	sights []sight
}

// New checks the Options and whether the system can do what they ask. It starts nothing.
func New(opts Options) (*Watcher, error) {
	opts = opts.withDefaults()
	w := &Watcher{opts: opts}
	for _, folder := range opts.Folders {
		path, err := filepath.Abs(folder)
		if err != nil {
			return nil, fmt.Errorf("watch folder %q: %w", folder, err)
		}
		w.paths = append(w.paths, path)
		w.remote = w.remote || onRemote(path)
	}
	switch opts.Mode {
	case Poll, Off:
		return w, nil
	case Auto, Notify:
		return w, w.probe()
	}
	return nil, fmt.Errorf("watch mode %q is unknown: allowed are %s, %s, %s and %s", opts.Mode, Auto, Notify, Poll, Off)
}

func (o Options) withDefaults() Options {
	if o.Mode == "" {
		o.Mode = Auto
	}
	if o.Relevant == nil {
		o.Relevant = func(string) bool { return true }
	}
	if o.Quiet <= 0 {
		o.Quiet = DefaultQuiet
	}
	if o.Poll <= 0 {
		o.Poll = DefaultPoll
	}
	if o.MaxFileBytes <= 0 {
		o.MaxFileBytes = DefaultMaxFileBytes
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// probe finds out at the start, when a person still looks on, whether the system gives events at all.
func (w *Watcher) probe() error {
	fs, err := fsnotify.NewWatcher()
	if err == nil {
		return fs.Close()
	}
	if w.opts.Mode == Notify {
		return fmt.Errorf("watch mode %q: the system gives no file events (%w): use %q or %q", Notify, ofLimit(err), Poll, Auto)
	}
	w.setDeaf(ofLimit(err).Error())
	return nil
}

// ofLimit says which of the system's limits was reached: what the system says of it ("no space left on device") leads astray.
func ofLimit(err error) error {
	switch {
	case runtime.GOOS != "linux":
	case errors.Is(err, syscall.ENOSPC):
		return &limitError{"fs.inotify.max_user_watches", err}
	case errors.Is(err, syscall.EMFILE):
		return &limitError{"fs.inotify.max_user_instances or ulimit -n", err}
	}
	return err
}

// limitError is a limit of the system that was reached.
type limitError struct {
	name  string
	cause error
}

func (e *limitError) Error() string { return "the limit " + e.name + " is reached" }

func (e *limitError) Unwrap() error { return e.cause }

// Describe says in a few words how changes are found out now, for the start banner: "notify",
// "notify, and a look every 1s", "poll every 500ms", "off".
func (w *Watcher) Describe() string {
	switch w.opts.Mode {
	case Off, Notify:
		return string(w.opts.Mode)
	case Poll:
		return fmt.Sprintf("poll every %v", w.opts.Poll)
	}
	w.stateMu.Lock()
	defer w.stateMu.Unlock()
	switch {
	case w.deaf != "":
		return fmt.Sprintf("poll every %v (%s)", w.opts.Poll, w.deaf)
	case w.remote:
		return fmt.Sprintf("notify, and poll every %v (network or shared file system)", w.opts.Poll)
	}
	return fmt.Sprintf("notify, and a look every %v", w.interval(true))
}

// interval is the time between two looks. In mode Auto the looks are only a safety net while events
// come; in mode Notify they look at the watches, not at the files.
func (w *Watcher) interval(hearing bool) time.Duration {
	switch {
	case w.opts.Mode == Notify:
		return 4 * w.opts.Poll
	case w.opts.Mode == Auto && hearing && !w.remote:
		return 2 * w.opts.Poll
	}
	return w.opts.Poll
}

func (w *Watcher) setDeaf(why string) {
	w.stateMu.Lock()
	defer w.stateMu.Unlock()
	w.deaf = why
}

// Load reads all the folders now, and remembers what it read: Run announces only what differs from it.
// It serves the first load and a reload on demand. Its one error is that ctx ended.
func (w *Watcher) Load(ctx context.Context) (Snapshots, error) {
	s, _, err := w.take(ctx)
	return s, err
}

// Run calls changed whenever the content of the relevant files is another than what Load or Run handed
// out last, until ctx ends; a first call comes at once if nothing was handed out yet. changed is called
// by one goroutine, and what changes meanwhile is announced after it. Nothing is left running when Run
// returns. It returns nil when ctx ended.
func (w *Watcher) Run(ctx context.Context, changed func(Snapshots)) error {
	if changed == nil {
		return errors.New("watch: Run needs a function to call")
	}
	if w.opts.Mode == Off {
		<-ctx.Done()
		return nil
	}
	l := &loop{w: w}
	defer l.detach()
	l.run(ctx, changed)
	return nil
}

func (w *Watcher) loaded() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.known != nil
}

// take reads all the folders, remembers the reading, and says whether it is news.
func (w *Watcher) take(ctx context.Context) (s Snapshots, news bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := &reading{}
	for i, path := range w.paths {
		folder, seen, err := read(ctx, path, w.opts.Relevant, w.opts.MaxFileBytes)
		if err != nil {
			return Snapshots{}, false, err
		}
		folder.Folder = w.opts.Folders[i]
		s.Folders = append(s.Folders, folder)
		now.sights = append(now.sights, seen)
	}
	w.seq++
	s.Seq = w.seq
	now.sum = s.sum()
	news = w.known == nil || w.known.sum != now.sum
	if news {
		w.fresh = int(racy/w.opts.Poll) + 1
	}
	w.known = now
	return s, news, nil
}
