//go:build unix && !linux

package cli

import (
	"os/exec"
	"syscall"
)

// endWithParent is something that only Linux knows.
func endWithParent(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{} }
