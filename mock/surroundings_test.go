package mock_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// until waits for the server's health to say something, and returns it.
func (s *server) until(text string) string {
	s.t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(20 * time.Second)
	for {
		last := s.do("GET", "/__admin/health", "").Body
		if strings.Contains(last, text) {
			return last
		}
		select {
		case <-look.C:
		case <-deadline:
			s.t.Fatalf("no %q in the last health: %s", text, last)
		}
	}
}

// Whatever happens to the files, the last good ones serve, what sessions wrote stays, the trouble is told with its place,
// and when it is over all is well by itself.
func TestFilesInTrouble(t *testing.T) {
	t.Parallel()
	must := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	replace := func(path string, with func() error) error {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
		return with()
	}
	for name, c := range map[string]struct {
		trouble func(dir, file string) error
		told    string
	}{
		"the folder is deleted":    {func(dir, _ string) error { return os.RemoveAll(dir) }, "the folder does not exist"},
		"a file is in its place":   {func(dir, _ string) error { return replace(dir, func() error { return os.WriteFile(dir, nil, 0o644) }) }, "is a file, not a folder"},
		"the folder is a loop":     {func(dir, _ string) error { return replace(dir, func() error { return os.Symlink(dir, dir) }) }, "cannot be read: "},
		"a folder is in its place": {func(_, file string) error { return replace(file, func() error { return os.Mkdir(file, 0o755) }) }, "is a folder, not a file"},
		"a file is a loop":         {func(_, file string) error { return replace(file, func() error { return os.Symlink(file, file) }) }, "leads.yaml: cannot be read: "},
		"a file leads nowhere": {func(_, file string) error {
			return replace(file, func() error { return os.Symlink(file+"gone", file) })
		}, "leads.yaml: cannot be read: "},
		"a file leads to a device":    {func(_, file string) error { return replace(file, func() error { return os.Symlink(os.DevNull, file) }) }, "is not a regular file"},
		"the definition is deleted":   {func(dir, _ string) error { return os.Remove(filepath.Join(dir, "leads.schema.yaml")) }, "leads.schema.yaml"},
		"a file is of zeros":          {func(_, file string) error { return os.WriteFile(file, make([]byte, 1<<20), 0o644) }, "leads.yaml:1:1"},
		"a file is one long line":     {func(_, file string) error { return os.WriteFile(file, []byte(strings.Repeat("[", 1<<20)), 0o644) }, "leads.yaml:1:"},
		"a file grows by its aliases": {func(_, file string) error { return os.WriteFile(file, []byte(aliasBomb()), 0o644) }, "leads.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "files")
			fill := func() {
				must(os.MkdirAll(dir, 0o755))
				save(t, dir, "leads.schema.yaml", tinySchema)
				save(t, dir, "leads.yaml", leadsFile("A", "B"))
			}
			fill()
			s := listening(t, mock.Fixtures(dir))
			made := s.create(`{"name":"mine"}`)
			must(c.trouble(dir, filepath.Join(dir, "leads.yaml")))
			if health := s.until("degraded"); !strings.Contains(health, c.told) {
				t.Errorf("%s does not say %q", health, c.told)
			}
			r := s.do("GET", "/api/leads", "").status(200).header("X-Total-Count", "3")
			if r.Header.Get("X-Mock-Stale") == "" || len(r.Header.Get("X-Mock-Stale")) > 500 {
				t.Errorf("X-Mock-Stale %q", r.Header.Get("X-Mock-Stale"))
			}
			also := s.create(`{"name":"meanwhile"}`)
			must(os.RemoveAll(dir))
			fill()
			s.until(`"ok"`)
			s.do("GET", "/api/leads", "").status(200).header("X-Total-Count", "4").header("X-Mock-Stale", "")
			s.do("GET", path(made), "").status(200)
			s.do("GET", path(also), "").status(200)
		})
	}
}

func aliasBomb() string {
	var b strings.Builder
	b.WriteString("- &a0 {id: x, name: x}\n")
	for n := 1; n < 40; n++ {
		fmt.Fprintf(&b, "- &a%d [%s*a%d]\n", n, strings.Repeat(fmt.Sprintf("*a%d, ", n-1), 9), n-1)
	}
	return b.String()
}

// A file that is saved without a pause is read all the same, and the last word is heard.
func TestAFileThatIsRewrittenAllTheTime(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"leads.schema.yaml": tinySchema, "leads.yaml": leadsFile("A")})
	s := listening(t, mock.Fixtures(dir))
	var all sync.WaitGroup
	stop := make(chan struct{})
	all.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			save(t, dir, "leads.yaml", leadsFile("A", fmt.Sprintf("B%d", n)))
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	for began := time.Now(); time.Since(began) < 700*time.Millisecond; {
		s.do("GET", "/api/leads", "").status(200)
	}
	close(stop)
	all.Wait()
	save(t, dir, "leads.yaml", leadsFile("A", "B", "C", "D"))
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(20 * time.Second)
	for s.do("GET", "/api/leads", "").status(200).Header.Get("X-Total-Count") != "4" {
		select {
		case <-look.C:
		case <-deadline:
			t.Fatal("the last word was not heard")
		}
	}
}

// A clock that jumps, in a session, makes nobody wait for years and no count negative.
func TestAClockThatJumps(t *testing.T) {
	t.Parallel()
	file := folder(t, map[string]string{"windows.yaml": "active: true\nrules:\n  - {window: {after: 1h, for: 1h}, respond: {error: unavailable, retryAfter: until-window-ends}}\n  - {limit: {requests: 5000, window: 10s, per: caller}}\n"})
	s := start(t, mock.Scenarios(file))
	for _, move := range []string{`{"set":"1970-01-01T00:00:00Z"}`, `{"set":"2261-12-31T23:59:59Z"}`, `{"set":"1970-01-01T00:00:00Z"}`, `{"advance":"876000h"}`, `{"advance":"-876000h"}`,
		`{"set":"2026-02-28T23:59:59Z","frozen":true}`, `{"frozen":false}`, `{"reset":true}`} {
		s.admin("POST", "/clock", move)
		for range 3 {
			r := s.do("GET", "/api/leads/"+adaID, "")
			if r.Status != 200 && (r.Status != 503 || r.Header.Get("X-Mock-Decision") != "scenario") {
				t.Errorf("%s: %d %s", move, r.Status, r.Body)
			}
			remaining, err := strconv.Atoi(r.Header.Get("X-RateLimit-Remaining"))
			resets, other := strconv.ParseInt(r.Header.Get("X-RateLimit-Reset"), 10, 64)
			if err != nil || other != nil || remaining < 0 || remaining > 5000 {
				t.Errorf("%s: %v", move, r.Header)
			}
			if ahead := time.Until(time.Unix(resets, 0)); !strings.Contains(move, "frozen\":true") && (ahead < -2*time.Second || ahead > 2*time.Minute) {
				t.Errorf("%s: the window ends in %v", move, ahead)
			}
			if after := r.Header.Get("Retry-After"); after != "" {
				if seconds, err := strconv.Atoi(after); err != nil || seconds < 0 || seconds > 3600 {
					t.Errorf("%s: Retry-After %s", move, after)
				}
			}
		}
		s.do("POST", "/api/auth/login", `{"email":"uma.user@example.com","password":"password"}`)
		if made := s.do("POST", "/api/leads", `{"firstName":"C","lastName":"C"}`); made.Status == http.StatusInternalServerError {
			t.Errorf("%s: %s", move, made.Body)
		}
	}
}
