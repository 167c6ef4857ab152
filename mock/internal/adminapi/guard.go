package adminapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
)

// guard keeps the admin API for those it is meant for (control.md section 6): no page of another site may call it,
// and no name that was rebound to this machine's address may stand for it.
type guard struct {
	token string
	hosts map[string]bool
}

func newGuard(token string, hosts []string) guard {
	g := guard{token: token, hosts: map[string]bool{"localhost": true}}
	for _, host := range hosts {
		g.hosts[strings.ToLower(host)] = true
	}
	return g
}

const tokenCookie = "salesos_mock_admin"

func (g guard) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if refusal := g.check(c.Request()); refusal != nil {
			return send(c, refusal)
		}
		return next(c)
	}
}

// check returns why a request is refused, or nil.
func (g guard) check(r *http.Request) *apierror.Error {
	if refusal := g.admit(r); refusal != nil {
		return refusal
	}
	switch {
	case crossSite(r):
		return foreign()
	case carriesOtherThanJSON(r):
		return &apierror.Error{Status: http.StatusUnsupportedMediaType, Label: "Unsupported Media Type",
			Message: `the admin API takes a body only as application/json, not as "` + r.Header.Get("Content-Type") + `"`}
	default:
		return nil
	}
}

// checkPage is check for the page that a browser shows. A person may come to it by a link on any page: that shows them
// the dashboard, and the page with the link nothing.
func (g guard) checkPage(r *http.Request) *apierror.Error {
	if refusal := g.admit(r); refusal != nil {
		return refusal
	}
	if crossSite(r) && !navigates(r) {
		return foreign()
	}
	return nil
}

func navigates(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// admit asks for the token or, without one, for a name that can only be meant.
func (g guard) admit(r *http.Request) *apierror.Error {
	switch authorised := g.token != "" && g.hasToken(r); {
	case g.token != "" && !authorised:
		return unauthorised()
	case !authorised && !g.knows(r.Host):
		return forbidden("the admin API does not answer to the host name " + hostName(r.Host) + "; allow it with --admin-host, or set --admin-token")
	}
	return nil
}

func foreign() *apierror.Error {
	return forbidden("the admin API does not answer pages of other sites")
}

func unauthorised() *apierror.Error {
	e := apierror.NewUnauthorized()
	e.Message = "the admin API asks for Authorization: Bearer with the token of --admin-token"
	return e
}

func forbidden(message string) *apierror.Error {
	return &apierror.Error{Status: http.StatusForbidden, Message: message, Label: "Forbidden"}
}

func (g guard) hasToken(r *http.Request) bool {
	if sent, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); bearer {
		return g.isToken(sent)
	}
	cookie, err := r.Cookie(tokenCookie)
	if err != nil {
		return g.isToken("")
	}
	escaped, err := url.QueryUnescape(cookie.Value)
	return g.isToken(cookie.Value) || err == nil && g.isToken(escaped)
}

func (g guard) isToken(sent string) bool {
	// Hashes are of one length: not even that of the token shows in the time that the comparison takes.
	one, other := sha256.Sum256([]byte(sent)), sha256.Sum256([]byte(g.token))
	return subtle.ConstantTimeCompare(one[:], other[:]) == 1
}

func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

func (g guard) knows(host string) bool {
	name := hostName(host)
	if ip := net.ParseIP(name); ip != nil {
		return ip.IsLoopback() || g.hosts[name]
	}
	return g.hosts[name] || strings.HasSuffix(name, ".localhost")
}

// crossSite: a browser says where a request comes from in one of two headers; other clients say nothing.
func crossSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		return true
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

// carriesOtherThanJSON: what an HTML form can send is never JSON.
func carriesOtherThanJSON(r *http.Request) bool {
	if r.ContentLength == 0 || r.Body == nil || r.Body == http.NoBody {
		return false
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err != nil || media != "application/json"
}
