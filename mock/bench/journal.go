package main

import "fmt"

// measureJournal compares reads that are recorded with reads that are not, and looks at what many of them leave in memory.
func (b *bench) measureJournal() error {
	folder, err := b.leads(1000)
	if err != nil {
		return err
	}
	found, err := b.afresh(func() ([]series, error) { return b.compareRecording(folder) })
	if err != nil {
		return err
	}
	b.table.add(row{
		what: "GET one lead, recorded or not, per CPU second", floor: micros(found[0].median()), mock: micros(found[1].median()),
		found: found[0].over(found[1]), unit: "x", bar: bar{atLeast: 0.95},
	})
	s, err := b.readyMock(folder)
	if err != nil {
		return err
	}
	defer s.stop()
	return b.measureGrowth(s)
}

// compareRecording gives the times of a mock that does not record, and of one that does, whose journal is full.
func (b *bench) compareRecording(folder string) ([]series, error) {
	without, err := b.readyMock(folder, "--journal", "0")
	if err != nil {
		return nil, err
	}
	defer without.stop()
	with, err := b.readyMock(folder)
	if err != nil {
		return nil, err
	}
	defer with.stop()
	turns := []turn{{server: without, load: always(without.get(oneLead))}, {server: with, load: always(with.get(oneLead))}}
	if err := b.warm(turns...); err != nil {
		return nil, err
	}
	return b.rounds(b.times(21, 7), b.times(1000, 250), turns...)
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
