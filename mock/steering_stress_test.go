package mock_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// log is what a server says, safe for concurrent use.
type log struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.String()
}

const stressed = "rules:\n  - {when: {path: /leads}, chance: 0.3, respond: [{error: unavailable, times: 3}, {error: internal}], then: repeat}\n" +
	"  - {when: {method: POST}, respond: {fault: EMPTY_RESPONSE, commit: after, times: 1}, setState: done}\n  - {limit: {requests: 50, window: 1s, per: caller}}\n"

// Activation, reset, reload, rules, clocks, the end of sessions and traffic, all at once: nothing breaks.
func TestEverythingAtOnce(t *testing.T) {
	dir := folder(t, map[string]string{"a.yaml": stressed, "b.yaml": "rules:\n  - {respond: {delay: 1ms, patch: {title: x}}}\n"})
	said := &log{}
	m := serve(t, mock.Scenarios(dir), mock.Watch("off"), mock.Log(slog.New(slog.NewTextHandler(said, nil))))
	until := time.Now().Add(2 * time.Second)
	if testing.Short() {
		until = time.Now().Add(500 * time.Millisecond)
	}
	var all sync.WaitGroup
	work := func(workers int, turn func(c *caller, n int)) {
		for worker := range workers {
			all.Go(func() {
				c := newCaller(t, m)
				for n := worker; time.Now().Before(until); n++ {
					turn(c, n)
				}
			})
		}
	}
	session := func(n int) string { return fmt.Sprintf("s%d", n%5) }
	work(3, func(c *caller, n int) {
		status, header := c.send([]string{"GET", "POST", "HEAD"}[n%3], "/api/leads", []string{"", `{"firstName":"S","lastName":"S"}`}[n%3%2], "X-Mock-Session: "+session(n))
		if !slices.Contains([]int{0, 200, 201, 429, 500, 503}, status) {
			t.Errorf("answered %d, %v", status, header)
		}
	})
	work(1, func(c *caller, n int) {
		c.send("GET", "/api/leads/"+adaID, "", "X-Mock-Session: "+session(n), "X-Mock-Error: internal", "X-Mock-Times: 3", "X-Mock-Chance: 0.5")
	})
	for _, turn := range []func(c *caller, n int){
		func(c *caller, n int) {
			c.wants(200, "PUT", "/__admin/scenarios/"+[]string{"a", "b"}[n%2]+"?session="+session(n/2), fmt.Sprintf(`{"active":%v}`, n%4 < 2))
		},
		func(c *caller, n int) {
			if status, _ := c.send("POST", "/__admin/reset?session="+[]string{"*", session(n)}[n%2], ""); status != 200 && (n%2 == 0 || status != 404) { // its session may have gone
				t.Errorf("a reset is answered %d", status)
			}
		},
		func(c *caller, n int) {
			save(t, dir, "b.yaml", fmt.Sprintf("rules:\n  - {respond: {delay: 1ms, patch: {title: x%d}}}\n", n))
			c.wants(200, "POST", "/__admin/reload", "")
		},
		func(c *caller, n int) {
			c.wants(201, "PUT", fmt.Sprintf("/__admin/rules/r%d?session=%s", n%3, session(n)), `{"when":{"method":"GET"},"respond":{"error":"unavailable","times":2}}`)
			c.send("DELETE", fmt.Sprintf("/__admin/rules/r%d?session=%s", (n+1)%3, session(n)), "")
		},
		func(c *caller, n int) {
			c.send("DELETE", "/__admin/sessions/"+session(n), "")
			c.wants(200, "POST", "/__admin/clock?session="+session(n+1), `{"advance":"1s"}`)
			c.wants(200, "GET", "/__admin/scenarios?session="+session(n), "")
		},
	} {
		work(1, turn)
	}
	all.Wait()
	if text := said.String(); strings.Contains(text, "panic") || strings.Contains(text, "level=ERROR") {
		t.Errorf("the server said:\n%.2000s", text)
	}
	response, err := http.DefaultClient.Do(request(m, "GET", "/api/leads", "", "X-Mock-Session: fresh"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); err != nil || response.Header.Get("X-Total-Count") != "214" {
		t.Errorf("a fresh session has %s leads, %v", response.Header.Get("X-Total-Count"), err)
	}
}
