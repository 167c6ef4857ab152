package main

import (
	"os"
	"path/filepath"
	"strings"
)

const (
	oneLead  = "/api/leads/00000000-0000-4000-8000-000000000001"
	leadList = "/api/leads"
	whoAmI   = "/api/auth/me"
	twenty   = leadList + "?limit=20"
)

// reads are what is compared: each a request of a tool, or of a page in a browser.
var reads = []struct {
	what, path string
	fromPage   bool
}{
	{"GET one lead", oneLead, false},
	{"GET 20 of 1,000 leads", twenty, false},
	{"GET one lead, from a page", oneLead, true},
	{"GET 20 of 1,000 leads, from a page", twenty, true},
}

// measureReads asks the mock, in its default settings, and a server that has the answers ready for the same.
func (b *bench) measureReads() error {
	folder, err := b.leads(1000)
	if err != nil {
		return err
	}
	found, err := b.afresh(func() ([]series, error) { return b.compareReads(folder) })
	if err != nil {
		return err
	}
	for i, read := range reads {
		floor, mock := found[2*i], found[2*i+1]
		b.table.add(row{
			what: read.what + ", per CPU second", floor: micros(floor.median()), mock: micros(mock.median()),
			found: floor.over(mock), unit: "x", bar: bar{atLeast: 0.8},
		})
	}
	return nil
}

// compareReads gives the times of the floor and of a mock for each of the reads.
func (b *bench) compareReads(folder string) ([]series, error) {
	mock, err := b.readyMock(folder)
	if err != nil {
		return nil, err
	}
	defer mock.stop()
	floor, err := b.floorOf(mock, oneLead, twenty)
	if err != nil {
		return nil, err
	}
	defer floor.stop()
	first := always(mock.get(oneLead))
	if err := b.warm(turn{server: floor, load: first}, turn{server: mock, load: first}); err != nil {
		return nil, err
	}
	var all []series
	for _, read := range reads {
		who := caller{token: mock.token}
		if read.fromPage {
			who.origin = pageOrigin
		}
		send := always(who.get(read.path))
		found, err := b.rounds(b.times(11, 5), b.times(1000, 250), turn{server: floor, load: send}, turn{server: mock, load: send})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// floorOf starts a floor that gives the mock's own answers to GET requests.
func (b *bench) floorOf(mock *server, targets ...string) (*server, error) {
	folder, err := os.MkdirTemp(b.folder, "answers-")
	if err != nil {
		return nil, err
	}
	var answers []string
	for i, target := range targets {
		a, err := once(mock.address, mock.get(target))
		if err != nil {
			return nil, err
		}
		file := filepath.Join(folder, string(rune('a'+i)))
		if err := os.WriteFile(file, a.body, 0o644); err != nil {
			return nil, err
		}
		path, _, _ := strings.Cut(target, "?")
		answers = append(answers, path+"="+file)
	}
	floor, err := b.startBare(answers...)
	if err != nil {
		return nil, err
	}
	if _, err := floor.answers(mock.get(targets[0])); err != nil {
		floor.stop()
		return nil, err
	}
	return floor, floor.connect()
}
