package entropy_test

import (
	"sync"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
)

func TestClock(t *testing.T) {
	wall := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	clock := entropy.NewClock(func() time.Time { return wall })
	check := func(step string, want time.Time) {
		t.Helper()
		if got := clock.Now(); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", step, got, want)
		}
	}
	check("new", wall)
	clock.Advance(25 * time.Hour)
	check("advanced", wall.Add(25*time.Hour))
	wall = wall.Add(time.Minute)
	check("goes on", wall.Add(25*time.Hour))
	clock.Freeze()
	frozen := clock.Now()
	wall = wall.Add(time.Hour)
	check("frozen", frozen)
	clock.Advance(-time.Second)
	check("advanced while frozen", frozen.Add(-time.Second))
	clock.Resume()
	wall = wall.Add(time.Second)
	check("resumed", frozen)
	clock.Set(time.Date(2030, 5, 5, 0, 0, 0, 0, time.UTC))
	check("set", time.Date(2030, 5, 5, 0, 0, 0, 0, time.UTC))
	clock.Reset()
	check("reset", wall)
}

func TestClockAdvancesAreNotLost(t *testing.T) {
	wall := time.Unix(0, 0)
	clock := entropy.NewClock(func() time.Time { return wall })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				clock.Advance(time.Second)
			}
		})
	}
	wg.Wait()
	if got := clock.Now().Unix(); got != 800 {
		t.Errorf("800 seconds were added, the clock shows %d", got)
	}
}

// These values must never change: transcripts that users keep depend on them.
func TestStableOnEveryMachine(t *testing.T) {
	if got := entropy.Hash(42, "a", "b"); got != 0x75534bb507438836 {
		t.Errorf("Hash: %#x", got)
	}
	ids := entropy.NewIDs(1, "lead")
	if got := ids.Next(); got != "78545982-8017-4286-b048-b3ba4ce3cc45" {
		t.Errorf("UUID: %s", got)
	}
}

func TestHashSeesBoundaries(t *testing.T) {
	if entropy.Hash(1, "ab", "c") == entropy.Hash(1, "a", "bc") || entropy.Hash(1, "a") == entropy.Hash(2, "a") {
		t.Error("different parts or seeds give one hash")
	}
}

func TestIDsAreUniqueAndRepeatable(t *testing.T) {
	first, second := entropy.NewIDs(7, "lead"), entropy.NewIDs(7, "lead")
	seen := map[string]bool{}
	for range 100_000 {
		id := first.Next()
		if seen[id] {
			t.Fatalf("%s came twice", id)
		}
		seen[id] = true
		if other := second.Next(); other != id {
			t.Fatalf("the same seed gave %s and %s", id, other)
		}
	}
	if entropy.NewIDs(7, "token").Next() == entropy.NewIDs(7, "lead").Next() {
		t.Error("purposes share a sequence")
	}
}

func TestFraction(t *testing.T) {
	sum := 0.0
	for i := range uint64(100_000) {
		f := entropy.Fraction(entropy.Mix(i))
		if f < 0 || f >= 1 {
			t.Fatalf("%v is outside [0, 1)", f)
		}
		sum += f
	}
	if mean := sum / 100_000; mean < 0.49 || mean > 0.51 {
		t.Errorf("mean %v", mean)
	}
}
