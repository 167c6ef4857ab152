package httpapi

import (
	"net/url"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/session"
)

// SessionPrefix begins the paths that name their session, for clients whose code nobody wants to touch.
const SessionPrefix = "/__s/"

// sessionCookie names the session of a page that logs in by itself.
const sessionCookie = "mock_session"

// findSession finds the session of the request: by path prefix, directive, cookie, credential, or the default one
// (control.md section 4). named is the session that a directive names, "" for none.
func (x *exchange) findSession(named string) {
	if id, ok := x.sessionOfPath(); ok {
		x.use(id)
		return
	}
	if named != "" {
		x.use(named)
		return
	}
	if id := x.sessionOfCookie(); id != "" {
		x.use(id)
		return
	}
	if id := x.credential.Session(); id != "" && id != session.Default && session.ValidID(id) {
		if x.use(id) {
			x.warn("the session of this credential had been dropped: it begins anew")
		}
		return
	}
	x.world = x.api.sessions.Default()
}

func (x *exchange) use(id string) (made bool) {
	x.world, made = x.api.sessions.Use(id)
	return made
}

// sessionOfPath reads the prefix /__s/ID, and makes it part of the base path of this exchange.
func (x *exchange) sessionOfPath() (string, bool) {
	rest, ok := strings.CutPrefix(x.req.URL.EscapedPath(), SessionPrefix)
	if !ok {
		return "", false
	}
	escaped, _, _ := strings.Cut(rest, "/")
	id, err := url.PathUnescape(escaped)
	if err != nil || !session.ValidID(id) {
		x.warn(`"` + id + `" is no session name: ` + session.IDs)
		return "", false
	}
	x.base = SessionPrefix + escaped + x.api.options.BasePath
	return id, true
}

func (x *exchange) sessionOfCookie() string {
	if len(x.req.Header["Cookie"]) == 0 {
		return ""
	}
	cookie, err := x.req.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	if !session.ValidID(cookie.Value) {
		x.warn("the cookie " + sessionCookie + ` names no session: "` + cookie.Value + `" is no session name, ` + session.IDs)
		return ""
	}
	return cookie.Value
}
