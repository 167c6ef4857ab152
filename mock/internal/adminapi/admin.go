// Package adminapi serves /__admin: what a test, a command or a person asks of the mock itself (control.md
// section 6). It answers only callers on this machine, unless told of others.
package adminapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/session"
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
	Fixtures    func() []Resource
	Schema      func(name string) (schema []byte, ok bool) // the JSON Schema of a kind of file
	SchemaNames func() []string
	OpenAPI     func() ([]byte, error) // the description of the API
	Version     string
	BasePath    string                              // of the API
	APIURL      func(origin, session string) string // the base URL of the API for a session, for a caller who reached origin
	Token       string                              // asked for when set
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
	return &API{options: o, guard: newGuard(o.Token, o.Hosts)}
}

// Register adds the routes.
func (a *API) Register(e *echo.Echo) {
	g := e.Group(Prefix)
	g.GET("/health", a.health)
	g.HEAD("/health", a.health)

	g = e.Group(Prefix, a.guard.middleware)
	g.GET("/version", a.version)
	g.GET("/errors", a.errors)
	g.GET("/operations", a.operations)
	g.GET("/fixtures", a.fixtures)
	g.GET("/sessions", a.listSessions)
	g.POST("/sessions", a.createSession)
	g.GET("/sessions/:id", a.getSession)
	g.DELETE("/sessions/:id", a.dropSession)
	g.POST("/reset", a.reset)
	g.POST("/reload", a.reload)
	g.GET("/scenarios", a.listScenarios)
	g.PUT("/scenarios/:name", a.switchScenario)
	g.PUT("/scenarios/:name/state", a.setScenarioState)
	g.GET("/rules", a.listRules)
	g.GET("/rules/:id", a.getRule)
	g.POST("/rules", a.addRule)
	g.POST("/rules/:id", a.addRule)
	g.PUT("/rules/:id", a.addRule)
	g.DELETE("/rules", a.clearRules)
	g.DELETE("/rules/:id", a.removeRule)
	g.GET("/openapi.json", a.openAPI)
	g.GET("/schema", a.listSchemas)
	g.GET("/schema/:name", a.schema)
	g.GET("/clock", a.getClock)
	g.POST("/clock", a.setClock)
	g.POST("/tokens", a.mintToken)
	g.Any("", a.unknown)
	g.Any("/*", a.unknown)
}

func (a *API) unknown(c echo.Context) error {
	return send(c, apierror.NewUnmatched(c.Request().Method, c.Request().RequestURI))
}

func (a *API) health(c echo.Context) error {
	return c.JSON(http.StatusOK, a.options.Health())
}

func (a *API) version(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"name": "salesos-mock", "version": a.options.Version})
}

func (a *API) fixtures(c echo.Context) error {
	return c.JSON(http.StatusOK, a.options.Fixtures())
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
	problems, err := a.options.Reload(c.Request().Context())
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return c.JSON(status, map[string]any{"generation": a.options.Sessions.Generation().Number, "problems": listed(problems)})
}

// send answers with an error in the documented shape.
func send(c echo.Context, e *apierror.Error) error {
	return c.Blob(e.Status, "application/json; charset=utf-8", e.Body())
}

func badRequest(c echo.Context, format string, args ...any) error {
	return send(c, apierror.NewMalformed(fmt.Sprintf(format, args...)))
}

// maxBody bounds what an admin request may send, in bytes.
const maxBody = 1 << 20

// bind reads the JSON body, if there is one, into target. Unknown members are errors: a misspelt option must not
// be silently left out.
func bind(c echo.Context, target any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(c.Response(), c.Request().Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(target)
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil || c.Request().ContentLength == 0:
		return nil
	case errors.As(err, &tooLarge):
		return apierror.NewTooLarge()
	default:
		return apierror.NewMalformed("the body cannot be read: " + err.Error())
	}
}

// respond sends err in the documented shape if it is one of ours.
func respond(c echo.Context, err error) error {
	var documented *apierror.Error
	if errors.As(err, &documented) {
		return send(c, documented)
	}
	return err
}
