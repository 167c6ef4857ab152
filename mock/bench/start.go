package main

import (
	"os"
	"path/filepath"
	"time"
)

// measureStart starts the mock with what is built in, and a bare program, in turn: until an answer that needs the shipped
// files, and until one that needs the records that are made up of them.
func (b *bench) measureStart() error {
	file := filepath.Join(b.folder, "status.json")
	if err := os.WriteFile(file, []byte("{}"), 0o644); err != nil {
		return err
	}
	for _, first := range []struct {
		what, path string
		bar        bar
	}{
		{"shipped fixtures, to the first answer", whoAmI, bar{atMost: 2.5}},
		{"shipped fixtures, to the first lead", oneLead, bar{}},
	} {
		var floor, mock series
		for range b.times(31, 15) {
			f, err := b.firstAnswer(firstRequest(first.path), func() (*server, error) { return b.startBare(first.path + "=" + file) })
			if err != nil {
				return err
			}
			m, err := b.firstAnswer(firstRequest(first.path), func() (*server, error) { return b.startMock("") })
			if err != nil {
				return err
			}
			floor, mock = append(floor, f), append(mock, m)
		}
		b.table.add(row{
			what: first.what, floor: millis(floor.median()), mock: millis(mock.median()),
			found: mock.over(floor), unit: "x", bar: first.bar,
		})
	}
	return nil
}

// firstRequest asks for something that exists in the shipped data.
func firstRequest(path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: sk_test_admin\r\n\r\n")
}

// leadRequest asks for a lead: a mock answers other requests before the last lead is made up, but not this one.
func leadRequest() []byte { return firstRequest(oneLead) }

// firstAnswer is how long a process takes from its start to its first answer to a request.
func (b *bench) firstAnswer(request []byte, start func() (*server, error)) (time.Duration, error) {
	s, err := start()
	if err != nil {
		return 0, err
	}
	defer s.stop()
	return s.answers(request)
}

// measureLoad starts the mock with no, 1,000 and 100,000 made-up leads. What a start costs in any case is taken off,
// else it would flatter the ratio.
func (b *bench) measureLoad() error {
	folders := make([]string, 3)
	for i, count := range []int{0, 1_000, 100_000} {
		folder, err := b.leads(count)
		if err != nil {
			return err
		}
		folders[i] = folder
	}
	var few, many series
	for range b.times(5, 3) {
		var took [3]time.Duration
		for i, folder := range folders {
			repeats := 1
			if i < 2 {
				repeats = 9 // what takes milliseconds needs a median of its own
			}
			var starts series
			for range repeats {
				t, err := b.firstAnswer(leadRequest(), func() (*server, error) { return b.startMock(folder) })
				if err != nil {
					return err
				}
				starts = append(starts, t)
			}
			took[i] = starts.median()
		}
		few, many = append(few, took[1]-took[0]), append(many, took[2]-took[0])
	}
	b.table.add(row{
		what: "1,000 leads, 100,000", floor: millis(few.median()), mock: millis(many.median()),
		found: many.over(few), unit: "x", bar: bar{atMost: 110},
	})
	return nil
}
