package session_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// lasting is an exchange that may be recorded later.
func lasting(w *session.World, path string) *journal.Exchange {
	return &journal.Exchange{
		Session: w.ID, ID: path, Began: time.Unix(1, 0), Method: http.MethodGet, Path: path, Target: "/api" + path, Status: http.StatusOK,
		Operation: "getLead", ResponseHeader: []journal.Header{{Name: "X-Path", Value: path}}, BodyShared: true, Lasting: true,
	}
}

func recording(tb testing.TB, o session.Options) (*session.Manager, *session.World) {
	o.Journal = journal.New(journal.Options{})
	o.Totals = session.NewTotals(1000)
	m, _ := manager(tb, o)
	return m, m.Default()
}

// TestWhatWaitsIsThereForWhoeverAsks: nobody can tell that recording waits for company.
func TestWhatWaitsIsThereForWhoeverAsks(t *testing.T) {
	t.Parallel()
	for name, count := range map[string]func(*session.Manager) int{
		"the journal":       func(m *session.Manager) int { return len(m.Journal().List(journal.Filter{Session: session.Every})) },
		"the audit":         func(m *session.Manager) int { r, _ := m.Audit(session.Default); return r.Requests },
		"the audit of all":  func(m *session.Manager) int { r, _ := m.Audit(session.Every); return r.Requests },
		"the totals":        func(m *session.Manager) int { return m.Totals().Calls(session.Every)["getLead"] },
		"what totals judge": func(m *session.Manager) int { r, _ := m.Total(session.Every); return r.Requests },
		"a sweep":           func(m *session.Manager) int { m.Sweep(); return 2 - m.Unsettled() },
		"a follower":        func(m *session.Manager) int { m.Follow(session.Every, 0).Close(); return 2 - m.Unsettled() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, w := recording(t, session.Options{})
			w.Record(lasting(w, "/leads/1"))
			w.Record(lasting(w, "/leads/2"))
			if n := m.Unsettled(); n != 2 {
				t.Fatalf("%d wait", n)
			}
			if n := count(m); n != 2 {
				t.Errorf("%d of 2 are there", n)
			}
		})
	}
}

func TestWhatMayNotWaitDoesNot(t *testing.T) {
	t.Parallel()
	m, w := recording(t, session.Options{})
	for _, change := range []func(x *journal.Exchange){
		func(x *journal.Exchange) { x.Lasting = false },
		func(x *journal.Exchange) { x.RequestBody = make([]byte, 5<<10) },
	} {
		w.Record(lasting(w, "/first"))
		x := lasting(w, "/second")
		change(x)
		if w.Record(x); m.Unsettled() != 0 {
			t.Errorf("%d wait behind %+v", m.Unsettled(), x)
		}
	}
	for range 10_000 {
		if w.Record(lasting(w, "/many")); m.Unsettled() >= 64 {
			t.Fatalf("%d wait", m.Unsettled())
		}
	}
	followed := m.Follow(session.Every, 0)
	defer followed.Close()
	w.Record(lasting(w, "/followed"))
	select {
	case e := <-followed.C:
		if e.Path != "/followed" {
			t.Errorf("%s came", e.Path)
		}
	default:
		t.Error("the follower is not told at once")
	}
}

// TestTheHeadersOfAnAnswerMayBeUsedAgain: their memory belongs to the request that is over.
func TestTheHeadersOfAnAnswerMayBeUsedAgain(t *testing.T) {
	t.Parallel()
	m, w := recording(t, session.Options{})
	x := lasting(w, "/leads/1")
	w.Record(x)
	x.ResponseHeader[0].Value = "another"
	w.Finish(x, time.Minute, true)
	got := m.Journal().Find(w.ID, "/leads/1")
	if h := got.View().Response.Headers; h["X-Path"][0] != "/leads/1" || got.Duration != time.Minute || !got.Gone {
		t.Errorf("%+v after %s", h, got.Duration)
	}
}

func TestWhatWaitedDoesNotOutliveItsSession(t *testing.T) {
	t.Parallel()
	m, w := recording(t, session.Options{})
	w.Record(lasting(w, "/leads/1"))
	w.Reset(m.Generation())
	other, _ := m.Use("other")
	other.Record(lasting(other, "/leads/2"))
	m.Drop("other")
	if all := m.Journal().List(journal.Filter{Session: session.Every}); len(all) > 0 {
		t.Errorf("%d entries, the first of %s", len(all), all[0].Path)
	}
	if n := m.Totals().Calls(session.Every)["getLead"]; n != 2 {
		t.Errorf("the totals have %d of 2", n)
	}
}

// TestRecordingAtOnce: each exchange is found by the one who recorded it, and in the end all are there once, in order.
func TestRecordingAtOnce(t *testing.T) {
	t.Parallel()
	const writers, each = 8, 200
	m, _ := recording(t, session.Options{})
	var group sync.WaitGroup
	for n := range writers {
		group.Go(func() {
			w, _ := m.Use(fmt.Sprint("s", n%3))
			for i := range each {
				path := fmt.Sprintf("/%d/%d", n, i)
				w.Record(lasting(w, path))
				if i%17 == 0 && m.Journal().Find(w.ID, path) == nil {
					t.Errorf("%s is not there", path)
				}
			}
		})
	}
	group.Wait()
	all, seen, last := m.Journal().List(journal.Filter{Session: session.Every}), map[string]bool{}, uint64(0)
	for _, e := range all {
		if seen[e.Path] || e.Seq <= last {
			t.Fatalf("%s is there twice, or in the wrong place", e.Path)
		}
		seen[e.Path], last = true, e.Seq
	}
	if len(all) != writers*each {
		t.Errorf("%d of %d are there", len(all), writers*each)
	}
}
