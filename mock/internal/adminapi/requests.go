package adminapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/match"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// The parameters of GET requests.
const (
	sinceParameter    = "since"
	limitParameter    = "limit"
	decisionParameter = "decision"
	pathParameter     = "path"
)

// How many requests are listed: without a limit, and at most.
const (
	usualRequests = 100
	mostRequests  = 1000
)

func (a *API) journal() *journal.Journal { return a.options.Sessions.Journal() }

// listRequests lists requests with their answers: the latest, or with since the next ones after it. The oldest comes first.
func (a *API) listRequests(c echo.Context) error {
	filter, err := a.filter(c)
	if err != nil {
		return respond(c, err)
	}
	views := []journal.View{}
	for _, e := range a.journal().List(filter) {
		views = append(views, e.View())
	}
	return answer(c, http.StatusOK, views)
}

func (a *API) filter(c echo.Context) (f journal.Filter, err error) {
	if f.Session, err = a.sessions(c); err != nil {
		return f, err
	}
	if f.Limit, err = limit(c); err != nil {
		return f, err
	}
	if f.Decisions, err = decisions(c); err != nil {
		return f, err
	}
	if pattern := c.QueryParam(pathParameter); pattern != "" {
		if f.Path, err = match.ParsePath(pattern, a.options.BasePath); err != nil {
			return f, malformed("path: %s", err)
		}
	}
	return f, since(c.QueryParam(sinceParameter), &f)
}

// sessions is the session that is meant, which must be there, or all of them.
func (a *API) sessions(c echo.Context) (string, error) {
	if sessionID(c) == session.Every {
		return session.Every, nil
	}
	w, err := a.existing(c)
	if err != nil {
		return "", err
	}
	return w.ID, nil
}

func limit(c echo.Context) (int, error) {
	sent := c.QueryParam(limitParameter)
	if sent == "" {
		return usualRequests, nil
	}
	n, err := strconv.Atoi(sent)
	if err != nil || n < 1 || n > mostRequests {
		return 0, malformed("limit must be a whole number from 1 to %d, found %s", mostRequests, quoted(sent))
	}
	return n, nil
}

// decisions are those that are asked for, parted by commas or each in a parameter of its own.
func decisions(c echo.Context) ([]string, error) {
	var all []string
	for _, sent := range c.QueryParams()[decisionParameter] {
		for name := range strings.SplitSeq(sent, ",") {
			if name == "" {
				continue
			}
			if !slices.Contains(journal.Decisions(), name) {
				return nil, unknown("decision", name, journal.Decisions())
			}
			all = append(all, name)
		}
	}
	return all, nil
}

// since takes the id of a request, or a time.
func since(sent string, f *journal.Filter) error {
	if sent == "" {
		return nil
	}
	if id, err := strconv.ParseUint(sent, 10, 64); err == nil {
		f.After, f.Following = id, true
		return nil
	}
	at, err := time.Parse(time.RFC3339, sent)
	if err != nil {
		return malformed("since must be the id of a request, or a time such as 2026-01-31T12:00:00Z, found %s", quoted(sent))
	}
	f.Since, f.Following = at, true
	return nil
}

// getRequest shows one request, by its id or its X-Request-Id: of the session that is named or, without one, of any.
func (a *API) getRequest(c echo.Context) error {
	id, of := c.Param("id"), session.Every
	if c.QueryParam(sessionParameter) != "" || c.Request().Header.Get("X-Mock-Session") != "" {
		var err error
		if of, err = a.sessions(c); err != nil {
			return respond(c, err)
		}
	}
	e := a.journal().Find(of, id)
	if e == nil {
		missing := apierror.NewNotFound("Request", shortened(id))
		missing.Message += "; it never came, or the journal has let go of it"
		return send(c, missing)
	}
	return answer(c, http.StatusOK, e.View())
}

// clearRequests empties the journal. What the referee has found of the requests stays: a reset forgets that as well.
func (a *API) clearRequests(c echo.Context) error {
	of, err := a.sessions(c)
	if err != nil {
		return respond(c, err)
	}
	a.journal().Clear(of)
	return c.NoContent(http.StatusNoContent)
}
