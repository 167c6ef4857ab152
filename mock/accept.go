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

// descriptorNotice says why no connection is accepted when the process is out of descriptors: once for all ports and
// addresses of a server, since they run out together.
type descriptorNotice struct {
	log  *slog.Logger
	told atomic.Int64 // when, in Unix seconds
}

// tellEvery is how often at most that is said.
const tellEvery = time.Minute

func (n *descriptorNotice) tell(err error) {
	if now := entropy.WallNow().Unix(); now-n.told.Swap(now) >= int64(tellEvery/time.Second) {
		n.log.Warn("no connection is accepted until one is closed: the process has as many files and connections open as it may (ulimit -n)", "error", err)
	}
}

// patientListener tells of the want of descriptors. net/http tries again by itself, and says so only to somebody who
// debugs it.
type patientListener struct {
	net.Listener
	notice *descriptorNotice
}

// Accept is asked for by net.Listener.
func (l patientListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		l.notice.tell(err)
	}
	return conn, err
}
