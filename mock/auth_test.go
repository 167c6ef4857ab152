package mock_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/salesos/salesos-mock/mock"
)

const unauthorized = `{"statusCode":401,"message":"Unauthorized"}`
const forbidden = `{"statusCode":403,"message":"You do not have permission to perform this action"}`

// bearer is the header of a token, and takes the key away.
func bearer(token string) []string { return []string{"X-API-Key: -", "Authorization: Bearer " + token} }

func (s *server) token(role string) string {
	s.t.Helper()
	token, err := s.Token("", role)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func TestWithoutCredentials(t *testing.T) {
	s := start(t)
	for _, r := range []struct{ method, path, body string }{
		{"GET", "/api/leads", ""}, {"POST", "/api/leads", "not json"}, {"DELETE", "/api/leads/abc123", ""}, {"GET", "/api/leads?page=x", ""},
		{"GET", "/api/auth/me", ""}, {"POST", "/api/auth/logout", ""}, {"POST", "/api/auth/refresh", ""}, {"POST", "/api/leads/bulk/delete", "{}"},
	} {
		s.do(r.method, r.path, r.body, "X-API-Key: -").is(401, unauthorized).header("X-Mock-Decision", "auth")
	}
	s.do("PATCH", "/api/nothing?x=1", "", "X-API-Key: -").is(404, `{"statusCode":404,"message":"Cannot PATCH /api/nothing?x=1","error":"Not Found"}`).header("X-Mock-Decision", "unmatched")
	s.do("PATCH", "/api/leads", "").is(404, `{"statusCode":404,"message":"Cannot PATCH /api/leads","error":"Not Found"}`).
		header("X-Mock-Warning", "the path is served for GET, POST, HEAD, OPTIONS")
	s.do("GET", "/", "").is(404, `{"statusCode":404,"message":"Cannot GET /","error":"Not Found"}`).
		header("X-Mock-Warning", "the API is at /api/, for example /api/leads")
	s.do("GET", "/api/lead", "").status(404).header("X-Mock-Warning", "did you mean /api/leads?")
	s.do("GET", "/__s/mine/api/lead", "").status(404).header("X-Mock-Warning", "did you mean /__s/mine/api/leads?")
	s.do("GET", "/api/quotes", "").status(404).header("X-Mock-Warning", "")
}

func TestRoles(t *testing.T) {
	s := start(t)
	for role, can := range map[string]struct{ read, write, delete int }{
		"ADMIN": {200, 201, 204}, "MANAGER": {200, 201, 204}, "USER": {200, 201, 403}, "VIEWER": {200, 403, 403},
	} {
		head := bearer(s.token(role))
		lead := s.create(`{"firstName":"R","lastName":"R"}`)
		s.do("GET", "/api/leads", "", head...).status(can.read)
		s.do("POST", "/api/leads", `{"firstName":"A","lastName":"B"}`, head...).status(can.write)
		s.do("DELETE", path(lead), "", head...).status(can.delete)
		bulk := 403
		if can.delete == 204 {
			bulk = 201
		}
		s.do("POST", "/api/leads/bulk/delete", `{"ids":[]}`, head...).status(bulk)
		s.do("POST", "/api/auth/logout", "", head...).status(201) // auth routes ask for no role
	}
	viewer := bearer(s.token("VIEWER"))
	s.do("POST", "/api/leads", `not json`, viewer...).is(403, forbidden).header("X-Mock-Decision", "auth") // 403 precedes 400
	s.do("DELETE", "/api/leads/abc123", "", viewer...).is(403, forbidden)                                  // and 404
}

func TestLoginToLogout(t *testing.T) {
	s := start(t)
	r := s.do("POST", "/api/auth/login", `{"email":"ada.admin@example.com","password":"password"}`, "X-API-Key: -").status(201)
	login := decode[object](r)
	token := login["accessToken"].(string)
	if login["access_token"] != token || login["expires_in"] != 86400.0 || login["csrfToken"] != r.Header.Get("X-CSRF-Token") || r.Header.Get("X-CSRF-Token") == "" {
		t.Errorf("%v", login)
	}
	order := []string{`"accessToken"`, `"access_token"`, `"expires_in"`, `"csrfToken"`, `"user":{"id"`, `"email"`, `"firstName"`, `"lastName"`, `"name"`,
		`"role"`, `"isActive"`, `"emailVerified"`, `"organizationId"`, `"organizationName"`, `"createdAt"`, `"updatedAt"`}
	at := -1
	for _, key := range order {
		next := strings.Index(r.Body, key)
		if next <= at {
			t.Errorf("%s is missing or out of order in %s", key, r.Body)
		}
		at = next
	}
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		t.Fatal(err)
	}
	for _, claim := range []string{"sub", "email", "role", "organizationId", "iat", "exp", "jti", "session"} {
		if claims[claim] == nil {
			t.Errorf("the token has no %s: %v", claim, claims)
		}
	}
	if claims["exp"].(float64)-claims["iat"].(float64) != (24 * time.Hour).Seconds() {
		t.Errorf("the token lives from %v to %v", claims["iat"], claims["exp"])
	}
	user := login["user"].(object)
	for _, path := range []string{"/api/auth/me", "/api/auth/profile"} {
		if me := decode[object](s.do("GET", path, "", bearer(token)...).status(200)); me["email"] != user["email"] || me["name"] != user["name"] {
			t.Errorf("%s: %v", path, me)
		}
	}
	refreshed := decode[object](s.do("POST", "/api/auth/refresh", "", bearer(token)...).status(201))
	fresh := refreshed["access_token"].(string)
	if fresh == token || refreshed["accessToken"] != fresh || refreshed["expires_in"] != 86400.0 || len(refreshed) != 3 {
		t.Errorf("%v", refreshed)
	}
	s.do("GET", "/api/leads", "", bearer(token)...).is(401, unauthorized) // the exchanged one
	s.do("POST", "/api/auth/refresh", "", bearer(token)...).is(401, unauthorized)
	s.do("GET", "/api/leads", "", bearer(fresh)...).status(200)
	s.do("POST", "/api/auth/logout", "", bearer(fresh)...).is(201, `{"message":"Logged out successfully"}`)
	s.do("GET", "/api/leads", "", bearer(fresh)...).is(401, unauthorized)
	s.do("POST", "/api/auth/refresh", "", bearer(fresh)...).is(401, unauthorized)
}

func TestLoginRefusals(t *testing.T) {
	s := start(t)
	for body, want := range map[string]string{
		`{"email":"ada.admin@example.com","password":"wrong"}`: unauthorized,
		`{"email":"nobody@example.com","password":"password"}`: unauthorized,
		`{}`:                            `{"statusCode":400,"message":["email should not be empty","password should not be empty"],"error":"Bad Request"}`,
		`{"email":"nope","password":5}`: `{"statusCode":400,"message":["email must be an email","password must be a string"],"error":"Bad Request"}`,
		`{"email":"ada.admin@example.com","password":"password","x":1}`: `{"statusCode":400,"message":["property x should not exist"],"error":"Bad Request"}`,
	} {
		r := s.do("POST", "/api/auth/login", body, "X-API-Key: -")
		if r.Body != want {
			t.Errorf("%s: got %s, want %s", body, r.Body, want)
		}
	}
	s.do("GET", "/api/auth/oauth-status", "", "X-API-Key: -").is(200, `{"google":{"enabled":false,"configured":false},"apple":{"enabled":false,"configured":false}}`)
}

func TestCSRF(t *testing.T) {
	s := start(t, mock.CSRF(true))
	login := decode[object](s.do("POST", "/api/auth/login", `{"email":"ada.admin@example.com","password":"password"}`, "X-API-Key: -").status(201))
	token, csrf := login["accessToken"].(string), login["csrfToken"].(string)
	head := bearer(token)
	body := `{"firstName":"A","lastName":"B"}`
	s.do("POST", "/api/leads", body, head...).is(403, `{"statusCode":403,"message":"CSRF token required"}`)
	s.do("POST", "/api/leads", body, append(head, "X-CSRF-Token: x")...).is(403, `{"statusCode":403,"message":"Invalid CSRF token"}`)
	s.do("POST", "/api/leads", body, append(head, "X-CSRF-Token: "+csrf)...).status(201)
	s.do("GET", "/api/leads", "", head...).status(200)
	s.do("POST", "/api/leads", body).status(201) // an API key needs none
	s.do("GET", "/api/auth/csrf-token", "", head...).is(200, `{"csrfToken":"`+csrf+`"}`).header("X-CSRF-Token", csrf)
	fresh := decode[object](s.do("POST", "/api/auth/refresh", "", head...).status(201))["access_token"].(string)
	s.do("POST", "/api/leads", body, append(bearer(fresh), "X-CSRF-Token: "+csrf)...).status(201)
}

func TestAuthModes(t *testing.T) {
	foreign, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "x", "exp": time.Now().Add(time.Hour).Unix()}).SignedString([]byte("theirs"))
	if err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[string][3]int{"strict": {401, 401, 401}, "lenient": {401, 200, 200}, "off": {200, 200, 200}} {
		s := start(t, mock.Auth(mode))
		s.do("GET", "/api/leads", "", "X-API-Key: -").status(want[0])
		s.do("GET", "/api/leads", "", bearer(foreign)...).status(want[1])
		s.do("DELETE", "/api/leads/"+adaID, "", "X-API-Key: whatever").status(map[int]int{401: 401, 200: 204}[want[2]])
		s.do("GET", "/api/auth/me", "", bearer(s.token("VIEWER"))...).status(200)
	}
}

func TestRateLimitHeaders(t *testing.T) {
	s := start(t)
	for i := range 3 {
		r := s.do("GET", "/api/leads/"+adaID, "").header("X-RateLimit-Limit", "100")
		r.header("X-RateLimit-Remaining", []string{"99", "98", "97"}[i])
	}
	s.do("GET", "/api/nothing", "").header("X-RateLimit-Remaining", "96") // errors count too
	s.do("POST", "/api/auth/login", "{}", "X-API-Key: -").header("X-RateLimit-Limit", "5").header("X-RateLimit-Remaining", "4")
	s.do("GET", "/api/auth/oauth-status", "", "X-API-Key: -").header("X-RateLimit-Limit", "100").header("X-RateLimit-Remaining", "99")
	for range 120 {
		s.do("GET", "/api/leads/"+adaID, "").status(200) // counted, not rejected
	}
	s.do("GET", "/api/leads/"+adaID, "").header("X-RateLimit-Remaining", "0")
}

func TestRateLimitRejects(t *testing.T) {
	s := start(t, mock.RateLimit(true))
	for range 100 {
		s.do("GET", "/api/leads/"+adaID, "").status(200)
	}
	r := s.do("GET", "/api/leads/"+adaID, "").is(429, `{"statusCode":429,"message":"Too Many Requests"}`).
		header("X-RateLimit-Remaining", "0").header("X-Mock-Decision", "rate-limit")
	if wait := r.Header.Get("Retry-After"); wait != "60" && wait != "59" {
		t.Errorf("Retry-After %s", wait)
	}
	s.do("GET", "/api/leads/"+adaID, "", bearer(s.token("USER"))...).status(200) // another caller
	s.do("POST", "/__admin/clock", `{"advance":"61s"}`).status(200)
	s.do("GET", "/api/leads/"+adaID, "").status(200).header("X-RateLimit-Remaining", "99")
}
