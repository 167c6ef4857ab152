package mock_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

const tinySchema = `
x-singular: Lead
required: [name]
properties:
  id: {type: string, format: uuid, readOnly: true}
  email: {type: string, format: email, x-unique: true}
  name: {type: string}
  note: {type: string}
  updatedAt: {type: string, format: date-time, readOnly: true}
`

func leadsFile(names ...string) string {
	var b strings.Builder
	for i, name := range names {
		fmt.Fprintf(&b, "- {id: 00000000-0000-4000-8000-%012d, name: %s, email: lead%d@example.com}\n", i+1, name, i+1)
	}
	return b.String()
}

// live is a whole server that watches a folder.
type live struct {
	*mock.Server
	t   *testing.T
	dir string
}

func watchFolder(t *testing.T, mode string, dir string) *live {
	t.Helper()
	return &live{serve(t, mock.Fixtures(dir), mock.Watch(mode)), t, dir}
}

func (l *live) get(path string) (*http.Response, string) {
	l.t.Helper()
	r, _ := http.NewRequest("GET", l.Origin()+path, nil)
	r.Header.Set("X-API-Key", l.APIKey())
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	var b strings.Builder
	buffer := make([]byte, 4096)
	for {
		n, err := response.Body.Read(buffer)
		b.Write(buffer[:n])
		if err != nil {
			return response, b.String()
		}
	}
}

// until asks for the leads until they are as wanted; it returns how long that took.
func (l *live) until(what string, ok func(header http.Header, body string) bool) time.Duration {
	l.t.Helper()
	began := time.Now()
	for time.Since(began) < 10*time.Second {
		response, body := l.get("/api/leads?sortBy=name&sortOrder=asc")
		if ok(response.Header, body) {
			return time.Since(began)
		}
	}
	_, body := l.get("/api/leads")
	l.t.Fatalf("%s: not within 10 s; last: %s", what, body)
	return 0
}

func (l *live) untilNames(want ...string) time.Duration {
	l.t.Helper()
	return l.until(strings.Join(want, ","), func(_ http.Header, body string) bool {
		var leads []struct{ Name string }
		if json.Unmarshal([]byte(body), &leads) != nil || len(leads) != len(want) {
			return false
		}
		for i := range want {
			if leads[i].Name != want[i] {
				return false
			}
		}
		return true
	})
}

func atomically(t *testing.T, dir, name, content string) {
	t.Helper()
	save(t, dir, ".tmp-"+name, content)
	if err := os.Rename(filepath.Join(dir, ".tmp-"+name), filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func TestReload(t *testing.T) {
	for _, mode := range []string{"notify", "poll", "auto"} {
		t.Run(mode, func(t *testing.T) {
			dir := folder(t, map[string]string{"leads.schema.yaml": tinySchema, "leads.yaml": leadsFile("A", "B")})
			l := watchFolder(t, mode, dir)
			l.untilNames("A", "B")

			atomically(t, dir, "leads.yaml", leadsFile("A", "C"))
			l.untilNames("A", "C")
			save(t, dir, "leads.yaml", leadsFile("D")) // truncate, then write
			l.untilNames("D")
			save(t, dir, ".leads.yaml.swp", "rubbish")
			save(t, dir, "leads.yaml~", "rubbish: [")
			save(t, dir, "leads.yaml", leadsFile("E"))
			l.untilNames("E")

			save(t, dir, "leads.yaml", "- {name: F, colour: red}\n") // broken: the last good one stays, and it is said
			l.until("stale", func(h http.Header, body string) bool {
				return strings.Contains(h.Get("X-Mock-Stale"), `leads.yaml:1:13: unknown key "colour"`) && strings.Contains(body, `"name":"E"`)
			})
			if _, body := l.get("/__admin/health"); !strings.Contains(body, `"degraded"`) || !strings.Contains(body, "leads.yaml:1:13") {
				t.Errorf("health: %s", body)
			}
			save(t, dir, "leads.yaml", leadsFile("G"))
			l.untilNames("G")
			l.until("healed", func(h http.Header, _ string) bool { return h.Get("X-Mock-Stale") == "" })

			if err := os.Remove(filepath.Join(dir, "leads.yaml")); err != nil {
				t.Fatal(err)
			}
			l.untilNames()
			save(t, dir, "leads.json", `[{"name":"H"}]`)
			l.untilNames("H")
		})
	}
}

func TestReloadThroughASymlink(t *testing.T) {
	// As Kubernetes mounts a config map: files are links into ..data, which is itself a link that is swapped.
	dir := t.TempDir()
	for generation, name := range []string{"A", "B"} {
		version := filepath.Join(dir, fmt.Sprintf("..v%d", generation))
		if err := os.Mkdir(version, 0o755); err != nil {
			t.Fatal(err)
		}
		save(t, version, "leads.yaml", leadsFile(name))
		save(t, version, "leads.schema.yaml", tinySchema)
	}
	link := func(from, to string) {
		t.Helper()
		if err := os.Symlink(from, filepath.Join(dir, to+".new")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, to+".new"), filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	link("..v0", "..data")
	link("..data/leads.yaml", "leads.yaml")
	link("..data/leads.schema.yaml", "leads.schema.yaml")
	l := watchFolder(t, "auto", dir)
	l.untilNames("A")
	link("..v1", "..data")
	l.untilNames("B")
}

func TestAFolderThatAppearsLater(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	l := watchFolder(t, "auto", dir)
	if r, _ := l.get("/api/leads"); r.StatusCode != 404 || !strings.Contains(r.Header.Get("X-Mock-Stale"), "the folder does not exist") {
		t.Errorf("before: %s, stale %q", r.Status, r.Header.Get("X-Mock-Stale"))
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	save(t, dir, "leads.schema.yaml", tinySchema)
	save(t, dir, "leads.yaml", leadsFile("A"))
	l.untilNames("A")
	if err := os.RemoveAll(dir); err != nil { // the last good data stays
		t.Fatal(err)
	}
	l.until("stale", func(h http.Header, body string) bool {
		return h.Get("X-Mock-Stale") != "" && strings.Contains(body, `"A"`)
	})
}

func TestWhatASessionChangedStays(t *testing.T) {
	dir := folder(t, map[string]string{"leads.schema.yaml": tinySchema, "leads.yaml": leadsFile("A", "B", "C", "D")})
	s := start(t, mock.Fixtures(dir), mock.Watch("off"))
	id := func(n int) string { return fmt.Sprintf("/api/leads/00000000-0000-4000-8000-%012d", n) }
	reload := func() { t.Helper(); s.do("POST", "/__admin/reload", "").status(200) }
	made := s.create(`{"name":"made"}`)
	s.do("PATCH", id(1), `{"note":"mine"}`).status(200)
	s.do("PATCH", id(2), `{"note":"mine"}`).status(200)
	s.do("DELETE", id(3), "").status(204)

	// B changes in the file, so the file wins; A keeps its note, C stays deleted, what was made stays.
	save(t, dir, "leads.yaml", "- {name: first, email: first@example.com}\n"+strings.Replace(leadsFile("A", "B2", "C", "D"), "name: D", "name: D2", 1))
	reload()
	if a := decode[object](s.do("GET", id(1), "").status(200)); a["note"] != "mine" || a["name"] != "A" {
		t.Errorf("A: %v", a)
	}
	if b := decode[object](s.do("GET", id(2), "").status(200)); b["note"] == "mine" || b["name"] != "B2" {
		t.Errorf("B: %v", b)
	}
	s.do("GET", id(3), "").status(404)
	if d := decode[object](s.do("GET", id(4), "").status(200)); d["name"] != "D2" {
		t.Errorf("D: %v", d)
	}
	s.do("GET", path(made), "").status(200)

	// Deleted from the file: D goes, A stays since it was changed here.
	save(t, dir, "leads.yaml", "- {name: first, email: first@example.com}\n")
	reload()
	s.do("GET", id(4), "").status(404)
	s.do("GET", id(1), "").status(200)

	// A new field in the definition: records that were changed here have it too.
	save(t, dir, "leads.schema.yaml", tinySchema+"  colour: {type: string, default: blue}\n")
	reload()
	if a := decode[object](s.do("GET", id(1), "").status(200)); a["note"] != "mine" || a["colour"] != "blue" {
		t.Errorf("A: %v", a)
	}
	s.do("PATCH", path(made), `{"colour":"red"}`).status(200)
	if r := s.do("POST", "/__admin/reset", ""); r.Status != 200 {
		t.Error(r.Body)
	}
	s.do("GET", path(made), "").status(404)
}

func TestReloadOnDemandSaysWhatIsWrong(t *testing.T) {
	dir := folder(t, map[string]string{"leads.schema.yaml": tinySchema, "leads.yaml": leadsFile("A")})
	s := start(t, mock.Fixtures(dir), mock.Watch("off"))
	save(t, dir, "leads.yaml", "- {nam: A}\n")
	r := s.do("POST", "/__admin/reload", "").status(422)
	if !strings.Contains(r.Body, `"line":1,"column":4`) || !strings.Contains(r.Body, `did you mean`) {
		t.Error(r.Body)
	}
	stale := s.do("GET", "/api/leads", "").status(200).Header.Get("X-Mock-Stale")
	if !strings.Contains(stale, "leads.yaml:1:4") {
		t.Errorf("X-Mock-Stale %q", stale)
	}
}

// A thousand reloads under load: no request fails, nothing that was created is lost, no id comes twice.
func TestReloadsUnderLoad(t *testing.T) {
	dir := folder(t, map[string]string{"leads.schema.yaml": tinySchema, "leads.yaml": leadsFile("A", "B")})
	s := start(t, mock.Fixtures(dir), mock.Watch("off"))
	s.changing = true
	reloads := 1000
	if testing.Short() {
		reloads = 100
	}
	var stop atomic.Bool
	var wg sync.WaitGroup
	created := make([][]string, 4)
	for worker := range created {
		wg.Go(func() {
			for !stop.Load() {
				lead := s.create(fmt.Sprintf(`{"name":"w%d"}`, worker))
				created[worker] = append(created[worker], path(lead))
				s.do("PATCH", path(lead), `{"note":"changed"}`).status(200)
				s.do("GET", "/api/leads?sortBy=name&limit=5", "").status(200)
			}
		})
	}
	for n := range reloads {
		schema := tinySchema
		if n%2 == 1 {
			schema += "  colour: {type: string}\n"
		}
		atomically(t, dir, "leads.schema.yaml", schema)
		atomically(t, dir, "leads.yaml", leadsFile("A", fmt.Sprintf("B%d", n)))
		s.do("POST", "/__admin/reload", "").status(200)
	}
	stop.Store(true)
	wg.Wait()
	seen := map[string]bool{}
	for _, paths := range created {
		for _, p := range paths {
			if seen[p] {
				t.Fatalf("%s was made twice", p)
			}
			seen[p] = true
			if lead := decode[object](s.do("GET", p, "").status(200)); lead["note"] != "changed" {
				t.Fatalf("a change was lost: %v", lead)
			}
		}
	}
	if len(seen) == 0 {
		t.Error("nothing was created meanwhile")
	}
}
