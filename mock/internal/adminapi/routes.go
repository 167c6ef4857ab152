package adminapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/adminapi/dashboard"
	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/diag"
)

// route is one route of the admin API: what is registered, and what its index and its 404s tell of it.
type route struct {
	method  string
	path    string // below Prefix, as echo writes it: "/sessions/:id"
	does    string // for the index
	handler echo.HandlerFunc
	query   []string // the parameters that it knows besides session
	public  bool     // answers whoever asks, without the guard
}

const (
	sessionParameter   = "session"
	operationParameter = "operation"
)

func (a *API) routes() []route {
	return []route{
		{method: http.MethodGet, path: "/health", does: "ok, or degraded and what is wrong with the files", handler: a.health, public: true}, // what watches a container has no token
		{method: http.MethodGet, path: "/version", does: "the build", handler: a.version},
		{method: http.MethodGet, path: "/errors", does: "the documented errors, and the operations that each fits", handler: a.errors},
		{method: http.MethodGet, path: "/operations", does: "the routes of the API", handler: a.operations},
		{method: http.MethodGet, path: "/fixtures", does: "the resources and how many records they have", handler: a.fixtures},
		{method: http.MethodGet, path: "/problems", does: "what is wrong with the files, with the lines", handler: a.problems},
		{method: http.MethodGet, path: "/records/:resource", does: "records of the session, past faults, limits and coverage", handler: a.listRecords, query: recordQuery()},
		{method: http.MethodGet, path: "/records/:resource/:id", does: "one of them", handler: a.getRecord},
		{method: http.MethodPatch, path: "/records/:resource/:id", does: "change its fields, by the rules of the API", handler: a.changeRecord},
		{method: http.MethodDelete, path: "/records/:resource/:id", does: "delete it", handler: a.deleteRecord},
		{method: http.MethodGet, path: "/sessions", does: "the sessions", handler: a.listSessions},
		{method: http.MethodPost, path: "/sessions", does: `make a session: {"id":"checkout","seed":7}, both optional`, handler: a.createSession},
		{method: http.MethodGet, path: "/sessions/:id", does: "one session", handler: a.getSession},
		{method: http.MethodDelete, path: "/sessions/:id", does: "drop a session", handler: a.dropSession},
		{method: http.MethodPost, path: "/reset", does: "a session, or with ?session=* all, back to its fixtures and first steps", handler: a.reset},
		{method: http.MethodPost, path: "/reload", does: "read the files again", handler: a.reload},
		{method: http.MethodGet, path: "/scenarios", does: "the scenarios, as they are in the session", handler: a.listScenarios},
		{method: http.MethodPut, path: "/scenarios/:name", does: `switch a scenario: {"active":true}`, handler: a.switchScenario},
		{method: http.MethodPut, path: "/scenarios/:name/state", does: `set the state of a scenario: {"state":"started"}`, handler: a.setScenarioState},
		{method: http.MethodGet, path: "/rules", does: "the rules that were added here", handler: a.listRules},
		{method: http.MethodGet, path: "/rules/:id", does: "one of them", handler: a.getRule},
		{method: http.MethodPost, path: "/rules", does: `add a rule: {"when":{"path":"/leads"},"respond":{"error":"unavailable"}}`, handler: a.addRule, query: []string{operationParameter}},
		{method: http.MethodPost, path: "/rules/:id", does: "add a rule under a name, or replace it", handler: a.addRule, query: []string{operationParameter}},
		{method: http.MethodPut, path: "/rules/:id", does: "add a rule under a name, or replace it", handler: a.addRule, query: []string{operationParameter}},
		{method: http.MethodDelete, path: "/rules", does: "take all of these rules out of force", handler: a.clearRules},
		{method: http.MethodDelete, path: "/rules/:id", does: "take one out of force", handler: a.removeRule},
		{method: http.MethodGet, path: "/openapi.json", does: "the API as OpenAPI", handler: a.openAPI},
		{method: http.MethodGet, path: "/schema", does: "the JSON Schemas of the files", handler: a.listSchemas},
		{method: http.MethodGet, path: "/schema/:name", does: "one of them", handler: a.schema},
		{method: http.MethodGet, path: "/clock", does: "the session's time", handler: a.getClock},
		{method: http.MethodPost, path: "/clock", does: `move it: {"advance":"25h"}, {"set":"2026-01-31T12:00:00Z"}, {"frozen":true}, {"reset":true}`, handler: a.setClock},
		{method: http.MethodGet, path: "/overlay.js", does: "the panel that a page of yours loads: <script src=…>", handler: a.overlay, public: true},
		{method: http.MethodPost, path: "/tokens", does: `make a token: {"user":"…","role":"USER","expiresIn":"-1h"}, all optional`, handler: a.mintToken},
		{method: http.MethodGet, path: "/requests", does: "the latest requests with their answers; after one of them, or a time, with since", handler: a.listRequests,
			query: []string{sinceParameter, limitParameter, decisionParameter, pathParameter}},
		{method: http.MethodGet, path: "/requests/:id", does: "one of them, by its id or its X-Request-Id", handler: a.getRequest},
		{method: http.MethodDelete, path: "/requests", does: "forget them", handler: a.clearRequests},
		{method: http.MethodGet, path: "/events", does: "requests as they come, as server-sent events", handler: a.events, query: []string{sinceParameter}},
		{method: http.MethodPost, path: "/verify", does: `200 if what is expected came, else 409: {"when":{"method":"POST","path":"/leads"},"exactly":1}`, handler: a.verify,
			query: []string{formatParameter}},
		{method: http.MethodGet, path: "/audit", does: "what clients do that the documentation asks them to avoid", handler: a.audit, query: []string{formatParameter}},
		{method: http.MethodGet, path: "/coverage", does: "which documented errors clients have met, and which not", handler: a.coverage, query: []string{formatParameter}},
	}
}

// RegisterPublic adds what answers whoever asks. All else below Prefix is said to be somewhere else: it is for a server
// whose admin API has a port of its own.
func (a *API) RegisterPublic(e *echo.Echo) {
	a.registerPublic(e)
	for _, path := range []string{"", "/", "/*"} {
		e.Any(Prefix+path, elsewhere)
	}
	e.Any("/__s/:"+sessionParameter+Prefix+"/*", elsewhere)
}

func (a *API) registerPublic(e *echo.Echo) {
	for _, r := range a.routes() {
		if r.public {
			e.GET(Prefix+r.path, r.handler)
			e.HEAD(Prefix+r.path, r.handler)
		}
	}
}

func elsewhere(c echo.Context) error {
	e := apierror.NewUnmatched(c.Request().Method, c.Request().RequestURI)
	e.Message += "; the admin API has a port of its own (--admin-port)"
	return send(c, e)
}

// RegisterAlone adds the routes where there are no others.
func (a *API) RegisterAlone(e *echo.Echo) {
	a.Register(e)
	e.RouteNotFound("/*", func(c echo.Context) error {
		e := apierror.NewUnmatched(c.Request().Method, c.Request().RequestURI)
		e.Message += "; this is the port of the admin API: GET " + Prefix + " lists its routes"
		return send(c, e)
	})
}

// Register adds the routes.
func (a *API) Register(e *echo.Echo) {
	a.registerPublic(e)
	guarded := e.Group(Prefix, a.guard.middleware)
	ofSession := e.Group("/__s/:"+sessionParameter+Prefix, a.inSession, a.guard.middleware)
	for _, r := range a.routes() {
		if r.public {
			continue
		}
		guarded.Add(r.method, r.path, r.handler, r.checkQuery)
		ofSession.Add(r.method, r.path, r.handler, r.checkQuery)
	}
	ofSession.Any("/*", a.unknown)
	guarded.Any("/*", a.unknown)
	guarded.GET(files+"*", a.file)
	e.GET(Prefix+files+dashboard.Style, a.style)
	index := route{handler: a.index}
	for _, path := range []string{"", "/"} {
		guarded.Any(path, a.unknown)
		e.GET(Prefix+path, index.handler, a.front, a.guard.middleware, index.checkQuery)
	}
}

// checkQuery refuses parameters that the route does not know: with a misspelt session it would act on another one.
func (r *route) checkQuery(next echo.HandlerFunc) echo.HandlerFunc {
	allowed := append([]string{sessionParameter}, r.query...)
	return func(c echo.Context) error {
		raw := c.Request().URL.RawQuery
		values, err := url.ParseQuery(raw)
		if err != nil {
			return badRequest(c, "the query %s is escaped wrongly", quoted(raw))
		}
		for _, name := range slices.Sorted(mapKeys(values)) {
			if !slices.Contains(allowed, name) {
				return send(c, unknown("query parameter", name, allowed))
			}
		}
		return next(c)
	}
}

func mapKeys(values url.Values) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for name := range values {
			if !yield(name) {
				return
			}
		}
	}
}

// spoken is the route's address as people write it: "/__admin/sessions/{id}".
func (r *route) spoken() string {
	segments := strings.Split(r.path, "/")
	for i, segment := range segments {
		if name, variable := strings.CutPrefix(segment, ":"); variable {
			segments[i] = "{" + name + "}"
		}
	}
	return Prefix + strings.Join(segments, "/")
}

// fits says whether a path, below Prefix, is one of the route's.
func (r *route) fits(path string) bool {
	own, sent := strings.Split(r.path, "/"), strings.Split(path, "/")
	return slices.EqualFunc(own, sent, func(own, sent string) bool {
		return own == sent || strings.HasPrefix(own, ":") && sent != ""
	})
}

// index lists the routes.
func (a *API) index(c echo.Context) error {
	type view struct {
		Method string `json:"method"`
		Path   string `json:"path"`
		Does   string `json:"does"`
	}
	views := []view{}
	for _, r := range a.routes() {
		views = append(views, view{r.method, r.spoken(), r.does})
	}
	return answer(c, http.StatusOK, struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Session string `json:"session"`
		Routes  []view `json:"routes"`
	}{"salesos-mock", a.options.Version, "?session= or X-Mock-Session names the session that is meant, else default", views})
}

// unknown is the 404 of a route that there is not: with the methods of a path that there is, else the nearest path.
func (a *API) unknown(c echo.Context) error {
	r := c.Request()
	path := strings.TrimPrefix(r.URL.Path, Prefix)
	var methods, paths []string
	for _, known := range a.routes() {
		paths = append(paths, strings.TrimPrefix(known.spoken(), Prefix))
		if known.fits(path) {
			methods = append(methods, known.method)
		}
	}
	trimmed := strings.TrimRight(path, "/")
	hint := ""
	if methods != nil {
		hint = "; allowed: " + strings.Join(methods, ", ")
	} else if slices.Contains(paths, trimmed) { // a slash too many
		hint = "; did you mean " + Prefix + trimmed + "?"
	} else if nearest := diag.Nearest(trimmed, slices.Compact(paths)); nearest != "" {
		hint = "; did you mean " + Prefix + nearest + "?"
	}
	e := apierror.NewUnmatched(r.Method, r.RequestURI)
	e.Message += hint + "; GET " + Prefix + " lists the routes"
	return send(c, e)
}
