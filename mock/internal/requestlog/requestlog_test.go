package requestlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func entry() Entry {
	return Entry{
		Began: time.Date(2026, 11, 22, 18, 4, 5, 123_456_789, time.Local), Duration: 1_240 * time.Microsecond,
		Method: "GET", Target: "/api/leads?limit=5", Status: 200, Bytes: 1234, Decision: "fixture",
		Session: "default", Remote: "127.0.0.1:50000", ID: "c0ffee",
	}
}

// written is what a log makes of entries.
func written(t *testing.T, o Options, entries ...Entry) string {
	t.Helper()
	var out bytes.Buffer
	log := New(&out, o)
	for _, e := range entries {
		log.Record(e)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestText(t *testing.T) {
	plain := Options{Session: "default"}
	for name, c := range map[string]struct {
		options Options
		change  func(*Entry)
		want    string
	}{
		"plain":   {plain, func(*Entry) {}, "18:04:05.123 GET    200   1.24ms /api/leads?limit=5 fixture\n"},
		"session": {plain, func(e *Entry) { e.Session = "checkout" }, "18:04:05.123 GET    200   1.24ms /api/leads?limit=5 fixture session checkout\n"},
		"rule": {plain, func(e *Entry) { e.Decision = "scenario"; e.Rule = "scenarios/flaky-list.yaml:14 list-outage" },
			"18:04:05.123 GET    200   1.24ms /api/leads?limit=5 scenario scenarios/flaky-list.yaml:14 list-outage\n"},
		"delete":   {plain, func(e *Entry) { e.Method = "DELETE"; e.Status = 404 }, "18:04:05.123 DELETE 404   1.24ms /api/leads?limit=5 fixture\n"},
		"slow":     {plain, func(e *Entry) { e.Duration = 61_234 * time.Millisecond }, "18:04:05.123 GET    200  61234ms /api/leads?limit=5 fixture\n"},
		"at once":  {plain, func(e *Entry) { e.Duration = -5 }, "18:04:05.123 GET    200   0.00ms /api/leads?limit=5 fixture\n"},
		"no reply": {plain, func(e *Entry) { e.Status = 0 }, "18:04:05.123 GET    ---   1.24ms /api/leads?limit=5 fixture\n"},
		"hostile": {plain, func(e *Entry) { e.Target = "/\x1b[2J\r\n\u202e\u0085\xff\U000e0001\"é" },
			`18:04:05.123 GET    200   1.24ms /\x1b[2J\x0d\x0a\u202e\x85\xff\U000e0001"é fixture` + "\n"},
		"long method": {plain, func(e *Entry) { e.Method = strings.Repeat("M", 99) }, "18:04:05.123 MMMMMMMMMMMMMMMMMMMM… 200   1.24ms /api/leads?limit=5 fixture\n"},
		"long path": {plain, func(e *Entry) { e.Target = "/" + strings.Repeat("é", 500) },
			"18:04:05.123 GET    200   1.24ms /" + strings.Repeat("é", 79) + "… fixture\n"},
		"colour": {Options{Session: "default", Color: true}, func(e *Entry) { e.Status = 503 },
			"\x1b[2m18:04:05.123\x1b[0m GET    \x1b[31m503\x1b[0m   1.24ms /api/leads?limit=5 \x1b[2mfixture\x1b[0m\n"},
	} {
		e := entry()
		c.change(&e)
		if got := written(t, c.options, e); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

func TestColorFollowsTheStatus(t *testing.T) {
	for status, color := range map[int]string{101: colorCyan, 204: colorGreen, 304: colorCyan, 422: colorYellow, 500: colorRed, 0: colorRed} {
		e := entry()
		e.Status = status
		if got := written(t, Options{Color: true}, e); strings.Count(got, color) != 1 {
			t.Errorf("%d: %q", status, got)
		}
	}
}

func TestJSON(t *testing.T) {
	e := entry()
	e.Began = time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC)
	want := `{"time":"2026-01-02T03:04:05.006Z","level":"INFO","msg":"request","method":"GET","path":"/api/leads?limit=5",` +
		`"status":200,"decision":"fixture","durationMs":1.240,"bytes":1234,"session":"default","remote":"127.0.0.1:50000","id":"c0ffee"}` + "\n"
	if got := written(t, Options{Format: JSON, Color: true}, e); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestJSONNamesARule(t *testing.T) {
	e := entry()
	e.Decision, e.Rule = "scenario", "scenarios/a.yaml:3 b"
	if got := written(t, Options{Format: JSON}, e); !strings.Contains(got, `"decision":"scenario","rule":"scenarios/a.yaml:3 b","durationMs"`) {
		t.Error(got)
	}
}

func TestJSONKeepsWhatWasSent(t *testing.T) {
	for _, target := range []string{`/a"b\c`, "/\x1b\r\n\t\x00\x7f", "/é😀\u202e\u2028", "/\U000e0001"} {
		e := entry()
		e.Target = target
		line := written(t, Options{Format: JSON}, e)
		var got struct{ Path string }
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%q: %v in %s", target, err, line)
		}
		if got.Path != target {
			t.Errorf("got %q, want %q", got.Path, target)
		}
	}
}

// stall is a reader that reads nothing until it is let go.
type stall struct {
	release chan struct{}
	mu      sync.Mutex
	got     bytes.Buffer
}

func (s *stall) Write(b []byte) (int, error) {
	<-s.release
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got.Write(b)
}

// TestLinesKeepTheirOrder: those of requests are made later than they come, those of others are made already.
func TestLinesKeepTheirOrder(t *testing.T) {
	var out bytes.Buffer
	log := New(&out, Options{})
	var want strings.Builder
	for i := range 500 {
		e := entry()
		e.Target = fmt.Sprintf("/api/%d", i)
		if i%90 == 0 {
			e.Target += strings.Repeat("x", longTarget)
		}
		log.Record(e)
		want.Write(log.options.append(nil, &e))
		if i%70 == 0 {
			line := fmt.Sprintf("line %d\n", i)
			_, _ = log.Write([]byte(line))
			want.WriteString(line)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if out.String() != want.String() {
		t.Errorf("%s\nwant\n%s", out.String(), want.String())
	}
}

func TestAStalledReaderLosesLinesAndIsToldHowMany(t *testing.T) {
	for format, note := range map[Format]string{Text: "… %d lines left out\n", JSON: `"msg":"request log lines left out","lines":%d}` + "\n"} {
		synctest.Test(t, func(t *testing.T) {
			out := &stall{release: make(chan struct{})}
			log := New(out, Options{Format: format})
			log.Record(entry())
			time.Sleep(2 * gatherFor) // of the bubble's clock: the writer is now stuck with the first line
			synctest.Wait()
			const sent = 10_000
			for range sent {
				log.Record(entry())
			}
			close(out.release)
			synctest.Wait()
			log.Record(entry())
			if err := log.Close(); err != nil {
				t.Fatal(err)
			}
			got := out.got.String()
			lines := strings.Count(got, "fixture")
			if want := fmt.Sprintf(note, sent+2-lines); !strings.Contains(got, want) {
				t.Errorf("%d lines came, and no %q", lines, want)
			}
			if len(got) > maxBuffered+2000 {
				t.Errorf("%d bytes were held", len(got))
			}
		})
	}
}

func TestCloseGivesUpOnAStalledReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &stall{release: make(chan struct{})}
		log := New(out, Options{})
		log.Record(entry())
		began := time.Now()
		if err := log.Close(); !errors.Is(err, ErrStalled) {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(began); waited != closeWithin {
			t.Errorf("waited %v", waited)
		}
		close(out.release)
	})
}

func TestLinesComeSoonAndTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		log := New(w, Options{})
		began := time.Now()
		for range 3 {
			log.Record(entry())
		}
		room := make([]byte, 4096)
		n, err := r.Read(room)
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(room[:n], []byte("\n")); lines != 3 {
			t.Errorf("%d lines in the first write", lines)
		}
		if waited := time.Since(began); waited > 50*time.Millisecond {
			t.Errorf("waited %v", waited)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
}

// failing is a reader that has gone away.
type failing struct{ writes int }

func (f *failing) Write([]byte) (int, error) {
	f.writes++
	return 0, io.ErrClosedPipe
}

func TestAReaderThatHasGoneIsNotWrittenToAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &failing{}
		log := New(out, Options{})
		for range 3 {
			log.Record(entry())
			time.Sleep(2 * gatherFor) // of the bubble's clock
		}
		if err := log.Close(); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got %v", err)
		}
		if out.writes != 1 {
			t.Errorf("%d writes", out.writes)
		}
	})
}

func TestManyWritersAndAnEnd(t *testing.T) {
	var out bytes.Buffer
	log := New(&out, Options{Format: JSON})
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() {
			for j := range 200 {
				e := entry()
				e.ID = fmt.Sprintf("%d-%d", i, j)
				log.Record(e)
			}
		})
	}
	var late sync.WaitGroup
	late.Go(writers.Wait)
	late.Wait()
	late.Go(func() { log.Record(entry()) }) // at the same time as Close: written or not, but whole
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	late.Wait()
	log.Record(entry())
	if err := log.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	seen, last := map[string]bool{}, map[string]int{}
	for line := range strings.Lines(out.String()) {
		var e struct {
			ID    string
			Lines int
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if e.Lines > 0 {
			return // the machine was too slow for the buffer, and said so
		}
		seen[e.ID] = true
		var i string
		var j int
		if n, _ := fmt.Sscanf(strings.Replace(e.ID, "-", " ", 1), "%s %d", &i, &j); n == 2 {
			if j < last[i] {
				t.Fatalf("%s came after %d", e.ID, last[i])
			}
			last[i] = j
		}
	}
	delete(seen, entry().ID)
	if len(seen) != 1600 {
		t.Errorf("%d of 1600 lines", len(seen))
	}
}

func FuzzLine(f *testing.F) {
	f.Add("GET", "/api/leads", "default")
	f.Add("G\x1bT", "/\xff\u202e\"\\", strings.Repeat("é", 300))
	f.Fuzz(func(t *testing.T, method, target, session string) {
		e := Entry{Method: method, Target: target, Session: session}
		text := string(Options{}.append(nil, &e))
		if !utf8.ValidString(text) || strings.Count(text, "\n") != 1 || len(text) > 10*(longestText+longestMethod+longestName) {
			t.Fatalf("%q", text)
		}
		for _, r := range strings.TrimSuffix(text, "\n") {
			if !unicode.IsPrint(r) {
				t.Fatalf("%q in %q", r, text)
			}
		}
		line := Options{Format: JSON}.append(nil, &e)
		var got struct{ Path string }
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if utf8.ValidString(target) && len(target) <= longestJSON && got.Path != target {
			t.Fatalf("%q became %q", target, got.Path)
		}
	})
}

// The budget of a request is 500 ns and no allocation.
func TestRecordAllocatesNothing(t *testing.T) {
	for _, o := range []Options{{}, {Color: true}, {Format: JSON}} {
		log := New(io.Discard, o)
		e := entry()
		for len(log.waiting) < maxBuffered/2 { // until the buffer has grown
			log.waiting = append(log.waiting, 0)
		}
		if n := testing.AllocsPerRun(500, func() { log.Record(e) }); n != 0 {
			t.Errorf("%+v: %v allocations", o, n)
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	for name, o := range map[string]Options{"text": {Session: "default"}, "colour": {Session: "default", Color: true}, "json": {Format: JSON}} {
		b.Run(name, func(b *testing.B) {
			log := New(io.Discard, o)
			e := entry()
			b.ReportAllocs()
			for b.Loop() {
				log.Record(e)
			}
			if err := log.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
