package openapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/openapi"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

var update = flag.Bool("update", false, "write the golden file anew")

const golden = "testdata/shipped.json"

// valid lets kin-openapi read and judge a document, examples included.
func valid(t *testing.T, document []byte) *openapi3.T {
	t.Helper()
	parsed, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
	return parsed
}

func made(t *testing.T, resources []*schema.Definition, canned []operation.CannedRoute) []byte {
	t.Helper()
	table, err := operation.New(resources, canned)
	if err != nil {
		t.Fatal(err)
	}
	document, err := openapi.Document(openapi.Input{BasePath: "/api", Version: "1", Operations: table.All()})
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// The document of the shipped files is what client code is generated from: a change of it is a change for users.
func TestShipped(t *testing.T) {
	server, err := mock.New()
	if err != nil {
		t.Fatal(err)
	}
	got, err := server.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	valid(t, got)
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s (-update writes it) differs from line %d on", golden, firstDifference(got, want))
	}
}

func firstDifference(a, b []byte) int {
	lines, others := bytes.Split(a, []byte{'\n'}), bytes.Split(b, []byte{'\n'})
	for i := range min(len(lines), len(others)) {
		if !bytes.Equal(lines[i], others[i]) {
			return i + 1
		}
	}
	return min(len(lines), len(others)) + 1
}

// Every operation has every error that fits it, with an example of the catalogue's shape, and all that a reader needs.
func TestEveryOperationIsDescribed(t *testing.T) {
	contacts := schema.NewDefinition("contacts", "Contact", []schema.Field{{Name: "id", Type: schema.String, ReadOnly: true, Set: schema.SetUUID}, {Name: "name", Type: schema.String, Required: true}})
	leads := schema.NewDefinition("leads", "Lead", contacts.Fields)
	table, err := operation.New([]*schema.Definition{leads, contacts}, []operation.CannedRoute{{Method: "GET", Path: "/things/{id}", Answer: operation.Answer{Status: 200, Body: json.RawMessage(`[]`)}}})
	if err != nil {
		t.Fatal(err)
	}
	parsed := valid(t, made(t, []*schema.Definition{leads, contacts}, []operation.CannedRoute{{Method: "GET", Path: "/things/{id}", Answer: operation.Answer{Status: 200, Body: json.RawMessage(`[]`)}}}))
	for _, o := range table.All() {
		item := parsed.Paths.Find(o.Path)
		if item == nil || item.GetOperation(o.Method) == nil {
			t.Errorf("%s %s is missing", o.Method, o.Path)
			continue
		}
		described := item.GetOperation(o.Method)
		if described.OperationID != o.ID || described.Summary != o.Summary || len(described.Tags) != 1 {
			t.Errorf("%s: %q, %q, %q", o.ID, described.OperationID, described.Summary, described.Tags)
		}
		if (described.RequestBody != nil) != o.TakesBody() {
			t.Errorf("%s: request body %v", o.ID, described.RequestBody)
		}
		for _, entry := range apierror.Catalogue() {
			checkError(t, o, described.Responses.Value(strconv.Itoa(entry.Error.Status)), entry)
		}
	}
}

func checkError(t *testing.T, o *operation.Operation, response *openapi3.ResponseRef, entry apierror.Entry) {
	t.Helper()
	var examples openapi3.Examples
	if response != nil {
		examples = response.Value.Content["application/json"].Examples
	}
	if (examples[string(entry.Name)] != nil) != o.Fits(entry.Name) {
		t.Errorf("%s: fits %s: %v, but there are the examples %v", o.ID, entry.Name, o.Fits(entry.Name), examples)
	}
	if response != nil && entry.Error.RetryAfter != "" && response.Value.Headers["Retry-After"] == nil {
		t.Errorf("%s: %s has no Retry-After", o.ID, entry.Name)
	}
}

// Whatever a user calls things, the document stays valid and names stay apart.
func TestAwkwardNames(t *testing.T) {
	fields := []schema.Field{
		{Name: "id", Type: schema.String, ReadOnly: true}, {Name: "limit", Type: schema.Integer}, {Name: "größe", Type: schema.Integer, Enum: []string{"1", "2"}, Reserved: []string{"3"}},
		{Name: "anything", Type: schema.Array}, {Name: "settings", Type: schema.Object}, {Name: "tags", Type: schema.Array, Items: &schema.Field{Type: schema.String, Enum: []string{"a"}}},
		{Name: "on", Type: schema.Boolean, Required: true}, {Name: "day", Type: schema.String, Format: schema.Date, Default: []byte(`"2026-01-01"`)},
	}
	resources := []*schema.Definition{
		schema.NewDefinition("users", "CurrentUser", fields), schema.NewDefinition("people", "Person", fields), schema.NewDefinition("staff", "Person", fields),
		schema.NewDefinition("dinge", "Ding <&> \"Größe\"", fields), schema.NewDefinition("x", "日本", fields), schema.NewDefinition("empty", "Empty", nil),
	}
	get := func(path string, status int, body string) operation.CannedRoute {
		return operation.CannedRoute{Method: "GET", Path: path, Answer: operation.Answer{Status: status, Body: json.RawMessage(body)}}
	}
	put := get("/a/{y}", 200, `{}`)
	put.Method = "PUT"
	document := made(t, resources, []operation.CannedRoute{
		get("/a/{x}", 200, `[1,2.5,null,"a",{"b":[]},{"b":[[1]],"c":{}}]`), put, get("/b/{id}/{id}", 404, `{"statusCode":404,"message":"x"}`),
		get("/a-b", 200, `null`), get("/a/b", 503, `"text"`), get("/teapot", 418, `{"<b>":"&"}`),
	})
	parsed := valid(t, document)
	for _, path := range []string{"/a/{x}", "/b/{id}/{id2}"} {
		if parsed.Paths.Value(path) == nil {
			t.Errorf("there is no path %s", path)
		}
	}
	if parsed.Paths.Value("/a/{x}").Put == nil || parsed.Paths.Value("/a/{y}") != nil {
		t.Error("two names of a parameter made two paths")
	}
	ids := map[string]bool{}
	for path, item := range parsed.Paths.Map() {
		for method, o := range item.Operations() {
			if ids[o.OperationID] {
				t.Errorf("%s %s: the id %s stands twice", method, path, o.OperationID)
			}
			ids[o.OperationID] = true
		}
	}
	for _, name := range []string{"CurrentUser", "CurrentUser2", "Person", "Person2", "DingGrE", "Record", "Empty"} {
		if parsed.Components.Schemas[name] == nil {
			t.Errorf("there is no schema %s", name)
		}
	}
	if !bytes.Contains(document, []byte(`"<b>"`)) {
		t.Error("markup is escaped")
	}
	if again := made(t, resources, nil); !bytes.Equal(again, made(t, resources, nil)) {
		t.Error("the same input made two documents")
	}
}

// The parameters of a list are written down here; that the server judges by the same bounds is what this asks.
func TestListParametersAreThose(t *testing.T) {
	d := schema.NewDefinition("leads", "Lead", []schema.Field{
		{Name: "createdAt", Type: schema.String, Format: schema.DateTime, ReadOnly: true}, {Name: "name", Type: schema.String},
		{Name: "status", Type: schema.String, Enum: []string{"NEW"}, Reserved: []string{"CONVERTED"}}, {Name: "tags", Type: schema.Array},
		{Name: "score", Type: schema.Integer},
	})
	d.Query = schema.Query{Filters: []string{"status"}, Minimum: []schema.Minimum{{Parameter: "minScore", Field: "score"}}, Search: []string{"name"}}
	list := valid(t, made(t, []*schema.Definition{d}, nil)).Paths.Value("/leads").Get
	usual, _ := d.ParseQuery("")
	var names []string
	for _, ref := range list.Parameters {
		p := ref.Value
		if p.In != "query" {
			continue
		}
		names = append(names, p.Name)
		if got, _ := d.ParseQuery(p.Name + "=1"); len(got.Unknown) > 0 {
			t.Errorf("the server does not know %s", p.Name)
		}
		s := p.Schema.Value
		for bound, step := range map[*float64]float64{s.Min: -1, s.Max: 1} {
			if bound == nil {
				continue
			}
			at, beyond := strconv.FormatFloat(*bound, 'f', -1, 64), strconv.FormatFloat(*bound+step, 'f', -1, 64)
			if _, messages := d.ParseQuery(p.Name + "=" + at); messages != nil {
				t.Errorf("%s=%s: %q", p.Name, at, messages)
			}
			if _, messages := d.ParseQuery(p.Name + "=" + beyond); messages == nil {
				t.Errorf("%s=%s is taken", p.Name, beyond)
			}
		}
		for _, value := range s.Enum {
			if _, messages := d.ParseQuery(p.Name + "=" + value.(string)); messages != nil {
				t.Errorf("%s=%s: %q", p.Name, value, messages)
			}
		}
		switch p.Name {
		case "page", "limit":
			if want := map[string]int{"page": usual.Page, "limit": usual.Limit}[p.Name]; s.Default != float64(want) {
				t.Errorf("%s is %v by default, not %v", p.Name, want, s.Default)
			}
		case "sortBy":
			if s.Default != d.Fields[usual.SortBy].Name {
				t.Errorf("sorted by %v by default", s.Default)
			}
		}
	}
	if got := strings.Join(names, " "); got != "page limit sortBy sortOrder cursor search status minScore" {
		t.Errorf("parameters %s", got)
	}
}
