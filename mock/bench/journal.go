package main

import "fmt"

// measureJournal compares reads that are recorded with reads that are not, and looks at what many of them leave in memory.
func (b *bench) measureJournal() error {
	folder, err := b.leads(1000)
	if err != nil {
		return err
	}
	with, err := b.startMock(folder)
	if err != nil {
		return err
	}
	defer with.stop()
	without, err := b.startMock(folder, "--journal", "0")
	if err != nil {
		return err
	}
	defer without.stop()
	for _, s := range []*server{with, without} {
		if err := s.ready(); err != nil {
			return err
		}
	}
	found, err := b.rounds(b.times(151, 21), 1000,
		turn{server: without, load: always(without.get(oneLead))}, turn{server: with, load: always(with.get(oneLead))})
	if err != nil {
		return err
	}
	b.table.add(row{
		what: "GET one lead, recorded or not, per CPU second", floor: micros(found[0].median()), mock: micros(found[1].median()),
		found: found[0].over(found[1]), unit: "x", bar: bar{atLeast: 0.95},
	})
	return b.measureGrowth(with)
}

// measureGrowth asks for a lead again and again: once the journal is full, nothing may be added to the memory.
func (b *bench) measureGrowth(s *server) error {
	first, all := b.times(200_000, 40_000), b.times(2_000_000, 200_000)
	if err := drive(s.connections, always(s.get(oneLead)), 0, first); err != nil {
		return err
	}
	before, err := s.resident()
	if err != nil {
		return err
	}
	if err := drive(s.connections, always(s.get(oneLead)), first, all-first); err != nil {
		return err
	}
	after, err := s.resident()
	if err != nil {
		return err
	}
	b.table.add(row{
		what: fmt.Sprintf("memory after %d and %d reads", first, all), floor: short(before) + " MiB", mock: short(after) + " MiB",
		found: after / before, unit: "x", bar: bar{atMost: 1.15},
	})
	return nil
}
