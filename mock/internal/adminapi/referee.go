package adminapi

import (
	"bytes"
	"io"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/referee"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

const formatParameter = "format"

// report is what the referee reports.
type report interface {
	Write(w io.Writer, f referee.Format, color bool) error
}

// verify asks the session's journal for what is expected: 200, or 409 with what came instead.
func (a *API) verify(c echo.Context) error {
	f, err := format(c)
	if err != nil {
		return respond(c, err)
	}
	data, err := readBody(c)
	if err != nil {
		return respond(c, err)
	}
	if sessionID(c) == session.Every {
		return badRequest(c, "verify asks one session at a time: session %q is not possible here", session.Every)
	}
	w, err := a.existing(c)
	if err != nil {
		return respond(c, err)
	}
	expectations, problems := referee.ParseExpectations(referee.AdminFile, data, referee.Options{BasePath: a.options.BasePath})
	if len(problems) > 0 {
		return sendProblems(c, problems)
	}
	verdict, there := a.options.Sessions.Verify(w.ID, expectations)
	switch {
	case !there: // dropped this very moment
		return send(c, a.noSession(w.ID))
	case verdict.Passed:
		return write(c, http.StatusOK, f, verdict)
	}
	return write(c, http.StatusConflict, f, verdict)
}

// sendProblems answers 400 with all that is wrong with a body.
func sendProblems(c echo.Context, problems diag.List) error {
	return answer(c, http.StatusBadRequest, struct {
		StatusCode int       `json:"statusCode"`
		Message    string    `json:"message"`
		Error      string    `json:"error"`
		Problems   []problem `json:"problems"`
	}{http.StatusBadRequest, problems.Err().Error(), "Bad Request", listed(problems)})
}

func (a *API) audit(c echo.Context) error {
	return a.report(c, func(of string) (report, bool) { return a.options.Sessions.Audit(of) })
}

func (a *API) coverage(c echo.Context) error {
	return a.report(c, func(of string) (report, bool) { return a.options.Sessions.Coverage(of) })
}

// report answers with a report of a session, or of all.
func (a *API) report(c echo.Context, make func(session string) (report, bool)) error {
	f, err := format(c)
	if err != nil {
		return respond(c, err)
	}
	of, err := a.sessions(c)
	if err != nil {
		return respond(c, err)
	}
	made, there := make(of)
	if !there {
		return send(c, a.noSession(of))
	}
	return write(c, http.StatusOK, f, made)
}

// format is the one that is asked for: JSON, unless another is.
func format(c echo.Context) (referee.Format, error) {
	sent := c.QueryParam(formatParameter)
	switch {
	case sent == "":
		return referee.JSON, nil
	case !slices.Contains(referee.Formats(), sent):
		return "", unknown("format", sent, referee.Formats())
	}
	return referee.Format(sent), nil
}

func write(c echo.Context, status int, f referee.Format, r report) error {
	var b bytes.Buffer
	if err := r.Write(&b, f, false); err != nil {
		return err
	}
	return c.Blob(status, f.ContentType(), b.Bytes())
}
