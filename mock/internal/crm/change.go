package crm

import (
	"encoding/json"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/mock/internal/store"
)

// change is what a request wants of one record or, in bulk, of several.
type change struct {
	actor *Actor
	mode  schema.Mode
	sent  []schema.Value
	has   []bool // by field: was it sent
}

func (r *Resource) newChange(a *Actor, mode schema.Mode, sent []schema.Value) *change {
	c := &change{actor: a, mode: mode, sent: sent, has: make([]bool, len(r.Definition.Fields))}
	for _, v := range sent {
		c.has[v.Field] = true
	}
	return c
}

// apply makes the new version of a record (old is nil for a new one) and puts it in place.
func (r *Resource) apply(tx *store.Tx, c *change, old *store.Record) (*store.Record, error) {
	values := r.start(c, old)
	for _, v := range c.sent {
		values[v.Field] = v.Raw
	}
	if r.Definition.Name == operation.Leads {
		if err := r.keepLeadConsistent(c, old, values); err != nil {
			return nil, err
		}
	}
	r.stamp(c.actor, values, old == nil)
	record := r.layout.Encode(values)
	if err := r.checkUnique(tx, record); err != nil {
		return nil, err
	}
	tx.Put(record)
	return record, nil
}

// start is what a record has before the sent values come: a new one the defaults, a replaced one the defaults
// in every field that a client may write, a patched one what it had.
func (r *Resource) start(c *change, old *store.Record) []json.RawMessage {
	var values []json.RawMessage
	if old == nil {
		values = make([]json.RawMessage, len(r.Definition.Fields))
	} else {
		values = old.Values()
	}
	if c.mode == schema.Patch {
		return values
	}
	for i := range r.Definition.Fields {
		if f := &r.Definition.Fields[i]; old == nil || !f.ReadOnly {
			values[i] = f.Default
		}
	}
	return values
}

// stamp fills the fields that the server sets.
func (r *Resource) stamp(a *Actor, values []json.RawMessage, isNew bool) {
	for i := range r.Definition.Fields {
		switch set := r.Definition.Fields[i].Set; {
		case set == schema.SetNowOnChange:
			values[i] = a.stamp()
		case !isNew:
		case set == schema.SetUUID:
			values[i] = quote(a.NewID())
		case set == schema.SetNowOnCreate:
			values[i] = a.stamp()
		case set == schema.SetCaller:
			values[i] = quote(a.UserID)
		}
	}
}

// checkUnique is the documented 409 for a value that another record has.
func (r *Resource) checkUnique(tx *store.Tx, record *store.Record) error {
	for i := range r.Definition.Fields {
		f := &r.Definition.Fields[i]
		if !f.Unique {
			continue
		}
		value, ok := record.Text(i)
		if !ok {
			continue
		}
		if other, taken := tx.FindUnique(i, value); taken && other.ID() != record.ID() {
			return apierror.NewDuplicate(r.Definition.Singular, f.Name, value)
		}
	}
	return nil
}

// quote encodes a text that the server made (ids, enum values): it holds nothing that JSON escapes.
func quote(text string) json.RawMessage {
	raw := make(json.RawMessage, 0, len(text)+2)
	raw = append(raw, '"')
	raw = append(raw, text...)
	return append(raw, '"')
}
