package mock_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/contract"
	"github.com/salesos/salesos-mock/mock/internal/journal"
)

// contracts are the documents that were met, each read once.
var contracts contract.Library

func contractOf(t *testing.T, document []byte) *contract.Contract {
	t.Helper()
	c, err := contracts.Read(document)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// conforming is called before a request is sent; what it returns holds the exchange against the OpenAPI document of the
// server: whatever a test asks for, it also asks whether that is documented. Where the files change meanwhile, nobody
// can say by which document the answer was made, and it is let through.
func (s *server) conforming() func(r *http.Request, sent string, got reply) reply {
	if s.changing { // to describe each generation would be most of the work
		return func(_ *http.Request, _ string, got reply) reply { return got }
	}
	return conforming(s.t, s.Server)
}

func conforming(t *testing.T, m *mock.Server) func(r *http.Request, sent string, got reply) reply {
	t.Helper()
	before := documentOf(t, m)
	return func(r *http.Request, sent string, got reply) reply {
		t.Helper()
		x := contract.Talk{
			Method: r.Method, Target: r.URL.RequestURI(), Sent: sent, ContentType: r.Header.Get("Content-Type"), Asked: r.Header,
			Status: got.Status, Header: got.Header, Body: unpacked(got.Header, got.Body),
		}
		if strings.HasPrefix(x.Target, "/__admin") || r.Header.Get("Access-Control-Request-Method") != "" || &documentOf(t, m)[0] != &before[0] {
			return got
		}
		for _, problem := range contractOf(t, before).Check(x) {
			t.Errorf("%s %s answered %d, and by the OpenAPI document it %s\nsent %.300s\n got %.300s", x.Method, x.Target, x.Status, problem, sent, x.Body)
		}
		return got
	}
}

// conforms holds what a server has answered to anybody against its document, when the test is over.
func conforms(t *testing.T, m *mock.Server) {
	t.Helper()
	problems, _ := contract.Journal(contract.Handler(m.AdminHandler()), contracts.Read)
	for _, problem := range problems {
		t.Error(problem)
	}
}

func (s *server) document() []byte {
	s.t.Helper()
	return documentOf(s.t, s.Server)
}

func documentOf(t *testing.T, m *mock.Server) []byte {
	t.Helper()
	document, err := m.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// TestAWitnessReports: what servers hold against their document themselves, if they are built so, would not be overlooked.
func TestAWitnessReports(t *testing.T) {
	record := filepath.Join(t.TempDir(), "record")
	t.Setenv(contract.Record, record)
	s := start(t)
	document := s.document()
	w := contract.NewWitness(new(contract.Library))
	x := journal.Exchange{
		Method: http.MethodGet, Target: "/api/leads/stats", RequestHeader: http.Header{}, Status: http.StatusTeapot,
		ResponseHeader: []journal.Header{{Name: "Content-Type", Value: "application/json; charset=utf-8"}}, ResponseBody: []byte("{}"),
	}
	w.See(&x, func() ([]byte, error) { return document, nil })
	x.Fault = "reset"
	w.See(&x, func() ([]byte, error) { t.Error("a fault is held against the document"); return document, nil })
	found, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(found), "the status 418 is not documented") || strings.Count(string(found), "checked 1 ") == 0 {
		t.Errorf("the witness says\n%s", found)
	}
}

// TestConformanceCatches breaks a good exchange in every way on purpose: a check that finds nothing has shown nothing.
func TestConformanceCatches(t *testing.T) {
	s := start(t)
	c := contractOf(t, s.document())
	created := `{"firstName":"Grace","lastName":"Hopper"}`
	r := s.do("POST", "/api/leads", created)
	good := contract.Talk{
		Method: "POST", Target: "/api/leads", Sent: created, ContentType: "application/json", Asked: http.Header{},
		Status: r.Status, Header: r.Header, Body: r.Body,
	}
	if problems := c.Check(good); problems != nil {
		t.Fatal(problems)
	}
	validation := `{"statusCode":400,"message":["firstName should not be empty"],"error":"Bad Request"}`
	for _, row := range []struct {
		name   string
		change func(*contract.Talk)
		want   string
	}{
		{"an undocumented status", func(x *contract.Talk) { x.Status = 418 }, "the status 418 is not documented"},
		{"a status of other operations", func(x *contract.Talk) { x.Status = 404 }, "the status 404 is not documented"},
		{"an undocumented path", func(x *contract.Talk) { x.Target = "/api/nothing" }, "is no documented operation"},
		{"another method", func(x *contract.Talk) { x.Method = "PATCH" }, "is no documented operation"},
		{"a documented route that is unknown", func(x *contract.Talk) { x.Header.Set("X-Mock-Decision", "unmatched") }, "is documented, but unknown to the server"},
		{"no Location", func(x *contract.Talk) { x.Header.Del("Location") }, "lacks the header Location"},
		{"no request id", func(x *contract.Talk) { x.Header.Del("X-Request-Id") }, "lacks the header X-Request-Id"},
		{"a header that is no number", func(x *contract.Talk) { x.Header.Set("X-RateLimit-Limit", "many") }, "no integer"},
		{"a header with another value", func(x *contract.Talk) { x.Header.Set("X-Mock-Decision", "chance") }, "none of"},
		{"an undocumented header", func(x *contract.Talk) { x.Header.Set("X-Powered-By", "Express") }, "X-Powered-By is not documented"},
		{"another content type", func(x *contract.Talk) { x.Header.Set("Content-Type", "text/html") }, `"text/html" is not documented`},
		{"no body", func(x *contract.Talk) { x.Body = "" }, "is no JSON"},
		{"a field too many", func(x *contract.Talk) { x.Body = strings.Replace(x.Body, `{`, `{"more":1,`, 1) }, "more"},
		{"a field too few", func(x *contract.Talk) { x.Body = strings.Replace(x.Body, `"phone":null,`, ``, 1) }, "phone"},
		{"a null that cannot be", func(x *contract.Talk) { x.Body = strings.Replace(x.Body, `"status":"NEW"`, `"status":null`, 1) }, "/status"},
		{"a format", func(x *contract.Talk) { x.Body = strings.Replace(x.Body, `"email":null`, `"email":"nobody"`, 1) }, "/email"},
		{"a wrong body that was taken", func(x *contract.Talk) { x.Sent = `{"firstName":"Grace"}` }, "the document refuses the body"},
		{"a reserved value that was taken", func(x *contract.Talk) { x.Sent = `{"firstName":"G","lastName":"H","status":"CONVERTED"}` }, "the document refuses the body"},
		{"no JSON that was taken", func(x *contract.Talk) { x.Sent = `{"firstName"` }, "the body cannot be read"},
		{"a good body that was refused", func(x *contract.Talk) {
			x.Status, x.Body = 400, validation
			x.Header.Set("X-Mock-Decision", "validation")
			x.Header.Del("Location")
		}, "the document accepts the body"},
		{"an error of another shape", func(x *contract.Talk) {
			x.Status, x.Body, x.Sent = 400, `{"statusCode":400,"message":"no"}`, `{}`
			x.Header.Set("X-Mock-Decision", "validation")
			x.Header.Del("Location")
		}, "the body is not what"},
		{"a query that was taken", func(x *contract.Talk) { x.Method, x.Target, x.Sent = "GET", "/api/leads?limit=1000", "" }, "the document refuses [limit"},
	} {
		t.Run(row.name, func(t *testing.T) {
			x := good
			x.Header = good.Header.Clone()
			row.change(&x)
			problems := strings.Join(c.Check(x), "\n")
			if !strings.Contains(problems, row.want) {
				t.Errorf("got  %s\nwant %s", problems, row.want)
			}
		})
	}
}

// Every documented error of every operation is answered as the document says, when it is forced.
func TestForcedErrorsConform(t *testing.T) {
	s := start(t)
	type documented struct {
		Name       string
		Operations []string
	}
	type route struct{ ID, Method, Path string }
	routes := map[string]route{}
	for _, r := range decode[[]route](s.do("GET", "/__admin/operations", "", "X-API-Key: -")) {
		routes[r.ID] = r
	}
	forced := 0
	for _, e := range decode[[]documented](s.do("GET", "/__admin/errors", "", "X-API-Key: -")) {
		for _, id := range e.Operations {
			forced++
			r := routes[id]
			s.do(r.Method, "/api"+strings.ReplaceAll(r.Path, "{id}", adaID), "", "X-Mock-Error: "+e.Name).header("X-Mock-Decision", "directive")
		}
	}
	if forced < 100 {
		t.Errorf("only %d errors were forced", forced)
	}
}

// Canned answers of every kind, and the parameters of several paths, are described so that what is answered fits.
func TestCannedAnswersConform(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, "routes.yaml", `
- {path: "/a/{id}/b/{other}", body: [{x: 1, y: null}, {x: 1.5, z: [true, a]}]}
- {path: "/a/{key}/b/{same}", method: PUT, body: {ok: true}}
- {path: "/twice/{id}/{id}", body: 1}
- {path: /gone, status: 404, body: {reason: moved away}}
- {path: "/busy/{id}", status: 503, body: {statusCode: 503, message: Service Unavailable}, headers: {Retry-After: "5"}}
- {path: /down, status: 503, body: down for now, headers: {Content-Type: text/plain}}
- {path: /text, body: plain words, headers: {Content-Type: "text/plain; charset=utf-8", X-Own: "1"}}
- {path: /nothing, method: DELETE}
- {path: /null, body: null}
`)
	s := start(t, mock.Fixtures(dir))
	for _, row := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/a/1/b/2", 200}, {"PUT", "/a/1/b/2", 200}, {"GET", "/twice/1/2", 200}, {"GET", "/gone", 404}, {"GET", "/busy/1", 503},
		{"GET", "/down", 503},
		{"GET", "/text", 200}, {"DELETE", "/nothing", 204}, {"GET", "/null", 200}, {"HEAD", "/a/1/b/2", 200},
	} {
		s.do(row.method, "/api"+row.path, "").status(row.status)
		s.do(row.method, "/api"+row.path, "", "X-Mock-Error: unavailable").status(503)
	}
}

func TestOpenAPIFollowsTheFiles(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, "routes.yaml", "- {path: /first, body: {n: 1}}\n")
	s := start(t, mock.Fixtures(dir), mock.Watch("off"))
	ask := func() string { return s.do("GET", "/__admin/openapi.json", "", "X-API-Key: -").status(200).Body }
	before := ask()
	if !strings.Contains(before, `"/first"`) || strings.Contains(before, `"/second"`) || before != ask() {
		t.Errorf("before the change: %.200s", before)
	}
	save(t, dir, "routes.yaml", "- {path: /second, body: {n: 1}}\n")
	s.do("POST", "/__admin/reload", "", "X-API-Key: -").status(200)
	if after := ask(); strings.Contains(after, `"/first"`) || !strings.Contains(after, `"/second"`) {
		t.Errorf("after the change: %.200s", after)
	}
}

// What an example says that a request earns is what the server answers to that request.
func TestWhatExamplesSayIsEarned(t *testing.T) {
	s := start(t)
	type answered struct {
		Content map[string]struct {
			Examples map[string]struct {
				Summary string
				Value   object
			}
		}
	}
	c := contractOf(t, s.document())
	earned := 0
	for path, item := range c.At("paths").(object) {
		for method := range item.(object) {
			raw, _ := json.Marshal(c.At("paths", path, method, "responses", "400"))
			for name, example := range decode[answered](reply{t: t, Body: string(raw)}).Content["application/json"].Examples {
				_, sent, earns := strings.Cut(example.Summary, "What `")
				if !earns {
					continue
				}
				earned++
				sent, _, _ = strings.Cut(sent, "` earns")
				target, body := "/api"+strings.ReplaceAll(path, "{id}", adaID), sent
				if strings.HasPrefix(sent, "?") {
					target, body = target+sent, ""
				}
				if got := decode[object](s.do(strings.ToUpper(method), target, body).status(400)); !cmp.Equal(got, example.Value) {
					t.Errorf("%s of %s %s: %s", name, method, path, cmp.Diff(got, example.Value))
				}
			}
		}
	}
	if earned < 8 {
		t.Errorf("only %d examples say what earns them", earned)
	}
}

// unpacked is a body without its content encoding.
func unpacked(header http.Header, body string) string {
	if header.Get("Content-Encoding") != "gzip" {
		return body
	}
	z, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		return body
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		return body
	}
	return string(plain)
}
