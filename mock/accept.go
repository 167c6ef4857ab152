package mock

import (
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
	"syscall"
)

// patientListener says why no connection is accepted when the process is out of descriptors. net/http tries again by
// itself, and says so only to somebody who debugs it.
type patientListener struct {
	net.Listener
	log  *slog.Logger
	told atomic.Bool
}

// Accept is asked for by net.Listener.
func (l *patientListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	switch {
	case err == nil && l.told.Swap(false):
		l.log.Info("connections are accepted again")
	case outOfDescriptors(err) && !l.told.Swap(true):
		l.log.Warn("no connection is accepted until one is closed: the process has as many files and connections open as it may (ulimit -n)", "error", err)
	}
	return conn, err
}

func outOfDescriptors(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}
