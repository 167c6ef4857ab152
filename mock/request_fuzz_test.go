package mock_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/contract"
)

// aborted says whether a handler gave up the connection, as faults do where there is none to take.
func aborted(serve func()) (gone bool) {
	defer func() {
		if cause := recover(); cause == http.ErrAbortHandler {
			gone = true
		} else if cause != nil {
			panic(cause)
		}
	}()
	serve()
	return false
}

// Whatever request net/http can read is answered in a documented shape, within bounds of time and size: only what was asked
// for as an error of the server is one.
func FuzzRequests(f *testing.F) {
	m, err := mock.New(mock.RateLimit(true))
	if err != nil {
		f.Fatal(err)
	}
	for _, request := range []string{
		"GET /api/leads?page=2&limit=3&sortBy=email&sortOrder=asc&status=NEW&search=a&minScore=1 HTTP/1.1\r\nHost: x\r\nX-API-Key: sk_test_admin\r\n\r\n",
		"GET /api/leads?cursor=&limit=1 HTTP/1.1\r\nHost: x\r\nX-API-Key: sk_test_admin\r\nAccept-Encoding: br, gzip;q=0.5, *;q=0\r\nOrigin: http://a\r\n\r\n",
		"POST /api/leads HTTP/1.1\r\nHost: x\r\nX-API-Key: sk_test_admin\r\nContent-Type: application/json\r\nContent-Length: 34\r\n\r\n{\"firstName\":\"A\",\"lastName\":\"\\ud8\"}",
		"PATCH /__s/a/api/leads/1 HTTP/1.1\r\nHost: x\r\nX-API-Key: sk_test_admin\r\nContent-Type: application/json; charset=\"\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		"OPTIONS /api/leads HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: a,b\r\n\r\n",
		"GET /api/leads/1?__error=validation&__fields=email&__times=2&__session=x HTTP/1.1\r\nHost: x\r\nPrefer: code=503, example=\"validation\"\r\n\r\n",
		"DELETE /api/leads/%00%2f..%2f HTTP/1.0\r\nCookie: mock_session=a; mock_session=\"b\r\nAuthorization: Bearer a.b.c\r\nX-Mock-Retry-After: date+5\r\nX-Mock-Error: rate-limited\r\n\r\n",
		"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08",
		"GET /__admin/sessions?session=%2A HTTP/1.1\r\nHost: [::1]:4\r\nSec-Fetch-Site: none\r\nCookie: salesos_mock_admin=\r\nX-Forwarded-Proto: x\r\n\r\n",
		"PUT /__admin/rules/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 51\r\n\r\n{\"when\":{\"path\":\"/x/{id}/**\"},\"respond\":{\"fault\":\"HANG\"}}",
		"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "GET * HTTP/1.1\r\nHost: \r\n\r\n", "GET http://u:p@[::1%25en0]:80/%zz?;;& HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		f.Add([]byte(request))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(string(data))))
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // a client without patience, for those that ask to wait
		defer cancel()
		r.RemoteAddr = "127.0.0.1:1"
		w := httptest.NewRecorder()
		began := time.Now()
		if aborted(func() { m.Handler().ServeHTTP(w, r.WithContext(ctx)) }) {
			return
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%v for %d bytes", took, len(data))
		}
		documented(t, r, w, len(data))
		described(t, m, r, w)
	})
}

// described holds an answer against the OpenAPI document. Of what was sent nothing is said: what such requests mean is for
// FuzzValidate and FuzzParseQuery of package schema to find out.
func described(t *testing.T, m *mock.Server, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	header := http.Header{} // as a client has it: the server writes some names otherwise
	for name, values := range w.Header() {
		header[http.CanonicalHeaderKey(name)] = values
	}
	x := contract.Talk{
		Method: r.Method, Target: r.URL.RequestURI(), SentUnknown: true, Asked: r.Header,
		Status: w.Code, Header: header, Body: unpacked(header, w.Body.String()),
	}
	for _, problem := range contractOf(t, documentOf(t, m)).Check(x) {
		t.Errorf("%s %q answered %d, and by the OpenAPI document it %s\n got %.300s", x.Method, x.Target, x.Status, problem, x.Body)
	}
}

// documented checks an answer's shape.
func documented(t *testing.T, r *http.Request, w *httptest.ResponseRecorder, sent int) {
	t.Helper()
	decision, body := w.Header().Get("X-Mock-Decision"), w.Body.Bytes()
	if w.Code >= 500 && w.Code != 503 && !slices.Contains([]string{"directive", "scenario"}, decision) && !strings.HasPrefix(r.URL.Path, "/__admin") {
		t.Errorf("%s %s: %d %s", r.Method, r.URL, w.Code, body)
	}
	if len(body) > 300<<10+64*sent {
		t.Errorf("%d bytes were answered with %d", sent, len(body))
	}
	for name, values := range w.Header() {
		if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") {
			t.Errorf("%s: %q", name, values)
		}
	}
	if w.Code < 400 || r.Method == http.MethodHead || len(body) == 0 || w.Header().Get("Content-Encoding") != "" {
		return
	}
	var answer struct{ StatusCode int }
	if err := json.Unmarshal(body, &answer); err != nil || answer.StatusCode != w.Code {
		t.Errorf("%s %s: %d %q (%v)", r.Method, r.URL, w.Code, body, err)
	}
}
