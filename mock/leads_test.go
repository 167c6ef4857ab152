package mock_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock/internal/validatorjs"
)

func (s *server) create(body string) object {
	s.t.Helper()
	return decode[object](s.do("POST", "/api/leads", body).status(201))
}

func path(lead object) string { return "/api/leads/" + lead["id"].(string) }

func TestDocumentedValidationExample(t *testing.T) {
	s := start(t)
	s.do("POST", "/api/leads", `{"email":"nope","firstName":"","status":"WRONG","lastName":"X"}`).is(400,
		`{"statusCode":400,"message":["email must be an email","firstName should not be empty","status must be one of: NEW, CONTACTED, QUALIFIED, LOST"],"error":"Bad Request"}`).
		header("Content-Type", "application/json; charset=utf-8").header("X-Mock-Decision", "validation")
}

func TestCreateALead(t *testing.T) {
	s := start(t)
	r := s.do("POST", "/api/leads", `{"firstName":"Grace","lastName":"Hopper","email":"rear.admiral@example.org","budget":1e3,"numberOfEmployees":5.0,"painPoints":["a"]}`).status(201)
	lead := decode[object](r)
	r.header("Location", path(lead)).header("X-Mock-Decision", "fixture")
	for field, want := range map[string]any{
		"firstName": "Grace", "status": "NEW", "leadSource": "OTHER", "isQualified": false, "budget": 1000.0, "numberOfEmployees": 5.0,
		"phone": nil, "rating": nil, "qualifiedDate": nil, "convertedAccountId": nil,
	} {
		if got, ok := lead[field]; !ok || got != want {
			t.Errorf("%s is %v (there: %v), want %v", field, got, ok, want)
		}
	}
	if !strings.Contains(r.Body, `"budget":1000,`) || !strings.Contains(r.Body, `"numberOfEmployees":5,`) {
		t.Errorf("numbers are not printed as JavaScript prints them: %s", r.Body)
	}
	if !validatorjs.IsUUID(lead["id"].(string)) || lead["createdAt"] != lead["updatedAt"] || lead["createdAt"] == nil {
		t.Errorf("id or dates: %v", lead)
	}
	s.do("GET", path(lead), "").is(200, r.Body)
}

func TestRulesOfALead(t *testing.T) {
	s := start(t)
	long := strings.Repeat("x", 256)
	for body, want := range map[string][]string{
		`{}`: {"firstName should not be empty", "lastName should not be empty"},
		``:   {"firstName should not be empty", "lastName should not be empty"},
		`{"firstName":"A","lastName":"B","id":"x","zzz":1,"isQualified":true,"__proto__":{}}`: {
			"property id should not exist", "property zzz should not exist", "property isQualified should not exist", "property __proto__ should not exist"},
		`{"firstName":5,"lastName":"` + long + `"}`:                        {"firstName must be a string", "lastName must be shorter than or equal to 255 characters"},
		`{"firstName":"A","lastName":"B","status":"CONVERTED"}`:            {"status must be one of: NEW, CONTACTED, QUALIFIED, LOST"},
		`{"firstName":"A","lastName":"B","status":"new"}`:                  {"status must be one of: NEW, CONTACTED, QUALIFIED, LOST"},
		`{"firstName":"A","lastName":"B","budget":-1,"annualRevenue":"5"}`: {"annualRevenue must be a number conforming to the specified constraints", "budget must not be less than 0"},
		`{"firstName":"A","lastName":"B","numberOfEmployees":1.5}`:         {"numberOfEmployees must be an integer number"},
		`{"firstName":"A","lastName":"B","budget":1e999}`:                  {"budget must be a number conforming to the specified constraints"},
		`{"firstName":"A","lastName":"B","painPoints":[1]}`:                {"each value in painPoints must be a string"},
		`{"firstName":"A","lastName":"B","painPoints":"x"}`:                {"painPoints must be an array"},
		`{"firstName":"A","lastName":"B","email":5}`:                       {"email must be an email"},
		`{"lastName":"B","firstName":null,"rating":"TEPID","company":{}}`:  {"firstName should not be empty", "company must be a string", "rating must be one of: HOT, WARM, COLD"},
	} {
		r := s.do("POST", "/api/leads", body)
		got := decode[struct {
			Message []string `json:"message"`
			Error   string   `json:"error"`
		}](r.status(400))
		if !slices.Equal(got.Message, want) || got.Error != "Bad Request" {
			t.Errorf("%s:\n got %q\nwant %q", body, got.Message, want)
		}
	}
}

func TestPatchAndPut(t *testing.T) {
	s := start(t)
	lead := s.create(`{"firstName":"Grace","lastName":"Hopper","phone":"1","rating":"HOT","painPoints":["x"]}`)
	patched := decode[object](s.do("PATCH", path(lead), `{"phone":null,"leadScore":7,"painPoints":null}`).status(200))
	if patched["phone"] != nil || patched["rating"] != "HOT" || patched["leadScore"] != 7.0 || len(patched["painPoints"].([]any)) != 0 {
		t.Errorf("patched: %v", patched)
	}
	s.do("PATCH", path(lead), `{"firstName":""}`).is(400, `{"statusCode":400,"message":["firstName should not be empty"],"error":"Bad Request"}`)
	s.do("PATCH", path(lead), `{"lastName":null}`).is(400, `{"statusCode":400,"message":["lastName should not be empty"],"error":"Bad Request"}`)
	s.do("PATCH", path(lead), `{"leadScore":101}`).is(400, `{"statusCode":400,"message":["leadScore must not be greater than 100"],"error":"Bad Request"}`)
	s.do("PATCH", path(lead), ``).status(200)
	replaced := decode[object](s.do("PUT", path(lead), `{"firstName":"G","lastName":"H","leadScore":9}`).status(200))
	if replaced["rating"] != nil || replaced["leadScore"] != 9.0 || replaced["status"] != "NEW" || replaced["createdAt"] != lead["createdAt"] || replaced["ownerId"] != lead["ownerId"] {
		t.Errorf("replaced: %v", replaced)
	}
	s.do("PUT", path(lead), `{"lastName":"H"}`).is(400, `{"statusCode":400,"message":["firstName should not be empty"],"error":"Bad Request"}`)
}

func TestQualification(t *testing.T) {
	s := start(t)
	lead := s.create(`{"firstName":"Q","lastName":"Q"}`)
	for _, step := range []struct {
		body, status string
		qualified    bool
	}{
		{`{"isQualified":true}`, "QUALIFIED", true},
		{`{"status":"LOST"}`, "LOST", false},
		{`{"isQualified":true,"status":"LOST"}`, "QUALIFIED", true},
		{`{"isQualified":false}`, "CONTACTED", false},
		{`{"isQualified":false,"status":"NEW"}`, "NEW", false},
		{`{"isQualified":false}`, "NEW", false},
		{`{"status":"QUALIFIED"}`, "QUALIFIED", true},
		{`{"isQualified":false,"status":"QUALIFIED"}`, "QUALIFIED", true},
		{`{"isQualified":null}`, "CONTACTED", false},
		{`{"status":"QUALIFIED"}`, "QUALIFIED", true},
		{`{"status":null}`, "NEW", false},
	} {
		got := decode[object](s.do("PATCH", path(lead), step.body).status(200))
		if got["status"] != step.status || got["isQualified"] != step.qualified || (got["qualifiedDate"] != nil) != step.qualified {
			t.Errorf("after %s: status %v, isQualified %v, qualifiedDate %v", step.body, got["status"], got["isQualified"], got["qualifiedDate"])
		}
	}
}

func TestConversion(t *testing.T) {
	s := start(t)
	lead := s.create(`{"firstName":"C","lastName":"C"}`)
	s.do("POST", path(lead)+"/convert", `{}`).is(422, `{"statusCode":422,"message":"Lead must be qualified before conversion","error":"Unprocessable Entity"}`)
	s.do("PATCH", path(lead), `{"status":"QUALIFIED"}`).status(200)
	s.do("POST", path(lead)+"/convert", `{"createAccount":"yes","opportunityAmount":"1","existingAccountId":"x","zz":1}`).is(400,
		`{"statusCode":400,"message":["property zz should not exist","createAccount must be a boolean value","opportunityAmount must be a number conforming to the specified constraints","existingAccountId must be a UUID"],"error":"Bad Request"}`)
	made := decode[object](s.do("POST", path(lead)+"/convert", `{"createOpportunity":false}`).status(201))
	if made["opportunityId"] != nil || made["accountId"] == nil || made["contactId"] == nil {
		t.Errorf("made %v", made)
	}
	got := decode[object](s.do("GET", path(lead), "").status(200))
	if got["status"] != "CONVERTED" || got["isQualified"] != true || got["convertedAccountId"] != made["accountId"] ||
		got["convertedContactId"] != made["contactId"] || got["convertedOpportunityId"] != nil || got["convertedDate"] == nil || got["qualifiedDate"] == nil {
		t.Errorf("converted: %v", got)
	}
	already := `{"statusCode":409,"message":"Lead has already been converted","error":"Conflict"}`
	s.do("POST", path(lead)+"/convert", ``).is(409, already)
	s.do("PATCH", path(lead), `{"status":"NEW"}`).is(409, already)
	s.do("PATCH", path(lead), `{"isQualified":true}`).is(409, already)
	s.do("PATCH", path(lead), `{"status":"CONVERTED"}`).status(400)
	kept := decode[object](s.do("PUT", path(lead), `{"firstName":"New","lastName":"Name"}`).status(200))
	if kept["status"] != "CONVERTED" || kept["isQualified"] != true || kept["firstName"] != "New" || kept["convertedDate"] != got["convertedDate"] || kept["qualifiedDate"] != got["qualifiedDate"] {
		t.Errorf("after PUT: %v", kept)
	}
	s.do("POST", "/api/leads/abc123/convert", `{"zz":1}`).is(404, `{"statusCode":404,"message":"Lead with id abc123 not found"}`)
}

func TestConversionIntoAnExistingAccount(t *testing.T) {
	s := start(t)
	account := "11111111-1111-4111-8111-111111111111"
	made := decode[object](s.do("POST", "/api/leads/"+adaID+"/convert", `{"existingAccountId":"`+account+`"}`).status(201))
	if made["accountId"] != account {
		t.Error(made)
	}
}

func TestDuplicateEmail(t *testing.T) {
	s := start(t)
	taken := `{"statusCode":409,"message":"Lead with email ADA@example.com already exists","error":"Conflict"}`
	s.do("POST", "/api/leads", `{"firstName":"A","lastName":"B","email":"ADA@example.com"}`).is(409, taken).header("X-Mock-Decision", "fixture")
	other := s.create(`{"firstName":"A","lastName":"B"}`)
	s.do("PATCH", path(other), `{"email":"ADA@example.com"}`).is(409, taken)
	s.do("PATCH", "/api/leads/"+adaID, `{"email":"Ada@Example.com"}`).status(200) // her own, spelt anew
	s.do("PATCH", "/api/leads/"+adaID, `{"email":"new@example.com"}`).status(200)
	s.do("PATCH", path(other), `{"email":"ada@example.com"}`).status(200)
	s.do("DELETE", path(other), "").is(204, "")
	s.do("POST", "/api/leads", `{"firstName":"A","lastName":"B","email":"ada@example.com"}`).status(201)
}

func TestUnknownLead(t *testing.T) {
	s := start(t)
	for _, id := range []string{"abc123", "00000000-0000-4000-8000-00000000ffff", "%3Cb%3E", "a%2Fb", "%F0%9F%98%80"} {
		for _, method := range []string{"GET", "PATCH", "PUT", "DELETE"} {
			r := s.do(method, "/api/leads/"+id, "").status(404)
			if !strings.HasPrefix(r.Body, `{"statusCode":404,"message":"Lead with id `) || strings.Contains(r.Body, "%") {
				t.Error(r.Body)
			}
		}
	}
	s.do("GET", "/api/leads/abc123", "").is(404, `{"statusCode":404,"message":"Lead with id abc123 not found"}`).header("X-Mock-Decision", "fixture")
	s.do("PATCH", "/api/leads/abc123", `{"zz":1}`).status(404) // 404 precedes 400
}

func TestDelete(t *testing.T) {
	s := start(t)
	r := s.do("DELETE", "/api/leads/"+adaID, "").is(204, "")
	if r.Header.Get("Content-Type") != "" {
		t.Error("204 has a content type")
	}
	s.do("GET", "/api/leads/"+adaID, "").status(404)
	s.do("DELETE", "/api/leads/"+adaID, "").status(404)
}

func TestScore(t *testing.T) {
	s := start(t)
	first := decode[object](s.do("POST", "/api/leads/"+adaID+"/score", "").status(201))
	again := decode[object](s.do("POST", "/api/leads/"+adaID+"/score", "").status(201))
	score := first["leadScore"].(float64)
	if score < 0 || score > 100 || first["buyingIntent"] == nil || again["leadScore"] != score {
		t.Errorf("scored %v, then %v", first["leadScore"], again["leadScore"])
	}
	poor := s.create(`{"firstName":"P","lastName":"P","status":"LOST","rating":"COLD"}`)
	rich := s.create(`{"firstName":"R","lastName":"R","status":"QUALIFIED","rating":"HOT","budget":500000,"annualRevenue":9e6,"numberOfEmployees":900,"timeline":"Immediately"}`)
	low := decode[object](s.do("POST", path(poor)+"/score", "").status(201))
	high := decode[object](s.do("POST", path(rich)+"/score", "").status(201))
	if low["leadScore"].(float64) >= high["leadScore"].(float64) || high["buyingIntent"] != "HIGH" || low["buyingIntent"] != "LOW" {
		t.Errorf("a poor lead scores %v, a rich one %v", low["leadScore"], high["leadScore"])
	}
	s.do("POST", "/api/leads/abc123/score", "").status(404)
}

func TestStats(t *testing.T) {
	s := start(t)
	stats := decode[map[string]float64](s.do("GET", "/api/leads/stats", "").status(200))
	count := func(query string) (n float64) {
		fmt.Sscan(s.do("GET", "/api/leads?limit=1&"+query, "").Header.Get("X-Total-Count"), &n)
		return n
	}
	for name, want := range map[string]float64{
		"total": count(""), "totalLeads": count(""), "newLeads": count("status=NEW"), "qualifiedLeads": count("status=QUALIFIED"),
		"convertedLeads": count("status=CONVERTED"),
	} {
		if stats[name] != want {
			t.Errorf("%s is %v, want %v", name, stats[name], want)
		}
	}
	if stats["averageScore"] <= 0 || stats["averageScore"] > 100 || stats["conversionRate"] <= 0 || stats["conversionRate"] >= 100 || len(stats) != 8 {
		t.Errorf("%v", stats)
	}
}

func TestBulk(t *testing.T) {
	s := start(t)
	a, b := s.create(`{"firstName":"A","lastName":"A"}`)["id"].(string), s.create(`{"firstName":"B","lastName":"B"}`)["id"].(string)
	ids := fmt.Sprintf(`["%s","%s","%s","00000000-0000-4000-8000-00000000ffff"]`, a, b, a)
	s.do("POST", "/api/leads/bulk/update", `{"ids":`+ids+`,"updates":{"status":"QUALIFIED"}}`).is(201, `{"message":"Successfully updated 2 leads","count":2}`)
	for _, id := range []string{a, b} {
		if lead := decode[object](s.do("GET", "/api/leads/"+id, "")); lead["status"] != "QUALIFIED" || lead["isQualified"] != true {
			t.Error(lead)
		}
	}
	owner := "22222222-2222-4222-8222-222222222222"
	s.do("POST", "/api/leads/bulk/assign", `{"ids":["`+a+`"],"newOwnerId":"`+owner+`"}`).is(201, `{"message":"Successfully assigned 1 leads","count":1}`)
	if lead := decode[object](s.do("GET", "/api/leads/"+a, "")); lead["ownerId"] != owner {
		t.Error(lead)
	}
	s.do("POST", "/api/leads/bulk/update", `{"ids":`+ids+`,"updates":{"email":"one@example.com"}}`).is(409, `{"statusCode":409,"message":"Lead with email one@example.com already exists","error":"Conflict"}`)
	if lead := decode[object](s.do("GET", "/api/leads/"+a, "")); lead["email"] != nil {
		t.Errorf("half of a bulk update was done: %v", lead)
	}
	s.do("POST", "/api/leads/bulk/delete", `{"ids":`+ids+`}`).is(201, `{"message":"Successfully deleted 2 leads","count":2}`)
	s.do("POST", "/api/leads/bulk/delete", `{"ids":[]}`).is(201, `{"message":"Successfully deleted 0 leads","count":0}`)
	for body, want := range map[string]string{
		`{}`:                         `["ids should not be empty","updates should not be empty"]`,
		`{"ids":"x","updates":[]}`:   `["ids must be an array","updates must be an object"]`,
		`{"ids":["x"],"updates":{}}`: `["each value in ids must be a UUID"]`,
		`{"ids":[],"updates":{"status":"X","foo":1,"firstName":null}}`: `["updates.property foo should not exist","updates.firstName should not be empty","updates.status must be one of: NEW, CONTACTED, QUALIFIED, LOST"]`,
	} {
		s.do("POST", "/api/leads/bulk/update", body).is(400, `{"statusCode":400,"message":`+want+`,"error":"Bad Request"}`)
	}
	s.do("POST", "/api/leads/bulk/assign", `{"ids":[]}`).is(400, `{"statusCode":400,"message":["newOwnerId should not be empty"],"error":"Bad Request"}`)
}

func TestBodiesThatAreNotAsTheyShouldBe(t *testing.T) {
	s := start(t)
	for name, c := range map[string]struct {
		body    string
		headers []string
		status  int
		part    string
	}{
		"cut off":            {`{"firstName":"A"`, nil, 400, `"error":"Bad Request"`},
		"trailing":           {`{} x`, nil, 400, `"error":"Bad Request"`},
		"an array":           {`[]`, nil, 400, `array`},
		"a number":           {`5`, nil, 400, `number`},
		"null":               {`null`, nil, 400, `null`},
		"deep":               {strings.Repeat("[", 1<<20), nil, 400, `"error":"Bad Request"`},
		"deep objects":       {strings.Repeat(`{"a":`, 1<<18), nil, 400, `"error":"Bad Request"`},
		"byte order mark":    {"\xef\xbb\xbf" + `{"firstName":"A","lastName":"B"}`, nil, 201, `"firstName":"A"`},
		"invalid UTF-8":      {"{\"firstName\":\"A\xff\",\"lastName\":\"B\"}", nil, 201, "A\ufffd"},
		"NUL":                {`{"firstName":"A\u0000","lastName":"B"}`, nil, 201, `A\u0000`},
		"lone surrogate":     {`{"firstName":"A\ud800","lastName":"B"}`, nil, 201, "A\ufffd"},
		"raw NUL":            {"\x00", nil, 400, `"error":"Bad Request"`},
		"too large":          {`{"firstName":"` + strings.Repeat("a", 10<<20) + `"}`, nil, 413, `{"statusCode":413,"message":"request entity too large","error":"Payload Too Large"}`},
		"another type":       {`<xml/>`, []string{"Content-Type: text/xml"}, 400, `firstName should not be empty`},
		"a form":             {`firstName=A`, []string{"Content-Type: application/x-www-form-urlencoded"}, 400, `firstName should not be empty`},
		"with a charset":     {`{"firstName":"A","lastName":"B"}`, []string{"Content-Type: Application/JSON; charset=UTF-8"}, 201, `"firstName":"A"`},
		"unknown encoding":   {`{}`, []string{"Content-Encoding: br"}, 415, `unsupported content encoding \"br\"`},
		"gzip that is none":  {`{}`, []string{"Content-Encoding: gzip"}, 400, `not valid gzip`},
		"duplicate keys":     {`{"firstName":"A","lastName":"B","firstName":"C"}`, nil, 201, `"firstName":"C"`},
		"a number for key":   {`{1:2}`, nil, 400, `"error":"Bad Request"`},
		"exactly at limit":   {`{"firstName":"A","lastName":"B"` + strings.Repeat(" ", 10<<20-32) + `}`, nil, 201, `"firstName":"A"`},
		"one past the limit": {`{"firstName":"A","lastName":"B"` + strings.Repeat(" ", 10<<20-31) + `}`, nil, 413, `request entity too large`},
	} {
		r := s.do("POST", "/api/leads", c.body, c.headers...)
		if r.Status != c.status || !strings.Contains(r.Body, c.part) || !json.Valid([]byte(r.Body)) {
			t.Errorf("%s: got %d %.300s, want %d with %s", name, r.Status, r.Body, c.status, c.part)
		}
	}
	s.do("POST", "/api/leads", `{"firstName":"A","lastName":"B","firstName":"C"}`).header("X-Mock-Warning", `the key "firstName" came more than once in the body: the last value counts`)
	s.do("POST", "/api/leads", `x`, "Content-Type: text/plain").header("X-Mock-Warning", `the body was not read: its content type is "text/plain", only application/json is`)
}
