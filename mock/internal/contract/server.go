package contract

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/journal"
)

// Get asks the admin API of a server for something.
type Get func(path string) (status int, body []byte)

// Handler asks a server that has no listener, or none that is still open.
func Handler(h http.Handler) Get {
	return func(path string) (int, []byte) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "http://127.0.0.1"+path, http.NoBody))
		return w.Code, w.Body.Bytes()
	}
}

// Address asks a server that listens there: "http://127.0.0.1:4000". A status of 0 says that it did not answer.
func Address(origin string) Get {
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // tests make their certificates themselves
	client := &http.Client{Timeout: 20 * time.Second, Transport: transport}
	return func(path string) (int, []byte) {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, origin+path, http.NoBody)
		if err != nil {
			return 0, nil
		}
		response, err := client.Do(request)
		if err != nil {
			return 0, nil
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return 0, nil
		}
		return response.StatusCode, body
	}
}

// Journal holds all that a server has in its journal against the document that it serves: whatever client a test used,
// this saw it. checked counts what differs. Nothing can be said where the admin API asks for a token, where nothing is
// recorded, and where the files have changed, since then nobody knows by which document an answer was made. read is New, or
// what remembers the documents that it has read.
func Journal(get Get, read func(document []byte) (*Contract, error)) (problems []string, checked int) {
	status, text := get("/__admin/health")
	var health struct{ Generation int }
	if status != http.StatusOK || json.Unmarshal(text, &health) != nil || health.Generation != 1 {
		return nil, 0
	}
	status, document := get("/__admin/openapi.json")
	if status == http.StatusUnauthorized {
		return nil, 0
	}
	c, err := read(document)
	if err != nil {
		return []string{err.Error()}, 0
	}
	seen := map[string]bool{}
	for since := "1970-01-01T00:00:00Z"; since != ""; {
		var page []journal.View
		if status, text = get("/__admin/requests?session=*&limit=1000&since=" + since); status != http.StatusOK || json.Unmarshal(text, &page) != nil {
			return append(problems, fmt.Sprintf("the journal cannot be read: %d %.300s", status, text)), checked
		}
		problems = append(problems, c.views(page, seen)...)
		since = ""
		if n := len(page); n > 0 {
			since = page[n-1].ID
		}
	}
	return problems, len(seen)
}

// views checks each exchange that differs from those that were seen.
func (c *Contract) views(all []journal.View, seen map[string]bool) (problems []string) {
	for i := range all {
		v := &all[i]
		key := strings.Join([]string{v.Method, v.Path, v.Query, v.Request.Body, v.Decision, v.Rule, v.Response.Body}, "\n")
		if seen[key] || !judgeable(v) {
			continue
		}
		seen[key] = true
		problems = append(problems, c.problems(talkOf(v))...)
	}
	return problems
}

// judgeable: what was not sent whole says nothing. Of a body that the journal has cut off or redacted the rest is judged: of a
// long list the records that it has, and of any answer its status and its headers.
func judgeable(v *journal.View) bool {
	return v.Status != 0 && v.Fault == "" && !v.Gone && v.Decision != journal.TransportResend
}

func talkOf(v *journal.View) Talk {
	target := v.Path
	if v.Query != "" {
		target += "?" + v.Query
	}
	asked := canonical(v.Request.Headers)
	return Talk{
		Method: v.Method, Target: target, Sent: v.Request.Body, ContentType: asked.Get("Content-Type"), Asked: asked,
		Status: v.Status, Header: canonical(v.Response.Headers), Body: v.Response.Body, BodyCut: v.Response.Cut,
		SentUnknown: v.Request.Cut || strings.Contains(v.Request.Body, journal.Redacted) || strings.Contains(v.Query, journal.Redacted),
	}
}

// canonical has the names of headers as net/http writes them: the journal keeps them as they were sent.
func canonical(headers map[string][]string) http.Header {
	all := http.Header{}
	for name, values := range headers {
		name = http.CanonicalHeaderKey(name)
		all[name] = append(all[name], values...)
	}
	return all
}
