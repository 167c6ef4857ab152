package openapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// parameters are those of path and query, then the headers that an operation takes.
func (b *builder) parameters(o *operation.Operation, path []string) []any {
	var list []any
	for _, name := range path {
		p := parameter{Name: name, In: "path", Required: true, Description: "Any text: the answer is the same.", Schema: textSchema()}
		if o.Resource != nil {
			p.Description = "Any text: what is no id of a record is a 404."
		}
		list = append(list, p)
	}
	if o.TakesQuery() {
		for _, q := range queryParameters(o.Resource) {
			list = append(list, q)
		}
	}
	common := []string{"X-Request-Id"}
	if !o.Public {
		common = append(common, "X-Organization-ID")
		if takesCSRF(o) {
			common = append(common, "X-CSRF-Token")
		}
	}
	for _, name := range common {
		list = append(list, reference{refTo("parameters", name)})
	}
	return list
}

// takesCSRF says whether `--csrf on` asks for the token of the login.
func takesCSRF(o *operation.Operation) bool {
	return !o.Public && o.Method != http.MethodGet && o.Action != operation.Refresh
}

// queryParameters are those of a list (contract.md section 5).
func queryParameters(d *schema.Definition) []parameter {
	one, hundred := 1.0, 100.0
	var list []parameter
	taken := map[string]bool{}
	add := func(name, text string, s *Schema) {
		if !taken[name] {
			taken[name] = true
			list = append(list, parameter{Name: name, In: "query", Description: text, Schema: s})
		}
	}
	add("page", "From 1; a page past the end is empty.", &Schema{Type: "integer", Minimum: &one, Default: 1})
	add("limit", "Records of a page.", &Schema{Type: "integer", Minimum: &one, Maximum: &hundred, Default: 20})
	add("sortBy", "Equal values are ordered by id.", sortSchema(d))
	add("sortOrder", "Which way `sortBy` goes.", &Schema{Type: "string", Enum: []any{"asc", "desc"}, Default: "desc"})
	add("cursor", "Asks for a page that stays put while records come and go: empty at first, then the `nextCursor` of the page before. `page` is then ignored.", textSchema())
	if search := d.SearchFields(); len(search) > 0 {
		add("search", "Part of "+strings.Join(fieldNames(d, search), ", ")+", without case.", textSchema())
	}
	for _, at := range d.FilterFields() {
		add(d.Fields[at].Name, "Only those with this value.", filterSchema(&d.Fields[at]))
	}
	for _, m := range d.Query.Minimum {
		if f := d.Field(m.Field); f != nil {
			add(m.Parameter, "Only those whose "+m.Field+" is at least so much.", judged(f))
		}
	}
	return list
}

// sortSchema: any field with one value can be sorted by, and createdAt is where there is one.
func sortSchema(d *schema.Definition) *Schema {
	s := textSchema()
	for i := range d.Fields {
		if f := &d.Fields[i]; f.Type != schema.Array && f.Type != schema.Object {
			s.Enum = append(s.Enum, f.Name)
		}
	}
	if slices.Contains(s.Enum, any("createdAt")) {
		s.Default = "createdAt"
	}
	return s
}

// filterSchema takes the values that a record can have, those of the server's own included.
func filterSchema(f *schema.Field) *Schema {
	s := judged(f)
	if len(f.Enum) > 0 {
		s.Enum = values(f, slices.Concat(f.Enum, f.Reserved))
	}
	return s
}

func fieldNames(d *schema.Definition, fields []int) []string {
	names := make([]string, len(fields))
	for i, at := range fields {
		names[i] = d.Fields[at].Name
	}
	return names
}

// requestBody is that of an operation; a canned answer looks at none.
func (b *builder) requestBody(o *operation.Operation) *requestBody {
	if o.Body == nil {
		if !o.TakesBody() {
			return nil
		}
		return &requestBody{Content: object[mediaType]{{jsonType, mediaType{Schema: (&Schema{}).saying("Anything: it is not looked at.")}}}}
	}
	body := &requestBody{Content: object[mediaType]{{jsonType, mediaType{Schema: b.body(o), Example: b.bodyExample(o)}}}}
	for i := range o.Body.Fields {
		f := &o.Body.Fields[i]
		body.Required = body.Required || f.Required && !f.ReadOnly && o.BodyMode != schema.Patch
	}
	return body
}

// body is a reference to the schema of an operation's body.
func (b *builder) body(o *operation.Operation) *Schema {
	if o.BodyMode == schema.Patch {
		return b.update(o.Body)
	}
	s := written(o.Body, o.BodyMode)
	if o.Action == operation.BulkUpdate {
		for i := range s.Properties {
			if s.Properties[i].Name == "updates" {
				s.Properties[i].Value = b.update(o.Resource)
			}
		}
	}
	return b.define(typeName(o.ID), s)
}

// update is a reference to what a PATCH takes, which is also what the updates of a bulk request are.
func (b *builder) update(d *schema.Definition) *Schema {
	if b.patch[d] == nil {
		b.patch[d] = b.define("Update"+typeName(d.Singular), written(d, schema.Patch))
	}
	return &Schema{Ref: b.patch[d].Ref}
}

// bodyExample is a body that the operation takes; nil where none is known.
func (b *builder) bodyExample(o *operation.Operation) any {
	ids := []string{exampleUUID}
	var record json.RawMessage
	if o.Resource != nil {
		record = b.in.Examples[o.Resource.Name]
	}
	var changes any
	if record != nil {
		changes = sample(o.Resource, record, schema.Patch, 2)
	}
	switch o.Action {
	case operation.Login:
		return object[any]{{"email", apierror.ExampleEmail}, {"password", "password"}}
	case operation.Convert:
		return object[any]{{"opportunityName", "Fifty seats"}, {"opportunityAmount", 50000}}
	case operation.BulkUpdate:
		if changes == nil {
			return nil
		}
		return object[any]{{"ids", ids}, {"updates", changes}}
	case operation.BulkDelete:
		return object[any]{{"ids", ids}}
	case operation.BulkAssign:
		return object[any]{{"ids", ids}, {"newOwnerId", exampleUUID}}
	case operation.Patch:
		return changes
	}
	if record == nil {
		return nil
	}
	return sample(o.Resource, record, o.BodyMode, 0)
}
