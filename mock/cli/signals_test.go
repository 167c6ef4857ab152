//go:build unix

package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// launch starts run as a process of its own, and returns when the command has printed its first line.
func launch(t *testing.T, attributes *syscall.SysProcAttr, script string) (command *exec.Cmd, first string) {
	t.Helper()
	command, first, _ = begin(t, attributes, "run", "--", "sh", "-c", script)
	return command, first
}

func ended(t *testing.T, command *exec.Cmd, code int) {
	t.Helper()
	var exit *exec.ExitError
	if err := command.Wait(); !errors.As(err, &exit) || exit.ExitCode() != code {
		t.Errorf("it ended with %v, not with the exit code %d", err, code)
	}
}

// background has no terminal, as in CI.
func background() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

const waiting = `; echo ready; while :; do sleep 0.02; done`

func TestSignalsAreTheCommands(t *testing.T) {
	// What the tests ignore because they were started by nohup, or as a job, their children would ignore as well.
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP, syscall.SIGINT)
	t.Cleanup(func() { signal.Stop(heard) })
	for name, s := range map[string]syscall.Signal{
		"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "HUP": syscall.SIGHUP, "QUIT": syscall.SIGQUIT, "USR1": syscall.SIGUSR1, "WINCH": syscall.SIGWINCH,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, _ := launch(t, background(), `trap "exit 42" `+name+waiting)
			if err := command.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			ended(t, command, 42)
		})
	}
}

func TestACommandThatASignalEnds(t *testing.T) {
	t.Parallel()
	command, _ := launch(t, background(), "true"+waiting)
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended(t, command, 143)
}

// A command that takes no notice is not left alone: the program waits for it, however often it is told to end.
func TestACommandThatGoesOn(t *testing.T) {
	t.Parallel()
	command, _ := launch(t, background(), `n=0; trap 'n=$((n+1)); if [ $n = 2 ]; then exit 5; fi' TERM; echo ready; while :; do sleep 0.02; done`)
	stop := make(chan struct{})
	go func() {
		again := time.NewTicker(100 * time.Millisecond)
		defer again.Stop()
		for {
			_ = command.Process.Signal(syscall.SIGTERM)
			select {
			case <-again.C:
			case <-stop:
				return
			}
		}
	}()
	defer close(stop)
	ended(t, command, 5)
}

// gone waits until there is no such process.
func gone(t *testing.T, pid string) {
	t.Helper()
	number, err := strconv.Atoi(strings.TrimSpace(pid))
	if err != nil {
		t.Fatal(err)
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(10 * time.Second)
	for {
		if err := syscall.Kill(number, 0); errors.Is(err, syscall.ESRCH) || isZombie(number) {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("the process %d still runs", number)
		}
	}
}

// isZombie: in a container nobody may collect what has lost its parent.
func isZombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}
