package mock_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/httpapi"
	"github.com/salesos/salesos-mock/mock/internal/wire"
)

// adaID is the first hand-written lead of the shipped fixtures.
const adaID = "00000000-0000-4000-8000-000000000001"

// server is a mock behind a real listener, for the length of a test.
type server struct {
	*mock.Server
	t    *testing.T
	http *httptest.Server
	key  string

	changing bool // the files change all the time, so that by which document an answer was made nobody can say
}

func start(t *testing.T, options ...mock.Option) *server {
	t.Helper()
	m, err := mock.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(httpapi.CountRequests(m.Handler()))
	s.Listener, s.Config.ConnContext = wire.Listener{Listener: s.Listener}, httpapi.TrackConnection // as Serve has it
	s.Start()
	t.Cleanup(func() { conforms(t, m) })
	t.Cleanup(s.Close)
	return &server{Server: m, t: t, http: s, key: m.APIKey()}
}

// reply is what came back.
type reply struct {
	t       *testing.T
	Status  int
	Header  http.Header
	Body    string
	Request string
}

// do sends a request. Headers are "Name: value"; without any that authenticates, the admin key is sent.
func (s *server) do(method, path, body string, headers ...string) reply {
	s.t.Helper()
	r, err := http.NewRequest(method, s.http.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("X-API-Key", s.key)
	r.Header.Set("Accept-Encoding", "identity") // else Go's client unpacks by itself
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		switch {
		case value == "-":
			r.Header.Del(name)
		case strings.EqualFold(name, "Host"):
			r.Host = value
		default:
			r.Header.Set(name, value)
		}
	}
	conforming := s.conforming()
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return conforming(r, body, reply{s.t, response.StatusCode, response.Header, string(data), method + " " + path})
}

// is checks status and bytes.
func (r reply) is(status int, body string) reply {
	r.t.Helper()
	if r.Status != status || r.Body != body {
		r.t.Errorf("%s:\n got %d %s\nwant %d %s", r.Request, r.Status, r.Body, status, body)
	}
	return r
}

// status checks the status alone.
func (r reply) status(status int) reply {
	r.t.Helper()
	if r.Status != status {
		r.t.Errorf("%s: got %d %s, want %d", r.Request, r.Status, r.Body, status)
	}
	return r
}

// header checks one header.
func (r reply) header(name, want string) reply {
	r.t.Helper()
	if got := r.Header.Get(name); got != want {
		r.t.Errorf("%s: %s is %q, want %q", r.Request, name, got, want)
	}
	return r
}

func decode[T any](r reply) (v T) {
	r.t.Helper()
	if err := json.Unmarshal([]byte(r.Body), &v); err != nil {
		r.t.Fatalf("%s: %v in %s", r.Request, err, r.Body)
	}
	return v
}

type object = map[string]any
