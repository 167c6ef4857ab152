package mock_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock"
)

func TestTheAdminAPIHasAPortOfItsOwn(t *testing.T) {
	t.Parallel()
	m := serve(t, mock.AdminPort(0))
	at := func(origin, method, path string) reply {
		t.Helper()
		r, err := http.NewRequest(method, origin+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-API-Key", m.APIKey())
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return reply{t, response.StatusCode, response.Header, string(body), method + " " + path}
	}
	if m.Origin() == m.AdminOrigin() {
		t.Fatalf("both are at %s", m.Origin())
	}
	at(m.Origin(), "GET", "/api/leads?limit=1").status(http.StatusOK)
	for _, path := range []string{"/__admin/health", "/__admin/overlay.js"} {
		at(m.Origin(), "GET", path).status(http.StatusOK)
		at(m.AdminOrigin(), "GET", path).status(http.StatusOK)
	}
	for _, path := range []string{"/__admin", "/__admin/", "/__admin/sessions", "/__admin/nothing", "/__s/a/__admin/rules"} {
		refused := at(m.Origin(), "GET", path).status(http.StatusNotFound)
		if !strings.Contains(refused.Body, "the admin API has a port of its own (--admin-port)") {
			t.Errorf("%s: %s", path, refused.Body)
		}
	}
	at(m.AdminOrigin(), "GET", "/__admin/").status(http.StatusOK)
	at(m.AdminOrigin(), "GET", "/__s/a/__admin/rules").status(http.StatusOK)
	for _, path := range []string{"/api/leads", "/", "/__s/a/api/leads"} {
		refused := at(m.AdminOrigin(), "GET", path).status(http.StatusNotFound)
		if !strings.Contains(refused.Body, "this is the port of the admin API") {
			t.Errorf("%s: %s", path, refused.Body)
		}
	}
	made := decode[struct{ BaseURL string }](at(m.AdminOrigin(), "POST", "/__admin/sessions"))
	if !strings.HasPrefix(made.BaseURL, m.Origin()+"/__s/") {
		t.Errorf("a session's API is said to be at %s, not below %s", made.BaseURL, m.Origin())
	}
	if script := at(m.AdminOrigin(), "GET", "/__admin/overlay.js").Body; !strings.Contains(script, m.URL()) {
		t.Errorf("the overlay does not know the API at %s", m.URL())
	}
	if own, err := m.Session("mine"); err != nil || !strings.HasPrefix(own.AdminURL(), m.AdminOrigin()) || !strings.HasPrefix(own.URL(), m.Origin()) {
		t.Errorf("%v, %s, %s", err, own.AdminURL(), own.URL())
	}
}

func TestAnAdminPortThatIsTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	m, err := mock.New(mock.Port(0), mock.AdminPort(taken.Addr().(*net.TCPAddr).Port))
	if err != nil {
		t.Fatal(err)
	}
	err = m.Listen(t.Context())
	if !errors.Is(err, mock.ErrAdminPort) || !errors.Is(err, mock.ErrPortTaken) || !strings.Contains(err.Error(), strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)) {
		t.Error(err)
	}
}
