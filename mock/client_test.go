package mock_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/salesos/salesos-mock/mock"
)

// listening is a server with its own listeners, as people run it: what clients do with connections shows only there.
func listening(t *testing.T, options ...mock.Option) *server {
	t.Helper()
	m := serve(t, options...)
	return &server{Server: m, t: t, http: &httptest.Server{URL: m.Origin()}, key: m.APIKey()}
}

// client is a plain HTTP client of a server, with connections of its own.
type client struct {
	*server
	http *http.Client
}

func (s *server) client() *client {
	transport := &http.Transport{DisableCompression: true}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &client{s, &http.Client{Transport: transport, Timeout: 20 * time.Second}}
}

func (c *client) request(method, path, body string, headers ...string) *http.Request {
	c.t.Helper()
	r, err := http.NewRequest(method, c.server.http.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("X-API-Key", c.key)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	return r
}

// try sends a request that may get no answer, or half of one.
func (c *client) try(method, path, body string, headers ...string) (reply, error) {
	c.t.Helper()
	request := c.request(method, path, body, headers...)
	conforming := c.conforming()
	got, err := received(c.t, c.http.Do, request)
	if err == nil {
		conforming(request, body, got)
	}
	return got, err
}

// send is for requests that must be answered.
func (c *client) send(method, path, body string, headers ...string) reply {
	c.t.Helper()
	r, err := c.try(method, path, body, headers...)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

func received(t *testing.T, do func(*http.Request) (*http.Response, error), r *http.Request) (reply, error) {
	response, err := do(r)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return reply{t, response.StatusCode, response.Header, string(data), r.Method + " " + r.URL.Path}, err
}

// admin asks the admin API for something that it must grant.
func (s *server) admin(method, path, body string) reply {
	s.t.Helper()
	r := s.do(method, "/__admin"+path, body, "X-API-Key: -")
	if r.Status >= 300 {
		s.t.Fatalf("%s: %d %s", r.Request, r.Status, r.Body)
	}
	return r
}

func (s *server) activate(name string, active bool) {
	s.t.Helper()
	s.admin("PUT", "/scenarios/"+name, fmt.Sprintf(`{"active":%t}`, active))
}

func (s *server) advance(d string) {
	s.t.Helper()
	s.admin("POST", "/clock", `{"advance":"`+d+`"}`)
}

// retrying is a client of go-retryablehttp, with its own policy for what is tried again. Its waits are not slept: they
// are noted, with what the library itself would wait, and the server's clock moves on by Retry-After instead.
type retrying struct {
	*client
	library *retryablehttp.Client
	waits   []wait
}

// wait is one that the client was made to.
type wait struct {
	status     int // 0: no answer
	retryAfter string
	library    time.Duration // what the library makes of it
}

func (s *server) retrying(tries int) *retrying {
	c := &retrying{client: s.client(), library: retryablehttp.NewClient()}
	c.library.HTTPClient, c.library.Logger, c.library.RetryMax = c.client.http, nil, tries
	c.library.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.library.Backoff = c.backoff
	return c
}

func (c *retrying) backoff(least, most time.Duration, attempt int, response *http.Response) time.Duration {
	w := wait{library: retryablehttp.DefaultBackoff(least, most, attempt, response)}
	if response != nil {
		w.status, w.retryAfter = response.StatusCode, response.Header.Get("Retry-After")
		if seconds, err := strconv.Atoi(w.retryAfter); err == nil && seconds > 0 && seconds < 3600 {
			c.advance(w.retryAfter + "s")
		}
	}
	c.waits = append(c.waits, w)
	return 0
}

// send gives the last answer; there must be one.
func (c *retrying) send(method, path, body string, headers ...string) reply {
	c.t.Helper()
	r, err := retryablehttp.FromRequest(c.request(method, path, body, headers...))
	if err != nil {
		c.t.Fatal(err)
	}
	last, err := received(c.t, func(*http.Request) (*http.Response, error) { return c.library.Do(r) }, r.Request)
	if err != nil {
		c.t.Fatal(err)
	}
	return last
}

// member is a client that logs in and, when its token is refused, refreshes it once and sends the request again, however many of
// its requests are refused at a time.
type member struct {
	*client
	mu        sync.Mutex
	token     string
	refreshes int
}

var errLoggedOut = errors.New("the user must log in again")

func (s *server) member() *member {
	m := &member{client: s.client()}
	m.login()
	return m
}

func (m *member) login() {
	m.t.Helper()
	r, err := m.try("POST", "/api/auth/login", `{"email":"uma.user@example.com","password":"password"}`, "X-API-Key: ")
	if err != nil {
		m.t.Fatal(err)
	}
	m.take(r.status(201))
}

func (m *member) take(r reply) {
	var answer struct{ AccessToken string }
	if err := json.Unmarshal([]byte(r.Body), &answer); err != nil || answer.AccessToken == "" {
		m.t.Errorf("%s: no token in %s", r.Request, r.Body)
	}
	m.token = answer.AccessToken
}

func (m *member) current() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token
}

// with sends a request with a token, whatever comes of it.
func (m *member) with(token, method, path, body string) (reply, error) {
	r := m.request(method, path, body, "Authorization: Bearer "+token)
	r.Header.Del("X-API-Key")
	return received(m.t, m.client.http.Do, r)
}

// must is with, for requests that must be answered.
func (m *member) must(token, method, path, body string) reply {
	m.t.Helper()
	r, err := m.with(token, method, path, body)
	if err != nil {
		m.t.Fatal(err)
	}
	return r
}

// fetch is what the application calls.
func (m *member) fetch(method, path, body string) (reply, error) {
	token := m.current()
	if token == "" {
		return reply{}, errLoggedOut
	}
	r, err := m.with(token, method, path, body)
	if err != nil || r.Status != 401 {
		return r, err
	}
	if token, err = m.renew(token); err != nil {
		return reply{}, err
	}
	return m.with(token, method, path, body)
}

// renew exchanges a token, unless another request did so meanwhile.
func (m *member) renew(refused string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token != refused {
		return m.token, nil
	}
	m.refreshes++
	r, err := m.with(refused, "POST", "/api/auth/refresh", "")
	if err != nil {
		return "", err
	}
	if r.Status != 201 {
		m.token = ""
		return "", errLoggedOut
	}
	m.take(r)
	return m.token, nil
}

// count is how many leads a query finds.
func (s *server) count(query string) int {
	s.t.Helper()
	return len(decode[[]json.RawMessage](s.do("GET", "/api/leads?limit=100&"+query, "").status(200)))
}
