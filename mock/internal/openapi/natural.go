package openapi

import (
	"slices"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// natural are the forms that errors of the catalogue take when a request itself earns them, where they say something
// else than the example of the catalogue. They are made by the rules that judge requests, not written down.
func natural(o *operation.Operation) []failure {
	var list []failure
	add := func(name, kind, summary string, e *apierror.Error) {
		list = append(list, failure{name, kind, summary, e})
	}
	if o.TakesQuery() {
		query := wrongQuery(o.Resource)
		_, messages := o.Resource.ParseQuery(query)
		add("wrong_query", kinds[apierror.Validation], "What `?"+query+"` earns", apierror.NewValidation(messages))
	}
	if o.Body != nil {
		body, messages := wrongBody(o)
		add("wrong_body", kinds[apierror.Validation], "What `"+body+"` earns", apierror.NewValidation(messages))
	}
	if takesCSRF(o) {
		add("csrf_token_required", kinds[apierror.Forbidden], "With `--csrf on`, a token, and no X-CSRF-Token", apierror.NewForbiddenBecause(apierror.CSRFRequired))
		add("csrf_token_invalid", kinds[apierror.Forbidden], "With `--csrf on`, a token, and the X-CSRF-Token of another login", apierror.NewForbiddenBecause(apierror.CSRFInvalid))
	}
	if changesStatus(o) {
		add("already_converted", kinds[apierror.Conflict], "The lead is CONVERTED", apierror.NewConflict(apierror.ConvertedLead))
	}
	return list
}

// changesStatus says whether the operation meets a converted lead, whose status stays (contract.md section 5).
func changesStatus(o *operation.Operation) bool {
	changes := []operation.Action{operation.Patch, operation.Replace, operation.BulkUpdate, operation.Convert}
	return o.Resource != nil && o.Resource.Name == operation.Leads && slices.Contains(changes, o.Action)
}

// wrongQuery breaks one rule of each kind.
func wrongQuery(d *schema.Definition) string {
	query := "limit=0&sortOrder=up"
	for _, at := range d.FilterFields() {
		if f := &d.Fields[at]; len(f.Enum) > 0 {
			return query + "&" + f.Name + "=ANY"
		}
	}
	return query
}

// wrongBody has a field that does not exist, and lacks those that must be there.
func wrongBody(o *operation.Operation) (body string, messages []string) {
	body = `{"unknownField":1}`
	if o.Action == operation.BulkUpdate {
		body = `{"ids":["7"],"updates":{"unknownField":1}}`
	}
	object, _, _ := jsonbody.Parse([]byte(body)) // our own JSON
	_, messages = o.Body.Validate(o.BodyMode, object, "")
	if raw, ok := object.Get("updates"); ok && o.Action == operation.BulkUpdate {
		updates, _, _ := jsonbody.Parse(raw)
		_, inner := o.Resource.Validate(schema.Patch, updates, "updates")
		messages = append(messages, inner...)
	}
	return strings.ReplaceAll(body, ",", ", "), messages
}
