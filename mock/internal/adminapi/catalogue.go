package adminapi

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
)

// documentedError is an entry of the catalogue, as a test suite can loop over it.
type documentedError struct {
	Name       apierror.Name     `json:"name"`
	Status     int               `json:"status"`
	Documented bool              `json:"documented"`
	Body       json.RawMessage   `json:"body"`
	Headers    map[string]string `json:"headers"`
	Operations []string          `json:"operations"` // those that it fits
}

func (a *API) errors(c echo.Context) error {
	all := a.options.Sessions.Generation().Operations.All()
	var listed []documentedError
	for _, entry := range apierror.Catalogue() {
		d := documentedError{
			Name: entry.Name, Status: entry.Error.Status, Documented: entry.Doc, Body: entry.Error.Body(),
			Headers: map[string]string{}, Operations: []string{},
		}
		if entry.Error.RetryAfter != "" {
			d.Headers["Retry-After"] = entry.Error.RetryAfter
		}
		for _, o := range all {
			if o.Fits(entry.Name) {
				d.Operations = append(d.Operations, o.ID)
			}
		}
		listed = append(listed, d)
	}
	return answer(c, http.StatusOK, listed)
}

// operationView is a row of the operation table.
type operationView struct {
	ID       string          `json:"id"`
	Method   string          `json:"method"`
	Path     string          `json:"path"`
	Tag      string          `json:"tag"`
	Summary  string          `json:"summary"`
	Scope    string          `json:"scope,omitempty"`
	Public   bool            `json:"public"`
	Success  int             `json:"success"`
	Resource string          `json:"resource,omitempty"`
	Errors   []apierror.Name `json:"errors"` // those that fit
}

func (a *API) operations(c echo.Context) error {
	views := []operationView{}
	for _, o := range a.options.Sessions.Generation().Operations.All() {
		v := operationView{ID: o.ID, Method: o.Method, Path: o.Path, Tag: o.Tag, Summary: o.Summary, Scope: string(o.Scope), Public: o.Public, Success: o.Success, Errors: fitting(o)}
		if o.Resource != nil {
			v.Resource = o.Resource.Name
		}
		views = append(views, v)
	}
	return answer(c, http.StatusOK, views)
}
