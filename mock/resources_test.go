package mock_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock"
)

// folder makes a fixture folder of files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		save(t, dir, name, content)
	}
	return dir
}

func save(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

const contactsSchema = `
type: object
x-singular: Contact
x-generate: {count: 30, seed: 7}
required: [firstName, email]
properties:
  id: {type: string, format: uuid, readOnly: true}
  email: {type: string, format: email, x-unique: true}
  firstName: {type: string, maxLength: 40}
  tier: {type: string, enum: [GOLD, SILVER], default: SILVER}
  score: {type: integer, minimum: 0, maximum: 10, x-write: update}
  birthday: {type: string, format: date}
  tags: {type: array, items: {type: string}, default: []}
  createdAt: {type: string, format: date-time, readOnly: true}
  updatedAt: {type: string, format: date-time, readOnly: true}
`

func TestAResourceOfTwoFiles(t *testing.T) {
	s := start(t, mock.Fixtures(folder(t, map[string]string{
		"contacts.schema.yaml": contactsSchema,
		"contacts.yaml":        "- {firstName: Ada, email: ada@example.org, tier: GOLD}\n- {firstName: Bob}\n",
	})))
	s.do("GET", "/api/leads", "").status(404) // nothing is served that was not defined
	list := s.do("GET", "/api/contacts?limit=100", "").status(200).header("X-Total-Count", "32")
	ids := map[any]bool{}
	for _, contact := range decode[[]object](list) {
		if contact["id"] == nil || contact["firstName"] == nil || contact["email"] == nil || contact["createdAt"] == nil || ids[contact["id"]] {
			t.Errorf("an incomplete record, or one that comes twice: %v", contact)
		}
		ids[contact["id"]] = true
	}
	ada := decode[[]object](s.do("GET", "/api/contacts?search=ada@example.org", "").status(200))
	s.do("GET", "/api/contacts?tier=GOLD&sortBy=firstName&sortOrder=asc", "").status(200)
	made := s.do("POST", "/api/contacts", `{"firstName":"C","email":"c@example.com"}`).status(201)
	contact := decode[object](made)
	made.header("Location", "/api/contacts/"+contact["id"].(string))
	if contact["tier"] != "SILVER" || contact["score"] != nil {
		t.Errorf("defaults: %v", contact)
	}
	one := "/api/contacts/" + contact["id"].(string)
	s.do("GET", one, "").is(200, made.Body)
	s.do("PATCH", one, `{"score":11,"birthday":"soon"}`).is(400, `{"statusCode":400,"message":["score must not be greater than 10","birthday must be a valid ISO 8601 date string"],"error":"Bad Request"}`)
	s.do("PATCH", one, `{"score":10}`).status(200)
	s.do("PUT", one, `{"firstName":"D"}`).is(400, `{"statusCode":400,"message":["email should not be empty"],"error":"Bad Request"}`)
	s.do("POST", "/api/contacts", `{"tier":"IRON","score":1}`).is(400, `{"statusCode":400,"message":["property score should not exist","email should not be empty","firstName should not be empty","tier must be one of: GOLD, SILVER"],"error":"Bad Request"}`)
	s.do("POST", "/api/contacts", `{"firstName":"C","email":"ADA@example.org"}`).is(409, `{"statusCode":409,"message":"Contact with email ADA@example.org already exists","error":"Conflict"}`)
	s.do("GET", "/api/contacts/abc123", "").is(404, `{"statusCode":404,"message":"Contact with id abc123 not found"}`)
	s.do("GET", "/api/contacts", "", "X-API-Key: -").is(401, unauthorized)
	s.do("DELETE", one, "", bearer(s.token("USER"))...).is(403, forbidden)
	s.do("DELETE", one, "").is(204, "")
	s.do("POST", "/api/contacts/"+ada[0]["id"].(string)+"/convert", "").status(404)
	s.do("POST", "/api/contacts/bulk/update", "{}").status(404)
}

func TestCannedAnswers(t *testing.T) {
	s := start(t, mock.Fixtures(folder(t, map[string]string{"routes.yaml": `
- {method: GET, path: /ping, public: true, body: {pong: true}}
- {method: POST, path: "/campaigns/{id}/launch", body: [1, "two", null]}
- {method: DELETE, path: "/campaigns/{id}"}
- {method: GET, path: /teapot, status: 418, body: {short: stout}, headers: {X-Pot: tea}}
`})))
	s.do("GET", "/api/ping", "", "X-API-Key: -").is(200, `{"pong":true}`).header("X-Mock-Decision", "fixture")
	s.do("POST", "/api/campaigns/7/launch", "").is(201, `[1,"two",null]`)
	s.do("DELETE", "/api/campaigns/7", "").is(204, "")
	s.do("GET", "/api/teapot", "").is(418, `{"short":"stout"}`).header("X-Pot", "tea")
	s.do("GET", "/api/teapot", "", "X-API-Key: -").is(401, unauthorized)
	s.do("POST", "/api/campaigns/7/launch", "", bearer(s.token("VIEWER"))...).is(403, forbidden)
	exposed := s.do("GET", "/api/teapot", "", "Origin: http://a.example").Header.Get("Access-Control-Expose-Headers")
	if !strings.Contains(exposed, "X-Pot") {
		t.Errorf("a header that an answer sets is not exposed: %s", exposed)
	}
}

func TestAWorkspaceWithMoreStatuses(t *testing.T) {
	shipped, err := os.ReadFile("../fixtures/leads.schema.yaml")
	if err != nil {
		t.Fatal(err)
	}
	more := strings.Replace(string(shipped), "enum: [NEW, CONTACTED, QUALIFIED, LOST]", "enum: [NEW, CONTACTED, QUALIFIED, LOST, NURTURING]", 1)
	s := start(t, mock.Fixtures(folder(t, map[string]string{"leads.schema.yaml": more})))
	s.do("POST", "/api/leads", `{"firstName":"A","lastName":"B","status":"NURTURING"}`).status(201)
	s.do("POST", "/api/leads", `{"firstName":"A","lastName":"B","status":"X"}`).is(400,
		`{"statusCode":400,"message":["status must be one of: NEW, CONTACTED, QUALIFIED, LOST, NURTURING"],"error":"Bad Request"}`)
}

func TestBrokenFilesAtTheStart(t *testing.T) {
	_, err := mock.New(mock.Fixtures(folder(t, map[string]string{
		"leads.schema.yaml": contactsSchema,
		"leads.yaml":        "- {firstName: Ada, emial: a@example.com}\n- {firstName: 5, tier: GOLDEN}\n",
	})))
	if err == nil {
		t.Fatal("broken files are taken")
	}
	for _, want := range []string{
		`leads.yaml:1:20: unknown key "emial"`, `did you mean "email"?`, "- {firstName: Ada, emial: a@example.com}", "                   ^",
		"leads.yaml:2:15:", "leads.yaml:2:24:", "GOLD, SILVER",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%s", want, err)
		}
	}
}
