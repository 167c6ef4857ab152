package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/salesos/salesos-mock/fixtures"
)

// build makes the two programs, as a user would.
func (b *bench) build() error {
	const module = "github.com/salesos/salesos-mock"
	b.mock, b.bare = filepath.Join(b.folder, "salesos-mock"), filepath.Join(b.folder, "bare")
	for target, pkg := range map[string]string{b.mock: module, b.bare: module + "/mock/bench/bare"} {
		out, err := exec.CommandContext(b.ctx, "go", "build", "-o", target, pkg).CombinedOutput()
		if err != nil {
			return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
		}
	}
	return nil
}

// server is a process under measurement.
type server struct {
	caller
	address     string
	command     *exec.Cmd
	began       time.Time
	output      output
	end         context.CancelFunc
	errors      bytes.Buffer
	connections []*connection
	used        time.Time // when the last turn began
}

// startMock starts the mock with its defaults on a free port; without a folder it serves what is built in.
func (b *bench) startMock(folder string, flags ...string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	args := append([]string{"serve", "--port", strconv.Itoa(port)}, flags...)
	if folder != "" {
		args = append(args, "--fixtures", folder)
	}
	return b.start(port, b.mock, args...)
}

// startBare starts the floor with answers, each "path=file".
func (b *bench) startBare(answers ...string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return b.start(port, b.bare, append([]string{"127.0.0.1:" + strconv.Itoa(port)}, answers...)...)
}

func (b *bench) start(port int, program string, args ...string) (*server, error) {
	ctx, end := context.WithCancel(b.ctx)
	s := &server{address: "127.0.0.1:" + strconv.Itoa(port), end: end, command: exec.CommandContext(ctx, program, args...)}
	s.command.Dir = b.folder // away from the folder ./fixtures of whoever measures
	s.output.spoken = make(chan struct{})
	s.command.Stdout = &s.output
	s.command.Stderr = &s.errors
	s.command.Cancel = func() error { return s.command.Process.Signal(syscall.SIGTERM) }
	s.command.WaitDelay = 3 * time.Second
	s.began = time.Now()
	if err := s.command.Start(); err != nil {
		end()
		return nil, err
	}
	return s, nil
}

// drain reads the request log through a pipe, as a terminal or a supervisor would, and forgets it.
type drain struct{}

func (*drain) Write(p []byte) (int, error) { return len(p), nil }

// output is a drain that hears the first line: it says that connections are taken.
type output struct {
	drain
	spoken chan struct{} // closed then
	once   sync.Once
}

func (o *output) Write(p []byte) (int, error) {
	o.once.Do(func() { close(o.spoken) })
	return o.drain.Write(p)
}

// stop ends the process and waits until it has ended.
func (s *server) stop() {
	for _, c := range s.connections {
		c.Close()
	}
	s.end()
	_ = s.command.Wait() // it was asked to end: how it did is of no interest
}

// answers waits for the first answer to a request; it is the time since the process was started. It is asked when the
// process says that it listens: to try again and again would take a processor from one that has two.
func (s *server) answers(request []byte) (time.Duration, error) {
	select {
	case <-s.output.spoken:
	case <-time.After(time.Minute):
		return 0, fmt.Errorf("%s does not listen\n%s", s.command.Path, s.errors.String())
	}
	a, err := once(s.address, request)
	took := time.Since(s.began)
	switch {
	case err != nil:
		return 0, fmt.Errorf("no answer from %s: %w\n%s", s.command.Path, err, s.errors.String())
	case a.status != 200:
		return 0, fmt.Errorf("the first answer was %d: %s", a.status, a.body)
	}
	return took, nil
}

// ready waits until the mock answers, logs in and connects.
func (s *server) ready() error {
	if err := s.logIn(); err != nil {
		return err
	}
	return s.connect()
}

// readyMock starts a mock and makes it ready.
func (b *bench) readyMock(folder string, flags ...string) (*server, error) {
	s, err := b.startMock(folder, flags...)
	if err != nil {
		return nil, err
	}
	if err := s.ready(); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// logIn waits until the mock answers, and logs in.
func (s *server) logIn() error {
	if _, err := s.answers(healthRequest()); err != nil {
		return err
	}
	login := s.request("POST", "/api/auth/login", `{"email":"ada.admin@example.com","password":"password"}`)
	a, err := once(s.address, login)
	if err != nil || a.status != 201 {
		return fmt.Errorf("login: %d %s: %w", a.status, a.body, err)
	}
	var session struct {
		Token string `json:"accessToken"`
	}
	if err := json.Unmarshal(a.body, &session); err != nil {
		return err
	}
	s.token = session.Token
	return nil
}

func healthRequest() []byte { return caller{}.get("/api/auth/oauth-status") }

func (s *server) connect() error {
	for range clients {
		c, err := dial(s.address)
		if err != nil {
			return err
		}
		s.connections = append(s.connections, c)
	}
	return nil
}

// refresh makes the connections anew if others had long turns meanwhile: a server closes those that ask nothing.
func (s *server) refresh() error {
	const patience = 5 * time.Second
	idle := time.Since(s.used)
	s.used = time.Now()
	if idle < patience {
		return nil
	}
	for _, c := range s.connections {
		_ = c.Close()
	}
	s.connections = nil
	return s.connect()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// leads writes a fixture folder: the shipped one, with so many made-up leads.
func (b *bench) leads(count int) (folder string, err error) {
	if folder, err = os.MkdirTemp(b.folder, "fixtures-"); err != nil {
		return "", err
	}
	if err := os.CopyFS(folder, fixtures.FS); err != nil {
		return "", err
	}
	file := filepath.Join(folder, "leads.schema.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	generate := regexp.MustCompile(`(?m)^x-generate: \{count: \d+,`)
	if !generate.Match(text) {
		return "", fmt.Errorf("%s does not say how many leads to make up", file)
	}
	text = generate.ReplaceAll(text, []byte("x-generate: {count: "+strconv.Itoa(count)+","))
	return folder, os.WriteFile(file, text, 0o644)
}

// resident is the memory of the process in MiB.
func (s *server) resident() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024, err
		}
	}
	return 0, errors.New("the system does not tell the resident memory of a process")
}
