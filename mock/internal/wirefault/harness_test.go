package wirefault

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deadline is for a machine that does much else; nothing waits for it unless something is broken.
const deadline = 20 * time.Second

const realBody = `{"id":"42","company":"Zoë & Søn","painPoints":["Rising costs","Slow response times"]}`

// seeded is garbage that is the same in each run.
func seeded() io.Reader { return rand.NewChaCha8([32]byte([]byte("a seed of thirty-two bytes......"))) }

// slowly is how long the site takes for /slow.
const slowly = 400 * time.Millisecond

// site is a server that answers /KIND with that fault, /slow with a dribble, and anything else as usual.
type site struct {
	*testing.T
	*httptest.Server
	drain func()
	hang  time.Duration
	ended chan error // what each Do returned
}

// wrapped is a recording writer, as middleware puts between.
type wrapped struct {
	http.ResponseWriter
	status int
}

func (w *wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }
func (w *wrapped) WriteHeader(status int)      { w.status = status; w.ResponseWriter.WriteHeader(status) }

func newSite(t *testing.T, begin func(*httptest.Server)) *site {
	t.Helper()
	ctx, drain := context.WithCancel(context.Background())
	s := &site{T: t, drain: drain, hang: deadline, ended: make(chan error, 1000)}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "slow" {
			_ = Dribble(r.Context(), w, Answer{Body: []byte(realBody)}, Pace{Chunks: 10, Over: slowly})
			return
		}
		k, ok := Parse(name)
		if !ok {
			_, _ = io.WriteString(w, "as usual")
			return
		}
		a := Answer{Status: 201, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(realBody)}
		err := http.ErrAbortHandler // unless Do returns
		defer func() { s.ended <- err }()
		err = Do(ctx, &wrapped{ResponseWriter: w}, r, k, a, Options{Garbage: seeded(), Hang: s.hang})
	}))
	begin(s.Server)
	t.Cleanup(func() { drain(); s.Close() })
	return s
}

func plain(s *httptest.Server)  { s.Start() }
func secure(s *httptest.Server) { s.StartTLS() }

// wait waits for one Do to end.
func (s *site) wait() error {
	s.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(deadline):
		s.Fatal("the fault did not end")
		return nil
	}
}

// dial opens a raw connection, with TLS where the server has it.
func (s *site) dial() net.Conn {
	s.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(deadline))
	if s.TLS == nil {
		return conn
	}
	return tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
}

func request(method string, path any, version, more string) string {
	return fmt.Sprintf("%s /%v %s\r\nHost: x\r\n%s\r\n", method, path, version, more)
}

// exchange sends bytes and reads to the end of the connection.
func (s *site) exchange(sent string) (got []byte, err error) {
	s.Helper()
	conn := s.dial()
	if _, err := io.WriteString(conn, sent); err != nil {
		s.Fatal(err)
	}
	return io.ReadAll(conn)
}

// parse reads an answer as a client would.
func (s *site) parse(got []byte, method string) (*http.Response, []byte, error) {
	s.Helper()
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(got)), &http.Request{Method: method})
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, body, err
}
