// Package mock is a SalesOS API that fails on demand: a server, and an http.Handler, for front-end developers, their
// continuous integration and their tests. It assembles the parts below internal and keeps them up to date with the
// files; the commands of package cli and Go tests start here.
//
//	server, err := mock.New(mock.Port(0))
//	if err != nil { … }
//	err = server.Serve(ctx)
package mock

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/salesos/salesos-mock/mock/internal/adminapi"
	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/httpapi"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/session"
	"github.com/salesos/salesos-mock/mock/internal/watch"
)

// Server is one mock. It is made by New.
type Server struct {
	config    config
	sessions  *session.Manager
	watcher   *watch.Watcher // nil when the embedded data is served
	api       *httpapi.API
	handler   http.Handler
	listeners []net.Listener

	descriptors descriptorNotice

	adminHandler   http.Handler // nil: the admin API is on the port of the API
	adminListeners []net.Listener

	reloading sync.Mutex
	loaded    loadState
	health    atomic.Pointer[adminapi.Health]
	problems  atomic.Pointer[diag.List] // of which health tells in short

	describing sync.Mutex // guards described
	described  describedGeneration

	draining context.Context // ends when the server stops: the waits that answers make on purpose end with it
	endWaits context.CancelFunc
}

// New loads the data and assembles a server. Broken files are an error that lists what is wrong with them.
func New(options ...Option) (*Server, error) {
	c := config{
		port: 4000, basePath: "/api", auth: auth.Strict, seed: 1, journal: journal.DefaultEntries, watch: watch.Auto, adminPort: samePort, log: slog.New(slog.DiscardHandler), version: "devel",
		headerTimeout: headerTimeout, readTimeout: readTimeout, writeTimeout: writeTimeout,
	}
	for _, option := range options {
		option(&c)
	}
	s := &Server{config: c, descriptors: descriptorNotice{log: c.log}}
	s.draining, s.endWaits = context.WithCancel(context.Background())
	if err := s.openFolders(); err != nil {
		return nil, err
	}
	generation, problems, err := s.load(context.Background())
	if err != nil {
		return nil, err
	}
	if generation == nil {
		if generation = s.waitForFolders(); generation == nil {
			return nil, problems
		}
		s.loaded.provisional = true
	}
	s.sessions = session.NewManager(generation, session.Options{Seed: c.seed, Journal: newJournal(c.journal), Memory: c.written, Totals: newTotals(c)})
	s.publish(generation, problems)
	s.assemble()
	time.AfterFunc(firstAnswers, func() { s.finishRecords(problems) })
	return s, nil
}

// Handler answers what the server answers, without a listener of its own and without watching files.
func (s *Server) Handler() http.Handler { return s.handler }

// AdminHandler answers what the admin API answers: it is Handler, unless AdminPort parts the two.
func (s *Server) AdminHandler() http.Handler {
	if s.adminHandler == nil {
		return s.handler
	}
	return s.adminHandler
}

func (s *Server) basePath() string { return s.config.basePath }

// assemble puts the HTTP side together.
func (s *Server) assemble() {
	e, admin := s.router(), s.adminAPI()
	s.handler = e
	if s.config.adminPort == samePort {
		admin.Register(e)
	} else {
		admin.RegisterPublic(e)
		alone := s.router()
		admin.RegisterAlone(alone)
		s.adminHandler = alone
	}
	s.api = httpapi.New(s.sessions, httpapi.Options{
		BasePath: s.config.basePath, Auth: s.config.auth, RateLimit: s.config.rateLimit, CSRF: s.config.csrf, CORS: s.config.cors,
		Delay: s.config.delay, Observe: s.config.observe, Inspect: s.inspector(), Stale: s.stale, Draining: s.draining,
		UnderWay: s.config.underWay, Patience: s.config.writeTimeout,
	})
	s.api.Register(e)
}

// router is an Echo without routes, which speaks and errs as the server does.
func (s *Server) router() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(logWriter{s.config.log})
	e.HTTPErrorHandler = s.answerError
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: s.logPanic, DisablePrintStack: true}))
	return e
}

func (s *Server) adminAPI() *adminapi.API {
	return adminapi.New(adminapi.Options{
		Sessions: s.sessions, Reload: s.Reload, Health: func() adminapi.Health { return *s.health.Load() },
		Problems: func() diag.List { return *s.problems.Load() },
		Schema:   s.Schema, SchemaNames: s.SchemaNames, OpenAPI: s.OpenAPI, Fixtures: s.fixtures, Version: s.config.version, APIURL: s.apiURL,
		BasePath: s.config.basePath, Token: s.config.adminToken, Hosts: s.config.adminHosts, Draining: s.draining,
	})
}

// unrouted is what Echo says of a target that no route can have: a star, or a name and a port.
const unrouted = http.StatusNotFound

// answerError gives what goes wrong outside the API's own error writer the documented shape.
func (s *Server) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	documented := apierror.NewInternal()
	var routing *echo.HTTPError
	if errors.As(err, &routing) && routing.Code == unrouted {
		_ = s.api.Serve(c) // says so as it does of every path that it does not know
		return
	}
	if routing != nil {
		documented = apierror.FromStatus(routing.Code)
	} else if !errors.As(err, &documented) {
		s.config.log.Error("a request failed", "error", err)
	}
	// Nobody is left to be told of an error in writing an error.
	_ = c.Blob(documented.Status, "application/json; charset=utf-8", documented.Body())
}

func (s *Server) logPanic(c echo.Context, err error, stack []byte) error {
	s.config.log.Error("a handler panicked", "method", c.Request().Method, "path", c.Request().URL.Path, "error", err, "stack", string(stack))
	return err
}

// apiURL is the base URL of the API for a session, as a caller who reached the admin API at origin sees it: on the same
// host, and should the admin API have a port of its own, on that of the API.
func (s *Server) apiURL(origin, id string) string {
	u, err := url.Parse(origin)
	if err == nil && s.adminListeners != nil && u.Port() == portOf(s.adminListeners) {
		origin = u.Scheme + "://" + net.JoinHostPort(u.Hostname(), portOf(s.listeners))
	}
	return s.sessionURL(origin, id)
}

// sessionURL is the base URL of the API for a session at an origin of the API.
func (s *Server) sessionURL(origin, id string) string {
	return origin + sessionPath(id) + s.config.basePath
}

// sessionPath is what a path begins with that names its session; empty for the default one.
func sessionPath(id string) string {
	if id == session.Default {
		return ""
	}
	return httpapi.SessionPrefix + id
}

func (s *Server) fixtures() []adminapi.Resource {
	generation := s.sessions.Generation()
	listed := make([]adminapi.Resource, 0, len(generation.Resources))
	for i := range generation.Resources {
		r := &generation.Resources[i]
		listed = append(listed, adminapi.Resource{Name: r.Definition.Name, Records: r.Base().View.Len()})
	}
	return listed
}

// Resources are the names of what can be asked for, in order.
func (s *Server) Resources() []string {
	generation := s.sessions.Generation()
	names := make([]string, len(generation.Resources))
	for i := range generation.Resources {
		names[i] = generation.Resources[i].Definition.Name
	}
	return names
}

// Token mints a token of a user (by e-mail or id), or of the first user of a role, in the default session.
func (s *Server) Token(user, role string) (string, error) {
	return (&Session{s, session.Default}).Token(user, role)
}

// Login is the e-mail and password of the first ADMIN who can log in; empty if the files have none.
func (s *Server) Login() (email, password string) {
	for _, u := range s.sessions.Generation().Keyring.Users() {
		if u.Role == identity.RoleAdmin && u.IsActive && u.Password != "" {
			return u.Email, u.Password
		}
	}
	return "", ""
}

// APIKey is the first key that may do everything, or "" if the files have none.
func (s *Server) APIKey() string { return s.sessions.Generation().Keyring.AdminKey() }

// Problems is what is wrong with the files now; the last good ones serve meanwhile.
func (s *Server) Problems() []string { return s.health.Load().Problems }

// stale is the first problem of a broken file, in one line.
func (s *Server) stale() string {
	if problems := s.health.Load().Problems; len(problems) > 0 {
		return problems[0]
	}
	return ""
}

// Watching says in a few words how changes of the files are found out.
func (s *Server) Watching() string { return s.health.Load().Watching }

// publish makes a generation current, and says how the files are.
func (s *Server) publish(g *session.Generation, problems diag.List) {
	s.sessions.Publish(g)
	s.report(problems)
}

func (s *Server) report(problems diag.List) {
	h := adminapi.Health{Status: "ok", Generation: s.sessions.Generation().Number, Problems: []string{}, Watching: "built-in data"}
	if s.watcher != nil {
		h.Watching = s.watched() + " (" + s.watcher.Describe() + ")"
	}
	for _, p := range problems {
		h.Status = "degraded"
		h.Problems = append(h.Problems, p.Short())
	}
	s.problems.Store(&problems)
	s.health.Store(&h)
}

// watched names the folders that are watched.
func (s *Server) watched() string {
	folders := []string{s.config.fixtures, s.config.scenarios}
	return strings.Join(slices.DeleteFunc(folders, func(folder string) bool { return folder == "" }), ", ")
}

// logWriter lets Echo speak through the server's own log.
type logWriter struct{ log *slog.Logger }

func (w logWriter) Write(p []byte) (int, error) {
	w.log.Error(string(p))
	return len(p), nil
}
