package mock_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/salesos/salesos-mock/mock"
)

// TestSoak mixes all that is done to a server, for as long as SALESOS_SOAK says (30m; without it for a moment): no request
// fails that no rule asked to, no lead is lost or there twice, and nothing is left behind: no goroutine, no descriptor, no
// growing memory.
func TestSoak(t *testing.T) {
	lasts := 2 * time.Second
	if given := os.Getenv("SALESOS_SOAK"); given != "" {
		var err error
		if lasts, err = time.ParseDuration(given); err != nil {
			t.Fatalf("SALESOS_SOAK is %q: a duration such as 30m is wanted", given)
		}
	}
	before, files := goleak.IgnoreCurrent(), descriptors(t)
	s := newSoak(t)
	s.run(lasts)
	s.account()
	s.stop()
	if err := goleak.Find(before); err != nil {
		t.Errorf("goroutines are left: %v", err)
	}
	if now := descriptors(t); now > files+2 {
		t.Errorf("%d descriptors are open, there were %d", now, files)
	}
	if text := s.said.String(); strings.Contains(text, "panic") || strings.Contains(text, "a request failed") {
		t.Errorf("the server said:\n%.2000s", text)
	}
	t.Logf("%v: %d requests, of them %d failed as they were asked to; %d answers were held against the document; %d leads were created, %d deleted; %d reloads",
		lasts, s.requests.Load(), s.asked.Load(), s.held.Load(), s.created.Load(), s.deleted.Load(), s.reloads.Load())
}

// descriptors is how many files and sockets the process has open; 0 where that cannot be seen.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

const soakSessions = 1000

// soak is a server, and what its clients know of the leads that they made.
type soak struct {
	t                *testing.T
	m                *mock.Server
	fixtures         string
	scenarios        string
	said             *log
	stopServer       func()
	transport        *http.Transport
	client           *http.Client
	sessions         [soakSessions]soakSession
	ended            chan struct{}
	requests, asked  atomic.Int64
	held             atomic.Int64 // against the document
	created, deleted atomic.Int64
	reloads          atomic.Int64
	number           atomic.Int64 // of the leads that were made
}

// soakSession is what should be in a session besides the files.
type soakSession struct {
	mu    sync.Mutex
	leads []string // paths
}

const soakScenario = "rules:\n  - {when: {method: GET, path: /leads}, respond: [{error: unavailable, times: 2}, {fault: EMPTY_RESPONSE}, {delay: {chunks: 3, over: 10ms}, times: 2}], then: repeat}\n" +
	"  - {when: {method: POST}, respond: {error: conflict}}\n"

func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{t: t, said: &log{}, ended: make(chan struct{})}
	s.fixtures = folder(t, map[string]string{"leads.schema.yaml": tinySchema, "leads.yaml": leadsFile("A", "B", "C")})
	s.scenarios = folder(t, map[string]string{"bad.yaml": soakScenario})
	m, err := mock.New(mock.Port(0), mock.Fixtures(s.fixtures), mock.Scenarios(s.scenarios), mock.Journal(5000), mock.Log(slog.New(slog.NewTextHandler(s.said, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := m.Listen(ctx); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- m.Serve(ctx) }()
	s.stopServer = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	}
	s.m, s.transport = m, &http.Transport{MaxIdleConnsPerHost: 20}
	s.client = &http.Client{Transport: s.transport, Timeout: 20 * time.Second}
	return s
}

func (s *soak) stop() {
	s.transport.CloseIdleConnections()
	s.stopServer()
}

// run lets everybody work until the time is up, and looks at the memory.
func (s *soak) run(lasts time.Duration) {
	var all sync.WaitGroup
	worker := func(turn func(n int)) {
		all.Go(func() {
			for n := 0; !s.over(); n++ {
				turn(n)
			}
		})
	}
	for w := range 3 {
		worker(func(n int) { s.write(n*7 + w) })
		worker(func(n int) { s.read(n*13 + w) })
	}
	for _, turn := range []func(int){s.fail, s.hangUp, s.readSlowly, s.writeSlowly, s.switchScenario, s.moveClock, s.administer, s.follow} {
		worker(turn)
	}
	all.Go(s.edit)
	begun := s.settleIn(lasts / 3)
	wait := time.NewTimer(lasts - lasts/3)
	<-wait.C
	close(s.ended)
	all.Wait()
	now := heap()
	s.t.Logf("the heap: %d MB after a third of the time, %d MB in the end", begun>>20, now>>20)
	if now > begun+begun/4+16<<20 {
		s.t.Errorf("the heap grew from %d MB after a third of the time to %d MB", begun>>20, now>>20)
	}
}

func (s *soak) settleIn(d time.Duration) (bytes int64) {
	wait := time.NewTimer(d)
	<-wait.C
	return heap()
}

func (s *soak) over() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// pause waits, but not beyond the end.
func (s *soak) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ended:
	}
}

func name(n int) string { return fmt.Sprintf("s%d", n%soakSessions) }

// do sends a request that must be answered with a status.
func (s *soak) do(want int, method, path, body string, headers ...string) (http.Header, []byte) {
	response, data, err := s.try(method, path, body, headers...)
	if err != nil {
		s.t.Errorf("%s %s %v: %v", method, path, headers, err)
		return http.Header{}, nil
	}
	if response.StatusCode != want {
		s.t.Errorf("%s %s %v: %d %.300s, want %d", method, path, headers, response.StatusCode, data, want)
	}
	return response.Header, data
}

func (s *soak) try(method, path, body string, headers ...string) (*http.Response, []byte, error) {
	hold := s.sample()
	r := request(s.m, method, path, body, headers...)
	response, err := s.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err == nil && hold != nil && r.Header.Get("X-Mock-Fault") == "" {
		hold(r, body, reply{Status: response.StatusCode, Header: response.Header, Body: string(data)})
	}
	return response, data, err
}

// sample counts a request. Every twentieth of the answers is held against the document of its time: there is one for each
// time that the files were saved, and the journal does not say by which of them an answer was made.
func (s *soak) sample() func(r *http.Request, sent string, got reply) reply {
	if s.requests.Add(1)%20 != 0 {
		return nil
	}
	s.held.Add(1)
	return conforming(s.t, s.m)
}

// made remembers a lead; of many in one session the oldest is deleted, so that what is stored stays the same.
func (s *soak) made(n int, path string) {
	one := &s.sessions[n%soakSessions]
	one.mu.Lock()
	defer one.mu.Unlock()
	s.created.Add(1)
	one.leads = append(one.leads, path)
	if len(one.leads) > 2 {
		s.do(204, "DELETE", one.leads[0], "", "X-Mock-Session: "+name(n))
		one.leads = slices.Delete(one.leads, 0, 1)
		s.deleted.Add(1)
	}
}

func (s *soak) lead() string {
	n := s.number.Add(1)
	return fmt.Sprintf(`{"name":"n%d","email":"n%d@soak.example.com"}`, n, n)
}

// write creates, changes and deletes; every fourth lead is created although the client is told of an error.
func (s *soak) write(n int) {
	session := "X-Mock-Session: " + name(n)
	body := s.lead()
	if n%4 == 0 {
		s.asked.Add(1)
		s.do(500, "POST", "/api/leads", body, session, "X-Mock-Error: internal", "X-Mock-Commit: after")
		var sent struct{ Email string }
		_ = json.Unmarshal([]byte(body), &sent)
		_, data := s.do(200, "GET", "/api/leads?email="+sent.Email, "", session)
		var found []struct{ ID string }
		if err := json.Unmarshal(data, &found); err != nil || len(found) != 1 {
			s.t.Errorf("%s was created %d times: %v", sent.Email, len(found), err)
			return
		}
		s.made(n, "/api/leads/"+found[0].ID)
		return
	}
	header, _ := s.do(201, "POST", "/api/leads", body, session)
	path := header.Get("Location")
	s.do(200, "PATCH", path, `{"note":"changed"}`, session)
	s.do(409, "POST", "/api/leads", body, session)
	s.made(n, path)
}

func (s *soak) read(n int) {
	session := "X-Mock-Session: " + name(n)
	switch n % 4 {
	case 0:
		s.do(200, "GET", "/api/leads?limit=100&sortBy=name", "", session)
	case 1:
		s.do(200, "GET", "/api/leads?cursor=&limit=2", "", session)
	case 2:
		s.do(404, "GET", "/api/leads/abc123", "", session)
	case 3:
		s.do(400, "POST", "/api/leads", `{"email":"no"}`, session)
	}
}

// fail asks for faults on the wire, and must not see an answer that is well.
func (s *soak) fail(n int) {
	faults := []string{"CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK", "RANDOM_DATA_THEN_CLOSE", "TRUNCATED_BODY", "MALFORMED_JSON"}
	fault := faults[n%len(faults)]
	s.asked.Add(1)
	_, data, err := s.try("GET", "/api/leads", "", "X-Mock-Session: "+name(n), "X-Mock-Fault: "+fault)
	if err == nil && json.Valid(data) {
		s.t.Errorf("%s was answered with %.100s", fault, data)
	}
	s.pause(5 * time.Millisecond)
}

// hangUp leaves while the server makes it wait.
func (s *soak) hangUp(n int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(5+n%40)*time.Millisecond)
	defer cancel()
	what := []string{"X-Mock-Fault: HANG", "X-Mock-Delay: 5000"}[n%2]
	s.requests.Add(1)
	s.asked.Add(1)
	response, err := s.client.Do(request(s.m, []string{"GET", "PUT"}[n%2], "/api/leads/abc123", "", what, "X-Mock-Session: "+name(n)).WithContext(ctx))
	if err == nil {
		_ = response.Body.Close()
		s.t.Errorf("%s was answered", what)
	} else if !errors.Is(err, context.DeadlineExceeded) {
		s.t.Error(err)
	}
}

// readSlowly takes an answer a few bytes at a time, and now and then leaves in the middle.
func (s *soak) readSlowly(n int) {
	conn := connect(s.t, s.m)
	defer conn.Close()
	s.requests.Add(1)
	fmt.Fprintf(conn, "GET /api/leads HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: %s\r\nX-Mock-Session: %s\r\n\r\n", s.m.APIKey(), name(n))
	var got strings.Builder
	piece := make([]byte, 100)
	for {
		read, err := conn.Read(piece)
		got.Write(piece[:read])
		if n%3 == 0 && got.Len() > 500 || err != nil {
			break
		}
		s.pause(3 * time.Millisecond)
	}
	if text := got.String(); !strings.HasPrefix(text, "HTTP/1.1 200 OK\r\n") || n%3 != 0 && !strings.HasSuffix(text, "]") {
		s.t.Errorf("read slowly: %q", text)
	}
}

// writeSlowly sends a lead a few bytes at a time.
func (s *soak) writeSlowly(n int) {
	conn := connect(s.t, s.m)
	defer conn.Close()
	body := s.lead()
	s.requests.Add(1)
	text := fmt.Sprintf("POST /api/leads HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\nX-API-Key: %s\r\nX-Mock-Session: %s\r\n\r\n%s",
		len(body), s.m.APIKey(), name(n), body)
	for piece := range slices.Chunk([]byte(text), 20) {
		if _, err := conn.Write(piece); err != nil {
			s.t.Error(err)
			return
		}
		s.pause(2 * time.Millisecond)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || response.StatusCode != 201 {
		s.t.Errorf("written slowly: %v, %v", response, err)
		return
	}
	s.made(n, response.Header.Get("Location"))
}

// switchScenario makes sessions of its own fail, which nobody else uses.
func (s *soak) switchScenario(n int) {
	session := fmt.Sprintf("bad%d", n%10)
	s.do(200, "PUT", "/__admin/scenarios/bad?session="+session, fmt.Sprintf(`{"active":%t}`, n/10%2 == 0))
	for range 3 {
		response, data, err := s.try("GET", "/api/leads", "", "X-Mock-Session: "+session)
		switch {
		case n/10%2 != 0 && (err != nil || response.StatusCode != 200):
			s.t.Errorf("no scenario is active, and yet: %v %.200s", err, data)
		case n/10%2 == 0:
			s.asked.Add(1)
		}
	}
	s.pause(5 * time.Millisecond)
}

// moveClock lets tokens expire.
func (s *soak) moveClock(n int) {
	session := fmt.Sprintf("clock%d", n%10)
	_, data := s.do(201, "POST", "/__admin/tokens?session="+session, `{"role":"USER"}`)
	var made struct{ Token string }
	_ = json.Unmarshal(data, &made)
	bearer := "Authorization: Bearer " + made.Token
	s.do(200, "GET", "/api/leads", "", bearer)
	s.do(200, "POST", "/__admin/clock?session="+session, `{"advance":"25h"}`)
	s.do(401, "GET", "/api/leads", "", bearer)
	s.do(200, "POST", "/__admin/reset?session="+session, "")
	s.pause(5 * time.Millisecond)
}

// administer asks for all that can be asked of the admin API without naming something.
func (s *soak) administer(n int) {
	_, data := s.do(200, "GET", "/__admin", "", "Accept: application/json")
	var index struct {
		Routes []struct{ Method, Path string }
	}
	if err := json.Unmarshal(data, &index); err != nil || len(index.Routes) < 10 {
		s.t.Errorf("%v in %.200s", err, data)
		return
	}
	route := index.Routes[n%len(index.Routes)]
	if route.Method == "GET" && !strings.ContainsAny(route.Path, "{*") && !strings.HasSuffix(route.Path, "/events") {
		s.do(200, "GET", route.Path, "")
	}
	session := fmt.Sprintf("rules%d", n%5)
	s.do(201, "PUT", fmt.Sprintf("/__admin/rules/r%d?session=%s", n%3, session), `{"when":{"method":"GET"},"respond":{"error":"unavailable","times":1}}`)
	s.do(204, "DELETE", "/__admin/rules?session="+session, "")
	if n%20 == 0 {
		s.do(204, "DELETE", "/__admin/sessions/"+session, "")
	}
	s.pause(10 * time.Millisecond)
}

// follow reads some events, and leaves.
func (s *soak) follow(n int) {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	response, err := s.client.Do(request(s.m, "GET", "/__admin/events?session="+[]string{"*", name(n)}[n%2], "").WithContext(ctx))
	if err != nil {
		if !errors.Is(err, context.DeadlineExceeded) {
			s.t.Error(err)
		}
		return
	}
	_, _ = io.CopyN(io.Discard, response.Body, 10_000)
	_ = response.Body.Close()
}

// edit saves files: good ones, in several ways, and now and then a broken one, which is mended.
func (s *soak) edit() {
	for n := 0; !s.over(); n++ {
		schema := tinySchema
		if n%2 == 1 {
			schema += "  colour: {type: string}\n"
		}
		atomically(s.t, s.fixtures, "leads.schema.yaml", schema)
		save(s.t, s.fixtures, "leads.yaml", leadsFile("A", "B", fmt.Sprintf("C%d", n)))
		atomically(s.t, s.scenarios, "bad.yaml", soakScenario+fmt.Sprintf("description: edit %d\n", n))
		if n%7 == 6 {
			save(s.t, s.scenarios, "worse.yaml", "rules: {")
		} else if n%7 == 0 {
			_ = os.Remove(filepath.Join(s.scenarios, "worse.yaml"))
		}
		if n%7 == 3 {
			s.do(200, "POST", "/__admin/reload", "")
		}
		s.reloads.Add(1)
		s.pause(time.Second)
	}
}

// account walks through all sessions: each lead that was made, and not deleted, is there once.
func (s *soak) account() {
	_ = os.Remove(filepath.Join(s.scenarios, "worse.yaml"))
	s.do(200, "POST", "/__admin/reload", "")
	for n := range s.sessions {
		want := map[string]int{}
		for _, path := range s.sessions[n].leads {
			want[strings.TrimPrefix(path, "/api/leads/")]++
		}
		if len(want) == 0 {
			continue
		}
		for id, times := range s.walk(name(n)) {
			if times != 1 {
				s.t.Errorf("%s: %s comes %d times", name(n), id, times)
			}
			delete(want, id)
		}
		if len(want) != 0 {
			s.t.Errorf("%s: lost %v", name(n), want)
		}
	}
}

// walk counts the leads of a session that were made there, page by page.
func (s *soak) walk(session string) map[string]int {
	found := map[string]int{}
	for cursor := ""; ; {
		_, data := s.do(200, "GET", "/api/leads?limit=3&cursor="+cursor, "", "X-Mock-Session: "+session)
		var page struct {
			Data []struct {
				ID    string
				Email *string
			}
			NextCursor *string
		}
		if err := json.Unmarshal(data, &page); err != nil {
			s.t.Errorf("%s: %v", session, err)
			return found
		}
		for _, lead := range page.Data {
			if lead.Email != nil && strings.HasSuffix(*lead.Email, "@soak.example.com") {
				found[lead.ID]++
			}
		}
		if page.NextCursor == nil {
			return found
		}
		cursor = *page.NextCursor
	}
}
