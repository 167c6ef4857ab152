// Package openapi describes the API as an OpenAPI 3.1 document, made from what the server itself runs on: the table
// of operations, the definitions of the resources and the catalogue of errors. It knows neither HTTP nor sessions;
// package mock gives it what is loaded, and its conformance test holds every answer of the server against the result.
package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// Input is what a document is made from.
type Input struct {
	BasePath   string // of the API, "/api"; empty for the root
	Version    string // of the program
	Operations []*operation.Operation
	Examples   map[string]json.RawMessage // a record of each resource by its name, as the API shows one; may lack some
}

// Document makes the document: indented JSON, the same bytes for the same input. It fails only for an example or a
// canned body that is no JSON, which the readers of files do not let through.
func Document(in Input) ([]byte, error) {
	b := &builder{in: in, catalogue: apierror.Catalogue(), read: map[*schema.Definition]*Schema{}, patch: map[*schema.Definition]*Schema{}, paths: map[string]string{}, parts: map[string]string{}}
	d := b.document()
	text, err := encode(d)
	if err != nil {
		return nil, fmt.Errorf("the OpenAPI document cannot be written: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return nil, fmt.Errorf("the OpenAPI document cannot be indented: %w", err)
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}

// builder is a document on its way.
type builder struct {
	in         Input
	catalogue  []apierror.Entry
	components components
	ids        names
	schemas    names
	read       map[*schema.Definition]*Schema // what stands for a record, once it is a component
	patch      map[*schema.Definition]*Schema // what stands for a change of one
	paths      map[string]string              // the path as written, by its shape
	parts      map[string]string              // references to the schemas of a fixed name
	errors     []*errorResponse               // in the order of the operations
}

// names are given out once each.
type names map[string]bool

// claim returns the name, or, if it is taken, the first of name2, name3, … that is free.
func (n *names) claim(name string) string {
	if *n == nil {
		*n = names{}
	}
	free := name
	for i := 2; (*n)[free]; i++ {
		free = name + strconv.Itoa(i)
	}
	(*n)[free] = true
	return free
}

func (b *builder) document() document {
	b.components.Headers = commonHeaders()
	b.components.Parameters = commonParameters()
	b.components.SecuritySchemes = securitySchemes()
	d := document{
		OpenAPI:  "3.1.0",
		Info:     info{Title: "SalesOS API", Version: b.in.Version, Description: about},
		Servers:  servers(b.in.BasePath),
		Security: []securityRequirement{withToken(), withKey()},
		Tags:     b.tags(),
	}
	for _, o := range b.in.Operations {
		d.Paths = b.place(d.Paths, o)
	}
	b.shareResponses()
	d.Components = b.components
	return d
}

// place puts an operation under its path. Paths that differ in the names of parameters only are one path.
func (b *builder) place(paths object[object[any]], o *operation.Operation) object[object[any]] {
	path, parameters := pathOf(o.Path)
	shape := shapeOf(path)
	if first, ok := b.paths[shape]; ok {
		path, parameters = pathOf(first)
	}
	b.paths[shape] = path
	entry := member[any]{strings.ToLower(o.Method), b.operation(o, parameters)}
	for i := range paths {
		if paths[i].Name == path {
			paths[i].Value = append(paths[i].Value, entry)
			return paths
		}
	}
	return append(paths, member[object[any]]{path, object[any]{entry}})
}

// pathOf gives the parameters of a path names that differ.
func pathOf(path string) (unique string, parameters []string) {
	var taken names
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if name, ok := parameterName(segment); ok {
			name = taken.claim(name)
			parameters = append(parameters, name)
			segments[i] = "{" + name + "}"
		}
	}
	return strings.Join(segments, "/"), parameters
}

func parameterName(segment string) (string, bool) {
	name, ok := strings.CutPrefix(segment, "{")
	return strings.TrimSuffix(name, "}"), ok
}

func shapeOf(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if _, ok := parameterName(segment); ok {
			segments[i] = "{}"
		}
	}
	return strings.Join(segments, "/")
}

// tags are the groups of operations, in the order in which they come.
func (b *builder) tags() []tag {
	var tags []tag
	seen := map[string]bool{}
	for _, o := range b.in.Operations {
		if !seen[o.Tag] {
			seen[o.Tag] = true
			tags = append(tags, tag{o.Tag, tagText(o)})
		}
	}
	return tags
}

func (b *builder) operation(o *operation.Operation, path []string) *operationObject {
	result := &operationObject{
		OperationID: b.ids.claim(o.ID), Tags: []string{o.Tag}, Summary: o.Summary, Description: descriptionOf(o),
		Security: security(o), Parameters: b.parameters(o, path), RequestBody: b.requestBody(o),
	}
	success := b.success(o)
	byStatus := map[int][]failure{}
	for _, f := range b.failures(o) {
		byStatus[f.error.Status] = append(byStatus[f.error.Status], f)
	}
	for _, status := range statuses(o, byStatus) {
		var value any
		switch wrong := byStatus[status]; {
		case status == success.status && len(wrong) > 0:
			value = success.join(wrong)
		case status == success.status:
			value = success.response()
		default:
			value = b.failure(o, status, wrong)
		}
		result.Responses = append(result.Responses, member[any]{strconv.Itoa(status), value})
	}
	return result
}

// define makes a schema a component, and returns a reference to it.
func (b *builder) define(name string, s *Schema) *Schema {
	name = b.schemas.claim(name)
	b.components.Schemas = append(b.components.Schemas, member[*Schema]{name, s})
	return &Schema{Ref: refTo("schemas", name)}
}

// typeName makes a name of a resource or an operation one of a type: "user group" → "UserGroup".
func typeName(text string) string {
	var b strings.Builder
	upper := true
	for _, r := range text {
		switch letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'; {
		case !letter && (r < '0' || r > '9' || b.Len() == 0):
			upper = true
		case upper:
			b.WriteString(strings.ToUpper(string(r)))
			upper = false
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return "Record"
	}
	return b.String()
}
