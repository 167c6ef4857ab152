package mock

import (
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
)

// patientListener says why no connection is accepted when the process is out of descriptors. net/http tries again by
// itself, and says so only to somebody who debugs it.
type patientListener struct {
	net.Listener
	log  *slog.Logger
	told atomic.Int64 // when, in Unix seconds
}

// tellEvery is how often at most that is said.
const tellEvery = time.Minute

// Accept is asked for by net.Listener.
func (l *patientListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		if now := entropy.WallNow().Unix(); now-l.told.Swap(now) >= int64(tellEvery/time.Second) {
			l.log.Warn("no connection is accepted until one is closed: the process has as many files and connections open as it may (ulimit -n)", "error", err)
		}
	}
	return conn, err
}
