package httpapi

import (
	"net/http"
	"net/url"

	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/store"
)

// handler answers one action. Errors are documented ones, or crm.ErrMoved.
type handler func(x *exchange) (Answer, error)

// handlers binds the actions of the operation table to code.
var handlers = map[operation.Action]handler{
	operation.List:    (*exchange).list,
	operation.Create:  (*exchange).create,
	operation.Get:     (*exchange).get,
	operation.Patch:   (*exchange).change,
	operation.Replace: (*exchange).change,
	operation.Delete:  (*exchange).remove,

	operation.LeadStats:  (*exchange).leadStats,
	operation.ScoreLead:  (*exchange).scoreLead,
	operation.Convert:    (*exchange).convertLead,
	operation.BulkUpdate: (*exchange).bulkUpdate,
	operation.BulkDelete: (*exchange).bulkDelete,
	operation.BulkAssign: (*exchange).bulkAssign,

	operation.Login:       (*exchange).login,
	operation.Refresh:     (*exchange).refresh,
	operation.Profile:     (*exchange).profile,
	operation.CSRFToken:   (*exchange).sendCSRFToken,
	operation.OAuthStatus: (*exchange).oauthStatus,
	operation.Logout:      (*exchange).logout,

	operation.Canned: (*exchange).canned,
}

func (x *exchange) get() (Answer, error) {
	r, err := x.resource()
	if err != nil {
		return Answer{}, err
	}
	record, err := r.Get(x.match.ID)
	return x.record(record), err
}

func (x *exchange) create() (Answer, error) {
	r, err := x.resource()
	if err != nil {
		return Answer{}, err
	}
	values, err := x.input()
	if err != nil {
		return Answer{}, err
	}
	record, err := r.Create(x.actor(), values)
	if err != nil {
		return Answer{}, err
	}
	answer := x.record(record)
	answer.Headers = []Header{{"Location", x.base + "/" + r.Definition.Name + "/" + url.PathEscape(record.ID())}}
	return answer, nil
}

// change answers PATCH and PUT. That the record exists is asked first: 404 precedes 400.
func (x *exchange) change() (Answer, error) {
	r, err := x.resource()
	if err != nil {
		return Answer{}, err
	}
	if _, err := r.Get(x.match.ID); err != nil {
		return Answer{}, err
	}
	values, err := x.input()
	if err != nil {
		return Answer{}, err
	}
	record, err := r.Change(x.actor(), x.match.Operation.BodyMode, x.match.ID, values)
	return x.record(record), err
}

func (x *exchange) remove() (Answer, error) {
	r, err := x.resource()
	if err != nil {
		return Answer{}, err
	}
	return Answer{Status: http.StatusNoContent}, r.Delete(x.match.ID)
}

// record answers with a record, or with nothing where there is none because of an error.
func (x *exchange) record(r *store.Record) Answer {
	if r == nil {
		return Answer{}
	}
	return Answer{Status: x.match.Operation.Success, Body: r.JSON(), stored: true}
}

func (x *exchange) canned() (Answer, error) {
	canned := x.match.Operation.Answer
	answer := Answer{Status: canned.Status, Body: canned.Body}
	for name, value := range canned.Headers {
		answer.Headers = append(answer.Headers, Header{name, value})
	}
	return answer, nil
}
