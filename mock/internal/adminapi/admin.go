// Package adminapi serves /__admin: what a test, a command or a person asks of the mock itself (control.md
// section 6). It answers only callers on this machine, unless told of others.
package adminapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/session"
	"github.com/salesos/salesos-mock/mock/internal/wirefault"
)

// Prefix is where the admin API lives.
const Prefix = "/__admin"

// Health is what GET health says.
type Health struct {
	Status     string   `json:"status"` // ok, or degraded while a broken file keeps the last good ones in service
	Generation uint64   `json:"generation"`
	Problems   []string `json:"problems"` // each with file:line:column
	Watching   string   `json:"watching"`
}

// Options of the admin API.
type Options struct {
	Sessions    *session.Manager
	Reload      func(context.Context) (diag.List, error) // reads the files again, synchronously; the list is what is wrong with them
	Health      func() Health
	Problems    func() diag.List // what is wrong with the files now
	Fixtures    func() []Resource
	Schema      func(name string) (schema []byte, ok bool) // the JSON Schema of a kind of file
	SchemaNames func() []string
	OpenAPI     func() ([]byte, error) // the description of the API
	Version     string
	BasePath    string                              // of the API
	APIURL      func(origin, session string) string // the base URL of the API for a session, for a caller who reached origin
	Token       string                              // asked for when set
	Draining    context.Context                     // ends when the server stops, and event streams with it; nil: never
	Hosts       []string                            // Host names that are answered besides the loopback ones
}

// Resource is what GET fixtures says of one.
type Resource struct {
	Name    string `json:"name"`
	Records int    `json:"records"`
}

// API is the admin API.
type API struct {
	options Options
	guard   guard
}

// New makes the admin API.
func New(o Options) *API {
	if o.Draining == nil {
		o.Draining = context.Background()
	}
	return &API{options: o, guard: newGuard(o.Token, o.Hosts)}
}

func (a *API) health(c echo.Context) error {
	return answer(c, http.StatusOK, a.options.Health())
}

func (a *API) version(c echo.Context) error {
	return answer(c, http.StatusOK, map[string]string{"name": "salesos-mock", "version": a.options.Version})
}

func (a *API) fixtures(c echo.Context) error {
	return answer(c, http.StatusOK, a.options.Fixtures())
}

// problems shows what is wrong with the files now, as reload does, without reading them again.
func (a *API) problems(c echo.Context) error {
	return answer(c, http.StatusOK, listed(a.options.Problems()))
}

// problem is a diagnostic as JSON.
type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

func listed(problems diag.List) []problem {
	views := make([]problem, len(problems))
	for i, p := range problems {
		views[i] = problem{p.File, p.Line, p.Column, p.Error()}
	}
	return views
}

// reload answers 200, or 422 with what is wrong with the files: the last good ones then stay in service.
func (a *API) reload(c echo.Context) error {
	wirefault.Unbounded(c.Response()) // to read a million records takes as long as it takes
	problems, err := a.options.Reload(c.Request().Context())
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return answer(c, status, struct {
		Generation uint64    `json:"generation"`
		Problems   []problem `json:"problems"`
	}{a.options.Sessions.Generation().Number, listed(problems)})
}

// contentType is that of all answers but the schemas.
const contentType = "application/json; charset=utf-8"

// answer answers with JSON, markup as it is.
func answer(c echo.Context, status int, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	return c.Blob(status, contentType, b.Bytes())
}

// send answers with an error in the documented shape.
func send(c echo.Context, e *apierror.Error) error {
	return c.Blob(e.Status, contentType, e.Body())
}

func badRequest(c echo.Context, format string, args ...any) error {
	return send(c, apierror.NewMalformed(fmt.Sprintf(format, args...)))
}

// respond sends err in the documented shape if it is one of ours.
func respond(c echo.Context, err error) error {
	var documented *apierror.Error
	if errors.As(err, &documented) {
		return send(c, documented)
	}
	return err
}
