package wirefault

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// onHTTP2 runs a test over TLS and over plain TCP (h2c); conns counts the connections made.
func onHTTP2(t *testing.T, test func(s *site, client *http.Client, conns *atomic.Int64)) {
	both := map[string]bool{"h2": true, "h2c": false}
	for name, encrypted := range both {
		t.Run(name, func(t *testing.T) {
			var conns atomic.Int64
			s := newSite(t, func(srv *httptest.Server) {
				srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
					if state == http.StateNew {
						conns.Add(1)
					}
				}
				srv.EnableHTTP2 = encrypted
				srv.Config.Protocols = new(http.Protocols)
				srv.Config.Protocols.SetHTTP1(encrypted)
				srv.Config.Protocols.SetHTTP2(encrypted)
				srv.Config.Protocols.SetUnencryptedHTTP2(!encrypted)
				if encrypted {
					srv.StartTLS()
				} else {
					srv.Start()
				}
			})
			transport := s.Client().Transport.(*http.Transport).Clone()
			transport.Protocols = new(http.Protocols)
			transport.Protocols.SetHTTP2(encrypted)
			transport.Protocols.SetUnencryptedHTTP2(!encrypted)
			t.Cleanup(transport.CloseIdleConnections)
			test(s, &http.Client{Transport: transport, Timeout: deadline}, &conns)
		})
	}
}

// get returns the error of the exchange, wherever it came.
func get(client *http.Client, url string) (*http.Response, []byte, error) {
	res, err := client.Get(url)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, body, err
}

// A fault ends its own stream with RST_STREAM, and the connection serves the next.
func TestHTTP2(t *testing.T) {
	onHTTP2(t, func(s *site, client *http.Client, conns *atomic.Int64) {
		s.hang = 20 * time.Millisecond
		if res, _, err := get(client, s.URL+"/usual"); err != nil || res.ProtoMajor != 2 {
			s.Fatalf("got %+v, %v; want HTTP/2", res, err)
		}
		for _, k := range All() {
			res, body, err := get(client, s.URL+"/"+string(k))
			switch {
			case k == MalformedJSON:
				if err != nil || res.StatusCode != 200 || json.Valid(body) {
					s.Errorf("%s: %q, %v", k, body, err)
				}
				continue
			case err == nil || !strings.Contains(err.Error(), "stream error"):
				s.Errorf("%s: the client read %q, %v; want a stream error", k, body, err)
			case k == TruncatedBody && (string(body) != realBody[:len(realBody)/2] || res.ContentLength != int64(len(realBody))):
				s.Errorf("%s: %q of %d bytes", k, body, res.ContentLength)
			case k == MalformedChunk && (res.StatusCode != 200 || len(body) != garbageLen):
				s.Errorf("%s: %d, %q", k, res.StatusCode, body)
			case res != nil && k != TruncatedBody && k != MalformedChunk:
				s.Errorf("%s: the client got an answer %+v", k, res)
			}
		}
		if n := conns.Load(); n != 1 {
			s.Errorf("%d connections were made, want 1", n)
		}
	})
}

func TestHTTP2LeavesOtherStreamsAlone(t *testing.T) {
	onHTTP2(t, func(s *site, client *http.Client, conns *atomic.Int64) {
		s.hang = 10 * time.Millisecond
		slow, err := client.Get(s.URL + "/slow") // its head is here, its body dribbles
		if err != nil {
			s.Fatal(err)
		}
		defer slow.Body.Close()
		for _, k := range All() {
			if _, _, err := get(client, s.URL+"/"+string(k)); err == nil && k != MalformedJSON {
				s.Errorf("%s: no error", k)
			}
		}
		if body, err := io.ReadAll(slow.Body); err != nil || string(body) != realBody {
			s.Errorf("the other stream ended with %q, %v", body, err)
		}
		if n := conns.Load(); n != 1 {
			s.Errorf("%d connections were made, want 1", n)
		}
	})
}

func TestHTTP2HangEndsWhenTheClientLeaves(t *testing.T) {
	onHTTP2(t, func(s *site, client *http.Client, _ *atomic.Int64) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/"+string(Hang), nil)
		if err != nil {
			s.Fatal(err)
		}
		if _, err := client.Do(r); !errors.Is(err, context.DeadlineExceeded) {
			s.Errorf("the client got %v", err)
		}
		_ = s.wait()
	})
}
