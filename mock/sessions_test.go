package mock_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/salesos/salesos-mock/mock"
)

// created is what POST sessions answers.
type created struct {
	ID, BaseURL, Token, APIKey string
	Seed                       uint64
}

func (s *server) newSession(body string) created {
	s.t.Helper()
	return decode[created](s.do("POST", "/__admin/sessions", body).status(201))
}

// A request belongs to the session named by prefix, header, query, cookie, credential, in this order, else to the default one.
func TestWhoNamesTheSession(t *testing.T) {
	s := start(t)
	bound := s.newSession(`{"id":"by-credential"}`)
	cookie, header, key := "Cookie: a=b; mock_session=by-cookie", "X-Mock-Session: by-header", "X-API-Key: "+bound.APIKey
	for _, c := range []struct {
		path    string
		headers []string
		want    string
	}{
		{"/__s/by-prefix/api/leads", []string{header, cookie, key}, "by-prefix"},
		{"/api/leads", []string{header, cookie, key}, "by-header"},
		{"/api/leads?__session=by-query", []string{cookie, key}, "by-query"},
		{"/api/leads", []string{cookie, key}, "by-cookie"},
		{"/api/leads", []string{key}, "by-credential"},
		{"/api/leads", []string{"X-API-Key: -", "Authorization: Bearer " + bound.Token}, "by-credential"},
		{"/api/leads", nil, ""},
		{"/api/leads", []string{"X-Mock-Session: default", key}, ""}, // named, so the credential does not count
		{"/__s/default/api/leads", []string{header}, ""},
		{"/api/leads", []string{"Cookie: mock_session=not a name"}, ""},
	} {
		s.do("GET", c.path, "", c.headers...).status(200).header("X-Mock-Session", c.want)
	}
	s.do("GET", "/api/leads?__session=x", "", "X-Mock-Session: y").status(400).header("X-Mock-Decision", "directive-error")
	for _, invalid := range []string{"a%20b", "%2e%2e%2f", strings.Repeat("x", 65), ""} {
		s.do("GET", "/__s/"+invalid+"/api/leads", "").status(404).header("X-Mock-Decision", "unmatched")
		s.do("GET", "/__admin/clock?session="+invalid, "").status(map[bool]int{true: 200, false: 400}[invalid == ""])
	}
	for _, invalid := range []string{"a b", strings.Repeat("x", 65), "ä"} {
		s.do("POST", "/__admin/sessions", `{"id":"`+invalid+`"}`).status(400)
		s.do("GET", "/api/leads", "", "X-Mock-Session: "+invalid).status(400)
	}
	s.do("GET", "/__s/"+strings.Repeat("x", 64)+"/api/leads", "").status(200)
}

func TestSessionsNeverSeeEachOther(t *testing.T) {
	s := start(t, mock.RateLimit(true))
	a, b := "X-Mock-Session: a", "X-Mock-Session: b"
	lead := decode[object](s.do("POST", "/api/leads", `{"firstName":"A","lastName":"A","email":"one@example.org"}`, a).status(201))
	s.do("GET", path(lead), "", a).status(200)
	s.do("GET", path(lead), "", b).status(404)
	s.do("GET", path(lead), "").status(404)
	s.do("POST", "/api/leads", `{"firstName":"A","lastName":"A","email":"one@example.org"}`, b).status(201) // no conflict
	s.do("DELETE", "/api/leads/"+adaID, "", b).status(204)
	s.do("GET", "/api/leads/"+adaID, "", a).status(200)
	s.do("POST", "/__admin/clock?session=a", `{"advance":"25h"}`).status(200)
	if now := decode[struct{ Now time.Time }](s.do("GET", "/__admin/clock?session=b", "")).Now; time.Until(now).Abs() > time.Minute {
		t.Errorf("the clock of another session moved to %s", now)
	}
	for range 101 {
		s.do("GET", "/api/leads/stats", "", "X-Mock-Session: busy")
	}
	s.do("GET", "/api/leads/stats", "", "X-Mock-Session: busy").status(429)
	s.do("GET", "/api/leads/stats", "", b).status(200)
	s.do("POST", "/__admin/reset?session=b", "").status(200)
	s.do("GET", "/api/leads/"+adaID, "", b).status(200)
	s.do("GET", path(lead), "", a).status(200)
	s.do("POST", "/__admin/reset?session=*", "").status(200)
	s.do("GET", path(lead), "", a).status(404)
}

func TestSessionsBeginWithTheFiles(t *testing.T) {
	dir := folder(t, map[string]string{
		"on.yaml":  "active: true\nrules:\n  - {when: {path: /alerts}, respond: {error: internal}}\n",
		"off.yaml": "rules:\n  - {when: {path: /leads}, respond: {error: unavailable}}\n",
	})
	s := start(t, mock.Scenarios(dir), mock.Watch("off"))
	s.do("PUT", "/__admin/scenarios/off", `{"active":true}`).status(200)
	s.do("PUT", "/__admin/scenarios/on", `{"active":false}`).status(200)
	s.do("GET", "/api/leads", "").status(503)
	s.do("GET", "/api/alerts", "").status(200)
	s.do("GET", "/__s/new/api/leads", "").status(200)
	s.do("GET", "/__s/new/api/alerts", "").status(500)
}

func TestPrefixIsKept(t *testing.T) {
	s := start(t)
	r := s.do("POST", "/__s/mine/api/leads", `{"firstName":"P","lastName":"P"}`).status(201)
	location := r.Header.Get("Location")
	if !strings.HasPrefix(location, "/__s/mine/api/leads/") {
		t.Errorf("Location %s", location)
	}
	s.do("GET", location, "").status(200)
	link := s.do("GET", "/__s/mine/api/leads?limit=5&__delay=0", "").status(200).Header.Get("Link")
	if strings.Count(link, "</__s/mine/api/leads?limit=5&page=") != 3 {
		t.Errorf("Link %s", link)
	}
	s.do("GET", "/__s/mine/api/nothing", "").is(404, `{"statusCode":404,"message":"Cannot GET /__s/mine/api/nothing","error":"Not Found"}`)
}

func sessionClaim(t *testing.T, token string) string {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		t.Fatal(err)
	}
	id, _ := claims["session"].(string)
	return id
}

// Credentials are bound to the session in which they were made: the client under test then needs no change.
func TestCredentialsBindTheirSession(t *testing.T) {
	s := start(t)
	s.do("DELETE", "/__s/shop/api/leads/"+adaID, "").status(204)
	login := decode[struct{ AccessToken string }](s.do("POST", "/__s/shop/api/auth/login", `{"email":"ada.admin@example.com","password":"password"}`).status(201)).AccessToken
	refreshed := decode[struct{ AccessToken string }](s.do("POST", "/api/auth/refresh", "", bearer(login)...).status(201).header("X-Mock-Session", "shop")).AccessToken
	minted := decode[struct{ Token string }](s.do("POST", "/__admin/tokens?session=shop", `{"role":"ADMIN"}`).status(201)).Token
	for name, token := range map[string]string{"refresh": refreshed, "tokens": minted} {
		if id := sessionClaim(t, token); id != "shop" {
			t.Errorf("%s: session %q", name, id)
		}
		s.do("GET", "/api/leads/"+adaID, "", bearer(token)...).status(404).header("X-Mock-Session", "shop")
	}
	made := s.newSession("")
	if !strings.HasSuffix(made.BaseURL, "/__s/"+made.ID+"/api") || made.ID == "" {
		t.Errorf("created %+v", made)
	}
	for _, headers := range [][]string{bearer(made.Token), {"X-API-Key: " + made.APIKey}} {
		lead := decode[object](s.do("POST", "/api/leads", `{"firstName":"K","lastName":"K"}`, headers...).status(201).header("X-Mock-Session", made.ID))
		s.do("GET", path(lead), "").status(404)
		s.do("DELETE", path(lead), "", headers...).status(204) // those of an ADMIN
	}
	s.do("POST", "/__admin/sessions", `{"id":"`+made.ID+`"}`).status(409)
	// An expired token still belongs to its session; one with a wrong signature names none.
	expired := decode[struct{ Token string }](s.do("POST", "/__admin/tokens?session=shop", `{"role":"ADMIN","expiresIn":"-1h"}`).status(201)).Token
	s.do("GET", "/api/leads", "", bearer(expired)...).is(401, unauthorized).header("X-Mock-Session", "shop")
	s.do("GET", "/api/leads", "", bearer(login[:len(login)-6]+"AAAAAA")...).is(401, unauthorized).header("X-Mock-Session", "")
}

func TestADroppedSessionIsRevivedEmpty(t *testing.T) {
	s := start(t)
	made := s.newSession(`{"id":"temp"}`)
	key := "X-API-Key: " + made.APIKey
	s.do("DELETE", "/api/leads/"+adaID, "", key).status(204).header("X-Mock-Warning", "")
	s.do("DELETE", "/__admin/sessions/temp", "").status(204)
	s.do("GET", "/__admin/sessions/temp", "").status(404)
	r := s.do("GET", "/api/leads/"+adaID, "", key).status(200).header("X-Mock-Session", "temp")
	if w := r.Header.Get("X-Mock-Warning"); !strings.Contains(w, "dropped") {
		t.Errorf("warning %q", w)
	}
	s.do("GET", "/api/leads/"+adaID, "", key).status(200).header("X-Mock-Warning", "")
	s.do("DELETE", "/__admin/sessions/default", "").status(400)
}

func TestSeedOfASession(t *testing.T) {
	s := start(t)
	course := func(id string) (course string) {
		for range 40 {
			course += fmt.Sprint(s.do("GET", "/__s/"+id+"/api/leads/stats", "", "X-Mock-Error: internal", "X-Mock-Chance: 0.5").Status)[:1]
		}
		return course
	}
	for id, seed := range map[string]string{"one": "7", "two": "7", "three": "8"} {
		s.newSession(`{"id":"` + id + `","seed":` + seed + `}`)
	}
	if one := course("one"); one != course("two") || one == course("three") {
		t.Error("chance must follow from the session's seed")
	}
}

func TestTheClockOfASession(t *testing.T) {
	s := start(t, mock.RateLimit(true))
	token := bearer(s.token("ADMIN"))
	s.do("POST", "/__admin/clock", `{"set":"2030-01-02T03:04:05Z","frozen":true}`).status(200)
	fresh := bearer(decode[struct{ Token string }](s.do("POST", "/__admin/tokens", `{"role":"ADMIN"}`).status(201)).Token)
	for range 2 {
		if lead := s.create(`{"firstName":"T","lastName":"T"}`); lead["createdAt"] != "2030-01-02T03:04:05.000Z" {
			t.Errorf("createdAt %v", lead["createdAt"])
		}
	}
	s.do("GET", "/api/leads", "", token...).status(401) // made years ago
	r := s.do("GET", "/api/leads", "", fresh...).status(200)
	if date, err := http.ParseTime(r.Header.Get("Date")); err != nil || time.Since(date).Abs() > time.Minute {
		t.Errorf("Date is %s: real time rules it", r.Header.Get("Date"))
	}
	s.do("POST", "/__admin/clock", `{"advance":"23h59m59s"}`).status(200)
	s.do("GET", "/api/leads", "", fresh...).status(200)
	s.do("POST", "/__admin/clock", `{"advance":"1s"}`).status(200)
	s.do("GET", "/api/leads", "", fresh...).is(401, unauthorized).header("X-Mock-Decision", "auth")
	s.do("POST", "/api/auth/refresh", "", fresh...).status(201) // expired, but not for long

	for range 6 {
		s.do("POST", "/api/auth/login", "{}")
	}
	s.do("POST", "/api/auth/login", "{}").status(429).header("Retry-After", "60")
	s.do("POST", "/__admin/clock", `{"advance":"59s"}`).status(200)
	s.do("POST", "/api/auth/login", "{}").status(429).header("Retry-After", "1")
	s.do("POST", "/__admin/clock", `{"advance":"1s"}`).status(200)
	s.do("POST", "/api/auth/login", "{}").status(400).header("X-RateLimit-Remaining", "4")
	if now := decode[struct {
		Now    time.Time
		Frozen bool
	}](s.do("POST", "/__admin/clock", `{"reset":true}`)); time.Since(now.Now).Abs() > time.Minute || now.Frozen {
		t.Errorf("after a reset: %+v", now)
	}
}

func TestTenThousandSessions(t *testing.T) {
	s := start(t)
	for n := range 200 {
		s.do("POST", fmt.Sprintf("/__s/many%d/api/leads", n), `{"firstName":"M","lastName":"M","email":"same@example.org"}`).status(201)
	}
	for n := range 10_050 {
		s.Handler().ServeHTTP(discard{http.Header{}}, sessionRequest(s.key, n))
	}
	listed := decode[[]struct{ ID string }](s.do("GET", "/__admin/sessions", ""))
	if len(listed) != 10_001 {
		t.Errorf("%d sessions", len(listed))
	}
	s.do("GET", "/api/leads?email=same@example.org", "", "X-Mock-Session: many0").header("X-Total-Count", "0") // the oldest went
	s.do("GET", "/api/leads/"+adaID, "", "X-Mock-Session: n10049").status(200)
}

// A session that only reads costs next to nothing.
func TestSessionsThatOnlyReadAreSmall(t *testing.T) {
	s := start(t)
	const n = 3000
	ask := func(from, to int) {
		for i := from; i < to; i++ {
			s.Handler().ServeHTTP(discard{http.Header{}}, sessionRequest(s.key, i))
		}
	}
	ask(0, 100) // what all sessions share
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ask(100, 100+n)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / n; each > 4<<10 {
		t.Errorf("a session that was read from takes %d bytes", each)
	} else {
		t.Logf("%d bytes each", each)
	}
}

// discard is a ResponseWriter whose answer nobody reads.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

func sessionRequest(key string, n int) *http.Request {
	r, _ := http.NewRequest("GET", "/api/leads/"+adaID, nil)
	r.Header.Set("X-API-Key", key)
	r.Header.Set("X-Mock-Session", fmt.Sprintf("n%d", n))
	return r
}

// Between the two the clock would run on.
func TestAClockThatIsSetAndFrozenAtOnceStandsThere(t *testing.T) {
	s := start(t)
	for range 20 {
		s.do("POST", "/__admin/clock", `{"set":"2026-07-01T12:00:00Z","frozen":true}`, "X-API-Key: -").is(200, `{"now":"2026-07-01T12:00:00Z","frozen":true}`+"\n")
		s.do("POST", "/__admin/clock", `{"reset":true}`, "X-API-Key: -").status(200)
	}
}
