package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// measureSizes finds what requests, starts, reloads and memory cost as there is more of something: leads, rules,
// sessions. It is drawn by -charts. Beside each kind of request the floor answers a read of one lead, which is the measure of
// all of them.
func (b *bench) measureSizes() error {
	floor, err := b.readFloor()
	if err != nil {
		return err
	}
	defer floor.server.stop()
	for _, measure := range []func(floor turn) error{b.growLeads, b.growRules, b.growSessions} {
		if err := measure(floor); err != nil {
			return err
		}
	}
	for _, c := range b.table.charts {
		for _, l := range c.lines {
			b.addGrowth(c, l)
		}
	}
	return nil
}

// floorName is what the line of the floor is called.
const floorName = "an Echo handler's read"

// readFloor is a floor that answers a read of one lead.
func (b *bench) readFloor() (turn, error) {
	mock, err := b.startLeads(1_000)
	if err != nil {
		return turn{}, err
	}
	defer mock.stop()
	floor, err := b.floorOf(mock, oneLead)
	return turn{server: floor, load: always(mock.get(oneLead))}, err
}

// addGrowth adds a row for each size if there is a floor, and one for what comes with the size.
func (b *bench) addGrowth(c chart, l line) {
	first, last := l.points[0], l.points[len(l.points)-1]
	floor := c.floor()
	if l.name == floorName {
		return
	}
	for i, p := range l.points {
		if floor != nil {
			b.table.add(row{
				what: fmt.Sprintf("%s: %s %s, per CPU second", l.name, count(p.size), c.axis), floor: short(floor[i].cost) + " " + c.unit,
				mock: short(p.cost) + " " + c.unit, found: floor[i].cost / p.cost, unit: "x",
			})
		}
	}
	b.table.add(row{
		what: fmt.Sprintf("%s: %s %s against %s", l.name, count(last.size), c.axis, count(first.size)), floor: short(first.cost) + " " + c.unit,
		mock: short(last.cost) + " " + c.unit, found: last.cost / first.cost, unit: "x",
	})
}

// leadCounts are how many leads there are.
func (b *bench) leadCounts() []int {
	if b.quick {
		return []int{1_000, 10_000, 100_000}
	}
	return []int{1_000, 10_000, 100_000, 1_000_000}
}

// job is a kind of request, for a server.
type job struct {
	name   string
	load   func(*server) load
	resets bool // it adds leads: they go before the next turn
}

func readJobs() []job {
	return []job{
		{"one lead", func(s *server) load { return always(s.get(oneLead)) }, false},
		{"20 leads", func(s *server) load { return always(s.get(twenty)) }, false},
		{"filtered, sorted page", listLoad, false},
	}
}

func writeJobs() []job {
	return []job{
		{"POST", createLoad, true},
		{"PATCH", changeLoad, true},
		{"POST, refused with 400", refusedLoad, false},
		{"forced error", forcedLoad, false},
	}
}

func changeLoad(s *server) load {
	return load{func(n int) []byte { return s.request("PATCH", oneLead, fmt.Sprintf(`{"company":"Company %d"}`, n)) }, 200}
}

func refusedLoad(s *server) load {
	request := s.request("POST", leadList, `{"email":"nope","firstName":"","status":"WRONG","lastName":"X"}`)
	return load{func(int) []byte { return request }, 400}
}

func forcedLoad(s *server) load {
	request := s.get(oneLead + "?__error=unavailable")
	return load{func(int) []byte { return request }, 503}
}

// growLeads has a server for each number of leads, and lets them take turns.
func (b *bench) growLeads(floor turn) error {
	starts, reloads, memory := line{name: "start"}, line{name: "reload"}, line{name: "resident"}
	var servers []*server
	defer func() {
		for _, s := range servers {
			s.stop()
		}
	}()
	for _, n := range b.leadCounts() {
		folder, err := b.leads(n)
		if err != nil {
			return err
		}
		took, err := b.firstAnswer(leadRequest(), func() (*server, error) { return b.startMock(folder) })
		if err != nil {
			return err
		}
		s, err := b.startMock(folder, "--watch", "off", "--journal", "0")
		if err != nil {
			return err
		}
		servers = append(servers, s)
		if err := s.logIn(); err != nil {
			return err
		}
		starts.add(n, inMillis(took))
		if took, err = s.reload(folder); err != nil {
			return err
		}
		reloads.add(n, inMillis(took))
	}
	if err := b.growRequests(servers, floor); err != nil {
		return err
	}
	for i, s := range servers {
		found, err := s.resident()
		if err != nil {
			return err
		}
		memory.add(b.leadCounts()[i], found)
	}
	b.table.charts = append(b.table.charts,
		chart{"start", "Start until a lead is answered, and reload", "leads", "ms", []line{starts, reloads}},
		chart{"memory", "Resident memory after the traffic", "leads", "MiB", []line{memory}})
	return nil
}

func (b *bench) growRequests(servers []*server, floor turn) error {
	reads, err := b.lines(readJobs(), b.leadCounts(), servers, floor)
	if err != nil {
		return err
	}
	writes, err := b.lines(writeJobs(), b.leadCounts(), servers, floor)
	b.table.charts = append(b.table.charts,
		chart{"reads", "Processor time of a read", "leads", "µs", reads}, chart{"writes", "Processor time of a write, or of an error", "leads", "µs", writes})
	return err
}

// lines does each job on all servers in turn, and on the floor. Its own line comes last.
func (b *bench) lines(jobs []job, sizes []int, servers []*server, floor turn) ([]line, error) {
	var lines []line
	var bare series
	for _, j := range jobs {
		var turns []turn
		for _, s := range servers {
			next := turn{server: s, load: j.load(s)}
			if j.resets {
				next.after = s.reset
			}
			turns = append(turns, next)
		}
		found, err := b.rounds(b.times(11, 3), 400, append(turns, floor)...)
		if err != nil {
			return nil, err
		}
		l := line{name: j.name}
		for i, size := range sizes {
			l.add(size, inMicros(found[i].median()))
		}
		lines, bare = append(lines, l), append(bare, found[len(sizes)]...)
	}
	return append(lines, flat(sizes, bare)), nil
}

// flat is the line of the floor, which knows no sizes.
func flat(sizes []int, bare series) line {
	l := line{name: floorName}
	for _, size := range sizes {
		l.add(size, inMicros(bare.median()))
	}
	return l
}

// reload changes a record and has the files read again.
func (s *server) reload(folder string) (time.Duration, error) {
	file := filepath.Join(folder, "leads.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(file, bytes.Replace(text, []byte("Analytical Engines"), []byte("Difference Engines"), 1), 0o644); err != nil {
		return 0, err
	}
	began := time.Now()
	a, err := once(s.address, []byte("POST /__admin/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"))
	if err == nil && a.status != 200 {
		err = fmt.Errorf("reload: %d %s", a.status, a.body)
	}
	return time.Since(began), err
}

// growRules reads past rules that do not match.
func (b *bench) growRules(floor turn) error {
	sizes := []int{0, 10, 1_000}
	folder, err := b.leads(1_000)
	if err != nil {
		return err
	}
	var servers []*server
	defer func() {
		for _, s := range servers {
			s.stop()
		}
	}()
	for _, n := range sizes {
		start := func() (*server, error) { return b.startRuled(folder, n) }
		if n == 0 {
			start = func() (*server, error) { return b.startMock(folder) }
		}
		s, err := start()
		if err != nil {
			return err
		}
		servers = append(servers, s)
		if err := s.ready(); err != nil {
			return err
		}
	}
	lines, err := b.lines(readJobs()[:1], sizes, servers, floor)
	b.table.charts = append(b.table.charts, chart{"rules", "Processor time of a read past rules that do not match", "rules", "µs", lines})
	return err
}

// growSessions reads in so many sessions, one after the other.
func (b *bench) growSessions(floor turn) error {
	s, err := b.startLeads(1_000)
	if err != nil {
		return err
	}
	defer s.stop()
	l, sizes := line{name: "one lead"}, []int{1, 100, 10_000}
	var bare series
	for _, n := range sizes {
		requests := load{func(i int) []byte { return s.in(fmt.Sprintf("s%d", i%n)).get(oneLead) }, 200}
		if err := drive(s.connections, requests, 0, n); err != nil { // makes the sessions
			return err
		}
		found, err := b.rounds(b.times(11, 3), 1000, turn{server: s, load: requests}, floor)
		if err != nil {
			return err
		}
		l.add(n, inMicros(found[0].median()))
		bare = append(bare, found[1]...)
	}
	b.table.charts = append(b.table.charts, chart{"sessions", "Processor time of a read, by turns in so many sessions", "sessions", "µs", []line{l, flat(sizes, bare)}})
	return nil
}

func inMicros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func inMillis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
