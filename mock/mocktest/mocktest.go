// Package mocktest gives Go tests a SalesOS API that fails on demand, and judges how their client takes it.
//
//	func TestTheListIsRetried(t *testing.T) {
//		srv := mocktest.New(t)
//		srv.Force("GET", "/leads", mocktest.Unavailable.RetryAfter(1).Times(1))
//
//		leads, err := salesos.NewClient(srv.URL, srv.APIKey()).Leads(t.Context())
//		if err != nil || len(leads) == 0 {
//			t.Errorf("%d leads, %v", len(leads), err)
//		}
//
//		srv.Verify(t, mocktest.Requests("GET", "/leads").Exactly(2))
//		srv.Audit(t)
//	}
//
// New starts a server of its own on a free port, which closes with the test. Tests that run in parallel may share one:
// [Server.For] gives each a session, a world with its own data, errors, clock and journal. When a test fails, the
// requests of its session are printed.
//
// The words are those of the project's README: outcomes do what the headers X-Mock-… do, and expectations and the audit are those of
// the commands verify and audit.
package mocktest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
)

// Option sets one thing about a server. All options of package mock are such.
type Option = mock.Option

// Scenario puts scenarios in force from the start, in every session.
func Scenario(names ...string) Option { return mock.Scenario(names...) }

// Fixtures is the folder to serve instead of the built-in data.
func Fixtures(folder string) Option { return mock.Fixtures(folder) }

// Scenarios is the folder of scenario files to offer instead of the built-in ones.
func Scenarios(folder string) Option { return mock.Scenarios(folder) }

// Server is a mock on a free port. It has the methods of [Session], too: they are those of the default session, to which
// all requests belong that have nothing of another one.
type Server struct {
	*defaultSession

	server    *mock.Server
	transport *http.Transport
	stop      context.CancelFunc
	ended     chan error

	mu    sync.Mutex
	names map[string]int // of sessions that tests were given
}

// defaultSession is another name for the field of Server, whose method is called Session.
type defaultSession = Session

// New starts a server for a test. It is closed when the test and its subtests are over.
func New(t testing.TB, options ...Option) *Server {
	t.Helper()
	s, err := Start(options...)
	if err != nil {
		t.Fatalf("mocktest: %v", err)
	}
	t.Cleanup(s.Close)
	s.defaultSession = s.with(t)
	return s
}

// Start starts a server without a test, for several tests to share, in TestMain for one. It must be closed. Without a test
// to fail, its default session panics when it is used wrongly; For gives one with a test.
func Start(options ...Option) (*Server, error) {
	m, err := mock.New(append([]Option{mock.Port(0), mock.Watch("off")}, options...)...)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	if err := m.Listen(ctx); err != nil {
		stop()
		return nil, err
	}
	s := &Server{server: m, transport: &http.Transport{DisableKeepAlives: true}, stop: stop, ended: make(chan error, 1), names: map[string]int{}}
	go func() { s.ended <- m.Serve(ctx) }()
	if s.defaultSession, err = s.session(mock.DefaultSession); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close stops the server, when the requests under way are over.
func (s *Server) Close() {
	s.transport.CloseIdleConnections()
	s.stop()
	if err := <-s.ended; err != nil {
		s.fatalf("the server ended with an error: %v", err)
	}
	s.ended <- nil // to close twice does no harm
}

// Session is a world of its own on the server: its data, errors, clock, journal. It is made when it is first used. A request belongs to it
// if it goes to the session's URL or carries one of its credentials.
func (s *Server) Session(name string) *Session {
	own, err := s.session(name)
	if err != nil {
		s.fatalf("%v", err)
	}
	own.t = s.t
	return own
}

// For is a session for a test that shares the server with others. It is named after the test, and dropped when the test is over;
// if the test fails, the requests of the session are printed.
func (s *Server) For(t testing.TB) *Session {
	t.Helper()
	own, err := s.session(s.name(t.Name()))
	if err != nil {
		t.Fatalf("mocktest: %v", err)
	}
	t.Cleanup(own.steered.Drop)
	return own.with(t)
}

func (s *Server) session(name string) (*Session, error) {
	steered, err := s.server.Session(name)
	if err != nil {
		return nil, err
	}
	return &Session{URL: steered.URL(), server: s, steered: steered}, nil
}

// maxName leaves room for what makes a name unique.
const maxName = 40

// name makes the name of a session of that of a test. It is the same in each run, as chance and made-up ids follow from it.
func (s *Server) name(test string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", r) {
			return r
		}
		return '-'
	}, test)
	if len(name) > maxName || name != strings.ReplaceAll(test, "/", "-") {
		name = fmt.Sprintf("%s-%x", name[:min(len(name), maxName)], entropy.Hash(0, test)>>32)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[name]++
	if n := s.names[name]; n > 1 { // go test -count
		name = fmt.Sprintf("%s.%d", name, n)
	}
	return name
}
