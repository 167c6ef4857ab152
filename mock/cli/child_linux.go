package cli

import (
	"os/exec"
	"syscall"
)

// endWithParent lets a command end when the program is killed and can tell it nothing.
func endWithParent(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
