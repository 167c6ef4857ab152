package session_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// failing is a call that fails, with all that a journal would keep of it.
func failing(n int, began time.Time) *journal.Exchange {
	return &journal.Exchange{
		ID: fmt.Sprintf("request-%d", n), Began: began, SessionBegan: began, Duration: time.Millisecond, Method: "GET",
		Path: fmt.Sprintf("/leads/%d", n), Target: fmt.Sprintf("/api/leads/%d", n), Credential: fmt.Sprint("token-", n%100), CredentialType: journal.Bearer,
		RequestHeader: map[string][]string{"User-Agent": {strings.Repeat("a", 200)}}, ResponseBody: make([]byte, 300),
		ResponseHeader: []journal.Header{{Name: "Retry-After", Value: "30"}}, Status: []int{500, 503, 404, 429, 401}[n%5],
		Operation: "getLead", Action: "get",
	}
}

func liveHeap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What the audit keeps of many sessions is bounded for all of them together, and is let go with them.
func TestManySessionsWithFailuresTakeLittleMemory(t *testing.T) {
	m, now := manager(t, session.Options{})
	before := liveHeap()
	for n := range 1000 {
		w, _ := m.Use(fmt.Sprint("failing-", n))
		for i := range 100 {
			w.Record(failing(i, now.Now()))
			w.Record(failing(i, now.Now().Add(10*time.Millisecond))) // retried at once
		}
	}
	if grown := liveHeap() - before; grown > 48<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	} else {
		t.Logf("the heap grew by %d MB", grown>>20)
	}
	for n := range 1000 {
		m.Drop(fmt.Sprint("failing-", n))
	}
	if left := m.Evidence(); left != 0 {
		t.Errorf("%d bytes are still accounted for", left)
	}
}

// Without room nothing is remembered, and nobody is accused; what made it full makes room when it is old.
func TestFailuresThatAreOldMakeRoomForOtherSessions(t *testing.T) {
	m, now := manager(t, session.Options{Evidence: 4000})
	loud, _ := m.Use("loud")
	quiet, _ := m.Use("quiet")
	for n := range 20 {
		loud.Record(failing(5*n, now.Now()))
	}
	hammer := func() int {
		for n := range 4 {
			quiet.Record(failing(0, now.Now().Add(time.Duration(n)*5*time.Millisecond)))
		}
		report, _ := m.Audit("quiet")
		return len(report.Findings) + report.Omitted
	}
	if found := hammer(); found != 0 {
		t.Errorf("%d findings without room for their evidence", found)
	}
	now.pass(time.Hour)
	m.Sweep()
	if found := hammer(); found != 1 {
		t.Errorf("%d findings when there is room, want 1", found)
	}
}
