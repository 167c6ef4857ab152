package mock_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

const chancy = `active: true
seed: 42
rules:
  - name: flaky
    when: {path: /leads/**}
    chance: 0.2
    respond: {error: unavailable}
  - name: broken
    chance: 0.1
    respond: {fault: EMPTY_RESPONSE, commit: after}
  - name: mixed
    when: {method: GET}
    pick: random
    respond: [{error: internal}, {weight: 4}, {patch: {company: patched}}, {delay: {median: 1ms, sigma: 1}}]
`

// transcript is all that a client of a session sees, but for the Date, which real time rules.
type transcript struct{ strings.Builder }

func (b *transcript) note(response *http.Response, body string) {
	fmt.Fprintf(b, "%s\n", response.Status)
	for _, name := range slices.Sorted(mapKeys(response.Header)) {
		if name != "Date" {
			fmt.Fprintf(b, "%s: %q\n", name, response.Header[name])
		}
	}
	fmt.Fprintf(b, "%s\n", body)
}

func mapKeys(h http.Header) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range h {
			if !yield(name) {
				return
			}
		}
	}
}

// play runs the course of one client, which depends on what it is answered.
func play(t *testing.T, m *mock.Server, session string) string {
	var b transcript
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	location := "/api/leads/" + adaID
	for n := range 40 {
		method, path, body := "GET", "/api/leads?limit=3", ""
		switch n % 5 {
		case 1:
			method, path, body = "POST", "/api/leads", fmt.Sprintf(`{"firstName":"R","lastName":"R","email":"r%d@example.org"}`, n)
		case 2:
			path = location
		case 3:
			method, path, body = "PATCH", location, fmt.Sprintf(`{"company":"%s %d"}`, session, n)
		case 4:
			method, path, body = "POST", "/api/auth/login", `{"email":"ada.admin@example.com","password":"password"}`
		}
		fmt.Fprintf(&b, "\n%s %s\n", method, path)
		response, err := client.Do(request(m, method, path, body, "X-Mock-Session: "+session))
		if err != nil {
			b.WriteString("failed\n") // how a client words it names ports
			continue
		}
		data, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			t.Error(err)
		}
		b.note(response, string(data))
		if to := response.Header.Get("Location"); to != "" {
			location = to
		}
	}
	return b.String()
}

// run lets 16 clients play at once, each in a session of its own.
func run(t *testing.T, folder string, seed uint64) [16]string {
	m := serve(t, mock.Scenarios(folder), mock.Watch("off"), mock.Seed(seed))
	c := newCaller(t, m)
	var transcripts [16]string
	var all sync.WaitGroup
	for i := range transcripts {
		session := fmt.Sprintf("s%d", i+1)
		c.wants(200, "POST", "/__admin/clock?session="+session, `{"set":"2026-07-01T12:00:00Z","frozen":true}`)
		all.Go(func() { transcripts[i] = play(t, m, session) })
	}
	all.Wait()
	return transcripts
}

func TestTheSameRunGivesTheSameFailures(t *testing.T) {
	dir := folder(t, map[string]string{"chancy.yaml": chancy})
	first, second, other := run(t, dir, 7), run(t, dir, 7), run(t, dir, 8)
	for i := range first {
		if first[i] != second[i] {
			t.Errorf("s%d: the second run differs at %s", i+1, difference(first[i], second[i]))
		}
		if first[i] == other[i] {
			t.Errorf("s%d: another seed gives the same", i+1)
		}
		if i > 0 && outline(first[i]) == outline(first[i-1]) {
			t.Errorf("s%d and s%d fail alike", i, i+1)
		}
	}
	for _, want := range []string{"200 OK", "201 Created", "503 Service", "500 Internal", "failed", `"company":"patched"`} {
		if !strings.Contains(strings.Join(first[:], ""), want) {
			t.Errorf("%s never came", want)
		}
	}
}

// outline is what became of the requests, without what is in the answers.
func outline(transcript string) (outline string) {
	for block := range strings.SplitSeq(transcript, "\n\n") {
		lines := strings.SplitN(block, "\n", 3)
		if len(lines) > 1 {
			outline += lines[1][:3]
		}
	}
	return outline
}

func difference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return fmt.Sprintf("line %d:\n%s\n%s", i+1, as[i], bs[i])
		}
	}
	return "its end"
}
