package openapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
)

// failure is one way in which an operation can fail.
type failure struct {
	name    string // of the example; that of the catalogue where it has one
	kind    string // of the schema
	summary string
	error   *apierror.Error
}

// failures are the documented errors of an operation in the order of the catalogue, and what the server says where
// the catalogue lists nothing.
func (b *builder) failures(o *operation.Operation) []failure {
	var list []failure
	for _, entry := range b.catalogue {
		if o.Fits(entry.Name) {
			forced := outcome.Outcome{Error: entry.Name}
			list = append(list, failure{string(entry.Name), kinds[entry.Name], summaries[entry.Name], forced.Forced(outcome.Subject{Operation: o})})
		}
	}
	list = append(list, natural(o)...)
	if o.TakesID() && o.Action != operation.Get { // a GET without the id is the list
		list = append(list, failure{"unknown_route", "UnknownRouteError", "The id is empty, so that the path is another one",
			apierror.NewUnmatched(o.Method, strings.ReplaceAll(b.in.BasePath+o.Path, "{id}", ""))})
	}
	if o.Body != nil {
		list = append(list, bodyFailures()...)
	}
	return list
}

// bodyFailures are those of bodies that cannot be read (contract.md section 2).
func bodyFailures() []failure {
	_, _, err := jsonbody.Parse([]byte(`{"company": Acme}`))
	return []failure{
		{"malformed_body", "MalformedBodyError", "The body is no JSON, or no object", apierror.NewMalformed(err.Error())},
		{"payload_too_large", "PayloadTooLargeError", "", apierror.NewTooLarge()},
		{"unsupported_media_type", "UnsupportedMediaTypeError", "", apierror.NewUnsupportedEncoding("br")},
	}
}

// kinds are the names of the schemas.
var kinds = map[apierror.Name]string{
	apierror.BadRequest: "BadRequestError", apierror.Validation: "ValidationError", apierror.Unauthorized: "UnauthorizedError",
	apierror.Forbidden: "ForbiddenError", apierror.NotFound: "NotFoundError", apierror.Conflict: "ConflictError",
	apierror.Unprocessable: "UnprocessableError", apierror.RateLimited: "RateLimitedError", apierror.Internal: "InternalError",
	apierror.Unavailable: "UnavailableError",
}

var summaries = map[apierror.Name]string{
	apierror.BadRequest: "The request is wrong as a whole",
	apierror.Validation: "One message for each broken field",
}

// errorSchema is exact: what SalesOS documents of an error is which fields it has. status and label are constants,
// so that a union of errors can be told apart by them.
func errorSchema(e *apierror.Error) *Schema {
	message := textSchema()
	if e.Messages != nil {
		message = arrayOf(textSchema())
		message.MinItems = 1
	}
	s := whole(member[*Schema]{"statusCode", constant("integer", e.Status)}, member[*Schema]{"message", message})
	if e.Label != "" {
		s.Properties = append(s.Properties, member[*Schema]{"error", constant("string", e.Label)})
		s.Required = append(s.Required, "error")
	}
	return s.closed()
}

// errorRef makes the schema of an error a component the first time that it is asked for.
func (b *builder) errorRef(f failure) *Schema {
	ref, ok := b.parts[f.kind]
	if !ok {
		ref = b.define(f.kind, errorSchema(f.error)).Ref
		b.parts[f.kind] = ref
	}
	return &Schema{Ref: ref}
}

// errorResponse is a response that operations may share.
type errorResponse struct {
	*response
	name   string // what it is called as a component
	text   string // its JSON, to find its like
	shared int    // how many operations have it
	ref    string // once it is a component
}

// MarshalJSON writes the response, or where it stands.
func (e *errorResponse) MarshalJSON() ([]byte, error) {
	if e.ref != "" {
		return encode(reference{e.ref})
	}
	return encode(e.response)
}

// failure is the response for a status that is an error.
func (b *builder) failure(o *operation.Operation, status int, all []failure) *errorResponse {
	r := &response{Description: strings.TrimSpace(http.StatusText(status) + errorText(status)), Headers: headersOf(status)}
	media := mediaType{Schema: b.errorUnion(all)}
	for _, f := range all {
		media.Examples = append(media.Examples, member[example]{f.name, example{f.summary, json.RawMessage(f.error.Body())}})
	}
	r.Content = object[mediaType]{{jsonType, media}}
	text, _ := encode(r) // strings, numbers and JSON of our own
	for _, known := range b.errors {
		if known.text == string(text) {
			known.shared++
			return known
		}
	}
	made := &errorResponse{response: r, name: responseName(o, status), text: string(text), shared: 1}
	b.errors = append(b.errors, made)
	return made
}

// errorUnion says anyOf, since some linters ask of oneOf that constants alone exclude each other; the message of a
// validation is told by its type.
func (b *builder) errorUnion(all []failure) *Schema {
	union := &Schema{}
	var seen names
	for _, f := range all {
		if !seen[f.kind] {
			union.AnyOf = append(union.AnyOf, b.errorRef(f))
			seen.claim(f.kind)
		}
	}
	if len(union.AnyOf) == 1 {
		return union.AnyOf[0]
	}
	return union
}

// responseName: what names a record or its fields is called by the resource.
func responseName(o *operation.Operation, status int) string {
	name := typeName(http.StatusText(status))
	specific := []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}
	switch {
	case status == http.StatusForbidden && takesCSRF(o):
		return "Write" + name
	case o.Resource != nil && slices.Contains(specific, status):
		return typeName(o.Resource.Singular) + name
	}
	return name
}

// shareResponses makes components of what several operations have in common. Where two would have the same name, the
// second stays where it is: there is no better name for it.
func (b *builder) shareResponses() {
	var taken names
	for _, e := range b.errors {
		if e.shared < 2 || taken[e.name] {
			continue
		}
		name := taken.claim(e.name)
		e.ref = refTo("responses", name)
		b.components.Responses = append(b.components.Responses, member[*response]{name, e.response})
	}
}

// statuses are those of the operation's responses, in order.
func statuses(o *operation.Operation, byStatus map[int][]failure) []int {
	list := append(slices.Collect(maps.Keys(byStatus)), o.Success)
	slices.Sort(list)
	return slices.Compact(list)
}
