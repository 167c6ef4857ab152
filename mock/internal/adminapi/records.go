package adminapi

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/crm"
	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/mock/internal/session"
	"github.com/salesos/salesos-mock/mock/internal/store"
)

// The records of a session for whoever looks after the mock. They come here, not through the API, so that the faults in
// force do not meet them, and neither rate limit, journal nor coverage takes them for requests of the client.

// recordQuery is what of a list's query is understood here.
func recordQuery() []string { return []string{"page", "limit", "sortBy", "sortOrder", "search"} }

// recordsView is a page of records, with what must be known to show and to edit them.
type recordsView struct {
	Resource string            `json:"resource"`
	Total    int               `json:"total"`
	Page     int               `json:"page"`
	Limit    int               `json:"limit"`
	Fields   []fieldView       `json:"fields"`
	Records  []json.RawMessage `json:"records"`
}

// fieldView is a field of a resource, for a form.
type fieldView struct {
	Name     string        `json:"name"`
	Type     schema.Type   `json:"type"`
	Format   schema.Format `json:"format,omitempty"`
	Enum     []string      `json:"enum,omitempty"`
	Required bool          `json:"required,omitempty"`
	ReadOnly bool          `json:"readOnly,omitempty"`
}

func (a *API) listRecords(c echo.Context) error {
	return a.withRecords(c, func(_ *session.World, r *crm.Resource) error {
		q, messages := r.Definition.ParseQuery(c.Request().URL.RawQuery)
		if len(messages) > 0 {
			return apierror.NewValidation(messages)
		}
		found := r.List(store.Query{
			Search: q.Search, SearchIn: r.Definition.SearchFields(), SortBy: q.SortBy, Descending: q.Descending, Limit: q.Limit, Offset: (q.Page - 1) * q.Limit,
		})
		v := recordsView{Resource: r.Definition.Name, Total: found.Total, Page: q.Page, Limit: q.Limit, Fields: fieldsOf(r.Definition), Records: []json.RawMessage{}}
		for _, record := range found.Records {
			v.Records = append(v.Records, record.JSON())
		}
		return answer(c, http.StatusOK, v)
	})
}

func fieldsOf(d *schema.Definition) []fieldView {
	views := make([]fieldView, len(d.Fields))
	for i := range d.Fields {
		f := &d.Fields[i]
		views[i] = fieldView{Name: f.Name, Type: f.Type, Format: f.Format, Enum: f.Enum, Required: f.Required, ReadOnly: f.ReadOnly}
	}
	return views
}

func (a *API) getRecord(c echo.Context) error {
	return a.withRecords(c, func(_ *session.World, r *crm.Resource) error {
		record, err := r.Get(c.Param("id"))
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, contentType, record.JSON())
	})
}

// changeRecord changes the fields that are sent, by the rules and with the messages of the API, on behalf of an ADMIN.
func (a *API) changeRecord(c echo.Context) error {
	data, err := readBody(c)
	if err != nil {
		return respond(c, err)
	}
	object, _, err := jsonbody.Parse(data)
	if err != nil {
		return badRequest(c, "%s", err)
	}
	id := c.Param("id")
	return a.withRecords(c, func(w *session.World, r *crm.Resource) error {
		if _, err := r.Get(id); err != nil {
			return err
		}
		values, messages := r.Definition.Validate(schema.Patch, object, "")
		if len(messages) > 0 {
			return apierror.NewValidation(messages)
		}
		actor := &crm.Actor{Now: w.Clock.Now(), UserID: a.options.Sessions.Generation().Keyring.FirstAdmin().ID, NewID: w.NewRecordID}
		record, err := r.Change(actor, schema.Patch, id, values)
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, contentType, record.JSON())
	})
}

func (a *API) deleteRecord(c echo.Context) error {
	return a.withRecords(c, func(_ *session.World, r *crm.Resource) error {
		if err := r.Delete(c.Param("id")); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
}

// withRecords lets do work on the session's records of the resource that the path names, and sends its error. Should the
// files change meanwhile, it works again on the new ones: then nothing was written, and nothing sent.
func (a *API) withRecords(c echo.Context, do func(w *session.World, r *crm.Resource) error) error {
	w, err := a.existing(c)
	if err != nil {
		return respond(c, err)
	}
	for {
		generation := a.options.Sessions.Generation()
		name := c.Param("resource")
		if generation.Resource(name) == nil {
			return send(c, notFound(unknownName("resource", name, resourceNames(generation))))
		}
		r, err := w.Open(generation, name)
		if err == nil {
			err = do(w, r)
		}
		if !errors.Is(err, crm.ErrMoved) {
			return respond(c, err)
		}
	}
}

func resourceNames(g *session.Generation) []string {
	names := make([]string, len(g.Resources))
	for i := range g.Resources {
		names[i] = g.Resources[i].Definition.Name
	}
	return names
}
