package mock_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock"
)

// Every page may have the script, and no page learns anything from it that the documentation does not tell.
func TestTheOverlayIsPublicAndTellsNothing(t *testing.T) {
	s := start(t, mock.AdminToken("hush-hush"))
	for _, headers := range [][]string{nil, {"Host: evil.example"}, {"Sec-Fetch-Site: cross-site", "Origin: http://app.example"}, {"X-API-Key: -"}} {
		r := s.do("GET", "/__admin/overlay.js?v=2", "", headers...).status(200).header("Content-Type", "text/javascript; charset=utf-8").
			header("Cross-Origin-Resource-Policy", "cross-origin").header("Cache-Control", "no-store").
			header("X-Content-Type-Options", "nosniff").header("Access-Control-Allow-Origin", "")
		for _, secret := range []string{"hush-hush", s.key, "sk_test", "password", "salesos-mock-development-secret", "@example.com"} {
			if strings.Contains(r.Body, secret) {
				t.Errorf("%v: the script has %q in it", headers, secret)
			}
		}
	}
	s.do("HEAD", "/__admin/overlay.js", "").is(200, "")
	s.do("POST", "/__admin/overlay.js", "").status(401)
}

func TestTheOverlayKnowsWhatIsServed(t *testing.T) {
	s := start(t, mock.BasePath("/v2"))
	body := s.do("GET", "/__admin/overlay.js", "", "Host: localhost:4000").status(200).Body
	for _, want := range []string{
		`"origin":"http://localhost:4000","api":"http://localhost:4000/v2"`, `{"name":"unavailable","status":503,"retries":true}`,
		`{"name":"validation","status":400,"retries":false}`, `"MALFORMED_RESPONSE_CHUNK"`,
		`{"method":"POST","path":"/leads/{id}/convert","errors":["bad_request","validation",`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the script has no %s", want)
		}
	}
	// The host name is the only thing in it that a caller chooses.
	hostile := s.do("GET", "/__admin/overlay.js", "", `Host: </script>"`).Body
	if strings.Contains(hostile, "</script>") {
		t.Errorf("a host name ends the script: %.200s", hostile)
	}
}

// What a Content-Security-Policy or an HTML parser could object to stands nowhere in the sources.
func TestTheOverlayHasNoMarkupAndNoEval(t *testing.T) {
	names, err := filepath.Glob("internal/adminapi/overlay/*.js")
	if err != nil || len(names) < 10 {
		t.Fatalf("sources: %q, %v", names, err)
	}
	banned := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setAttribute\("style|\.cssText|<style`)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := banned.Find(text); found != nil {
			t.Errorf("%s: %s", name, found)
		}
	}
}
