package adminapi

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/adminapi/dashboard"
	"github.com/salesos/salesos-mock/mock/internal/apierror"
)

// files is where the dashboard's own files are.
const files = "/dashboard/"

// front answers at Prefix itself: a browser gets the dashboard, everybody else what next gives.
func (a *API) front(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, w := c.Request(), c.Response()
		w.Header().Set("Vary", "Accept")
		if !acceptsHTML(r) {
			return next(c)
		}
		query := r.URL.Query()
		if query.Has(tokenParameter) {
			return a.enter(c, query)
		}
		if refusal := a.guard.checkPage(r); refusal != nil {
			turnAway(w, refusal)
			return nil
		}
		if r.URL.Path == Prefix {
			return seeFront(c, query) // the addresses in the page are relative
		}
		dashboard.Serve(w, r, dashboard.Index)
		return nil
	}
}

// tokenParameter is how a browser shows the token, which it cannot put into a header: once, for a cookie.
const tokenParameter = "token"

func (a *API) enter(c echo.Context, query url.Values) error {
	sent := query.Get(tokenParameter)
	query.Del(tokenParameter)
	switch {
	case a.guard.token == "": // nobody asks for one any more
	case !a.guard.isToken(sent):
		turnAway(c.Response(), wrongToken())
		return nil
	default:
		c.SetCookie(&http.Cookie{ // a cookie can have fewer characters than a token
			Name: tokenCookie, Value: url.QueryEscape(sent), Path: Prefix, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: c.Scheme() == "https",
		})
	}
	return seeFront(c, query)
}

// seeFront sends the browser to the clean address, so that no token stays in its history.
func seeFront(c echo.Context, query url.Values) error {
	target := Prefix + "/"
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	return c.Redirect(http.StatusSeeOther, target)
}

func wrongToken() *apierror.Error {
	e := apierror.NewUnauthorized()
	e.Message = "That is not the token that the mock was started with."
	return e
}

func turnAway(w http.ResponseWriter, e *apierror.Error) {
	why := e.Message
	if e.Status == http.StatusUnauthorized && why == unauthorised().Message {
		why = "The mock was started with --admin-token, and asks for that token."
	}
	dashboard.Refuse(w, e.Status, why)
}

func (a *API) file(c echo.Context) error {
	if !dashboard.Serve(c.Response(), c.Request(), c.Param("*")) {
		return a.unknown(c)
	}
	return nil
}

// style is for everybody: who is not let in sees a page, too.
func (a *API) style(c echo.Context) error {
	dashboard.Serve(c.Response(), c.Request(), dashboard.Style)
	return nil
}

// acceptsHTML says whether a page is wanted. Clients that take anything are no browsers.
func acceptsHTML(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		media, parameters, err := mime.ParseMediaType(part)
		if err == nil && media == "text/html" && parameters["q"] != "0" {
			return true
		}
	}
	return false
}
