//go:build unix

package cli

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// passedOn are the signals that a command gets when the program gets them.
func passedOn() []os.Signal {
	return []os.Signal{
		syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGWINCH, syscall.SIGUSR1, syscall.SIGUSR2,
	}
}

// passOn gives a signal to a command. What a terminal sends has reached it already, since it is in the program's own
// process group: a second Ctrl-C means something else to many programs.
func passOn(s os.Signal, to *os.Process) {
	switch s {
	case syscall.SIGINT, syscall.SIGQUIT, syscall.SIGWINCH:
		if ownsTerminal() {
			return
		}
	}
	_ = to.Signal(s) // it may have ended meanwhile
}

// ownsTerminal says whether what is typed at the terminal is meant for this process group.
func ownsTerminal() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return false // there is no terminal
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

func askToEnd(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// codeOf is the exit code of a shell: 128 and the number of the signal that ended a command.
func codeOf(s *os.ProcessState) int {
	if status, ok := s.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return s.ExitCode()
}

// inOwnGroup lets a command be ended together with its own children, and no one else.
func inOwnGroup(c *exec.Cmd) {
	endWithParent(c)
	c.SysProcAttr.Setpgid = true
}

// askGroupToEnd, and endGroup, are for a command that inOwnGroup prepared and that was started.
func askGroupToEnd(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGTERM) }

func endGroup(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }
