package openapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

const jsonType = "application/json"

// success is the normal answer of an operation.
type success struct {
	b       *builder
	status  int
	text    string
	media   string
	schema  *Schema // nil: no body
	example any
	more    object[example] // instead of example, where one is not enough
	headers object[any]
}

// success describes what each action answers (contract.md sections 3 and 5).
func (b *builder) success(o *operation.Operation) *success {
	s := &success{b: b, status: o.Success, text: http.StatusText(o.Success), media: jsonType, headers: headersOf(http.StatusOK)}
	switch o.Action {
	case operation.List:
		b.listed(s, o)
	case operation.Get, operation.Patch, operation.Replace, operation.ScoreLead:
		b.recorded(s, o)
	case operation.Create:
		b.recorded(s, o)
		s.header("Location")
	case operation.Delete:
	case operation.Canned:
		s.canned(o)
	default:
		b.fixed(s, o.Action)
	}
	return s
}

// header puts one of the common headers before those of every answer.
func (s *success) header(name string) {
	s.headers = append(object[any]{{name, reference{refTo("headers", name)}}}, s.headers...)
}

func (s *success) response() *response {
	r := &response{Description: s.text, Headers: s.headers}
	if s.schema != nil {
		r.Content = object[mediaType]{{s.media, mediaType{Schema: s.schema, Example: s.example, Examples: s.more}}}
	}
	return r
}

// join is for a canned answer whose status is that of an error, which can be answered too.
func (s *success) join(failures []failure) *response {
	r := s.response()
	errors := mediaType{Schema: &Schema{}}
	if s.schema != nil && s.media == jsonType {
		errors.Schema.AnyOf = append(errors.Schema.AnyOf, s.schema)
		errors.Examples = append(errors.Examples, member[example]{"canned", example{Value: s.example}})
		r.Content = nil
	}
	for _, f := range failures {
		if f.error.RetryAfter != "" && !s.headers.has("Retry-After") { // the canned answer has none
			r.Headers = append(r.Headers, member[any]{"Retry-After", header{Description: "Seconds to wait, when it is the error.", Schema: textSchema()}})
		}
		errors.Schema.AnyOf = append(errors.Schema.AnyOf, s.b.errorRef(f))
		errors.Examples = append(errors.Examples, member[example]{f.name, example{f.summary, json.RawMessage(f.error.Body())}})
	}
	r.Content = append(r.Content, member[mediaType]{jsonType, errors})
	return r
}

// record is a reference to the schema of the operation's resource.
func (b *builder) record(d *schema.Definition) *Schema {
	if b.read[d] == nil {
		b.read[d] = b.define(typeName(d.Singular), read(d))
	}
	return &Schema{Ref: b.read[d].Ref}
}

func (b *builder) recorded(s *success, o *operation.Operation) {
	s.schema = b.record(o.Resource)
	s.text = "The " + strings.ToLower(o.Resource.Singular)
	s.example = b.example(o.Resource)
}

// example is a record as JSON, or nil, so that the member is left out.
func (b *builder) example(d *schema.Definition) any {
	if raw := b.in.Examples[d.Name]; raw != nil {
		return raw
	}
	return nil
}

// listed: with the parameter cursor a list is a page in an envelope.
func (b *builder) listed(s *success, o *operation.Operation) {
	record := b.record(o.Resource)
	page := b.define(typeName(o.Resource.Singular)+"Page", whole(
		member[*Schema]{"data", arrayOf(record)},
		member[*Schema]{"nextCursor", textSchema().nullable().saying("For the next request; null on the last page.")},
		member[*Schema]{"hasMore", booleanSchema()},
	).saying("What a list answers when the parameter `cursor` is there."))
	s.schema = &Schema{OneOf: []*Schema{arrayOf(record), page}}
	s.text = "An array, or, when the parameter `cursor` is there, a page"
	if example := b.in.Examples[o.Resource.Name]; example != nil {
		s.more = listExamples(example)
	}
	s.header("Link")
	s.header("X-Total-Count")
}

func listExamples(record json.RawMessage) object[example] {
	list := []json.RawMessage{record}
	return object[example]{
		{"array", example{Value: list}},
		{"page", example{Summary: "With the parameter cursor", Value: object[any]{{"data", list}, {"nextCursor", nil}, {"hasMore", false}}}},
	}
}

// canned describes an answer of routes.yaml by the one body that it has.
func (s *success) canned(o *operation.Operation) {
	for _, name := range slices.Sorted(maps.Keys(o.Answer.Headers)) {
		if name == "Content-Type" {
			s.media, _, _ = strings.Cut(o.Answer.Headers[name], ";")
			s.media = strings.TrimSpace(s.media)
			continue
		}
		if !s.headers.has(name) {
			s.headers = append(s.headers, member[any]{name, header{Description: "Given in routes.yaml.", Required: true, Schema: textSchema(), Example: o.Answer.Headers[name]}})
		}
	}
	switch {
	case o.Answer.Body == nil:
	case isJSON(s.media):
		s.schema, s.example = infer(o.Answer.Body), o.Answer.Body
	default:
		s.schema, s.example = textSchema(), string(o.Answer.Body)
	}
	s.text = "The canned answer"
}

func isJSON(media string) bool {
	media = strings.ToLower(media)
	return media == jsonType || strings.HasSuffix(media, "+json")
}
