package cli

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestCollectorPercent(t *testing.T) {
	for _, c := range []struct {
		live uint64
		want int
	}{
		{0, 400}, {1 << 20, 400}, {4 << 20, 175}, {8 << 20, 87}, {16 << 20, 50}, {48 << 20, 83}, {80 << 20, 50}, {300 << 20, 35},
	} {
		if got := collectorPercent(c.live); got != c.want {
			t.Errorf("%d bytes alive: room for %d%%, want %d%%", c.live, got, c.want)
		}
	}
}

// TestAdaptCollector lets the heap grow and shrink, and looks at what the collector is set to after collections.
func TestAdaptCollector(t *testing.T) {
	before := currentPercent()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	restore := (&process{env: environment{}}).adaptCollector(ctx)
	if got := currentPercent(); got != mostRoom {
		t.Errorf("before the first collection %d%%, want %d%%", got, mostRoom)
	}
	func() {
		ballast := make([]byte, 300<<20)
		settles(t, func(percent int) bool { return percent == leastRoom })
		runtime.KeepAlive(ballast)
	}()
	settles(t, func(percent int) bool { return percent > leastRoom })
	restore()
	if got := currentPercent(); got != before {
		t.Errorf("afterwards %d%%, before %d%%", got, before)
	}
}

// settles collects until the setting is as wanted.
func settles(t *testing.T, wanted func(percent int) bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !wanted(currentPercent()); runtime.GC() {
		if time.Now().After(deadline) {
			t.Fatalf("the collector stays at %d%%", currentPercent())
		}
	}
}

func currentPercent() int {
	percent := debug.SetGCPercent(-1)
	debug.SetGCPercent(percent)
	return percent
}

func TestAdaptCollectorObeys(t *testing.T) {
	before := currentPercent()
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		defer (&process{env: environment{name: "70"}}).adaptCollector(t.Context())()
		if got := currentPercent(); got != before {
			t.Errorf("%s is set, and yet the collector was set from %d%% to %d%%", name, before, got)
		}
	}
}
