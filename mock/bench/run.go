package main

import (
	"fmt"
	"os/exec"
	"time"
)

// measureRun runs a command that does nothing by itself, and with a mock of its own, in turn.
func (b *bench) measureRun() error {
	var floor, mock, added series
	for range b.times(21, 9) {
		f, err := b.took("true")
		if err != nil {
			return err
		}
		m, err := b.took(b.mock, "run", "--", "true")
		if err != nil {
			return err
		}
		floor, mock, added = append(floor, f), append(mock, m), append(added, m-f)
	}
	b.table.add(row{
		what: "a command that does nothing", floor: millis(floor.median()), mock: millis(mock.median()),
		found: float64(added.median()) / float64(time.Millisecond), unit: " ms", bar: bar{atMost: 150},
	})
	return nil
}

// took is how long a command takes from its start to its end.
func (b *bench) took(name string, args ...string) (time.Duration, error) {
	c := exec.CommandContext(b.ctx, name, args...)
	c.Dir = b.folder // away from the folder ./fixtures of whoever measures
	began := time.Now()
	if output, err := c.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", name, err, output)
	}
	return time.Since(began), nil
}
