package mock_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock"
)

// Whatever is sent to the admin API is done or refused, in JSON, and never breaks the server. The OpenAPI document has nothing of
// what is below /__admin, against which it could be held.
func FuzzAdminBodies(f *testing.F) {
	m, err := mock.New()
	if err != nil {
		f.Fatal(err)
	}
	routes := []string{"POST clock", "POST tokens", "POST sessions", "PUT scenarios/offline", "PUT scenarios/offline/state", "POST rules", "POST reset"}
	for i, body := range []string{
		"", "{", "[]", "null", `{"advance":"1h"}`, `{"set":"2026-01-01T00:00:00Z","frozen":true}`, `{"user":"ada.admin@example.com","expiresIn":"-1h"}`,
		`{"id":"a","seed":1}`, `{"active":true}`, `{"state":"started"}`, `{"respond":{"error":"conflict"}}`, `{"when":{"path":"/leads/**"},"respond":{"delay":1}}`,
		`{"advance":"999999999h"}`, `{"active":"yes"}`, `{"activ":1}`,
	} {
		f.Add(i, body, "session=s")
	}
	f.Fuzz(func(t *testing.T, route int, body, query string) {
		method, path, _ := strings.Cut(routes[uint(route)%uint(len(routes))], " ")
		r := httptest.NewRequest(method, "http://localhost/__admin/"+path, strings.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError || w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s?%s %q: %d %s", method, path, query, body, w.Code, w.Body)
		}
	})
}
