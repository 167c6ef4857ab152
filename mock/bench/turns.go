package main

import (
	"fmt"
	"time"
)

// turn is what one server has to do in each round.
type turn struct {
	server *server
	load   load
	after  func() error // puts things back after a turn, unmeasured; nil: nothing
}

// take sends count requests, beginning with the n-th, and gives the server's processor time for each.
func (t turn) take(n, count int) (time.Duration, error) {
	if err := t.server.refresh(); err != nil {
		return 0, err
	}
	before, err := t.server.cpu()
	if err != nil {
		return 0, err
	}
	if err := drive(t.server.connections, t.load, n, count); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, t.server.errors.String())
	}
	after, err := t.server.cpu()
	if err != nil {
		return 0, err
	}
	if t.after != nil {
		err = t.after()
	}
	return (after - before) / time.Duration(count), err
}

// rounds lets servers take turns: count requests each, so often, after one round that does not count. It gives the
// processor time of a request, round for round, for each of the turns.
func (b *bench) rounds(rounds, count int, turns ...turn) ([]series, error) {
	found := make([]series, len(turns))
	for round := range rounds + 1 {
		for i, t := range turns {
			each, err := t.take(round*count, count)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				found[i] = append(found[i], each)
			}
			if err := b.ctx.Err(); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// warm lets servers reach what is usual for them, with more requests than a journal holds.
func (b *bench) warm(turns ...turn) error {
	for _, t := range turns {
		if _, err := t.take(0, b.times(10_000, 500)); err != nil {
			return err
		}
	}
	return nil
}

// afresh compares servers again and again, each time started anew: where a start happens to put the memory of a program
// makes it some percent faster or slower for as long as it runs. compare gives as many series each time; they are joined.
func (b *bench) afresh(compare func() ([]series, error)) ([]series, error) {
	var joined []series
	for range b.times(15, 3) {
		found, err := compare()
		if err != nil {
			return nil, err
		}
		if joined == nil {
			joined = make([]series, len(found))
		}
		for i, s := range found {
			joined[i] = append(joined[i], s...)
		}
	}
	return joined, nil
}
