package mock_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock"
)

// readers benchmarks one request, at the handler and over a connection that is kept alive. What steering costs is the difference
// between two of them: 1,000 rules that do not match must leave three quarters of the speed, a forced error is no slower
// than a read.
func readers(b *testing.B, m *mock.Server, status int, headers ...string) {
	b.Helper()
	newRequest := func(origin string) *http.Request {
		r, _ := http.NewRequest("GET", origin+"/api/leads/"+adaID, nil)
		r.Header.Set("X-API-Key", m.APIKey())
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			r.Header.Set(name, value)
		}
		return r
	}
	b.Run("handler", func(b *testing.B) {
		b.ReportAllocs()
		r := newRequest("")
		w := &lastStatus{discard: discard{http.Header{}}}
		for b.Loop() {
			clear(w.header)
			m.Handler().ServeHTTP(w, r)
		}
		if w.status != status {
			b.Fatalf("status %d", w.status)
		}
	})
	b.Run("http", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		server := &http.Server{Handler: m.Handler()}
		go func() { _ = server.Serve(l) }()
		defer server.Close()
		r := newRequest("http://" + l.Addr().String())
		for b.Loop() {
			response, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	})
}

type lastStatus struct {
	discard
	status int
}

func (w *lastStatus) WriteHeader(status int) { w.status = status }

func benchmarked(b *testing.B, scenario string) *mock.Server {
	b.Helper()
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "s.yaml"), []byte("active: true\nrules:\n"+scenario), 0o644); err != nil {
		b.Fatal(err)
	}
	m, err := mock.New(mock.Scenarios(dir), mock.Watch("off"))
	if err != nil {
		b.Fatal(err)
	}
	return m
}

func BenchmarkReadWithoutRules(b *testing.B) { readers(b, benchmarked(b, "  []\n"), 200) }

func BenchmarkReadPastAThousandRules(b *testing.B) {
	var rules strings.Builder
	for n := range 1000 {
		switch n % 4 {
		case 0:
			fmt.Fprintf(&rules, "  - {when: {path: /things-%d/**}, respond: {error: internal}}\n", n)
		case 1:
			fmt.Fprintf(&rules, "  - {when: {method: POST, path: /leads, body: {email: e%d@example.com}}, respond: {error: conflict}}\n", n)
		case 2:
			fmt.Fprintf(&rules, "  - {when: {method: GET, path: /leads/10000000-0000-4000-8000-%012d}, respond: {error: not_found}}\n", n)
		case 3:
			fmt.Fprintf(&rules, "  - {when: {method: GET, path: /leads, query: {page: \"%d\"}}, respond: {error: unavailable}}\n", n)
		}
	}
	readers(b, benchmarked(b, rules.String()), 200)
}

func BenchmarkForcedError(b *testing.B) {
	readers(b, benchmarked(b, "  []\n"), 503, "X-Mock-Error: unavailable")
}

func BenchmarkErrorOfARule(b *testing.B) {
	readers(b, benchmarked(b, "  - {when: {path: /leads/**}, respond: {error: unavailable}}\n"), 503)
}
