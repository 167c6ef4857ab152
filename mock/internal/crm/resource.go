// Package crm is what SalesOS does with its records, without HTTP: the use cases that every resource has, and
// those that only leads have. Errors are the documented ones of package apierror.
package crm

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/mock/internal/store"
)

// ErrMoved says that the files changed between reading a request and writing its effect: the request must be
// judged again by the new definition. Nothing was written.
var ErrMoved = errors.New("the resource's definition changed while the request was under way")

// TimeLayout is how dates are written: ISO 8601, UTC, milliseconds (contract.md section 5).
const TimeLayout = "2006-01-02T15:04:05.000Z"

// Actor is on whose behalf, when and with which new ids something is done.
type Actor struct {
	Now    time.Time // the session's time
	UserID string
	NewID  func() string
}

func (a *Actor) stamp() json.RawMessage {
	return json.RawMessage(a.Now.UTC().AppendFormat([]byte{'"'}, TimeLayout+`"`))
}

// Resource is one resource as a session sees it while it answers one request.
type Resource struct {
	Definition *schema.Definition
	layout     *store.Layout
	rows       *store.Collection
	view       *store.View
}

// Open binds a definition to a session's rows. It fails with ErrMoved if the rows have another layout by now.
func Open(d *schema.Definition, layout *store.Layout, rows *store.Collection) (*Resource, error) {
	r := &Resource{Definition: d, layout: layout, rows: rows, view: rows.View()}
	if r.view.Layout() != layout {
		return nil, ErrMoved
	}
	return r, nil
}

// View is the resource as it was when the request began.
func (r *Resource) View() *store.View { return r.view }

// Layout says at which place of a record each field stands.
func (r *Resource) Layout() *store.Layout { return r.layout }

// List finds records; the query has been validated.
func (r *Resource) List(q store.Query) store.Result { return r.view.Query(q) }

// Get finds a record, or is the documented 404.
func (r *Resource) Get(id string) (*store.Record, error) {
	if record, ok := r.view.Get(id); ok {
		return record, nil
	}
	return nil, r.notFound(id)
}

// Create makes a record of validated values.
func (r *Resource) Create(a *Actor, sent []schema.Value) (*store.Record, error) {
	c := r.newChange(a, schema.Create, sent)
	var made *store.Record
	err := r.write(func(tx *store.Tx) (err error) {
		made, err = r.apply(tx, c, nil)
		return err
	})
	return made, err
}

// Change applies validated values to a record: those sent with schema.Patch, every writable field with
// schema.Replace.
func (r *Resource) Change(a *Actor, mode schema.Mode, id string, sent []schema.Value) (*store.Record, error) {
	c := r.newChange(a, mode, sent)
	var changed *store.Record
	err := r.write(func(tx *store.Tx) error {
		old, ok := tx.Get(id)
		if !ok {
			return r.notFound(id)
		}
		var err error
		changed, err = r.apply(tx, c, old)
		return err
	})
	return changed, err
}

// Delete removes a record.
func (r *Resource) Delete(id string) error {
	return r.write(func(tx *store.Tx) error {
		if !tx.Delete(id) {
			return r.notFound(id)
		}
		return nil
	})
}

// write runs fn on the rows as they are now, all or nothing.
func (r *Resource) write(fn func(tx *store.Tx) error) error {
	return r.rows.Write(func(tx *store.Tx) error {
		if tx.Layout() != r.layout {
			return ErrMoved
		}
		return fn(tx)
	})
}

// update rewrites one record by a function of its values, and stamps it.
func (r *Resource) update(tx *store.Tx, a *Actor, old *store.Record, edit func(values []json.RawMessage)) *store.Record {
	values := old.Values()
	edit(values)
	r.stamp(a, values, false)
	record := r.layout.Encode(values)
	tx.Put(record)
	return record
}

func (r *Resource) notFound(id string) error {
	return apierror.NewNotFound(r.Definition.Singular, id)
}
