package wirefault

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// onBoth runs a test over TCP and over TLS.
func onBoth(t *testing.T, test func(*site)) {
	t.Run("tcp", func(t *testing.T) { t.Parallel(); test(newSite(t, plain)) })
	t.Run("tls", func(t *testing.T) { t.Parallel(); test(newSite(t, secure)) })
}

func TestConnectionReset(t *testing.T) {
	onBoth(t, func(s *site) {
		got, err := s.exchange(request("GET", ConnectionReset, "HTTP/1.1", ""))
		if len(got) != 0 || !errors.Is(err, syscall.ECONNRESET) {
			s.Errorf("read %q, %v; want a reset", got, err)
		}
		if err := s.wait(); err != nil {
			s.Error(err)
		}
	})
}

func TestEmptyResponse(t *testing.T) {
	requests := map[string]string{
		"alone":          request("GET", EmptyResponse, "HTTP/1.1", ""),
		"HTTP/1.0":       request("GET", EmptyResponse, "HTTP/1.0", "Connection: keep-alive\r\n"),
		"pipelined":      request("GET", EmptyResponse, "HTTP/1.1", "") + request("GET", "next", "HTTP/1.1", ""),
		"body not read":  request("POST", EmptyResponse, "HTTP/1.1", "Content-Length: 300000\r\n") + strings.Repeat("x", 300000),
		"HEAD, chunk":    request("HEAD", MalformedChunk, "HTTP/1.1", ""),
		"HEAD, truncate": request("HEAD", TruncatedBody, "HTTP/1.1", ""),
		"HEAD, JSON":     request("HEAD", MalformedJSON, "HTTP/1.1", ""),
	}
	for name, sent := range requests {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(s *site) {
				if got, err := s.exchange(sent); len(got) != 0 || err != nil {
					s.Errorf("read %q, %v; want the end and nothing before it", got, err)
				}
			})
		})
	}
}

func TestMalformedChunk(t *testing.T) {
	onBoth(t, func(s *site) {
		got, err := s.exchange(request("GET", MalformedChunk, "HTTP/1.1", ""))
		if err != nil {
			s.Fatal(err)
		}
		res, _, err := s.parse(got, "GET")
		if res == nil || err == nil || err == io.ErrUnexpectedEOF {
			s.Fatalf("%q was read as %+v, %v; want a malformed chunk", got, res, err)
		}
		if res.StatusCode != 200 || res.Header.Get("Access-Control-Allow-Origin") != "*" || res.Header.Get("Date") == "" {
			s.Errorf("status %d, header %v", res.StatusCode, res.Header)
		}
		if !bytes.Contains(got, []byte("\r\nTransfer-Encoding: chunked\r\n")) {
			s.Errorf("no chunks are announced in %q", got)
		}
		_, body, _ := bytes.Cut(got, []byte("\r\n\r\n"))
		if len(body) != garbageLen+2 || body[0] < 0x80 || !bytes.HasSuffix(body, []byte("\r\n")) {
			s.Errorf("the garbage is %q", body)
		}
	})
}

func TestMalformedChunkWithoutChunks(t *testing.T) {
	s := newSite(t, plain)
	got, err := s.exchange(request("GET", MalformedChunk, "HTTP/1.0", "Connection: keep-alive\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if res, body, err := s.parse(got, "GET"); res == nil || res.StatusCode != 200 || len(body) != garbageLen || err != io.ErrUnexpectedEOF {
		t.Errorf("%q was read as %+v, %v", got, res, err)
	}
}

func TestRandomDataIsTheSameInEachRun(t *testing.T) {
	onBoth(t, func(s *site) {
		first, err := s.exchange(request("GET", RandomData, "HTTP/1.1", ""))
		if err != nil || len(first) != garbageLen {
			s.Fatalf("read %q, %v", first, err)
		}
		if res, _, err := s.parse(first, "GET"); err == nil {
			s.Errorf("%q was taken for an answer: %+v", first, res)
		}
		want := make([]byte, garbageLen)
		_, _ = io.ReadFull(seeded(), want)
		want[0] |= 0x80
		if !bytes.Equal(first, want) {
			s.Errorf("the garbage %q is not what the caller gave: %q", first, want)
		}
	})
}

func TestTruncatedBody(t *testing.T) {
	for _, version := range []string{"HTTP/1.1", "HTTP/1.0"} {
		t.Run(version, func(t *testing.T) {
			onBoth(t, func(s *site) {
				got, err := s.exchange(request("GET", TruncatedBody, version, "Connection: keep-alive\r\n"))
				if err != nil {
					s.Fatal(err)
				}
				res, body, err := s.parse(got, "GET")
				if err != io.ErrUnexpectedEOF || string(body) != realBody[:len(realBody)/2] {
					s.Fatalf("read %q, %v; want half of the body", body, err)
				}
				if res.StatusCode != 201 || res.ContentLength != int64(len(realBody)) || res.Header.Get("Content-Type") != "application/json" {
					s.Errorf("status %d, length %d, header %v", res.StatusCode, res.ContentLength, res.Header)
				}
			})
		})
	}
}

func TestTruncatedBodyOfNothingIsAnEmptyResponse(t *testing.T) {
	for _, a := range []Answer{{Status: 204}, {Status: 200}, {Status: 304, Body: []byte("no")}} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = Do(context.Background(), w, r, TruncatedBody, a, Options{})
		}))
		s := &site{T: t, Server: srv}
		if got, err := s.exchange(request("GET", "", "HTTP/1.1", "")); len(got) != 0 || err != nil {
			t.Errorf("%+v: read %q, %v", a, got, err)
		}
		srv.Close()
	}
}

// The connection lives on after it: only the body is broken.
func TestMalformedJSON(t *testing.T) {
	onBoth(t, func(s *site) {
		got, err := s.exchange(request("GET", MalformedJSON, "HTTP/1.1", "") +
			request("GET", "usual", "HTTP/1.1", "Connection: close\r\n"))
		if err != nil {
			s.Fatal(err)
		}
		r := bufio.NewReader(bytes.NewReader(got))
		res, err := http.ReadResponse(r, nil)
		if err != nil || res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/json" {
			s.Fatalf("got %+v, %v", res, err)
		}
		if body, err := io.ReadAll(res.Body); err != nil || len(body) == 0 || json.Valid(body) {
			s.Errorf("the body is %q, %v", body, err)
		}
		res, err = http.ReadResponse(r, nil)
		if err != nil {
			s.Fatal(err)
		}
		if body, err := io.ReadAll(res.Body); err != nil || string(body) != "as usual" {
			s.Errorf("the next answer is %q, %v", body, err)
		}
	})
}

func TestMalformedJSONSaysThatItIsJSON(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("DELETE", "/", nil)
	a := Answer{Status: 204, Header: http.Header{"Content-Encoding": {"gzip"}}}
	if err := Do(t.Context(), w, r, MalformedJSON, a, Options{}); err != nil {
		t.Fatal(err)
	}
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json; charset=utf-8" || json.Valid(w.Body.Bytes()) {
		t.Errorf("got %d, %v, %q", w.Code, w.Header(), w.Body)
	}
	if w.Header().Get("Content-Encoding") != "" {
		t.Error("a plain body is announced as compressed")
	}
}

func TestHangEndsWithItsTime(t *testing.T) {
	onBoth(t, func(s *site) {
		s.hang = 150 * time.Millisecond
		begun := time.Now()
		got, err := s.exchange(request("GET", Hang, "HTTP/1.1", ""))
		if len(got) != 0 || err != nil || time.Since(begun) < s.hang {
			s.Errorf("read %q, %v after %v", got, err, time.Since(begun))
		}
	})
}

func TestHangEndsWhenTheClientLeaves(t *testing.T) {
	requests := map[string]string{
		"no body":           request("GET", Hang, "HTTP/1.1", ""),
		"body not read":     request("POST", Hang, "HTTP/1.1", "Content-Length: 3\r\n") + "abc",
		"body half sent":    request("POST", Hang, "HTTP/1.1", "Content-Length: 300\r\n") + "abc",
		"chunked half sent": request("POST", Hang, "HTTP/1.1", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n",
	}
	for name, sent := range requests {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(s *site) {
				conn := s.dial()
				if _, err := io.WriteString(conn, sent); err != nil {
					s.Fatal(err)
				}
				conn.Close()
				begun := time.Now()
				_ = s.wait()
				if took := time.Since(begun); took > deadline/2 {
					s.Errorf("it hung on for %v", took)
				}
			})
		})
	}
}

func TestHangEndsWhenTheServerDrains(t *testing.T) {
	onBoth(t, func(s *site) {
		read := make(chan error, 1)
		conn := s.dial()
		go func() {
			_, err := io.WriteString(conn, request("POST", Hang, "HTTP/1.1", "Content-Length: 30\r\n")+"half")
			if err == nil {
				_, err = io.ReadAll(conn)
			}
			read <- err
		}()
		select {
		case err := <-read:
			s.Fatalf("it ended before: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		s.drain()
		if err := <-read; err != nil {
			s.Errorf("the client read %v", err)
		}
	})
}

// A server that is closed the hard way must not leave handlers behind.
func TestHangEndsWhenTheServerIsClosed(t *testing.T) {
	s := newSite(t, plain)
	conn := s.dial()
	if _, err := io.WriteString(conn, request("GET", Hang, "HTTP/1.1", "")); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-s.ended:
		t.Fatalf("it ended before: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	_ = s.Config.Close()
	_ = s.wait()
}

func TestFaultsOutliveTheServersDeadlines(t *testing.T) {
	s := newSite(t, func(srv *httptest.Server) {
		srv.Config.ReadTimeout, srv.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
		srv.Start()
	})
	s.hang = 300 * time.Millisecond
	for _, sent := range []string{
		request("GET", Hang, "HTTP/1.1", ""),
		request("POST", Hang, "HTTP/1.1", "Content-Length: 30\r\n") + "half", // the rest may still come
	} {
		begun := time.Now()
		got, err := s.exchange(sent)
		if took := time.Since(begun); len(got) != 0 || err != nil || took < s.hang {
			t.Errorf("%q: read %q, %v after %v", sent, got, err, took)
		}
	}
}

// The client learns of the end at once, and not when the server is tired of waiting for the client's.
func TestTheEndIsToldAtOnce(t *testing.T) {
	onBoth(t, func(s *site) {
		for _, k := range []Kind{EmptyResponse, MalformedChunk, RandomData, TruncatedBody} {
			best := time.Hour // of several: a busy machine may spoil one
			for range 4 {
				begun := time.Now()
				_, _ = s.exchange(request("GET", k, "HTTP/1.1", ""))
				best = min(best, time.Since(begun))
			}
			if best > linger/2 {
				s.Errorf("%s: the end came after %v", k, best)
			}
		}
	})
}

func TestUnknownKind(t *testing.T) {
	err := Do(t.Context(), httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), "BAD_LUCK", Answer{}, Options{})
	if err == nil || !strings.Contains(err.Error(), `fault "BAD_LUCK" is unknown: allowed are [CONNECTION_RESET_BY_PEER`) {
		t.Errorf("got %v", err)
	}
}

func TestWhereNothingCanBeHijackedTheHandlerIsAborted(t *testing.T) {
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("panicked with %v", got)
		}
	}()
	_ = Do(t.Context(), httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), ConnectionReset, Answer{}, Options{})
	t.Error("it returned")
}

// Go's own client sees an error for each fault but the broken JSON.
func TestGoClient(t *testing.T) {
	onBoth(t, func(s *site) {
		s.hang = 50 * time.Millisecond
		for _, k := range All() {
			res, err := s.Client().Get(s.URL + "/" + string(k))
			var body []byte
			if err == nil {
				body, err = io.ReadAll(res.Body)
				res.Body.Close()
			}
			if k == MalformedJSON {
				if err != nil || json.Valid(body) {
					s.Errorf("%s: %q, %v", k, body, err)
				}
			} else if err == nil {
				s.Errorf("%s: the client was content with %q", k, body)
			}
		}
	})
}

func TestNoDescriptorIsLeft(t *testing.T) {
	count := func() int {
		open, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("the open descriptors are not listed here")
		}
		return len(open)
	}
	s := newSite(t, plain)
	s.hang = time.Millisecond
	before := count()
	for range 20 {
		for _, k := range All() {
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(conn, request("GET", k, "HTTP/1.1", "Connection: close\r\n"))
			_, _ = io.Copy(io.Discard, conn)
			conn.Close()
			_ = s.wait()
		}
	}
	s.Server.Close()
	if after := count(); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
