package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestNothingIsLeftWhenTheProgramIsKilled(t *testing.T) {
	t.Parallel()
	command, pid := launch(t, background(), `echo $$; exec sleep 60`)
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	gone(t, pid)
}

// terminal is a pseudo-terminal: what is written to the one side is typed at the other.
func terminal(t *testing.T) (keyboard, screen *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keyboard.Close() })
	fd := int(keyboard.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	return keyboard, screen
}

// Ctrl-C reaches the command from the terminal, once; a second one is a second one. A signal that somebody sends to
// the program alone is passed on.
func TestCtrlCReachesTheCommandOnce(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("salesos-mock")
	if err != nil {
		t.Fatal(err)
	}
	keyboard, screen := terminal(t)
	command := exec.Command(path, "run", "--", "sh", "-c", `trap "echo interrupted" INT; trap "echo terminated; exit 6" TERM; echo ready; while :; do sleep 0.02; done`)
	command.Stdin, command.Stdout, command.Stderr, command.Dir = screen, screen, screen, t.TempDir()
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	seen := &lockedBuffer{}
	go func() {
		buffer := make([]byte, 1024)
		for {
			n, err := keyboard.Read(buffer)
			_, _ = seen.Write(buffer[:n])
			if err != nil {
				return
			}
		}
	}()
	wait := func(text string, times int) {
		t.Helper()
		look := time.NewTicker(5 * time.Millisecond)
		defer look.Stop()
		deadline := time.After(20 * time.Second)
		for strings.Count(seen.String(), text) < times {
			select {
			case <-look.C:
			case <-deadline:
				t.Fatalf("no %q times %d in %q", text, times, seen)
			}
		}
	}
	wait("ready", 1)
	for i := range 2 {
		if _, err := keyboard.WriteString("\x03"); err != nil {
			t.Fatal(err)
		}
		wait("interrupted", i+1)
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended(t, command, 6)
	wait("never called the API", 1)
	if n := strings.Count(seen.String(), "interrupted"); n != 2 {
		t.Errorf("interrupted %d times, not twice: %q", n, seen)
	}
}
