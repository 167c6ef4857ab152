//go:build unix

package cli_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// spawn starts the program as a process of its own, and returns when it is ready.
func spawn(t *testing.T) (command *exec.Cmd, api string, out *bufio.Reader) {
	t.Helper()
	command, first, out := begin(t, nil, "--port", "0")
	return command, strings.TrimPrefix(first, "salesos-mock ready "), out
}

// begin starts the program as a process of its own, and returns when the first line has come of it.
func begin(t *testing.T, attributes *syscall.SysProcAttr, arguments ...string) (command *exec.Cmd, first string, out *bufio.Reader) {
	t.Helper()
	path, err := exec.LookPath("salesos-mock") // where testscript puts it
	if err != nil {
		t.Fatal(err)
	}
	command = exec.Command(path, arguments...)
	command.Env, command.Dir, command.SysProcAttr = os.Environ(), t.TempDir(), attributes
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdout.Close() })
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	out = bufio.NewReader(stdout)
	first, err = out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return command, strings.TrimSpace(first), out
}

func TestSIGTERMEndsWell(t *testing.T) {
	command, _, _ := spawn(t)
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
}

// holdUp sends a request that never ends, which keeps a server that was told to end for some seconds.
func holdUp(t *testing.T, api string, out *bufio.Reader) (host string, conn net.Conn) {
	t.Helper()
	host = strings.TrimSuffix(strings.TrimPrefix(api, "http://"), "/api")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	fmt.Fprintf(conn, "POST /api/auth/login HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 99\r\nExpect: 100-continue\r\n\r\n", host)
	if status, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(status, " 100 ") {
		t.Fatalf("%q, %v", status, err) // so the handler waits for the body
	}
	go func() { _, _ = out.WriteTo(discard{}) }()
	return host, conn
}

// untilDeaf waits until a server takes no more connections: a signal has taken effect.
func untilDeaf(host string) {
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for range look.C {
		probe, err := net.Dial("tcp", host)
		if err != nil {
			return
		}
		_ = probe.Close()
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	command, api, out := spawn(t)
	host, _ := holdUp(t, api, out)
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	untilDeaf(host)
	began := time.Now()
	again := time.NewTicker(50 * time.Millisecond) // the first of them still counts as the first signal once more
	defer again.Stop()
	go func() {
		for range again.C {
			if command.Process.Signal(os.Interrupt) != nil {
				return
			}
		}
	}()
	var ended *exec.ExitError
	if err := command.Wait(); !errors.As(err, &ended) || !ended.Sys().(syscall.WaitStatus).Signaled() {
		t.Errorf("it ended otherwise: %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}

// A terminal tells the whole group of processes, and npm hands the same signal on to its child.
func TestASignalThatComesTwiceCountsOnce(t *testing.T) {
	t.Parallel()
	command, api, out := spawn(t)
	host, conn := holdUp(t, api, out)
	for range 3 {
		if err := command.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	untilDeaf(host)
	_ = conn.Close()
	if err := command.Wait(); err != nil {
		t.Errorf("it did not end well: %v", err)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// Test runners read the ready line and close the pipe.
func TestAReaderWhoGoesDoesNotEndTheServer(t *testing.T) {
	path, err := exec.LookPath("salesos-mock")
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "--port", "0")
	command.Stdout, command.Dir = w, t.TempDir()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	_ = w.Close()
	first, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	api := strings.TrimSpace(strings.TrimPrefix(first, "salesos-mock ready "))
	look := time.NewTicker(20 * time.Millisecond) // longer than requests wait to be logged
	defer look.Stop()
	for range 5 {
		response, err := http.Get(api + "/leads")
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		<-look.C
	}
	conforms(t, api)
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
}
