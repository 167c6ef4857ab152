package wire

import (
	"errors"
	"os"
	"testing"
	"time"
)

// What the system is told is what costs.
func TestTheSystemIsToldOfADeadlineByWhatMayWait(t *testing.T) {
	var told []time.Time
	d := newDeadline(func(t time.Time) error { told = append(told, t); return nil })
	now := time.Now()
	begin := func() {
		t.Helper()
		if err := d.begin(); err != nil {
			t.Fatal(err)
		}
		d.end()
	}
	set := func(after time.Duration) { _ = d.set(now.Add(after)) }
	expect := func(what string, want ...time.Time) {
		t.Helper()
		if len(told) != len(want) {
			t.Fatalf("%s: told %v, want %v", what, told, want)
		}
		for i := range want {
			if !told[i].Equal(want[i]) {
				t.Errorf("%s: told %v, want %v", what, told[i], want[i])
			}
		}
		told = nil
	}
	begin()
	expect("no deadline was ever wanted")
	set(time.Minute)
	set(2 * time.Minute)
	expect("nothing waits")
	begin()
	expect("something may wait", now.Add(2*time.Minute))
	for i := range 50 {
		set(10 * time.Second)
		set(2*time.Minute + time.Duration(i)*time.Millisecond)
		begin()
	}
	expect("a moment later is as good")
	set(2*time.Minute - time.Millisecond)
	begin()
	expect("earlier is not", now.Add(2*time.Minute-time.Millisecond))
	_ = d.set(time.Time{})
	begin()
	expect("none any more", time.Time{})
	_ = d.set(abort)
	if err := d.begin(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("aborted before it began: %v", err)
	}
	expect("what was aborted is not tried")
	set(time.Second)
	_ = d.begin()
	expect("it begins", now.Add(time.Second))
	_ = d.set(abort)
	expect("a change while it waits", abort)
	d.end()
	_ = d.setNow(time.Time{})
	expect("it is given away", time.Time{})
}

func TestWhatTheSystemRefusedIsNotBegun(t *testing.T) {
	asked := 0
	d := newDeadline(func(time.Time) error { asked++; return os.ErrClosed })
	_ = d.set(time.Now().Add(time.Minute))
	if err := d.begin(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if err := d.set(time.Now().Add(time.Hour)); err != nil || asked != 1 {
		t.Errorf("nothing waits, but the system was told %d times: %v", asked, err)
	}
}
