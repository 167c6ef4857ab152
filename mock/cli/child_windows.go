package cli

import (
	"os"
	"os/exec"
)

// passedOn are caught, so that the program outlives its command. The console gives them to both.
func passedOn() []os.Signal { return []os.Signal{os.Interrupt} }

func passOn(os.Signal, *os.Process) {}

// askToEnd ends a command: nothing gentler can be said to it here.
func askToEnd(p *os.Process) error { return p.Kill() }

func codeOf(s *os.ProcessState) int { return s.ExitCode() }

func endWithParent(*exec.Cmd) {}

func inOwnGroup(*exec.Cmd) {}

func askGroupToEnd(p *os.Process) error { return p.Kill() }

func endGroup(p *os.Process) error { return p.Kill() }
