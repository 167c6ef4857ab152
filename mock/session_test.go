package mock_test

import (
	"strings"
	"testing"
	"time"
)

// What the admin API does to a session can be done from Go, too.
func TestASessionIsSteeredFromGo(t *testing.T) {
	s := listening(t)
	mine, err := s.Session("mine")
	if err != nil {
		t.Fatal(err)
	}
	list := func() reply {
		t.Helper()
		return s.do("GET", "/__s/mine/api/leads", "")
	}
	if want := s.http.URL + "/__s/mine/api"; mine.URL() != want || mine.ID() != "mine" {
		t.Errorf("%s is at %s, want %s", mine.ID(), mine.URL(), want)
	}
	token, err := mine.Token("", "USER")
	if err != nil {
		t.Fatal(err)
	}
	for _, credential := range []string{"X-API-Key: " + mine.APIKey(), "Authorization: Bearer " + token} {
		s.do("GET", "/api/leads", "", "X-API-Key: -", credential).status(200).header("X-Mock-Session", "mine")
	}
	advice, err := mine.AddRule("down", []byte(`{"when":{"path":"/leeds"},"respond":{"error":"unavailable"}}`))
	if err != nil || len(advice) != 1 || !strings.Contains(advice[0].Error(), "/leads") {
		t.Errorf("advice %v, error %v", advice, err)
	}
	if _, err := mine.AddRule("down", []byte(`{"respond":{"error":"unavailable"}}`)); err != nil {
		t.Error(err)
	}
	list().status(503)
	s.do("GET", "/api/leads", "").status(200)
	if !mine.RemoveRule("down") || mine.RemoveRule("down") {
		t.Error("a rule is removed once")
	}
	list().status(200)
	if err := mine.Activate("offline"); err != nil {
		t.Error(err)
	}
	if err := mine.Deactivate("offline"); err != nil {
		t.Error(err)
	}
	if err := mine.Activate("oflline"); err == nil || !strings.Contains(err.Error(), "offline") {
		t.Errorf("an unknown scenario: %v", err)
	}
	mine.Clock().Advance(25 * time.Hour)
	s.do("GET", "/api/leads", "", "X-API-Key: -", "Authorization: Bearer "+token).status(401)
	s.do("DELETE", "/__s/mine/api/leads/"+adaID, "").status(204)
	mine.Reset()
	s.do("GET", "/__s/mine/api/leads/"+adaID, "").status(200)
	s.do("GET", "/api/leads", "", "X-API-Key: -", "Authorization: Bearer "+token).status(200)
	mine.Drop()
	s.do("GET", "/__admin/sessions/mine", "", "X-API-Key: -").status(404)
}

func TestTheDefaultSessionIsOnlyReset(t *testing.T) {
	s := listening(t)
	own, err := s.Session("default")
	if err != nil {
		t.Fatal(err)
	}
	if own.APIKey() != s.APIKey() || own.URL() != s.URL() {
		t.Errorf("%s, %s", own.APIKey(), own.URL())
	}
	if _, err := own.AddRule("down", []byte(`{"respond":{"error":"unavailable"}}`)); err != nil {
		t.Fatal(err)
	}
	s.do("GET", "/api/leads", "").status(503)
	own.Drop()
	s.do("GET", "/api/leads", "").status(200)
	for _, name := range []string{"", "a b", strings.Repeat("x", 65)} {
		if _, err := s.Session(name); err == nil {
			t.Errorf("%q is taken for a session's name", name)
		}
	}
}

// A rule for one operation leaves alone what its path would fit besides.
func TestARuleForOneOperation(t *testing.T) {
	s := listening(t)
	own, err := s.Session("default")
	if err != nil {
		t.Fatal(err)
	}
	if err := own.AddRuleFor("getLead", "x", []byte(`{"respond":{"error":"internal"}}`)); err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{"/leads/" + adaID: 500, "/leads/stats": 200, "/leads": 200} {
		s.do("GET", "/api"+path, "").status(status)
	}
	s.do("PATCH", "/api/leads/"+adaID, "{}").status(200)
	for operation, rule := range map[string]string{"getLeed": `{"respond":{"error":"internal"}}`, "getLead": `{"respond":{"error":"no"}}`} {
		if err := own.AddRuleFor(operation, "y", []byte(rule)); err == nil {
			t.Errorf("%s %s is taken", operation, rule)
		}
	}
}

// Who is given one address acts in one session.
func TestTheAdminAPIOfASession(t *testing.T) {
	s := listening(t)
	mine, err := s.Session("mine")
	if err != nil {
		t.Fatal(err)
	}
	own := func(method, path, body string) reply {
		t.Helper()
		return s.do(method, strings.TrimPrefix(mine.AdminURL(), s.http.URL)+path, body, "X-API-Key: -")
	}
	own("PUT", "/scenarios/documented-errors", `{"active":true}`).status(200)
	s.do("GET", "/__s/mine/api/leads", "").status(400)
	s.do("GET", "/api/leads", "").status(200)
	if got := decode[[]object](own("GET", "/requests", "").status(200)); len(got) != 1 || got[0]["session"] != "mine" {
		t.Errorf("%v", got)
	}
	own("POST", "/rules/x%2Fy", `{"respond":{"error":"internal"}}`)
	own("POST", "/reset", "").is(200, "{\"reset\":1}\n")
	own("POST", "/rest", "").status(404)
	own("GET", "/requests?sesion=x", "").status(400)
	s.do("GET", "/__s/a%20b/__admin/clock", "", "X-API-Key: -").status(404)
	s.do("POST", "/__s/mine/__admin/reset", "", "X-API-Key: -", "Host: evil.example").status(403)
	if all, err := s.Session("default"); err != nil || all.AdminURL() != s.http.URL+"/__admin" {
		t.Errorf("%v", err)
	}
}
