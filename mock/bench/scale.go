package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// measureScale does the same to 1,000 and to 100,000 leads.
func (b *bench) measureScale() error {
	small, err := b.startLeads(1_000)
	if err != nil {
		return err
	}
	defer small.stop()
	big, err := b.startLeads(100_000)
	if err != nil {
		return err
	}
	defer big.stop()
	if err := fullPages(small); err != nil {
		return err
	}
	for _, job := range []struct {
		what   string
		count  int // requests in a turn
		load   func(*server) load
		resets bool // the turn adds leads: they go before the next
	}{
		{"filtered, sorted page", 800, listLoad, false},
		{"POST", 400, createLoad, true},
		{"POST, then such a page", 400, createAndListLoad, true},
	} {
		turns := []turn{{server: small, load: job.load(small)}, {server: big, load: job.load(big)}}
		if job.resets {
			turns[0].after, turns[1].after = small.reset, big.reset
		}
		found, err := b.rounds(b.times(15, 7), job.count, turns...)
		if err != nil {
			return err
		}
		b.table.add(row{
			what: job.what + ": 1,000 leads, 100,000", floor: micros(found[0].median()), mock: micros(found[1].median()),
			found: found[1].over(found[0]), unit: "x", bar: bar{atMost: 1.5},
		})
	}
	return nil
}

// startLeads starts a mock with so many made-up leads.
func (b *bench) startLeads(count int) (*server, error) {
	folder, err := b.leads(count)
	if err != nil {
		return nil, err
	}
	return b.readyMock(folder)
}

// reset forgets the leads that a turn made.
func (s *server) reset() error {
	a, err := once(s.address, []byte("POST /__admin/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"))
	if err == nil && a.status >= 300 {
		err = fmt.Errorf("reset: %d %s", a.status, a.body)
	}
	return err
}

// queries are lists as a front end asks for them: filters, orders and pages in many combinations, all of which a
// thousand leads can fill.
func queries() (targets []string) {
	for i, filter := range []string{
		"status=NEW", "status=CONTACTED", "status=QUALIFIED", "rating=WARM", "rating=HOT", "rating=COLD", "leadSource=WEB", "minScore=%d",
		"status=NEW&minScore=%d", "rating=WARM&minScore=%d", "search=an", "search=er", "status=NEW&rating=WARM", "",
	} {
		for j, order := range []string{"createdAt&sortOrder=desc", "leadScore&sortOrder=desc", "company&sortOrder=asc", "lastName&sortOrder=desc"} {
			if strings.Contains(filter, "%d") {
				for score := 1; score < 20; score += 6 {
					targets = append(targets, leadList+"?"+fmt.Sprintf(filter, score+j)+"&sortBy="+order+"&page="+strconv.Itoa(1+i%2))
				}
				continue
			}
			targets = append(targets, leadList+"?"+filter+"&sortBy="+order+"&page="+strconv.Itoa(1+j%2))
		}
	}
	return targets
}

// fullPages makes sure that the small server has no less to send than the big one.
func fullPages(s *server) error {
	for _, target := range queries() {
		a, err := once(s.address, s.get(target))
		if err != nil {
			return err
		}
		if n := bytes.Count(a.body, []byte(`"email":`)); n != 20 {
			return fmt.Errorf("%s gives %d leads where 20 were due", target, n)
		}
	}
	return nil
}

// listLoad asks for the lists in turn.
func listLoad(s *server) load {
	var requests [][]byte
	for _, target := range queries() {
		requests = append(requests, s.get(target))
	}
	return load{func(n int) []byte { return requests[n%len(requests)] }, 200}
}

// createLoad makes a new lead each time.
func createLoad(s *server) load {
	return load{func(n int) []byte { return s.create(n) }, 201}
}

func (s *server) create(n int) []byte {
	return s.request("POST", leadList, fmt.Sprintf(`{"email":"bench.%d@example.com","firstName":"Bench","lastName":"Lead %d","company":"Company %d","status":"NEW","rating":"WARM"}`, n, n, n%50))
}

// createAndListLoad makes a lead, then asks for a list.
func createAndListLoad(s *server) load {
	list := listLoad(s)
	return load{func(n int) []byte {
		if n/clients%2 == 0 {
			return s.create(n)
		}
		return list.request(n)
	}, 0}
}
