package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/requestlog"
)

// inside is a mock that serves in this process, so that it can be looked into.
type inside struct {
	*server
	stopped chan error
	log     *requestlog.Log
}

// startInside serves the shipped data to so many connections.
func (b *bench) startInside(connections int) (*inside, error) {
	log := requestlog.New(&drain{}, requestlog.Options{})
	m, err := mock.New(mock.Port(0), mock.Observe(func(e mock.Exchange) { log.Record(requestlog.Entry(e)) }))
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(b.ctx)
	if err := m.Listen(ctx); err != nil {
		end()
		return nil, err
	}
	in := &inside{server: &server{address: strings.TrimPrefix(m.Origin(), "http://"), end: end}, stopped: make(chan error, 1), log: log}
	go func() { in.stopped <- m.Serve(ctx) }()
	if in.token, err = m.Token("", "ADMIN"); err != nil {
		return nil, err
	}
	for range connections {
		c, err := dial(in.address)
		if err != nil {
			return nil, err
		}
		in.connections = append(in.connections, c)
	}
	return in, nil
}

func (in *inside) close() error {
	for _, c := range in.connections {
		_ = c.Close()
	}
	in.end()
	_ = in.log.Close() // it writes to nowhere
	return <-in.stopped
}

// mixed are reads, lists and now and then a write.
func mixed(s *server) load {
	list := listLoad(s)
	return load{func(n int) []byte {
		switch {
		case n%20 == 7:
			return s.create(n)
		case n%4 == 0:
			return list.request(n)
		}
		return s.get(oneLead)
	}, 0}
}

// measureLocks adds up how long requests waited for locks of the mock, and holds that against the time that they took.
func (b *bench) measureLocks() error {
	const connections = 64
	in, err := b.startInside(connections)
	if err != nil {
		return err
	}
	if err := drive(in.connections, mixed(in.server), 0, 1000); err != nil {
		return err
	}
	defer runtime.SetMutexProfileFraction(runtime.SetMutexProfileFraction(1))
	earlier, err := lockWait()
	if err != nil {
		return err
	}
	began, count := time.Now(), b.times(60_000, 20_000)
	if err := drive(in.connections, mixed(in.server), 1000, count); err != nil {
		return err
	}
	took := connections * time.Since(began)
	waited, err := lockWait()
	if err != nil {
		return err
	}
	waited -= earlier
	b.table.add(row{
		what: "reads, lists and writes: a request, its waiting", floor: micros(took / time.Duration(count)), mock: micros(waited / time.Duration(count)),
		found: 100 * float64(waited) / float64(took), unit: " %", bar: bar{atMost: mostWait},
	})
	return in.close()
}

// mostWait is how much of its time a request may wait for locks, in percent.
const mostWait = 5

// lockWait is what the mutex profile holds of the mock.
func lockWait() (time.Duration, error) {
	var text bytes.Buffer
	if err := pprof.Lookup("mutex").WriteTo(&text, 1); err != nil {
		return 0, err
	}
	rate := regexp.MustCompile(`cycles/second=(\d+)`).FindSubmatch(text.Bytes())
	if rate == nil {
		return 0, fmt.Errorf("the mutex profile begins with %.60q", text.String())
	}
	perSecond, err := strconv.ParseFloat(string(rate[1]), 64)
	if err != nil {
		return 0, err
	}
	var cycles float64
	for _, record := range strings.Split(text.String(), "\n\n") {
		at := regexp.MustCompile(`(?m)^(\d+) \d+ @`).FindStringSubmatch(record)
		if at == nil || !strings.Contains(record, "salesos-mock/mock/internal/") {
			continue
		}
		n, err := strconv.ParseFloat(at[1], 64)
		if err != nil {
			return 0, err
		}
		cycles += n
	}
	return time.Duration(cycles / perSecond * float64(time.Second)), nil
}

// measureProfile shows where the processor time of reads goes. The client is in the same process and is left out.
func (b *bench) measureProfile() error {
	in, err := b.startInside(clients)
	if err != nil {
		return err
	}
	file := filepath.Join(b.folder, "cpu.out")
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	page := caller{token: in.token, origin: pageOrigin}
	err = drive(in.connections, always(page.get(oneLead)), 0, b.times(150_000, 40_000))
	pprof.StopCPUProfile()
	if err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	if err := b.addHottest(file); err != nil {
		return err
	}
	return in.close()
}

func (b *bench) addHottest(file string) error {
	top, err := exec.CommandContext(b.ctx, "go", "tool", "pprof", "-top", "-nodecount=10", `-focus=net/http\.\(\*conn\)\.serve`, file).Output()
	if err != nil {
		return fmt.Errorf("go tool pprof: %w", err)
	}
	//      1.20s 30.00% 30.00%      1.20s 30.00%  internal/runtime/syscall.Syscall6
	for _, line := range regexp.MustCompile(`(?m)^ +\S+ +([\d.]+)% +[\d.]+% +\S+ +[\d.]+% +(\S+)`).FindAllSubmatch(top, -1) {
		share, err := strconv.ParseFloat(string(line[1]), 64)
		if err != nil {
			return err
		}
		b.table.add(row{what: string(line[2]), found: share, unit: " %"})
	}
	return nil
}
