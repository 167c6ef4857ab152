package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"syscall"

	"github.com/salesos/salesos-mock/mock"
)

// explainListen says why the address cannot be had, and what to do about it.
func (c *serveCommand) explainListen(ctx context.Context, err error) error {
	flag, number := "--port", c.Port
	if errors.Is(err, mock.ErrAdminPort) {
		flag, number = "--admin-port", *c.AdminPort
	}
	if !errors.Is(err, mock.ErrPortTaken) {
		return c.explainRefusal(err, flag, number)
	}
	host := string(c.Host)
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	who := ""
	if _, err := askHealth(ctx, "http://"+net.JoinHostPort(host, strconv.Itoa(int(number)))); err == nil {
		who = ", and it is a " + program + " too"
	}
	next := min(int(number)+1, 65535)
	return fmt.Errorf("%w%s\n  take another one:  %s %s %d   (%s 0 takes a free one)\n  see who has it:    %s",
		err, who, program, flag, next, flag, whoListens(runtime.GOOS, int(number)))
}

// explainRefusal is about addresses that nobody has taken. It names only what somebody chose.
func (c *serveCommand) explainRefusal(err error, flag string, number port) error {
	var unknown *net.DNSError
	switch {
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s %d needs the rights of an administrator; allowed without them: a port from 1024 on, such as %s 4001, or %s 0 for a free one", flag, number, flag, flag)
	case c.Host != "" && (errors.As(err, &unknown) || errors.Is(err, syscall.EADDRNOTAVAIL)):
		return fmt.Errorf("--host %s is no address of this machine; allowed: one that it has, such as 127.0.0.1, or 0.0.0.0 for all that it has", c.Host)
	case c.Host != "":
		return fmt.Errorf("cannot listen on --host %s %s %d: %w", c.Host, flag, number, err)
	}
	return fmt.Errorf("cannot listen on %s %d: %w", flag, number, err)
}

// whoListens is the command that names the program behind a port.
func whoListens(goos string, port int) string {
	switch goos {
	case "windows":
		return fmt.Sprintf("netstat -ano | findstr :%d", port)
	case "linux":
		return fmt.Sprintf("ss -ltnp 'sport = :%d'", port)
	default:
		return fmt.Sprintf("lsof -nP -iTCP:%d -sTCP:LISTEN", port)
	}
}
