package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/contract"
)

// The benchmarks run the mock in this process, beside the floor, so that profiles show both:
//
//	go test -run - -bench Read/one/mock -cpuprofile cpu.out ./mock/bench
//
// Their times hold the client, too; the command measures the server alone.

func leadsMock(tb testing.TB, count int) *inProcess {
	tb.Helper()
	b := &bench{folder: tb.TempDir()}
	folder, err := b.leads(count)
	if err != nil {
		tb.Fatal(err)
	}
	in, err := newInProcess(mock.Fixtures(folder))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(in.close)
	return in
}

// serve puts a handler behind a real listener.
func serve(tb testing.TB, h http.Handler) (address string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &http.Server{Handler: h}
	go s.Serve(l)
	tb.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

// BenchmarkRead is over TCP, with keep-alive.
func BenchmarkRead(b *testing.B) {
	in := leadsMock(b, 1000)
	for _, read := range []struct{ name, target string }{{"one", oneLead}, {"list", twenty}} {
		floor, own := serve(b, bareHandler(in.body(read.target))), serve(b, in.handler)
		b.Run(read.name+"/floor", func(b *testing.B) { hammer(b, floor, caller{token: in.token}.get(read.target)) })
		b.Run(read.name+"/mock", func(b *testing.B) { hammer(b, own, caller{token: in.token}.get(read.target)) })
	}
}

func hammer(b *testing.B, address string, request []byte) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		c, err := dial(address)
		if err != nil {
			b.Error(err)
			return
		}
		defer c.Close()
		for pb.Next() {
			if a, err := c.exchange(request); err != nil || a.status != 200 {
				b.Errorf("%d %v", a.status, err)
				return
			}
		}
	})
}

// BenchmarkHandler is without a connection: what the server adds to net/http.
func BenchmarkHandler(b *testing.B) {
	in := leadsMock(b, 1000)
	for _, read := range []struct{ name, target string }{{"one", oneLead}, {"list", twenty}} {
		call := func(h http.Handler) func(*testing.B) {
			return func(b *testing.B) {
				b.ReportAllocs()
				request, w := in.request(read.target), &discard{}
				for b.Loop() {
					w.header = http.Header{}
					h.ServeHTTP(w, request)
				}
			}
		}
		b.Run(read.name+"/floor", call(bareHandler(in.body(read.target))))
		b.Run(read.name+"/mock", call(in.handler))
	}
}

// BenchmarkList asks for filtered and sorted pages.
func BenchmarkList(b *testing.B) {
	for _, count := range []int{1_000, 100_000} {
		in := leadsMock(b, count)
		var requests []*http.Request
		for _, target := range queries() {
			requests = append(requests, in.request(target))
		}
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			b.ReportAllocs()
			w := &discard{}
			for n := 0; b.Loop(); n++ {
				w.header = http.Header{}
				in.handler.ServeHTTP(w, requests[n%len(requests)])
			}
		})
	}
}

// BenchmarkCreate makes leads. The numbers of their addresses go on from run to run.
func BenchmarkCreate(b *testing.B) {
	var made atomic.Int64
	for _, count := range []int{1_000, 100_000} {
		in := leadsMock(b, count)
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			b.ReportAllocs()
			w := &discard{}
			for b.Loop() {
				w.header = http.Header{}
				body := fmt.Sprintf(`{"email":"bench.%d@example.com","firstName":"Bench","lastName":"Lead"}`, made.Add(1))
				r := in.request(leadList)
				r.Method, r.Body, r.ContentLength = http.MethodPost, io.NopCloser(strings.NewReader(body)), int64(len(body))
				r.Header.Set("Content-Type", "application/json")
				in.handler.ServeHTTP(w, r)
			}
		})
	}
}

// BenchmarkNew loads the shipped fixtures, 1,000 leads and 100,000.
func BenchmarkNew(b *testing.B) {
	b.Run("shipped", func(b *testing.B) { loads(b) })
	for _, count := range []int{1_000, 100_000} {
		folder, err := (&bench{folder: b.TempDir()}).leads(count)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(count), func(b *testing.B) { loads(b, mock.Fixtures(folder)) })
	}
}

func loads(b *testing.B, options ...mock.Option) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := mock.New(options...); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAllocations holds the number of allocations of a read, which no noise on the machine changes.
func TestAllocations(t *testing.T) {
	if underRace || os.Getenv(contract.Record) != "" {
		t.Skip("the race detector allocates, and so does what holds each answer against the document")
	}
	b := &bench{table: newTable()}
	b.table.begin("")
	if err := b.measureAllocations(); err != nil {
		t.Fatal(err)
	}
	for _, r := range b.table.groups[0].rows {
		if !r.bar.cleared(r.found) {
			t.Errorf("%s: %v allocations, at most %v are allowed (Echo %s, the mock %s)", r.what, r.found, r.bar.atMost, r.floor, r.mock)
		}
	}
}

// TestRun measures for real, as fast as can be, that the command works from end to end.
func TestRun(t *testing.T) {
	if testing.Short() || underRace || runtime.GOOS != "linux" {
		t.Skip("builds programs, and reads the processor time of other processes")
	}
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	var out, errs strings.Builder
	if code := run([]string{"-quick", "-only", "reads,saved"}, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	for _, want := range []string{`GET one lead, per CPU second +\d.* µs +\d.* µs +\d\.\d\dx +≥ 0\.80x +(PASS|FAIL)\n`, `--watch poll, worst of 3 +median \d+ ms +\d+ ms`} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("no row like %s in\n%s", want, out.String())
		}
	}
	left, err := filepath.Glob(filepath.Join(temporary, "salesos-mock-bench-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestUsage(t *testing.T) {
	for args, want := range map[string]string{
		"-only writes": `section "writes" is unknown; there are ` + strings.Join(names(), ", "),
		"-fast":        "flag provided but not defined: -fast",
	} {
		var errs strings.Builder
		if code := run(strings.Fields(args), &errs, &errs); code != 2 || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: code %d, %s", args, code, errs.String())
		}
	}
}

func TestBars(t *testing.T) {
	for _, c := range []struct {
		bar           bar
		found         float64
		text, verdict string
	}{
		{bar{}, 3, "", ""},
		{bar{atLeast: 0.8}, 0.8, "≥ 0.80x", "PASS"},
		{bar{atLeast: 0.8}, 0.79, "≥ 0.80x", "FAIL"},
		{bar{atMost: 40}, 40, "≤ 40x", "PASS"},
		{bar{atMost: 1200}, 1201, "≤ 1200x", "FAIL"},
	} {
		if text, verdict := c.bar.text("x"), c.bar.verdict(c.found); text != c.text || verdict != c.verdict {
			t.Errorf("%v of %v: %q %q, want %q %q", c.found, c.bar, text, verdict, c.text, c.verdict)
		}
	}
	table := &table{groups: []group{{rows: []row{{found: 2, bar: bar{atMost: 1}}, {found: 2, bar: bar{atMost: 3}}, {found: 2}}}}}
	if n := table.missed(); n != 1 {
		t.Errorf("%d bars missed, want 1", n)
	}
}

// TestCharts: each line is drawn and named, and the numbers stand in the tables.
func TestCharts(t *testing.T) {
	c := chart{"reads", "Processor time <of> a read", "leads", "µs", []line{{"one & only", []point{{0, 20}, {1000, 21}}}, {"a page", []point{{0, 45}, {1000, 4500}}}}}
	found := &table{machine: "a machine", charts: []chart{c}, groups: []group{{about: growthAbout}, {"reads", []row{{what: "GET", floor: "1 µs", mock: "2 µs", found: 0.5, unit: "x", bar: bar{atLeast: 0.8}}}}}}
	folder := filepath.Join(t.TempDir(), "charts")
	if err := found.draw(folder); err != nil {
		t.Fatal(err)
	}
	drawn, err := os.ReadFile(filepath.Join(folder, "reads.svg"))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for decoder := xml.NewDecoder(bytes.NewReader(drawn)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in %s", err, drawn)
		}
		if e, ok := token.(xml.StartElement); ok {
			count[e.Name.Local]++
		}
	}
	if count["polyline"] != 2 || count["circle"] != 4 || !strings.Contains(string(drawn), "one &amp; only (21)") {
		t.Errorf("drawn: %v\n%s", count, drawn)
	}
	var text strings.Builder
	found.markdown(&text)
	for _, want := range []string{"Found on a machine.", "| Processor time <of> a read, µs | 0 | 1,000 |", "| a page | 45 | 4500 |", "(charts/reads.svg)", "| GET | 1 µs | 2 µs | 0.50x | ≥ 0.80x |"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}

// TestLooksInside measures for real, as fast as can be.
func TestLooksInside(t *testing.T) {
	if testing.Short() || underRace || runtime.GOOS != "linux" {
		t.Skip("takes seconds, and what it measures is not the program's under the race detector")
	}
	var out, errs strings.Builder
	if code := run([]string{"-quick", "-only", "locks,profile"}, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	for _, want := range []string{`a request, its waiting +\d.* µs`, `Syscall6 +\d+\.?\d* %`} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("no row like %s in\n%s", want, out.String())
		}
	}
}

func TestSeries(t *testing.T) {
	if got := (series{3, 9, 1}).median(); got != 3 {
		t.Errorf("median %d, want 3", got)
	}
	if got := (series{4, 1, 3, 2}).median(); got != 2 {
		t.Errorf("median of an even number %d, want 2", got)
	}
	// The second round was disturbed on both sides: it changes nothing.
	if got := (series{20, 2000, 22}).over(series{10, 1000, 10}); got != 2 {
		t.Errorf("ratio %v, want 2", got)
	}
}

// TestExchange reads answers in every cut of their bytes, and refuses what is none.
func TestExchange(t *testing.T) {
	const whole = "HTTP/1.1 201 Created\r\nX: y\r\nContent-Length: 5\r\n\r\nhello"
	for cut := range len(whole) {
		a, err := answerOf(t, whole[:cut], whole[cut:])
		if err != nil || a.status != 201 || string(a.body) != "hello" {
			t.Fatalf("cut at %d: %d %q %v", cut, a.status, a.body, err)
		}
	}
	if a, err := answerOf(t, "HTTP/1.1 204 No Content\r\n\r\n"); err != nil || a.status != 204 || len(a.body) != 0 {
		t.Errorf("204: %v %v", a, err)
	}
	for _, broken := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-x\r\n\r\n", "",
	} {
		if a, err := answerOf(t, broken); err == nil {
			t.Errorf("%q is no answer, and is read as %v", broken, a)
		}
	}
}

// answerOf is what an exchange gives when a server writes the parts and hangs up.
func answerOf(t *testing.T, parts ...string) (answer, error) {
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		theirs.Read(make([]byte, 10))
		for _, part := range parts {
			if part != "" {
				theirs.Write([]byte(part))
			}
		}
	}()
	defer ours.Close()
	return (&connection{ours, make([]byte, 0, 8)}).exchange([]byte("request"))
}
