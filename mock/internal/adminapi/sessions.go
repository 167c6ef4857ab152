package adminapi

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// world is the session that the request means (control.md section 6).
func (a *API) world(c echo.Context) (*session.World, error) {
	id := sessionID(c)
	if !session.ValidID(id) {
		return nil, apierror.NewMalformed("session " + quoted(id) + " is no session name: " + session.IDs)
	}
	w, _ := a.options.Sessions.Use(id)
	return w, nil
}

// existing is the session that the request means, if it is there: what would do nothing to a new one must
// not make it, since its name was misspelt.
func (a *API) existing(c echo.Context) (*session.World, error) {
	id := sessionID(c)
	if session.ValidID(id) && a.options.Sessions.Find(id) == nil {
		return nil, a.noSession(id)
	}
	return a.world(c)
}

func sessionID(c echo.Context) string {
	if id := c.QueryParam("session"); id != "" {
		return id
	}
	if id := c.Request().Header.Get("X-Mock-Session"); id != "" {
		return id
	}
	return session.Default
}

// inSession takes the session out of the path, for callers who are given one address and know of no sessions: below
// /__s/ID/__admin is the admin API of that session.
func (a *API) inSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, r := c.Param(sessionParameter), c.Request()
		if !session.ValidID(id) {
			return send(c, apierror.NewUnmatched(r.Method, r.RequestURI))
		}
		r.Header.Set("X-Mock-Session", id)
		_, below, _ := strings.Cut(r.URL.Path, Prefix)
		r.URL.Path, r.URL.RawPath = Prefix+below, ""
		return next(c)
	}
}

// origin is where the caller reached the server. A proxy that ends TLS says so in a header, in which anything can stand.
func origin(c echo.Context) string {
	scheme := c.Scheme()
	if scheme != "https" {
		scheme = "http"
	}
	return scheme + "://" + c.Request().Host
}

// sessionView is a session as the admin API shows it.
type sessionView struct {
	ID       string `json:"id"`
	Seed     uint64 `json:"seed"`
	BaseURL  string `json:"baseUrl"`
	Clock    string `json:"clock"`
	LastUsed string `json:"lastUsed,omitempty"`
}

func (a *API) view(c echo.Context, w *session.World) sessionView {
	v := sessionView{ID: w.ID, Seed: w.Seed(), BaseURL: a.options.APIURL(origin(c), w.ID), Clock: w.Clock.Now().Format(time.RFC3339Nano)}
	if used := w.LastUsed(); !used.IsZero() {
		v.LastUsed = used.UTC().Format(time.RFC3339)
	}
	return v
}

func (a *API) listSessions(c echo.Context) error {
	views := []sessionView{}
	for _, w := range a.options.Sessions.All() {
		views = append(views, a.view(c, w))
	}
	return answer(c, http.StatusOK, views)
}

func (a *API) getSession(c echo.Context) error {
	w := a.options.Sessions.Find(c.Param("id"))
	if w == nil {
		return send(c, a.noSession(c.Param("id")))
	}
	return answer(c, http.StatusOK, a.view(c, w))
}

func (a *API) noSession(id string) *apierror.Error {
	e := apierror.NewNotFound("Session", shortened(id))
	var known []string
	for _, w := range a.options.Sessions.All() {
		known = append(known, w.ID)
	}
	if nearest := diag.Nearest(id, known); nearest != "" {
		e.Message += "; did you mean " + nearest + "?"
	}
	return e
}

// createSession makes a session with credentials of its own, both those of an ADMIN.
func (a *API) createSession(c echo.Context) error {
	var id string
	var seed *uint64
	if err := bind(c, text("id", &id), whole("seed", &seed)); err != nil {
		return respond(c, err)
	}
	if id != "" && !session.ValidID(id) {
		return badRequest(c, "id %s is no session name: %s", quoted(id), session.IDs)
	}
	w, err := a.options.Sessions.Create(id, seed)
	var exists *session.ErrExists
	if errors.As(err, &exists) {
		return send(c, apierror.NewConflict("Session with id "+exists.ID+" already exists"))
	}
	keyring := a.options.Sessions.Generation().Keyring
	token, err := a.mint(w, keyring.FirstAdmin(), "", auth.TokenLifetime)
	if err != nil {
		return err
	}
	return answer(c, http.StatusCreated, struct {
		ID      string `json:"id"`
		BaseURL string `json:"baseUrl"`
		Token   string `json:"token"`
		APIKey  string `json:"apiKey"`
		Seed    uint64 `json:"seed"`
	}{w.ID, a.options.APIURL(origin(c), w.ID), token, keyring.SessionKey(w.ID), w.Seed()})
}

func (a *API) dropSession(c echo.Context) error {
	id := c.Param("id")
	if id == session.Default {
		return badRequest(c, "the session %q cannot be dropped; POST %s/reset takes it back to its fixtures", id, Prefix)
	}
	if !a.options.Sessions.Drop(id) {
		return send(c, a.noSession(id))
	}
	return c.NoContent(http.StatusNoContent)
}

func (a *API) reset(c echo.Context) error {
	generation := a.options.Sessions.Generation()
	if sessionID(c) == session.Every {
		all := a.options.Sessions.All()
		for _, w := range all {
			w.Reset(generation)
		}
		return answer(c, http.StatusOK, map[string]int{"reset": len(all)})
	}
	w, err := a.existing(c)
	if err != nil {
		return respond(c, err)
	}
	w.Reset(generation)
	return answer(c, http.StatusOK, map[string]int{"reset": 1})
}

func (a *API) mint(w *session.World, u *identity.User, role identity.Role, lifetime time.Duration) (string, error) {
	return a.options.Sessions.Generation().Keyring.Mint(u, role, w.ID, w.NewTokenID(), w.Clock.Now(), lifetime)
}

// mintToken makes a token of any age and role. A negative expiresIn gives one that expired that long ago.
func (a *API) mintToken(c echo.Context) error {
	var user, role string
	lifetime := auth.TokenLifetime
	if err := bind(c, text("user", &user), text("role", &role), duration("expiresIn", &lifetime)); err != nil {
		return respond(c, err)
	}
	keyring := a.options.Sessions.Generation().Keyring
	holder, refused := pick(keyring, user, identity.Role(role))
	if refused != nil {
		return send(c, refused)
	}
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	token, err := a.mint(w, holder, identity.Role(role), lifetime)
	if err != nil {
		return err
	}
	return answer(c, http.StatusCreated, map[string]string{"token": token})
}

// pick finds whom a token is wanted for; a name that is unknown is told with the nearest one.
func pick(keyring *auth.Keyring, user string, role identity.Role) (*identity.User, *apierror.Error) {
	if role != "" && !role.Known() {
		return nil, unknown("role", string(role), identity.Roles())
	}
	if user != "" && keyring.User(user) == nil {
		var known []string
		for _, u := range keyring.Users() {
			known = append(known, u.Email)
		}
		return nil, unknown("user", user, known)
	}
	holder, err := keyring.Pick(user, role)
	if err != nil {
		return nil, apierror.NewMalformed(err.Error())
	}
	return holder, nil
}
