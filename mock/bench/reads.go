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

// measureReads asks the mock, in its default settings, and a server that has the answers ready for the same.
func (b *bench) measureReads() error {
	folder, err := b.leads(1000)
	if err != nil {
		return err
	}
	mock, err := b.startMock(folder)
	if err != nil {
		return err
	}
	defer mock.stop()
	if err := mock.ready(); err != nil {
		return err
	}
	floor, err := b.floorOf(mock, oneLead, twenty)
	if err != nil {
		return err
	}
	defer floor.stop()
	page := caller{token: mock.token, origin: pageOrigin}
	for _, read := range []struct {
		what    string
		request []byte
	}{
		{"GET one lead", mock.get(oneLead)},
		{"GET 20 of 1,000 leads", mock.get(twenty)},
		{"GET one lead, from a page", page.get(oneLead)},
		{"GET 20 of 1,000 leads, from a page", page.get(twenty)},
	} {
		send := always(read.request)
		found, err := b.rounds(b.times(151, 21), 1000, turn{server: floor, load: send}, turn{server: mock, load: send})
		if err != nil {
			return err
		}
		b.table.add(row{
			what: read.what + ", per CPU second", floor: micros(found[0].median()), mock: micros(found[1].median()),
			found: found[0].over(found[1]), unit: "x", bar: bar{atLeast: 0.8},
		})
	}
	return nil
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
