package mock_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock"
)

// Every combination of what a browser says of a request's origin: only the own page and no page at all are answered.
func TestCrossSiteRequests(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, site := range []string{"", "none", "same-origin", "same-site", "cross-site", "CROSS-SITE", "nonsense"} {
		for _, origin := range []string{"", "http://localhost:4000", "HTTP://LOCALHOST:4000", "http://localhost:5173", "http://localhost", "http://evil.example",
			"http://localhost:4000.evil.example", "http://evil.example#localhost:4000", "http://localhost:4000@evil.example", "null", "localhost:4000", "://", "file://", "http://[::1"} {
			for _, body := range []string{"", "application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json-patch+json", "text/plain; application/json", ""} {
				headers := []string{"Host: localhost:4000", "X-API-Key: -"}
				for name, value := range map[string]string{"Sec-Fetch-Site": site, "Origin": origin, "Content-Type": body} {
					if value != "" {
						headers = append(headers, name+": "+value)
					}
				}
				sent := ""
				if body != "" {
					sent = `{"advance":"0s"}`
				}
				ownSite := site == "" || site == "none" || site == "same-origin"
				ownOrigin := origin == "" || strings.EqualFold(origin, "http://localhost:4000")
				want := 200
				switch {
				case !ownSite || !ownOrigin:
					want = 403
				case body != "" && body != "application/json":
					want = 415
				}
				if r := s.do("POST", "/__admin/clock", sent, headers...); r.Status != want {
					t.Errorf("%q: got %d %s, want %d", headers, r.Status, r.Body, want)
				}
			}
		}
	}
	// A preflight is promised nothing.
	r := s.do("OPTIONS", "/__admin/clock", "", "Host: localhost:4000", "Origin: http://evil.example", "Access-Control-Request-Method: POST")
	for name := range r.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s: %s", name, r.Header.Get(name))
		}
	}
}

// A name that an attacker's DNS points at this machine is still a name of the attacker.
func TestReboundNames(t *testing.T) {
	t.Parallel()
	s := start(t, mock.AdminHost("mock.test", "192.0.2.7"))
	for host, want := range map[string]int{
		"localhost": 200, "localhost:1": 200, "LOCALHOST": 200, "a.localhost:80": 200, "127.0.0.1": 200, "127.8.9.1:7": 200, "[::1]": 200, "[::1]:80": 200,
		"[::ffff:127.0.0.1]": 200, "mock.test:9": 200, "MOCK.test": 200, "192.0.2.7": 200,
		"evil.example": 403, "localhost.evil.example": 403, "evil-localhost": 403, "xlocalhost": 403, "localhost.": 403, "127.0.0.1.evil.example": 403, "127.0.0.1.": 403,
		"0.0.0.0": 403, "[::]": 403, "2130706433": 403, "0x7f.1": 403, "0177.0.0.1": 403, "192.0.2.8": 403, "10.0.0.1": 403, "mock.test.evil.example": 403, "xmock.test": 403,
	} {
		if r := s.do("GET", "/__admin/sessions", "", "Host: "+host, "X-API-Key: -"); r.Status != want {
			t.Errorf("%s: got %d %s, want %d", host, r.Status, r.Body, want)
		}
	}
	// What a proxy says of the client or the host opens nothing, and closes nothing.
	for _, header := range []string{"X-Forwarded-For: 127.0.0.1", "X-Forwarded-Host: localhost", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1;host=localhost", "X-Original-Host: localhost"} {
		s.do("GET", "/__admin/sessions", "", "Host: evil.example", header).status(403)
		s.do("GET", "/__admin/sessions", "", "Host: localhost", strings.NewReplacer("127.0.0.1", "evil", "localhost", "evil.example").Replace(header)).status(200)
	}
}

func TestAdminTokens(t *testing.T) {
	t.Parallel()
	const token = "s3cret-token"
	s := start(t, mock.AdminToken(token))
	for header, want := range map[string]int{
		"Authorization: Bearer " + token: 200, "Cookie: salesos_mock_admin=" + token: 200, "Cookie: a=b; salesos_mock_admin=" + token + "; c=d": 200,
		"X-A: b": 401, "Authorization: Bearer": 401, "Authorization: Bearer ": 401, "Authorization: Bearer " + token[:11]: 401, "Authorization: Bearer " + token + "x": 401,
		"Authorization: Bearer S3CRET-TOKEN": 401, "Authorization: Basic " + token: 401, "Authorization: " + token: 401, "Cookie: salesos_mock_admin=": 401,
		"Cookie: salesos_mock_admin=nonsense": 401, "Cookie: SALESOS_MOCK_ADMIN=" + token: 401, "X-API-Key: " + token: 401, "Cookie: =;;;;salesos_mock_admin": 401,
		"Authorization: Bearer " + strings.Repeat("a", 50_000): 401,
	} {
		if r := s.do("GET", "/__admin/sessions", "", "X-API-Key: -", header); r.Status != want {
			t.Errorf("%.80s: got %d %s, want %d", header, r.Status, r.Body, want)
		}
	}
	// The cookie alone is what a page of another site could have sent along: it may do nothing.
	s.do("POST", "/__admin/reset", "", "Cookie: salesos_mock_admin="+token, "Sec-Fetch-Site: cross-site").status(403)
	s.do("POST", "/__admin/reset", "", "Cookie: salesos_mock_admin="+token, "Origin: http://evil.example").status(403)
	s.do("GET", "/__admin/sessions?token="+token, "").status(401) // in an address it would be in every log
	s.do("GET", "/__admin/health", "", "Host: evil.example").status(200)
	s.do("POST", "/__admin/health", "", "Host: evil.example").status(401)
}

// Names reach maps, files and log lines; none of them may lead out of where it belongs.
func TestNamesThatLeadElsewhere(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret.yaml")
	if err := os.WriteFile(secret, []byte("description: a secret\nrules: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := folder(t, map[string]string{"a.yaml": "rules:\n  - respond: {error: conflict}\n"})
	s := start(t, mock.Scenarios(dir))
	outside := strings.TrimSuffix(secret, ".yaml")
	for _, name := range []string{
		"..", ".", "../a", "%2e%2e", "..%2f..%2fetc%2fpasswd", "..%5c..%5cwin.ini", "%00", "a%00.yaml", "a.yaml", "a/../a", "a%2f", "%2fa", "con", "a:b", "a%0d%0aX-Evil:%20yes",
		"*rules*", "__proto__", "constructor", strings.Repeat("a", 5000), "%ff%fe", "%F0%9F%92%A9", strings.ReplaceAll(outside, "/", "%2f"),
	} {
		for _, c := range []struct{ method, path, body string }{
			{"PUT", "/__admin/scenarios/%s", `{"active":true}`}, {"PUT", "/__admin/scenarios/%s/state", `{"state":"started"}`}, {"GET", "/__admin/schema/%s", ""},
			{"GET", "/__admin/schema/%s.json", ""}, {"GET", "/__admin/sessions/%s", ""}, {"DELETE", "/__admin/sessions/%s", ""}, {"GET", "/__admin/rules/%s", ""},
			{"DELETE", "/__admin/rules/%s", ""}, {"GET", "/__s/%s/api/nothing", ""}, {"GET", "/api/%s", ""}, {"GET", "/api/leads/%s/nothing", ""},
			{"GET", "/api/leads?__scenario=%s", ""},
		} {
			path := fmt.Sprintf(c.path, name)
			r := s.do(c.method, path, c.body)
			if r.Status != 400 && r.Status != 404 {
				t.Errorf("%s %.100s: %d %.200s", c.method, path, r.Status, r.Body)
			}
			if strings.Contains(r.Body, "root:") || strings.Contains(r.Body, "a secret") || r.Header.Get("X-Evil") != "" {
				t.Errorf("%s %.100s leads elsewhere: %.200s", c.method, path, r.Body)
			}
			if !strings.HasPrefix(r.Body, fmt.Sprintf(`{"statusCode":%d,"message":`, r.Status)) {
				t.Errorf("%s %.100s: %.200s", c.method, path, r.Body)
			}
		}
	}
	for _, header := range []string{"X-Mock-Session: ../x", "X-Mock-Session: " + strings.Repeat("x", 65), "X-Mock-Scenario: ../../etc/passwd", "X-Mock-Scenario: " + outside} {
		s.do("GET", "/api/leads", "", header).status(400).header("X-Mock-Decision", "directive-error")
	}
	s.do("GET", "/api/leads", "", "Cookie: mock_session=../x").status(200).header("X-Mock-Session", "")
	if r := s.do("GET", "/api/leads", "", "X-Request-Id: "+strings.Repeat("r", 10_000)); len(r.Header.Get("X-Request-Id")) > 200 {
		t.Error("a request id of 10,000 characters came back")
	}
}

// Of what a proxy says only https is believed, for the address of a session.
func TestForwardedNonsense(t *testing.T) {
	t.Parallel()
	s := start(t)
	for proto, want := range map[string]string{"https": "https://localhost/", "javascript": "http://localhost/", "http": "http://localhost/", "ftp": "http://localhost/", `"><script>`: "http://localhost/"} {
		r := s.do("GET", "/__admin/sessions/default", "", "Host: localhost", "X-Forwarded-Proto: "+proto)
		if base := decode[object](r.status(200))["baseUrl"].(string); !strings.HasPrefix(base, want) {
			t.Errorf("%s: %s", proto, base)
		}
	}
	first := s.do("GET", "/api/nothing", "", "X-API-Key: -").Header.Get("X-RateLimit-Remaining")
	for n := range 5 { // and the limits count the address that called
		s.do("GET", "/api/nothing", "", "X-API-Key: -", fmt.Sprintf("X-Forwarded-For: 10.0.0.%d", n), fmt.Sprintf("X-Real-IP: 10.0.0.%d", n))
	}
	if last := s.do("GET", "/api/nothing", "", "X-API-Key: -").Header.Get("X-RateLimit-Remaining"); first != "99" || last != "93" {
		t.Errorf("remaining %s, then %s", first, last)
	}
}
