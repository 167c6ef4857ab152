package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/wire"
)

type connKey struct{}

type pairs [][2]string

func (p pairs) Len() int                      { return len(p) }
func (p pairs) At(i int) (name, value string) { return p[i][0], p[i][1] }

// serve lets a handler answer on connections of the package; it is given that of the request.
func serve(t *testing.T, answer func(c *wire.Conn, w http.ResponseWriter, r *http.Request)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer(r.Context().Value(connKey{}).(*wire.Conn), w, r)
		}),
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(wire.Listener{Listener: l}) }()
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// raw sends requests as they are and gives all that comes until the server closes, which a last request asks for.
func raw(t *testing.T, address, requests string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, requests); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// sendBody answers with a body of so many bytes, as the path says.
func sendBody(c *wire.Conn, w http.ResponseWriter, r *http.Request) {
	var n int
	_, _ = fmt.Sscanf(r.URL.Path, "/%d", &n)
	body := bytes.Repeat([]byte{'x'}, n)
	if !c.Send(w, r, http.StatusCreated, pairs{{"Content-Type", "text/x"}}, body) {
		http.Error(w, "refused", http.StatusTeapot)
	}
}

func TestAnswersAreWhole(t *testing.T) {
	t.Parallel()
	address := serve(t, sendBody)
	for _, n := range []int{0, 1, 4096, 4097, 1 << 20} {
		got := raw(t, address, fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", n))
		head, body, _ := strings.Cut(got, "\r\n\r\n")
		lines := strings.Split(head, "\r\n")
		if len(lines) != 5 || !strings.HasPrefix(lines[1], "Date: ") {
			t.Fatalf("%d bytes: the head is %q", n, head)
		}
		lines[1] = ""
		if want := fmt.Sprintf("HTTP/1.1 201 Created||Content-Length: %d|Content-Type: text/x|Connection: close", n); strings.Join(lines, "|") != want {
			t.Errorf("got %q, want %q", lines, want)
		}
		if body != strings.Repeat("x", n) {
			t.Errorf("a body of %d bytes came as %d", n, len(body))
		}
	}
}

// TestRequestsInOnePacket are answered one after the other, whether their bodies were read or not.
func TestRequestsInOnePacket(t *testing.T) {
	t.Parallel()
	address := serve(t, sendBody)
	var requests strings.Builder
	sizes := []int{3, 0, 5000, 7, 4096}
	for _, n := range sizes {
		fmt.Fprintf(&requests, "GET /%d HTTP/1.1\r\nHost: x\r\n\r\nPOST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nunread", n, n+1)
	}
	requests.WriteString("GET /9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	from := bufio.NewReader(strings.NewReader(raw(t, address, requests.String())))
	for _, n := range sizes {
		for _, want := range []int{n, n + 1} {
			if got := next(t, from); len(got) != want {
				t.Errorf("%d bytes where %d were due", len(got), want)
			}
		}
	}
	if got := next(t, from); got != "xxxxxxxxx" {
		t.Errorf("the last answer is %q", got)
	}
}

func next(t *testing.T, from *bufio.Reader) string {
	t.Helper()
	response, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestWhatIsNotOrdinaryIsRefused: and nothing of it is sent.
func TestWhatIsNotOrdinaryIsRefused(t *testing.T) {
	t.Parallel()
	const get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	for name, c := range map[string]struct {
		request        string
		status         int
		headers        pairs
		want, wantBody string
	}{
		"HEAD":                  {"HEAD" + get[3:], 200, nil, "418", ""},
		"HTTP/1.0":              {"GET / HTTP/1.0\r\n\r\n", 200, nil, "418", "refused\n"},
		"Expect":                {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n", 200, nil, "418", "refused\n"},
		"204":                   {get, 204, nil, "418", "refused\n"},
		"304":                   {get, 304, nil, "418", "refused\n"},
		"103":                   {get, 103, nil, "418", "refused\n"},
		"a line feed":           {get, 200, pairs{{"A", "b\nX: y"}}, "418", "refused\n"},
		"a carriage return":     {get, 200, pairs{{"A", "b\rX: y"}}, "418", "refused\n"},
		"both":                  {get, 200, pairs{{"A", "b\r\nX: y"}}, "418", "refused\n"},
		"a line in a name":      {get, 200, pairs{{"A\r\nB", "c"}}, "418", "refused\n"},
		"a colon in a name":     {get, 200, pairs{{"A: b", "c"}}, "418", "refused\n"},
		"no name":               {get, 200, pairs{{"", "c"}}, "418", "refused\n"},
		"Connection":            {get, 200, pairs{{"Connection", "close"}}, "418", "refused\n"},
		"a length of one's own": {get, 200, pairs{{"Content-Length", "7"}}, "418", "refused\n"},
		"chunks":                {get, 200, pairs{{"Transfer-Encoding", "chunked"}}, "418", "refused\n"},
		"an ordinary one":       {get, 200, pairs{{"A", "b"}}, "200", "body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := serve(t, func(conn *wire.Conn, w http.ResponseWriter, r *http.Request) {
				if !conn.Send(w, r, c.status, c.headers, []byte("body")) {
					http.Error(w, "refused", http.StatusTeapot)
				}
			})
			head, body, _ := strings.Cut(raw(t, address, c.request), "\r\n\r\n")
			if !strings.HasPrefix(head[len("HTTP/1.x "):], c.want) || body != c.wantBody || strings.Contains(head, "X: y") {
				t.Errorf("got %q %q", head, body)
			}
		})
	}
}

// TestAbortedAnswersAreNotSent: who panics with http.ErrAbortHandler wants the connection to break.
func TestAbortedAnswersAreNotSent(t *testing.T) {
	t.Parallel()
	address := serve(t, func(c *wire.Conn, w http.ResponseWriter, r *http.Request) {
		sendBody(c, w, r)
		panic(http.ErrAbortHandler)
	})
	if got := raw(t, address, "GET /5 HTTP/1.1\r\nHost: x\r\n\r\n"); got != "" {
		t.Errorf("got %q", got)
	}
}

// TestAnythingElseThanAnEmptyAnswerBreaksTheConnection: a handler that goes on to write has no right answer.
func TestAnythingElseThanAnEmptyAnswerBreaksTheConnection(t *testing.T) {
	t.Parallel()
	address := serve(t, func(c *wire.Conn, w http.ResponseWriter, r *http.Request) {
		sendBody(c, w, r)
		_, _ = io.WriteString(w, "more")
	})
	if got := raw(t, address, "GET /5 HTTP/1.1\r\nHost: x\r\n\r\n"); got != "" {
		t.Errorf("got %q", got)
	}
}

// TestNoConnectionNothingSent: a handler that is not behind a Listener has a nil Conn.
func TestNoConnectionNothingSent(t *testing.T) {
	t.Parallel()
	if (*wire.Conn)(nil).Send(nil, nil, 200, nil, nil) {
		t.Error("sent")
	}
}
