package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/fsnotify/fsnotify"
)

// notifier turns the system's events into one signal. A nil notifier is one that never hears anything.
type notifier struct {
	fs       *fsnotify.Watcher
	relevant func(string) bool
	log      *slog.Logger
	signal   chan struct{} // holds one: that something happened, not what
	done     chan struct{} // closed when no more events come
	watched  map[string]fs.FileInfo
	impaired bool // some folder could not be watched; like watched, for the loop's goroutine alone

	mu   sync.Mutex
	plan plan
}

func newNotifier(relevant func(string) bool, log *slog.Logger) (*notifier, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("no file events: %w", ofLimit(err))
	}
	n := &notifier{
		fs: watcher, relevant: relevant, log: log,
		signal: make(chan struct{}, 1), done: make(chan struct{}),
		watched: map[string]fs.FileInfo{},
	}
	go n.pump()
	return n, nil
}

// pump takes events as fast as they come, whatever the loop does: the kernel's queue is finite. It ends
// when fsnotify does.
func (n *notifier) pump() {
	defer close(n.done)
	events, errs := n.fs.Events, n.fs.Errors
	for events != nil {
		select {
		case event, ok := <-events:
			if !ok {
				events = nil
			} else if n.concerns(event.Name) {
				n.ring()
			}
		case err, ok := <-errs:
			if !ok {
				errs = nil
				continue
			}
			n.log.Debug("a file event was lost", "error", err)
			n.ring() // an overflow among others: what was lost is found by looking
		}
	}
}

func (n *notifier) ring() {
	select {
	case n.signal <- struct{}{}:
	default:
	}
}

// concerns keeps the writes of others from waking us: the parent of a folder may be a busy place.
func (n *notifier) concerns(path string) bool {
	path = filepath.Clean(path) // in the root folder it begins with two slashes
	dir, name := filepath.Dir(path), filepath.Base(path)
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.plan[path]; ok {
		return true // a watched folder itself: gone, moved, or opened to us
	}
	interest := n.plan[dir]
	return interest != nil && (interest.names[name] || interest.content && n.relevant(name))
}

// aim watches what the folders need now, and says whether that was another set than before.
func (n *notifier) aim(folders []string) (moved bool, err error) {
	// What is put under watch may change between the survey and the watch: survey until it agrees.
	for range 5 {
		again, failed := n.apply(survey(folders, n.relevant))
		moved, err = moved || again, failed
		if !again {
			break
		}
	}
	n.impaired = err != nil
	return moved, err
}

func (n *notifier) apply(p plan) (moved bool, err error) {
	n.mu.Lock()
	n.plan = p // before the watches: their first event must find it
	n.mu.Unlock()
	for dir := range n.watched {
		if _, ok := p[dir]; !ok {
			n.drop(dir)
		}
	}
	alive := n.fs.WatchList()
	var failures []error
	for dir := range p {
		added, err := n.watch(dir, slices.Contains(alive, dir))
		moved = moved || added
		if err != nil {
			failures = append(failures, err)
		}
	}
	// Sorted, since the plan is a map and the same failure must read the same.
	slices.SortFunc(failures, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return moved, errors.Join(failures...)
}

// watch puts a folder under watch, unless the one that is there is alive and on the same folder: a
// watch follows a folder that is moved away, and what then stands in its place is not watched.
func (n *notifier) watch(dir string, alive bool) (added bool, err error) {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		n.drop(dir)
		return false, nil // gone since the survey: the next one will know
	}
	if old, ok := n.watched[dir]; ok && alive && os.SameFile(old, info) {
		return false, nil
	}
	n.drop(dir)
	if err := n.fs.Add(dir); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return true, nil // gone since: the survey must be made again
		}
		return false, fmt.Errorf("cannot watch folder %s: %w", dir, ofLimit(err))
	}
	n.watched[dir] = info
	return true, nil
}

// drop ends a watch. The error says that it had ended already, which is as well.
func (n *notifier) drop(dir string) {
	if _, ok := n.watched[dir]; ok {
		delete(n.watched, dir)
		_ = n.fs.Remove(dir)
	}
}

// heard yields a value when something happened.
func (n *notifier) heard() <-chan struct{} {
	if n == nil {
		return nil
	}
	return n.signal
}

// ended is closed when no events will come any more.
func (n *notifier) ended() <-chan struct{} {
	if n == nil {
		return nil
	}
	return n.done
}

// drain says whether something happened since it was asked last.
func (n *notifier) drain() bool {
	select {
	case <-n.heard():
		return true
	default:
		return false
	}
}

// close ends the events and waits until their goroutines are gone.
func (n *notifier) close() {
	if n == nil {
		return
	}
	if err := n.fs.Close(); err != nil {
		n.log.Debug("closing the file events", "error", err)
	}
	<-n.done
}
