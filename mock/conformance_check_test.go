package mock_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/mock/internal/validatorjs"
)

// A contract is an OpenAPI document that exchanges are held against. It reads the document alone, and nothing of
// the server's own tables.
type contract struct {
	document object
	base     string
	compiler *jsonschema.Compiler

	mu      sync.Mutex
	schemas map[string]*jsonschema.Schema
}

// talk is one exchange, as a client saw it.
type talk struct {
	method, target string
	sent           string // body
	contentType    string
	asked          http.Header
	status         int
	header         http.Header
	body           string
}

func newContract(document []byte) (*contract, error) {
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	c := &contract{document: parsed.(object), compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	c.base = strings.TrimSuffix(c.at("servers", "0", "url").(string), "/")
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertFormat()
	date := schema.NewDefinition("dates", "Date", []schema.Field{{Name: "date", Type: schema.String, Format: schema.Date}})
	c.format("email", validatorjs.IsEmail)
	c.format("uuid", validatorjs.IsUUID)
	for _, name := range []string{"date", "date-time"} {
		c.format(name, func(text string) bool {
			quoted, _ := json.Marshal(text)
			body, _, _ := jsonbody.Parse([]byte(`{"date":` + string(quoted) + `}`))
			_, messages := date.Validate(schema.Create, body, "")
			return messages == nil
		})
	}
	return c, c.compiler.AddResource("openapi.json", closeObjects(parsed))
}

// format gives a format the meaning of contract.md section 6.
func (c *contract) format(name string, valid func(string) bool) {
	c.compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
		if text, ok := v.(string); ok && !valid(text) {
			return fmt.Errorf("%q is no %s", text, name)
		}
		return nil
	}})
}

// closeObjects forbids all that is not documented: responses leave clients room for what may come, tests do not.
func closeObjects(v any) any {
	switch v := v.(type) {
	case object:
		if _, ok := v["properties"].(object); ok && v["additionalProperties"] == nil && v["type"] != nil {
			v["additionalProperties"] = false
		}
		for _, inner := range v {
			closeObjects(inner)
		}
	case []any:
		for _, inner := range v {
			closeObjects(inner)
		}
	}
	return v
}

// at finds what stands at a place of the document, through references; nil for nothing.
func (c *contract) at(path ...string) any {
	var v any = c.document
	for _, step := range path {
		switch holder := v.(type) {
		case object:
			v = holder[step]
		case []any:
			i, _ := strconv.Atoi(step)
			v = holder[i]
		default:
			return nil
		}
		if ref, ok := v.(object); ok && ref["$ref"] != nil {
			v = c.at(strings.Split(strings.TrimPrefix(ref["$ref"].(string), "#/"), "/")...)
		}
	}
	return v
}

// valid checks a value by the schema at a place of the document, where no reference may be on the way.
func (c *contract) valid(pointer string, value any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.schemas[pointer]
	if s == nil {
		compiled, err := c.compiler.Compile("openapi.json#" + pointer)
		if err != nil {
			return err
		}
		s, c.schemas[pointer] = compiled, compiled
	}
	return s.Validate(value)
}

// check lists what is wrong with an exchange.
func (c *contract) check(x talk) (problems []string) {
	path, query, _ := strings.Cut(x.target, "?")
	path, inside := c.below(path)
	decision := x.header.Get("X-Mock-Decision")
	method := x.method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	template := c.operation(method, path)
	switch {
	case x.method == http.MethodOptions || !inside && decision != "unmatched":
		return nil
	case decision == "directive-error":
		return c.checkBody(x, refSchema("MalformedBodyError"), nil)
	case decision == "unmatched" && template != "":
		return []string{"is documented, but unknown to the server"}
	case decision == "unmatched":
		return c.checkBody(x, refSchema("UnknownRouteError"), nil)
	case x.steered() && template == "":
		return nil
	case decision == "rate-limit" && template == "": // every request counts
		return c.checkBody(x, refSchema("RateLimitedError"), nil)
	case template == "":
		return []string{"is no documented operation"}
	}
	place := []string{"paths", template, strings.ToLower(method)}
	problems = c.checkResponse(x, place)
	if !x.steered() {
		problems = append(problems, c.checkBodySent(x, place)...)
		problems = append(problems, c.checkQuery(x, place, query)...)
	}
	return problems
}

var sessionID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// below is a path below the base path, that of a session included.
func (c *contract) below(path string) (string, bool) {
	if rest, ok := strings.CutPrefix(path, "/__s/"); ok {
		var id string
		if id, path, _ = strings.Cut(rest, "/"); !sessionID.MatchString(id) {
			return "", false
		}
		path = "/" + path
	}
	rest, ok := strings.CutPrefix(path, c.base)
	return strings.TrimSuffix(rest, "/"), ok && strings.HasPrefix(rest, "/")
}

// operation finds the path of the document that stands for a path: the one with most words of its own.
func (c *contract) operation(method, path string) (best string) {
	words := -1
	for template, item := range c.document["paths"].(object) {
		if n := alike(template, path); n > words && item.(object)[strings.ToLower(method)] != nil {
			best, words = template, n
		}
	}
	return best
}

// alike counts the segments that are the same, the first ones most, as a router compares; -1 for another path.
func alike(template, path string) int {
	wanted, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(wanted) != len(got) {
		return -1
	}
	n := 0
	for i := range wanted {
		n *= 2
		switch {
		case wanted[i] == got[i]:
			n++
		case !strings.HasPrefix(wanted[i], "{") || got[i] == "":
			return -1
		}
	}
	return n
}

// steered says whether the answer was made or changed on demand, so that not all of it is what is documented.
func (x *talk) steered() bool {
	return slices.Contains([]string{"directive", "scenario"}, x.header.Get("X-Mock-Decision")) || x.header.Get("X-Mock-Rule") != ""
}

func refSchema(name string) []string { return []string{"components", "schemas", name} }

func (c *contract) checkResponse(x talk, operation []string) []string {
	place := slices.Concat(operation, []string{"responses", strconv.Itoa(x.status)})
	documented, _ := c.at(place...).(object)
	switch {
	case documented == nil && x.steered(): // anything can be forced anywhere
		return nil
	case documented == nil:
		return []string{fmt.Sprintf("the status %d is not documented", x.status)}
	}
	problems := c.checkHeaders(x, slices.Concat(place, []string{"headers"}))
	for _, told := range []string{"X-Mock-Message", "X-Mock-Fault"} {
		if x.asked.Get(told) != "" {
			return problems
		}
	}
	forced := x.header.Get("X-Mock-Decision") == "directive" && x.status >= 400 && !strings.Contains(x.target, "__message")
	if x.steered() && !forced {
		return problems
	}
	content, _ := documented["content"].(object)
	examples, _ := c.at(append(slices.Clone(place), "content", "application/json", "examples")...).(object)
	if forced && examples[x.asked.Get("X-Mock-Error")] == nil && c.isDocumentedError(x) { // of another operation
		return problems
	}
	return append(problems, c.checkBody(x, slices.Concat(c.resolved(place), []string{"content"}), content)...)
}

// isDocumentedError says whether the body is an error that some operation documents.
func (c *contract) isDocumentedError(x talk) bool {
	for name := range c.at("components", "schemas").(object) {
		if strings.HasSuffix(name, "Error") && c.checkBody(x, refSchema(name), nil) == nil {
			return true
		}
	}
	return false
}

// resolved is where a place of the document really stands.
func (c *contract) resolved(place []string) []string {
	if holder, ok := c.at(place[:len(place)-1]...).(object); ok {
		if ref, ok := holder[place[len(place)-1]].(object); ok && ref["$ref"] != nil {
			return strings.Split(strings.TrimPrefix(ref["$ref"].(string), "#/"), "/")
		}
	}
	return place
}

// pointer is the JSON pointer to a place.
func pointer(place ...string) string {
	var b strings.Builder
	for _, step := range place {
		b.WriteString("/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(step)))
	}
	return b.String()
}

// checkBody checks the body by the schema at place or, where content is given, by that of its media type below it.
func (c *contract) checkBody(x talk, place []string, content object) []string {
	if x.method == http.MethodHead {
		return nil
	}
	media, _, _ := strings.Cut(x.header.Get("Content-Type"), ";")
	if content != nil {
		if content[media] == nil {
			return []string{fmt.Sprintf("the content type %q is not documented", media)}
		}
		place = slices.Concat(place, []string{media, "schema"})
	} else if place[0] == "paths" || place[1] == "responses" {
		if x.body != "" {
			return []string{"has a body, and none is documented"}
		}
		return nil
	}
	var value any = x.body
	if media == "application/json" {
		var err error
		if value, err = jsonschema.UnmarshalJSON(strings.NewReader(x.body)); err != nil {
			return []string{"the body is no JSON: " + err.Error()}
		}
	}
	if err := c.valid(pointer(place...), value); err != nil {
		return []string{fmt.Sprintf("the body is not what %s says: %v", strings.Join(place, " "), err)}
	}
	return nil
}

// plain are the headers of HTTP itself, of browsers and of Go's server.
func plain(name string) bool {
	return strings.HasPrefix(name, "Access-Control-") || slices.Contains([]string{
		"Content-Type", "Content-Length", "Content-Encoding", "Date", "Vary", "Connection", "Transfer-Encoding"}, name)
}

func (c *contract) checkHeaders(x talk, place []string) (problems []string) {
	documented, _ := c.at(place...).(object)
	known := map[string]bool{}
	for name := range documented {
		canonical := http.CanonicalHeaderKey(name)
		known[canonical] = true
		everywhere := strings.HasPrefix(name, "X-R") || strings.HasPrefix(name, "X-Mock-")
		if x.steered() && !everywhere {
			continue
		}
		header := c.at(append(slices.Clone(place), name)...).(object)
		values := x.header[canonical]
		if len(values) == 0 {
			if header["required"] == true {
				problems = append(problems, "lacks the header "+name)
			}
			continue
		}
		kind := c.at(append(slices.Clone(place), name, "schema")...).(object)
		if _, err := strconv.Atoi(values[0]); kind["type"] == "integer" && err != nil {
			problems = append(problems, fmt.Sprintf("the header %s is %q and no integer", name, values[0]))
		}
		if enum, ok := kind["enum"].([]any); ok && !slices.Contains(enum, any(values[0])) {
			problems = append(problems, fmt.Sprintf("the header %s is %q and none of %v", name, values[0], enum))
		}
	}
	for name := range x.header {
		if !known[name] && !plain(name) && !x.steered() {
			problems = append(problems, "the header "+name+" is not documented")
		}
	}
	return problems
}

// verdict says what the server made of the input: accepted, refused by validation, or neither.
func (x *talk) verdict() (accepted, refused bool) {
	accepted = x.status < 300 || x.status == http.StatusConflict || x.status == http.StatusUnprocessableEntity
	refused = x.status == http.StatusBadRequest && x.header.Get("X-Mock-Decision") == "validation"
	return accepted, refused
}

func (c *contract) checkBodySent(x talk, operation []string) []string {
	place := slices.Concat(operation, []string{"requestBody", "content", "application/json", "schema"})
	if accepted, refused := x.verdict(); c.at(place...) == nil || !accepted && !refused {
		return nil
	}
	accepted, _ := x.verdict()
	value, err := x.input()
	switch {
	case errors.Is(err, errBeyond):
		return nil
	case err != nil && accepted:
		return []string{"was accepted, but the body cannot be read: " + err.Error()}
	case err != nil:
		return nil
	}
	switch err := c.valid(pointer(place...), value); {
	case err != nil && accepted:
		return []string{fmt.Sprintf("was accepted, but the document refuses the body: %v", err)}
	case err == nil && !accepted:
		return []string{"was refused, but the document accepts the body"}
	}
	return nil
}

// errBeyond is for what JSON Schema sees otherwise than validator.js and JavaScript's numbers.
var errBeyond = errors.New("beyond JSON Schema")

// input is the body as the server reads it: none, or one of another content type, is an empty object.
func (x *talk) input() (any, error) {
	if media, _, err := mime.ParseMediaType(x.contentType); x.sent == "" || err != nil || media != "application/json" {
		return object{}, nil
	}
	if strings.ContainsAny(x.sent, "\uFE0E\uFE0F") || x.asked.Get("Content-Encoding") != "" {
		return nil, errBeyond
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.TrimPrefix(x.sent, "\uFEFF")))
	if err != nil {
		return nil, err
	}
	if _, ok := value.(object); !ok {
		return nil, errors.New("no object")
	}
	if !representable(value) {
		return nil, errBeyond
	}
	return value, nil
}

func representable(v any) bool {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Float64()
		return err == nil && !math.IsInf(n, 0)
	case object:
		for _, inner := range v {
			if !representable(inner) {
				return false
			}
		}
	case []any:
		return !slices.ContainsFunc(v, func(inner any) bool { return !representable(inner) })
	}
	return true
}

// checkQuery holds the parameters of a query against their schemas.
func (c *contract) checkQuery(x talk, operation []string, query string) []string {
	sent, err := url.ParseQuery(query)
	accepted, refused := x.verdict()
	if err != nil || !accepted && !refused || x.method != http.MethodGet && x.method != http.MethodHead {
		return nil
	}
	parameters, _ := c.at(append(slices.Clone(operation), "parameters")...).([]any)
	var wrong []string
	_, byCursor := sent["cursor"]
	for i := range parameters {
		at := slices.Concat(operation, []string{"parameters", strconv.Itoa(i)})
		p := c.at(at...).(object)
		values := sent[p["name"].(string)]
		if p["in"] != "query" || len(values) == 0 || values[len(values)-1] == "" || p["name"] == "page" && byCursor {
			continue
		}
		if err := c.valid(pointer(append(at, "schema")...), typed(values[len(values)-1], p["schema"].(object)["type"])); err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", p["name"], err))
		}
	}
	switch {
	case accepted && wrong != nil:
		return []string{fmt.Sprintf("was accepted, but the document refuses %v", wrong)}
	case refused && wrong == nil && sent.Get("cursor") == "": // what is in a cursor is the server's own business
		return []string{"was refused, but the document accepts the query"}
	}
	return nil
}

// typed reads a text of a query string as its parameter means it.
func typed(text string, kind any) any {
	switch kind {
	case "integer", "number":
		n, err := strconv.ParseFloat(text, 64)
		if err == nil && !strings.ContainsAny(text, "xX_") && !math.IsInf(n, 0) && !math.IsNaN(n) {
			return json.Number(strconv.FormatFloat(n, 'f', -1, 64))
		}
	case "boolean":
		if text == "true" || text == "false" {
			return text == "true"
		}
	}
	return text
}

// unpacked is a body without its content encoding.
func unpacked(header http.Header, body string) string {
	if header.Get("Content-Encoding") != "gzip" {
		return body
	}
	z, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		return body
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		return body
	}
	return string(plain)
}
