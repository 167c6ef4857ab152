package mock_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// squeezed is a JSON body of so many bytes, compressed: a thousandth of it.
func squeezed(t *testing.T, size int) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, `{"firstName":"`)
	_, _ = z.Write(bytes.Repeat([]byte("a"), size))
	_, _ = io.WriteString(z, `"}`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const tooMuch = `{"statusCode":503,"message":"Service Unavailable"}`

// A body that inflates beyond the limit is refused at the limit; many that stay below it do not inflate all at once.
func TestGzipBombs(t *testing.T) {
	t.Parallel()
	s := start(t, mock.Memory(12<<20, 0))
	bomb := squeezed(t, 64<<20)
	if len(bomb) > 2<<20 {
		t.Fatalf("the bomb is of %d bytes", len(bomb))
	}
	began := time.Now()
	s.do("POST", "/api/leads", bomb, "Content-Encoding: gzip").is(413, `{"statusCode":413,"message":"request entity too large","error":"Payload Too Large"}`)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	small := squeezed(t, 5<<20)
	var refused atomic.Int32
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			r := s.do("POST", "/api/leads", small, "Content-Encoding: gzip", "X-Mock-Scenario: documented-errors", "X-Mock-Delay: 500") // so that they meet
			if r.Status == 503 && r.Header.Get("X-Mock-Decision") != "scenario" {                                                       // one of the scenario's own errors is a 503, too
				refused.Add(1)
				if r.Body != tooMuch || !strings.Contains(r.Header.Get("X-Mock-Warning"), "hold all the memory") || r.Header.Get("Retry-After") == "" {
					t.Errorf("%s %v", r.Body, r.Header)
				}
			}
		})
	}
	all.Wait()
	if refused.Load() == 0 { // all may be, if they grow in step: each is told so at once, and holds nothing any more
		t.Error("none was refused")
	}
	s.do("POST", "/api/leads", small, "Content-Encoding: gzip").status(400) // what they held is free again
	s.do("POST", "/api/leads", bomb[:100], "Content-Encoding: deflate").status(400)
	s.do("POST", "/api/leads", bomb[:100], "Content-Encoding: br").status(415)
	s.do("POST", "/api/leads", bomb[:100], "Content-Encoding: gzip, gzip").status(415)
}

// Requests that are kept waiting are bounded in number, by what they take.
func TestWaitsWithoutNumber(t *testing.T) {
	t.Parallel()
	m := serve(t, mock.Memory(2<<20, 0))
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	var waiting, refused atomic.Int32
	var all sync.WaitGroup
	for range 150 { // 24 KiB each
		all.Go(func() {
			response, err := (&http.Client{Transport: transport}).Do(request(m, "GET", "/api/leads/"+adaID, "", "X-Mock-Delay: 1500"))
			if err != nil {
				t.Error(err)
				return
			}
			_ = response.Body.Close()
			if response.StatusCode == 503 {
				refused.Add(1)
			} else {
				waiting.Add(1)
			}
		})
	}
	all.Wait()
	if waiting.Load() < 50 || refused.Load() < 30 {
		t.Errorf("%d waited, %d were refused", waiting.Load(), refused.Load())
	}
	if r := send(t, m, "GET", "/api/leads/"+adaID, "", "X-Mock-Delay: 1"); r.StatusCode != 200 {
		t.Errorf("later: %s", r.Status)
	}
}

// Who creates records in a loop is told at some point; nothing is lost, and deleting or resetting makes room.
func TestRecordsWithoutNumber(t *testing.T) {
	t.Parallel()
	s := start(t, mock.Memory(0, 1<<20))
	body := func(n int) string {
		return fmt.Sprintf(`{"firstName":"F","lastName":"L","email":"l%d@example.com","description":"%s"}`, n, strings.Repeat("d", 9000))
	}
	var made []string
	full := false
	for n := 0; n < 1000 && !full; n++ {
		session := fmt.Sprintf("X-Mock-Session: s%d", n%3)
		switch r := s.do("POST", "/api/leads", body(n), session); r.Status {
		case 201:
			made = append(made, session+" "+r.Header.Get("Location"))
		default:
			full = true
			r.is(503, tooMuch)
			if !strings.Contains(r.Header.Get("X-Mock-Warning"), "the records that all sessions wrote") {
				t.Error(r.Header)
			}
		}
	}
	if !full || len(made) < 80 {
		t.Fatalf("%d were made", len(made))
	}
	for _, one := range made { // nothing is lost
		session, path, _ := strings.Cut(one, " /")
		s.do("GET", "/"+path, "", session).status(200)
	}
	s.do("PATCH", "/api/leads/"+adaID, `{"description":"`+strings.Repeat("d", 9990)+`"}`).status(503)
	session, path, _ := strings.Cut(made[0], " /")
	s.do("DELETE", "/"+path, "", session).status(204)
	s.do("POST", "/api/leads", body(-1), session).status(201)
	s.admin("DELETE", "/sessions/s1", "") // and a session that is dropped takes what it wrote with it
	for n := range 20 {
		s.do("POST", "/api/leads", body(5000+n), "X-Mock-Session: s4").status(201)
	}
	s.admin("POST", "/reset?session=*", "")
	for n := range 80 {
		s.do("POST", "/api/leads", body(6000+n), "X-Mock-Session: s5").status(201)
	}
}

// So it is with rules. Their number is of no weight, their size is.
func TestRulesWithoutNumber(t *testing.T) {
	t.Parallel()
	s := start(t, mock.Memory(0, 2<<20))
	rule := func(size int) string {
		return `{"when":{"path":"/never"},"respond":{"error":"unavailable","message":"` + strings.Repeat("m", size) + `"}}`
	}
	status, n := 201, 0
	for ; status == 201 && n < 5000; n++ {
		status = s.do("POST", fmt.Sprintf("/__admin/rules?session=r%d", n%3), rule(100)).Status
	}
	if status != 507 || n < 60 {
		t.Fatalf("after %d rules: %d", n, status)
	}
	r := s.do("POST", "/__admin/rules", rule(100)).status(507)
	if !strings.HasPrefix(r.Body, `{"statusCode":507,"message":"what all sessions hold has reached its limit: DELETE /__admin/rules`) {
		t.Error(r.Body)
	}
	s.admin("DELETE", "/rules?session=r0", "")
	s.admin("PUT", "/rules/again?session=r1", rule(1000))
	for range 200 { // to replace a rule takes no more than the rule
		s.admin("PUT", "/rules/again?session=r1", rule(1000))
	}
	s.do("POST", "/__admin/rules", rule(1<<20)).status(413)
}

// A rule's pattern may not be one that takes minutes to look for.
func TestPatternsThatTakeLong(t *testing.T) {
	t.Parallel()
	s := start(t)
	rule := func(pattern string) string {
		return fmt.Sprintf(`{"when":{"body":{"company":{"matches":%q}}},"respond":{"error":"conflict"}}`, pattern)
	}
	r := s.do("POST", "/__admin/rules", rule(strings.Repeat("(a?){1000}", 90))).status(400)
	if !strings.Contains(r.Body, "the repetitions of the pattern come to 360002 steps, at most 5000 are allowed") {
		t.Error(r.Body)
	}
	s.do("POST", "/__admin/rules", rule("(a+)+$")).status(201)
	began := time.Now()
	s.do("POST", "/api/leads", `{"company":"`+strings.Repeat("a", 100_000)+`!"}`) // only the beginning is looked at
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// heap is how many bytes are alive.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Counters are kept by path, caller, message and session, which callers choose: the memory of them is bounded.
func TestCountersWithoutNumber(t *testing.T) {
	file := folder(t, map[string]string{"count.yaml": "active: true\nrules:\n  - {when: {method: GET}, per: path, respond: {delay: 0ms, headers: {X-Counted: yes}, times: 1}}\n" +
		"  - {when: {method: GET}, chance: 0.001, respond: {headers: {X-Lucky: yes}}}\n"})
	s := start(t, mock.Scenarios(file), mock.Journal(0))
	loops := 4000
	if testing.Short() || slowdown > 1 {
		loops = 1000
	}
	long := strings.Repeat("p", 3000)
	var all sync.WaitGroup
	before := heap()
	for worker := range 4 {
		all.Go(func() {
			for n := worker; n < loops; n += 4 {
				s.do("GET", fmt.Sprintf("/api/leads/%s%d", long, n), "", fmt.Sprintf("X-Mock-Message: %d", n), "X-Mock-Error: internal", "X-Mock-Times: 3").status(500)
				s.do("GET", fmt.Sprintf("/api/leads/%s%d", long, n), "").status(404)
			}
		})
	}
	all.Wait()
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("%d requests left %d MB", 2*loops, grown>>20)
	}
}

// A million brackets, a megabyte of keys: what takes a parser long must not take ours long, nor a great deal of memory.
func TestBodiesThatAreHardToRead(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.admin("POST", "/rules", `{"when":{"body":{"a":{"b":1}}},"respond":{"error":"conflict"}}`)
	many := func(n int, one func(i int) string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = one(i)
		}
		return strings.Join(parts, ",")
	}
	for name, body := range map[string]string{
		"deep lists":          strings.Repeat("[", 1<<20),
		"deep objects":        strings.Repeat(`{"a":`, 1<<20),
		"deep inside a field": `{"painPoints":` + strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20) + `}`,
		"unknown keys":        "{" + many(25_000, func(i int) string { return fmt.Sprintf(`"k%d":%d`, i, i) }) + "}",
		"the same key":        "{" + many(60_000, func(int) string { return `"firstName":"F"` }) + "}",
		"a long list":         `{"painPoints":[` + many(200_000, func(int) string { return `""` }) + `]}`,
		"escapes":             `{"firstName":"` + strings.Repeat(`\u0041`, 1<<18) + `"}`,
		"half surrogates":     `{"firstName":"` + strings.Repeat(`\ud800`, 1<<18) + `"}`,
		"a long number":       `{"leadScore":` + strings.Repeat("9", 1<<20) + `}`,
		"a great exponent":    `{"leadScore":1e` + strings.Repeat("9", 1<<20) + `}`,
		"a long e-mail":       `{"email":"` + strings.Repeat("a@", 1<<19) + `"}`,
		"many dots":           `{"email":"a@` + strings.Repeat("a.", 1<<19) + `com"}`,
		"ids":                 `{"ids":[` + many(25_000, func(i int) string { return fmt.Sprintf(`"00000000-0000-4000-8000-%012d"`, i) }) + `]}`,
		"wrong ids":           `{"ids":[` + many(60_000, func(int) string { return `1` }) + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/api/leads", "/api/leads/bulk/delete", "/api/auth/login"} {
				began := time.Now()
				r := s.do("POST", path, body)
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("%s took %v", path, took)
				}
				if !json.Valid([]byte(r.Body)) || r.Status >= 500 {
					t.Errorf("%s: %d %.200s", path, r.Status, r.Body)
				}
				if len(r.Body) > 4*len(body)+1000 {
					t.Errorf("%s: %d bytes were answered with %d", path, len(body), len(r.Body))
				}
			}
		})
	}
}
