package crm

import (
	"encoding/json"

	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/mock/internal/store"
)

// The bulk actions change all of the leads that exist, once each, or none (contract.md section 5). They return
// how many that were.

// BulkUpdate applies the same validated values to several leads.
func (l *Leads) BulkUpdate(a *Actor, ids []string, updates []schema.Value) (int, error) {
	c := l.newChange(a, schema.Patch, updates)
	return l.each(ids, func(tx *store.Tx, lead *store.Record) error {
		_, err := l.apply(tx, c, lead)
		return err
	})
}

// BulkDelete removes several leads.
func (l *Leads) BulkDelete(ids []string) (int, error) {
	return l.each(ids, func(tx *store.Tx, lead *store.Record) error {
		tx.Delete(lead.ID())
		return nil
	})
}

// BulkAssign gives several leads to another owner.
func (l *Leads) BulkAssign(a *Actor, ids []string, owner string) (int, error) {
	return l.each(ids, func(tx *store.Tx, lead *store.Record) error {
		l.update(tx, a, lead, func(values []json.RawMessage) { set(values, l.at.owner, quote(owner)) })
		return nil
	})
}

func (l *Leads) each(ids []string, act func(tx *store.Tx, lead *store.Record) error) (count int, err error) {
	err = l.write(func(tx *store.Tx) error {
		done := make(map[string]bool, len(ids))
		for _, id := range ids {
			lead, ok := tx.Get(id)
			if !ok || done[lead.ID()] {
				continue
			}
			done[lead.ID()] = true
			if err := act(tx, lead); err != nil {
				return err
			}
		}
		count = len(done)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return count, nil
}
