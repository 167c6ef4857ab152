package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// measureSaved saves a fixture file the way editors do, and asks until the change is served.
func (b *bench) measureSaved() error {
	for _, mode := range []struct {
		flag  string
		limit float64 // ms
	}{{"notify", 250}, {"poll", 1200}} {
		found, err := b.saves(mode.flag)
		if err != nil {
			return err
		}
		worst := float64(slices.Max(found)) / float64(time.Millisecond)
		b.table.add(row{
			what: "--watch " + mode.flag + ", worst of " + fmt.Sprint(len(found)), mock: "median " + millis(found.median()),
			found: worst, unit: " ms", bar: bar{atMost: mode.limit},
		})
	}
	return nil
}

func (b *bench) saves(mode string) (found series, err error) {
	folder, err := b.leads(1_000)
	if err != nil {
		return nil, err
	}
	s, err := b.readyMock(folder, "--watch", mode)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	file := filepath.Join(folder, "leads.yaml")
	original, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	const word = "Analytical Engines"
	for i := range b.times(7, 3) {
		name := fmt.Sprintf("Renamed %d Times", i+1)
		took, err := s.serves(file, bytes.ReplaceAll(original, []byte("company: "+word), []byte("company: "+name)), name)
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, s.errors.String())
		}
		found = append(found, took)
		pause(time.Duration(37*i) * time.Millisecond) // so that polls are met at different moments
	}
	return found, nil
}

// serves saves a file and waits until the first lead shows a text.
func (s *server) serves(file string, content []byte, text string) (time.Duration, error) {
	if err := os.WriteFile(file+"~", content, 0o644); err != nil {
		return 0, err
	}
	if err := os.Rename(file+"~", file); err != nil {
		return 0, err
	}
	began := time.Now()
	request := s.get(oneLead)
	for {
		a, err := s.connections[0].exchange(request)
		took := time.Since(began)
		switch {
		case err != nil:
			return 0, err
		case bytes.Contains(a.body, []byte(text)):
			return took, nil
		case took > 10*time.Second:
			return 0, fmt.Errorf("%s was saved and is not served after %s", file, took)
		}
		pause(time.Millisecond)
	}
}

// pause lets the processor go to somebody else.
func pause(d time.Duration) { <-time.After(d) }
