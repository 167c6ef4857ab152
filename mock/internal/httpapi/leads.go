package httpapi

import (
	"encoding/json"
	"fmt"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/crm"
	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

func (x *exchange) leads() (*crm.Leads, error) {
	r, err := x.resource()
	if err != nil {
		return nil, err
	}
	return crm.AsLeads(r), nil
}

func (x *exchange) leadStats() (Answer, error) {
	leads, err := x.leads()
	if err != nil {
		return Answer{}, err
	}
	return x.json(leads.Stats())
}

func (x *exchange) scoreLead() (Answer, error) {
	leads, err := x.leads()
	if err != nil {
		return Answer{}, err
	}
	lead, err := leads.Score(x.actor(), x.match.ID)
	return x.record(lead), err
}

func (x *exchange) convertLead() (Answer, error) {
	leads, err := x.leads()
	if err != nil {
		return Answer{}, err
	}
	if _, err := leads.Get(x.match.ID); err != nil {
		return Answer{}, err
	}
	values, err := x.input()
	if err != nil {
		return Answer{}, err
	}
	body := x.match.Operation.Body
	made, err := leads.Convert(x.actor(), x.match.ID, crm.Conversion{
		Account:           flag(body, values, "createAccount"),
		Contact:           flag(body, values, "createContact"),
		Opportunity:       flag(body, values, "createOpportunity"),
		ExistingAccountID: word(body, values, "existingAccountId"),
	})
	if err != nil {
		return Answer{}, err
	}
	return x.json(struct {
		Account     *string `json:"accountId"`
		Contact     *string `json:"contactId"`
		Opportunity *string `json:"opportunityId"`
	}{optional(made.AccountID), optional(made.ContactID), optional(made.OpportunityID)})
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// value finds a member of a validated body; the default of its field where it was not sent.
func value(body *schema.Definition, values []schema.Value, name string) json.RawMessage {
	at := body.Index(name)
	for _, v := range values {
		if v.Field == at {
			return v.Raw
		}
	}
	return body.Fields[at].Default
}

func flag(body *schema.Definition, values []schema.Value, name string) bool {
	return string(value(body, values, name)) == "true"
}

func word(body *schema.Definition, values []schema.Value, name string) (text string) {
	if raw := value(body, values, name); raw != nil {
		_ = json.Unmarshal(raw, &text) // validated as a string or null
	}
	return text
}

func (x *exchange) bulkUpdate() (Answer, error) {
	leads, err := x.leads()
	if err != nil {
		return Answer{}, err
	}
	object, err := x.object()
	if err != nil {
		return Answer{}, err
	}
	ids, updates, err := x.bulkInput(leads.Definition, object)
	if err != nil {
		return Answer{}, err
	}
	n, err := leads.BulkUpdate(x.actor(), ids, updates)
	return x.bulkResult("updated", n, err)
}

// bulkInput validates the body and, inside `updates`, the fields of a lead: all messages together.
func (x *exchange) bulkInput(lead *schema.Definition, object jsonbody.Object) (ids []string, updates []schema.Value, err error) {
	o := x.match.Operation
	values, messages := o.Body.Validate(o.BodyMode, object, "")
	if raw, ok := object.Get("updates"); ok && jsonbody.KindOf(raw) == jsonbody.ObjectKind {
		inner, duplicates, err := jsonbody.Parse(raw)
		if err != nil {
			return nil, nil, apierror.NewMalformed(err.Error())
		}
		for _, name := range duplicates {
			x.warn(`the key "updates.` + name + `" came more than once in the body: the last value counts`)
		}
		var broken []string
		updates, broken = lead.Validate(schema.Patch, inner, "updates")
		messages = append(messages, broken...)
	}
	if len(messages) > 0 {
		return nil, nil, apierror.NewValidation(messages)
	}
	return idList(o.Body, values), updates, nil
}

func (x *exchange) bulkDelete() (Answer, error) {
	return x.bulk("deleted", func(leads *crm.Leads, ids []string, _ []schema.Value) (int, error) { return leads.BulkDelete(ids) })
}

func (x *exchange) bulkAssign() (Answer, error) {
	return x.bulk("assigned", func(leads *crm.Leads, ids []string, values []schema.Value) (int, error) {
		return leads.BulkAssign(x.actor(), ids, word(x.match.Operation.Body, values, "newOwnerId"))
	})
}

// bulk validates the body of a bulk action, lets it act, and says how many leads it changed.
func (x *exchange) bulk(done string, act func(leads *crm.Leads, ids []string, values []schema.Value) (int, error)) (Answer, error) {
	leads, err := x.leads()
	if err != nil {
		return Answer{}, err
	}
	values, err := x.input()
	if err != nil {
		return Answer{}, err
	}
	n, err := act(leads, idList(x.match.Operation.Body, values), values)
	return x.bulkResult(done, n, err)
}

func idList(body *schema.Definition, values []schema.Value) (ids []string) {
	_ = json.Unmarshal(value(body, values, "ids"), &ids) // validated as an array of UUIDs
	return ids
}

func (x *exchange) bulkResult(done string, n int, err error) (Answer, error) {
	if err != nil {
		return Answer{}, err
	}
	return x.json(struct {
		Message string `json:"message"`
		Count   int    `json:"count"`
	}{fmt.Sprintf("Successfully %s %d leads", done, n), n})
}
