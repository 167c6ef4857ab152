package mock_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock"
)

const browsers = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"

func TestBrowsersGetTheDashboard(t *testing.T) {
	s := start(t)
	page := s.do("GET", "/__admin/", "", browsers).status(200).header("Content-Type", "text/html; charset=utf-8").header("Vary", "Accept").
		header("X-Content-Type-Options", "nosniff").header("Referrer-Policy", "no-referrer").header("Cache-Control", "no-cache")
	policy := page.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, want) || strings.Contains(policy, "unsafe") {
			t.Errorf("the policy is %q: %s is missing", policy, want)
		}
	}
	s.do("GET", "/__admin/", "", browsers, "If-None-Match: "+page.Header.Get("ETag")).is(304, "")
	s.do("GET", "/__admin?session=mine", "", browsers).status(303).header("Location", "/__admin/?session=mine")
	s.do("GET", "/__admin?token=left-over", "", browsers).status(303).header("Location", "/__admin/").header("Set-Cookie", "")
	for _, other := range []string{"Accept: */*", "Accept: application/json", "Accept: text/html;q=0", "Accept: -"} {
		s.do("GET", "/__admin/", "", other).status(200).header("Content-Type", "application/json; charset=utf-8")
	}
	s.do("GET", "/__admin/", "", browsers, "Host: evil.example").status(403).header("Content-Type", "text/html; charset=utf-8")
	s.do("GET", "/__admin/dashboard/none.js", "").status(404)
	s.do("GET", "/__admin/dashboard/dashboard.go", "").status(404)
	s.do("GET", "/__admin/dashboard/..%2fguard.go", "").status(404)
}

func TestTheDashboardHasItsLicences(t *testing.T) {
	s := start(t)
	for name, want := range map[string]string{"README.md": "htm 3.1.1", "LICENSE.htm": "Apache License", "LICENSE.preact": "MIT License"} {
		r := s.do("GET", "/__admin/dashboard/vendor/"+name, "").status(200).header("Content-Type", "text/plain; charset=utf-8")
		if !strings.Contains(r.Body, want) {
			t.Errorf("%s does not say %s", name, want)
		}
	}
	s.do("GET", "/__admin/dashboard/vendor", "").status(404)
}

// Each file that the page names is there, with a type that a browser runs, and none asks another host for anything.
func TestTheDashboardIsWhole(t *testing.T) {
	s := start(t)
	names, err := filepath.Glob("internal/adminapi/dashboard/*.*")
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if want := types[filepath.Ext(name)]; want != "" {
			s.do("GET", "/__admin/dashboard/"+filepath.Base(name), "").is(200, string(text)).header("Content-Type", want)
			for _, risky := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "https://"} {
				if strings.Contains(string(text), risky) {
					t.Errorf("%s has %s", name, risky)
				}
			}
		}
	}
}

func TestATokenOpensTheDashboard(t *testing.T) {
	s := start(t, mock.AdminToken("open sesame"))
	s.do("GET", "/__admin/", "", browsers).status(401).header("Content-Type", "text/html; charset=utf-8")
	s.do("GET", "/__admin/", "").status(401).header("Content-Type", "application/json; charset=utf-8")
	s.do("GET", "/__admin/dashboard/main.js", "").status(401)
	s.do("GET", "/__admin/dashboard/style.css", "").status(200) // the page that asks for the token needs it
	wrong := s.do("GET", "/__admin/?token=%3Cb%3E", "", browsers).status(401).header("Set-Cookie", "")
	if !strings.Contains(wrong.Body, "not the token") || strings.Contains(wrong.Body, "<b>") {
		t.Errorf("got %s", wrong.Body)
	}
	right := s.do("GET", "/__admin/?session=mine&token=open+sesame", "", browsers).status(303).header("Location", "/__admin/?session=mine")
	cookie := right.Header.Get("Set-Cookie")
	for _, want := range []string{"Path=/__admin", "HttpOnly", "SameSite=Strict"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie is %q: %s is missing", cookie, want)
		}
	}
	pair, _, _ := strings.Cut(cookie, ";")
	s.do("GET", "/__admin/", "", browsers, "Cookie: "+pair).status(200).header("Content-Type", "text/html; charset=utf-8")
	s.do("GET", "/__admin/dashboard/main.js", "", "Cookie: "+pair).status(200)
	s.do("GET", "/__admin/rules", "", "Cookie: "+pair).status(200)
	s.do("DELETE", "/__admin/rules", "", "Cookie: "+pair, "Sec-Fetch-Site: cross-site").status(403)
}

// A cookie has fewer characters than a token.
func TestAnyTokenOpensTheDashboard(t *testing.T) {
	for _, token := range []string{"a b", `a;b"c,d\e`, "ümlaut", "a+b%20c", "a%zz"} {
		s := start(t, mock.AdminToken(token))
		cookie, _, _ := strings.Cut(s.do("GET", "/__admin/?token="+url.QueryEscape(token), "", browsers).status(303).Header.Get("Set-Cookie"), ";")
		s.do("GET", "/__admin/", "", browsers, "Cookie: "+cookie).status(200).header("Content-Type", "text/html; charset=utf-8")
	}
	s := start(t, mock.AdminToken("a+b"))
	s.do("GET", "/__admin/rules", "", "Cookie: salesos_mock_admin=a+b").status(200)
	s.do("GET", "/__admin/rules", "", "Cookie: salesos_mock_admin=a+c").status(401)
	s.do("GET", "/__admin/rules", "", "Cookie: salesos_mock_admin=").status(401)
}

// A link on another page leads to the dashboard; nothing else of that page reaches it.
func TestALinkLeadsToTheDashboard(t *testing.T) {
	s := start(t)
	site, mode, dest := "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: "
	s.do("GET", "/__admin/", "", browsers, site, mode, dest+"document").status(200).header("Content-Type", "text/html; charset=utf-8")
	s.do("GET", "/__admin/", "", browsers, site, mode, dest+"iframe").status(403)
	s.do("GET", "/__admin/", "", browsers, site, "Sec-Fetch-Mode: no-cors", dest+"script").status(403)
	s.do("GET", "/__admin/", "", site, mode, dest+"document").status(403)
	s.do("GET", "/__admin/dashboard/main.js", "", site, "Sec-Fetch-Mode: cors", dest+"script").status(403)
	s.do("GET", "/__admin/rules", "", browsers, site, mode, dest+"document").status(403)
}

// The OpenAPI document has the API alone, and nothing of what is below /__admin: here there is nothing to hold against it.
func TestACookieOverTLSIsSecure(t *testing.T) {
	m, err := mock.New(mock.AdminToken("t"))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewTLSServer(m.Handler())
	t.Cleanup(s.Close)
	r, _ := http.NewRequest("GET", s.URL+"/__admin/?token=t", nil)
	r.Header.Set("Accept", "text/html")
	response, err := s.Client().Transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if cookie := response.Header.Get("Set-Cookie"); !strings.Contains(cookie, "; Secure") {
		t.Errorf("the cookie is %q", cookie)
	}
}

type recordPage struct {
	Total, Page, Limit int
	Fields             []struct {
		Name     string
		ReadOnly bool
	}
	Records []object
}

func TestRecordsAreReachedPastFaultsAndLimits(t *testing.T) {
	s := start(t, mock.RateLimit(true))
	s.do("PUT", "/__admin/rules/down", `{"respond":{"error":"unavailable"}}`).status(201)
	s.do("GET", "/api/leads", "").status(503).header("X-RateLimit-Remaining", "99")
	page := decode[recordPage](s.do("GET", "/__admin/records/leads?search=ada@example&limit=5", "").status(200))
	if page.Total != 1 || page.Limit != 5 || len(page.Records) != 1 || page.Records[0]["id"] != adaID || len(page.Fields) < 20 || !page.Fields[0].ReadOnly {
		t.Fatalf("got %+v", page)
	}
	const ada = "/__admin/records/leads/" + adaID
	s.do("PATCH", ada, `{"email":"x","foo":1}`).is(400, `{"statusCode":400,"message":["property foo should not exist","email must be an email"],"error":"Bad Request"}`)
	s.do("PATCH", ada, `[]`).status(400)
	s.do("PATCH", ada+"0", `{"company":"Analytical"}`).is(404, `{"statusCode":404,"message":"Lead with id `+adaID+`0 not found"}`)
	changed := s.do("PATCH", ada, `{"company":"Analytical"}`).status(200)
	s.do("GET", ada, "").is(200, changed.Body)
	s.do("GET", "/__admin/records/leads?limit=0", "").is(400, `{"statusCode":400,"message":["limit must not be less than 1"],"error":"Bad Request"}`)
	s.do("GET", "/__admin/records/lead", "").is(404, `{"statusCode":404,"message":"unknown resource \"lead\"; allowed: leads; did you mean \"leads\"?","error":"Not Found"}`)
	s.do("DELETE", ada, "").is(204, "")
	s.do("GET", ada, "").status(404)
	s.do("GET", ada+"?session=nobody", "").status(404)
	s.do("DELETE", "/__admin/rules", "").status(204)
	s.do("GET", "/api/leads/"+adaID, "").status(404).header("X-RateLimit-Remaining", "98")
	s.do("GET", "/__s/other/api/leads/"+adaID, "").status(200)
}

func TestRulesSayHowFarTheyAre(t *testing.T) {
	s := start(t)
	s.do("PUT", "/__admin/rules/twice", `{"when":{"path":"/leads"},"respond":{"error":"internal","times":2}}`).status(201)
	s.do("PUT", "/__admin/rules/ever", `{"when":{"path":"/leads"},"respond":{"error":"conflict"}}`).status(201)
	type progress struct {
		Step  string
		Spent bool
	}
	for _, want := range [][]progress{{{"0/2", false}, {"", false}}, {{"1/2", false}, {"", false}}, {{"2/2", true}, {"", false}}} {
		got := decode[[]progress](s.do("GET", "/__admin/rules", ""))
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("got %v, want %v", got, want)
		}
		s.do("GET", "/api/leads", "")
	}
	s.do("POST", "/__admin/reset", "")
	if got := decode[progress](s.do("GET", "/__admin/rules/twice", "")); got != (progress{"0/2", false}) {
		t.Errorf("after a reset: %v", got)
	}
}

func TestARuleMayBeForOneOperation(t *testing.T) {
	s := start(t)
	s.do("POST", "/__admin/rules/one?operation=getLead", `{"when":{"method":"GET","path":"/leads/{id}"},"respond":{"error":"internal"}}`).status(201)
	s.do("GET", "/api/leads/"+adaID, "").status(500)
	s.do("GET", "/api/leads/stats", "").status(200)
	s.do("PATCH", "/api/leads/"+adaID, `{"company":"x"}`).status(200)
	got := s.do("POST", "/__admin/rules?operation=getLeed", `{"respond":{"error":"internal"}}`).status(400).message()
	if !strings.HasPrefix(got, `unknown operation "getLeed"; allowed: login, `) || !strings.HasSuffix(got, `; did you mean "getLead"?`) {
		t.Errorf("got %s", got)
	}
}

func TestProblemsShowTheLine(t *testing.T) {
	dir := folder(t, map[string]string{"leads.schema.yaml": tinySchema, "leads.yaml": leadsFile("Ann")})
	s := start(t, mock.Fixtures(dir), mock.Watch("off"))
	s.do("GET", "/__admin/problems", "").is(200, "[]\n")
	if err := os.WriteFile(filepath.Join(dir, "leads.yaml"), []byte("- {name: Ann, email: ann@example.com, nme: x}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.do("POST", "/__admin/reload", "").status(422)
	problems := decode[[]struct {
		Line    int
		Message string
	}](s.do("GET", "/__admin/problems", "").status(200))
	if len(problems) != 1 || problems[0].Line != 1 || !strings.Contains(problems[0].Message, "^") {
		t.Errorf("got %+v", problems)
	}
}
