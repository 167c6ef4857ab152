package mock_test

import (
	"strings"
	"testing"
)

// TestNoSecretIsShown sends secrets in every place that a client has for them, and looks for them in all that the referee shows.
func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	s := start(t)
	const hush = "hush-4711"
	login := s.do("POST", "/api/auth/login", `{"email":"ada.admin@example.com","password":"password"}`).status(201)
	made := decode[struct{ AccessToken, CsrfToken string }](login)
	s.do("POST", "/api/auth/login", `{"email":"ada.admin@example.com","password":"`+hush+`"}`).status(401)
	s.do("POST", "/api/auth/login", `{"email":"ada.admin@example.com","password":"`+hush).status(400)
	for range 3 {
		s.do("GET", "/api/leads?access_token="+hush+"&apiKey="+hush, "", "Authorization: Bearer "+hush, "Cookie: sid="+hush, "X-CSRF-Token: "+hush, "Proxy-Authorization: Basic "+hush).status(401)
		s.do("GET", "/api/leads", "", "X-API-Key: "+hush).status(401)
		s.do("GET", "/api/nothing?token="+hush, "").status(404)
	}
	s.do("GET", "/api/leads?limit=1&access_token="+hush, "").status(200) // its links repeat the query
	s.do("GET", "/api/auth/csrf-token", "", "Authorization: Bearer "+made.AccessToken).status(200)
	s.do("POST", "/api/auth/refresh", "", "Authorization: Bearer "+made.AccessToken).status(201)
	expectations := `[{"when":{"path":"/leads","headers":{"Authorization":"Bearer other","Cookie":"other","X-API-Key":"other"}}},
		{"when":{"path":"/auth/login","body":{"password":"other"}}}, {"when":{"path":"/leads","query":{"access_token":"other"}}},
		{"when":{"method":"GET","path":"/leads"},"never":true},{"when":{"caller":{"apiKey":"other"}}}]`
	for _, ask := range []struct{ method, target, body string }{
		{"GET", "/requests?limit=1000", ""}, {"GET", "/audit?format=text", ""}, {"GET", "/audit?format=json", ""}, {"GET", "/audit?format=junit", ""}, {"GET", "/audit?format=markdown", ""},
		{"POST", "/verify?format=text", expectations}, {"POST", "/verify?format=json", expectations}, {"POST", "/verify?format=junit", expectations},
		{"POST", "/verify?format=markdown", expectations}, {"GET", "/coverage", ""},
	} {
		got := s.do(ask.method, "/__admin"+ask.target, ask.body).Body
		for _, secret := range []string{hush, made.AccessToken, made.CsrfToken, s.key, `"password":"password"`} {
			if i := strings.Index(got, secret); i >= 0 {
				t.Errorf("%s shows %q: …%s…", ask.target, secret, got[max(0, i-120):min(len(got), i+60)])
			}
		}
	}
}
