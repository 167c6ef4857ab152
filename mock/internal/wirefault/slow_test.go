package wirefault

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var errDrained = errors.New("the server drains")

// serve runs one handler and gives what it returned.
func serve(t *testing.T, begin func(*httptest.Server), h func(ctx context.Context, w http.ResponseWriter, r *http.Request) error) (s *site, drain func()) {
	t.Helper()
	drained, cancel := context.WithCancelCause(context.Background())
	s = &site{T: t, ended: make(chan error, 1000)}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, stop := Context(r, drained)
		defer stop()
		s.ended <- h(ctx, w, r)
	}))
	begin(s.Server)
	t.Cleanup(func() { cancel(errDrained); s.Close() })
	return s, func() { cancel(errDrained) }
}

func TestDelayUnderLoad(t *testing.T) {
	const d, many = 200 * time.Millisecond, 200
	// A busy machine may spoil a round, not each of them.
	p99 := time.Hour
	for range 5 {
		took := make([]time.Duration, many)
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				begun := time.Now()
				if err := Delay(t.Context(), d); err != nil {
					t.Error(err)
				}
				took[i] = time.Since(begun)
			})
		}
		all.Wait()
		slices.Sort(took)
		if took[0] < d {
			t.Fatalf("one delay took %v", took[0])
		}
		if p99 = min(p99, took[many*99/100]); p99 <= d+15*time.Millisecond {
			return
		}
	}
	t.Errorf("%v at p99, at best", p99)
}

func TestDelayOfNothing(t *testing.T) {
	if err := Delay(t.Context(), -time.Second); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errDrained)
	if err := Delay(ctx, 0); err != errDrained {
		t.Errorf("got %v", err)
	}
}

func TestDelayEndsWhenTheClientLeaves(t *testing.T) {
	s, _ := serve(t, plain, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
		Unbounded(w)
		_, _ = io.Copy(io.Discard, r.Body)
		return Delay(ctx, 10*deadline)
	})
	conn := s.dial()
	_, _ = io.WriteString(conn, request("POST", "", "HTTP/1.1", "Content-Length: 3\r\n")+"abc")
	conn.Close()
	if err := s.wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestDelayEndsWhenTheServerDrains(t *testing.T) {
	begun := make(chan struct{})
	s, drain := serve(t, plain, func(ctx context.Context, _ http.ResponseWriter, _ *http.Request) error {
		close(begun)
		return Delay(ctx, 10*deadline)
	})
	_, _ = io.WriteString(s.dial(), request("GET", "", "HTTP/1.1", ""))
	<-begun
	drain()
	if err := s.wait(); err != errDrained {
		t.Errorf("got %v", err)
	}
}

func TestDelayOutlivesTheServersDeadlines(t *testing.T) {
	short := func(srv *httptest.Server) {
		srv.Config.ReadTimeout, srv.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
		srv.Start()
	}
	s, _ := serve(t, short, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
		Unbounded(w)
		if err := Delay(ctx, 200*time.Millisecond); err != nil {
			return err
		}
		_, err := io.WriteString(w, "late")
		return err
	})
	if _, body, err := get(s.Client(), s.URL); err != nil || string(body) != "late" {
		t.Errorf("got %q, %v", body, err)
	}
	if err := s.wait(); err != nil {
		t.Error(err)
	}
}

func dribbling(a Answer, chunks int, over time.Duration) func(context.Context, http.ResponseWriter, *http.Request) error {
	return func(ctx context.Context, w http.ResponseWriter, _ *http.Request) error {
		return Dribble(ctx, &wrapped{ResponseWriter: w}, a, Pace{Chunks: chunks, Over: over})
	}
}

func TestDribble(t *testing.T) {
	long := strings.Repeat("0123456789", 1000)
	cases := map[string]struct {
		body   string
		chunks int
		over   time.Duration
	}{
		"as asked":                  {long, 5, 200 * time.Millisecond},
		"uneven":                    {"0123456", 3, 30 * time.Millisecond},
		"more chunks than bytes":    {"abc", 100, 30 * time.Millisecond},
		"more chunks than can tick": {long, 5000, 10 * time.Millisecond},
		"no time":                   {long, 5, 0},
		"no chunks":                 {"abc", 0, 20 * time.Millisecond},
		"no body":                   {"", 5, 20 * time.Millisecond},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := Answer{Status: 201, Header: http.Header{"X-Of": {"the answer"}}, Body: []byte(c.body)}
			s, _ := serve(t, plain, dribbling(a, c.chunks, c.over))
			begun := time.Now()
			res, body, err := get(s.Client(), s.URL)
			took := time.Since(begun)
			if err != nil || string(body) != c.body {
				t.Fatalf("got %q, %v", body, err)
			}
			if res.StatusCode != 201 || res.Header.Get("X-Of") != "the answer" || res.ContentLength != int64(len(c.body)) {
				t.Errorf("status %d, header %v, length %d", res.StatusCode, res.Header, res.ContentLength)
			}
			if took < c.over || took > c.over+deadline/4 {
				t.Errorf("it took %v, want %v", took, c.over)
			}
		})
	}
}

// Each chunk is on its way when it is due: the client has it before the next one exists.
func TestDribbleFlushesEachChunk(t *testing.T) {
	s, _ := serve(t, plain, dribbling(Answer{Body: []byte("aaabbbccc")}, 3, 600*time.Millisecond))
	conn := s.dial()
	begun := time.Now()
	_, _ = io.WriteString(conn, request("GET", "", "HTTP/1.1", ""))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"aaa", "bbb", "ccc"} {
		chunk := make([]byte, 100)
		n, err := res.Body.Read(chunk)
		if n == 0 && err != nil {
			t.Fatal(err)
		}
		if string(chunk[:n]) != want {
			t.Errorf("read %q, want %q", chunk[:n], want)
		}
		if due := time.Duration(i+1) * 200 * time.Millisecond; time.Since(begun) < due-10*time.Millisecond {
			t.Errorf("%q came after %v, want %v", want, time.Since(begun), due)
		}
	}
}

func TestDribbleOutlivesTheServersDeadlines(t *testing.T) {
	short := func(srv *httptest.Server) {
		srv.Config.ReadTimeout, srv.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
		srv.Start()
	}
	s, _ := serve(t, short, dribbling(Answer{Body: []byte(realBody)}, 4, 200*time.Millisecond))
	if _, body, err := get(s.Client(), s.URL); err != nil || string(body) != realBody {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestDribbleOfNoContent(t *testing.T) {
	s, _ := serve(t, plain, dribbling(Answer{Status: 204, Body: []byte("no")}, 4, time.Millisecond))
	if res, _, err := get(s.Client(), s.URL); err != nil || res.StatusCode != 204 {
		t.Errorf("got %+v, %v", res, err)
	}
}

func TestDribbleEndsWhenTheClientLeaves(t *testing.T) {
	s, _ := serve(t, plain, dribbling(Answer{Body: []byte(realBody)}, 50, 10*deadline))
	conn := s.dial()
	_, _ = io.WriteString(conn, request("GET", "", "HTTP/1.1", ""))
	_, _ = conn.Read(make([]byte, 1))
	conn.Close()
	if err := s.wait(); err == nil {
		t.Error("it dribbled to the end")
	}
}

// A client that stops reading holds the write, and only the deadline that drain sets can end that.
func TestDribbleEndsWhenTheServerDrains(t *testing.T) {
	sized := make(chan struct{})
	h := dribbling(Answer{Body: make([]byte, 64<<20)}, 1, 0)
	s, drain := serve(t, plain, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
		close(sized)
		return h(ctx, w, r)
	})
	conn := s.dial().(*net.TCPConn)
	_ = conn.SetReadBuffer(4096)
	_, _ = io.WriteString(conn, request("GET", "", "HTTP/1.1", ""))
	<-sized
	select {
	case err := <-s.ended:
		t.Fatalf("64 MiB were sent to nobody: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	drain()
	if err := s.wait(); err == nil {
		t.Error("it returned no error")
	}
}
