package session_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

func emptyGeneration(tb testing.TB) *session.Generation {
	tb.Helper()
	table, err := operation.New(nil, nil)
	if err != nil {
		tb.Fatal(err)
	}
	set, problems := scenario.NewSet(1, nil, nil)
	if problems != nil {
		tb.Fatal(problems)
	}
	return session.NewGeneration(1, nil, auth.NewKeyring(identity.Directory{}), table, set)
}

// wall is a clock that tests move.
type wall struct {
	mu  sync.Mutex
	now time.Time
}

func (w *wall) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *wall) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func manager(tb testing.TB, o session.Options) (*session.Manager, *wall) {
	w := &wall{now: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)}
	o.Wall = w.Now
	return session.NewManager(emptyGeneration(tb), o), w
}

func names(m *session.Manager) string {
	var all []string
	for _, w := range m.All() {
		all = append(all, w.ID)
	}
	return strings.Join(all, " ")
}

func TestNames(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "A-z_0.9": true, strings.Repeat("x", 64): true, strings.Repeat("x", 65): false, "": false, "a b": false, "ä": false, "a/b": false, "a\n": false,
	} {
		if session.ValidID(id) != want {
			t.Errorf("%q is valid: %v", id, !want)
		}
	}
}

func TestSessionsAppearOnFirstUse(t *testing.T) {
	m, _ := manager(t, session.Options{})
	if m.Find("a") != nil {
		t.Error("a session that nobody used is there")
	}
	a, made := m.Use("a")
	if again, twice := m.Use("a"); !made || twice || again != a || m.Find("a") != a {
		t.Error("a session must be made once")
	}
	if d, made := m.Use(session.Default); made || d != m.Default() {
		t.Error("the default session is always there")
	}
	if _, err := m.Create("a", nil); err == nil || !strings.Contains(err.Error(), `"a" exists`) {
		t.Error(err)
	}
	one, _ := m.Create("", nil)
	two, _ := m.Create("", nil)
	if one.ID == two.ID || !session.ValidID(one.ID) {
		t.Errorf("made names %q, %q", one.ID, two.ID)
	}
	if !m.Drop("a") || m.Drop("a") || m.Drop(session.Default) || m.Find("a") != nil {
		t.Error("Drop")
	}
}

func TestSeeds(t *testing.T) {
	m, _ := manager(t, session.Options{Seed: 1})
	same, _ := manager(t, session.Options{Seed: 1})
	other, _ := manager(t, session.Options{Seed: 2})
	seed := func(m *session.Manager, id string) uint64 { w, _ := m.Use(id); return w.Seed() }
	if seed(m, "a") != seed(same, "a") || seed(m, "a") == seed(m, "b") || seed(m, "a") == seed(other, "a") {
		t.Error("the seed must follow from the server's seed and the name")
	}
	own := uint64(7)
	w, err := m.Create("c", &own)
	if err != nil || w.Seed() != 7 {
		t.Error(err, w.Seed())
	}
}

func TestIdleSessionsGo(t *testing.T) {
	m, now := manager(t, session.Options{Idle: time.Hour})
	m.Use("a")
	now.pass(30 * time.Minute)
	m.Use("b")
	now.pass(29 * time.Minute)
	m.Use("a")
	now.pass(31 * time.Minute) // b: an hour
	m.Use("c")
	if got := names(m); got != "default a c" {
		t.Errorf("after an hour without b: %s", got)
	}
	now.pass(29 * time.Minute) // a: an hour
	m.Use("d")
	if got := names(m); got != "default c d" {
		t.Errorf("after an hour without a: %s", got)
	}
}

func TestIdleSessionsGoByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := session.NewManager(emptyGeneration(t), session.Options{Idle: time.Hour})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- m.Run(ctx) }()
		m.Use("a")
		time.Sleep(59 * time.Minute)
		synctest.Wait()
		if got := names(m); got != "default a" {
			t.Errorf("too early: %s", got)
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if got := names(m); got != "default" {
			t.Errorf("still there: %s", got)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestTheOldestIdleOneGoesWhenThereAreTooMany(t *testing.T) {
	m, now := manager(t, session.Options{Capacity: 3})
	for _, id := range []string{"a", "b", "c", "a", "d", "b", "e"} { // d takes b's place, b takes c's, e takes a's
		now.pass(time.Second)
		m.Use(id)
	}
	if got := names(m); got != "default b d e" {
		t.Errorf("kept: %s", got)
	}
}

func TestTenThousandSessions(t *testing.T) {
	m, now := manager(t, session.Options{})
	for n := range session.DefaultCapacity + 100 {
		now.pass(time.Millisecond)
		m.Use(fmt.Sprintf("s%d", n))
	}
	if got := len(m.All()); got != session.DefaultCapacity+1 {
		t.Errorf("%d sessions", got)
	}
	if m.Find("s99") != nil || m.Find("s100") == nil {
		t.Error("another one than the oldest went")
	}
}

func TestUseOfManyAtOnce(t *testing.T) {
	m, _ := manager(t, session.Options{Capacity: 8})
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for n := range 500 {
				id := fmt.Sprintf("s%d", (n*7+worker)%20)
				if w, _ := m.Use(id); w.ID != id {
					t.Errorf("asked for %s, got %s", id, w.ID)
				}
				if n%50 == 0 {
					m.Drop(id)
					m.All()
				}
			}
		})
	}
	all.Wait()
	if got := len(m.All()); got > 9 {
		t.Errorf("%d sessions", got)
	}
}

// A session costs next to nothing until it writes.
func TestCostOfASession(t *testing.T) {
	m, _ := manager(t, session.Options{})
	ids := make([]string, 5000)
	for n := range ids {
		ids[n] = fmt.Sprintf("cost-%d", n)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	for _, id := range ids {
		m.Use(id)
	}
	took := time.Since(began) / time.Duration(len(ids))
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := int64(after.HeapAlloc-before.HeapAlloc) / int64(len(ids))
	t.Logf("%s and %d bytes each", took, each)
	if each > 4<<10 {
		t.Errorf("a session takes %d bytes", each)
	}
	if took > 200*time.Microsecond { // ten times the bar: machines are loaded
		t.Errorf("a session takes %s to make", took)
	}
	runtime.KeepAlive(m)
}

func BenchmarkNewSession(b *testing.B) {
	b.ReportAllocs()
	m, _ := manager(b, session.Options{Capacity: 1 << 30})
	ids := make([]string, 0, 1<<20)
	for n := range cap(ids) {
		ids = append(ids, fmt.Sprintf("bench-%d", n))
	}
	n := 0
	for b.Loop() {
		m.Use(ids[n%len(ids)])
		n++
	}
}

func TestResends(t *testing.T) {
	var r session.Resends
	at := time.Unix(1000, 0)
	attempt := func(id string) session.Attempt { return session.Attempt{ID: id} }
	if _, ok := r.Take(1, at, 0); ok || r.Any() {
		t.Error("there is nothing to repeat")
	}
	r.Expect(1, at, attempt("one"))
	r.Expect(2, at, attempt("two"))
	if _, ok := r.Take(3, at, 0); ok {
		t.Error("another request is no repeat")
	}
	if a, ok := r.Take(2, at.Add(100*time.Millisecond), 0); !ok || a.ID != "two" {
		t.Errorf("the repeat: %v, %v", a.ID, ok)
	}
	if _, ok := r.Take(2, at, 0); ok {
		t.Error("a repeat comes once")
	}
	if _, ok := r.Take(1, at.Add(101*time.Millisecond), 0); ok || r.Any() {
		t.Error("a repeat comes within 100 ms")
	}
	r.Expect(1, at, session.Attempt{ID: "one", Changes: 4})
	if _, ok := r.Take(1, at, 5); ok || r.Any() {
		t.Error("who lifts a rule wants no more of its faults")
	}
	for n := range uint64(1000) {
		r.Expect(n, at, attempt(fmt.Sprint(n)))
	}
	if _, ok := r.Take(0, at, 0); ok {
		t.Error("what is remembered must be bounded")
	}
	if a, ok := r.Take(999, at, 0); !ok || a.ID != "999" {
		t.Error("the newest is forgotten")
	}
}

func TestLimitsFollowTheSessionsClock(t *testing.T) {
	m, _ := manager(t, session.Options{})
	w := m.Default()
	w.Clock.Freeze()
	count := func() session.Quota { return w.Count(operation.LoginLimit, "me", w.Clock.Now()) }
	var left []int
	for range 6 {
		left = append(left, count().Remaining)
	}
	if q := count(); !slices.Equal(left, []int{4, 3, 2, 1, 0, 0}) || !q.Over || q.Resets != time.Minute || q.Limit != 5 {
		t.Errorf("%v, %+v", left, q)
	}
	if q := w.Count(operation.LoginLimit, "you", w.Clock.Now()); q.Remaining != 4 {
		t.Errorf("another caller: %+v", q)
	}
	if q := w.Count(operation.GeneralLimit, "me", w.Clock.Now()); q.Remaining != 99 || q.Limit != 100 {
		t.Errorf("another limit: %+v", q)
	}
	w.Clock.Advance(45 * time.Second)
	if q := count(); !q.Over || q.Resets != 15*time.Second {
		t.Errorf("%+v", q)
	}
	w.Clock.Advance(15 * time.Second)
	if q := count(); q.Over || q.Remaining != 4 {
		t.Errorf("a new window: %+v", q)
	}
	w.Clock.Advance(-time.Hour)
	if q := count(); q.Remaining != 4 {
		t.Errorf("a clock that was set back ends a window: %+v", q)
	}
	count()
	w.Reset(m.Generation())
	if q := count(); q.Remaining != 4 {
		t.Errorf("after a reset: %+v", q)
	}
}

func TestRevocations(t *testing.T) {
	m, _ := manager(t, session.Options{})
	w, _ := m.Use("a")
	if !w.Revoke("t") || w.Revoke("t") || !w.Revoked("t") || w.Revoked("u") || m.Default().Revoked("t") {
		t.Error("a token is revoked once, in its session")
	}
	w.Reset(m.Generation())
	if w.Revoked("t") {
		t.Error("a reset forgets")
	}
	for n := range 100_001 {
		w.Revoke(fmt.Sprint(n))
	}
	if w.Revoked("0") || !w.Revoked("100000") {
		t.Error("past the bound the oldest go")
	}
}

func TestIdsFollowTheSeed(t *testing.T) {
	m, _ := manager(t, session.Options{Seed: 3})
	same, _ := manager(t, session.Options{Seed: 3})
	a, _ := m.Use("a")
	b, _ := same.Use("a")
	c, _ := m.Use("c")
	first := a.NewRecordID()
	if first != b.NewRecordID() || first == c.NewRecordID() || a.NewTokenID() != b.NewTokenID() || a.NewRequestID() != b.NewRequestID() || a.NewRecordID() == first {
		t.Error("ids must follow from the session's seed, each once")
	}
	a.Reset(m.Generation())
	if a.NewRecordID() != first {
		t.Error("a reset begins ids anew")
	}
}
