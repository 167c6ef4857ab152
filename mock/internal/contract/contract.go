// Package contract holds exchanges against the OpenAPI document: status, headers and body of each answer, and whether
// the server took or refused what the document takes or refuses. It knows the document alone, and nothing of the server's
// own tables; only what a format means, and how JSON is read, is asked of where that is settled. Tests alone call it: it is no
// part of the program.
package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

type object = map[string]any

// Contract is a document that exchanges are held against.
type Contract struct {
	document object
	base     string
	compiler *jsonschema.Compiler

	mu      sync.Mutex
	schemas map[string]*jsonschema.Schema
}

// Talk is one exchange.
type Talk struct {
	Method, Target string
	Sent           string // body
	ContentType    string
	Asked          http.Header
	Status         int
	Header         http.Header
	Body           string

	SentUnknown bool // what was sent is not known, or not whole: nothing is said of it
	BodyCut     bool // Body is but a beginning
}

// New reads a document.
func New(document []byte) (*Contract, error) {
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	c := &Contract{document: parsed.(object), compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	c.base = strings.TrimSuffix(c.At("servers", "0", "url").(string), "/")
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
func (c *Contract) format(name string, valid func(string) bool) {
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

// At finds what stands at a place of the document, through references; nil for nothing.
func (c *Contract) At(path ...string) any {
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
			v = c.At(strings.Split(strings.TrimPrefix(ref["$ref"].(string), "#/"), "/")...)
		}
	}
	return v
}

// valid checks a value by the schema at a place of the document, where no reference may be on the way.
func (c *Contract) valid(pointer string, value any) error {
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

// problems is Check, with what was asked and answered.
func (c *Contract) problems(x Talk) (all []string) {
	for _, problem := range c.Check(x) {
		all = append(all, fmt.Sprintf("%s %s answered %d, and by the OpenAPI document it %s\nsent %.300s\n got %.300s", x.Method, x.Target, x.Status, problem, x.Sent, x.Body))
	}
	return all
}

// Check lists what is wrong with an exchange.
func (c *Contract) Check(x Talk) (problems []string) {
	path, query, _ := strings.Cut(x.Target, "?")
	path, inside := c.below(path)
	decision := x.Header.Get("X-Mock-Decision")
	method := x.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	template := c.operation(method, path)
	switch {
	case x.Method == http.MethodOptions || !inside && decision != "unmatched":
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
	if !x.steered() && !x.SentUnknown {
		problems = append(problems, c.checkBodySent(x, place)...)
		problems = append(problems, c.checkQuery(x, place, query)...)
	}
	return problems
}

var sessionID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// below is a path below the base path, that of a session included.
func (c *Contract) below(path string) (string, bool) {
	if rest, ok := strings.CutPrefix(path, "/__s/"); ok {
		var id string
		if id, path, _ = strings.Cut(rest, "/"); !sessionID.MatchString(id) || id == "." || id == ".." {
			return "", false
		}
		path = "/" + path
	}
	rest, ok := strings.CutPrefix(path, c.base)
	if !ok || !strings.HasPrefix(rest, "/") {
		return "", false
	}
	return strings.TrimSuffix(rest, "/"), true
}

// operation finds the path of the document that stands for a path: the one with most words of its own.
func (c *Contract) operation(method, path string) (best string) {
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
func (x *Talk) steered() bool {
	return slices.Contains([]string{"directive", "scenario"}, x.Header.Get("X-Mock-Decision")) || x.Header.Get("X-Mock-Rule") != ""
}

func refSchema(name string) []string { return []string{"components", "schemas", name} }

func (c *Contract) checkResponse(x Talk, operation []string) []string {
	place := slices.Concat(operation, []string{"responses", strconv.Itoa(x.Status)})
	documented, _ := c.At(place...).(object)
	switch {
	case documented == nil && x.steered(): // anything can be forced anywhere
		return nil
	case documented == nil:
		return []string{fmt.Sprintf("the status %d is not documented", x.Status)}
	}
	problems := c.checkHeaders(x, slices.Concat(place, []string{"headers"}))
	for _, told := range []string{"X-Mock-Message", "X-Mock-Fault"} {
		if x.Asked.Get(told) != "" {
			return problems
		}
	}
	forced := x.Header.Get("X-Mock-Decision") == "directive" && x.Status >= 400 && !strings.Contains(x.Target, "__message")
	if x.steered() && !forced {
		return problems
	}
	content, _ := documented["content"].(object)
	examples, _ := c.At(append(slices.Clone(place), "content", "application/json", "examples")...).(object)
	if forced && examples[x.Asked.Get("X-Mock-Error")] == nil && c.isDocumentedError(x) { // of another operation
		return problems
	}
	return append(problems, c.checkBody(x, slices.Concat(c.resolved(place), []string{"content"}), content)...)
}

// isDocumentedError says whether the body is an error that some operation documents.
func (c *Contract) isDocumentedError(x Talk) bool {
	for name := range c.At("components", "schemas").(object) {
		if strings.HasSuffix(name, "Error") && c.checkBody(x, refSchema(name), nil) == nil {
			return true
		}
	}
	return false
}

// resolved is where a place of the document really stands.
func (c *Contract) resolved(place []string) []string {
	if holder, ok := c.At(place[:len(place)-1]...).(object); ok {
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
func (c *Contract) checkBody(x Talk, place []string, content object) []string {
	if x.Method == http.MethodHead {
		return nil
	}
	media, _, _ := strings.Cut(x.Header.Get("Content-Type"), ";")
	if content != nil {
		if content[media] == nil {
			return []string{fmt.Sprintf("the content type %q is not documented", media)}
		}
		place = slices.Concat(place, []string{media, "schema"})
	} else if place[0] == "paths" || place[1] == "responses" {
		if x.Body != "" {
			return []string{"has a body, and none is documented"}
		}
		return nil
	}
	value, err := x.value(media)
	switch {
	case place[0] == "components" && c.At(place...) == nil: // no operation has this error, and so nobody says how it looks
		return nil
	case errors.Is(err, errCut):
		return nil
	case err != nil:
		return []string{"the body is no JSON: " + err.Error()}
	}
	if err := c.valid(pointer(place...), value); err != nil {
		return []string{fmt.Sprintf("the body is not what %s says: %v", strings.Join(place, " "), err)}
	}
	return nil
}

// errCut is for a body of which too little is there.
var errCut = errors.New("cut off")

// value is the body as the document speaks of it.
func (x *Talk) value(media string) (any, error) {
	switch {
	case x.BodyCut && (media != "application/json" || !strings.HasPrefix(x.Body, "[")):
		return nil, errCut
	case media != "application/json":
		return x.Body, nil
	case x.BodyCut:
		return jsonschema.UnmarshalJSON(strings.NewReader(wholeRecords(x.Body)))
	}
	return jsonschema.UnmarshalJSON(strings.NewReader(x.Body))
}

// wholeRecords is a list that was cut off, without the record that is not there whole.
func wholeRecords(cut string) string {
	from := json.NewDecoder(strings.NewReader(cut))
	_, _ = from.Token() // the bracket
	var records []string
	for from.More() {
		var record json.RawMessage
		if from.Decode(&record) != nil {
			break
		}
		records = append(records, string(record))
	}
	return "[" + strings.Join(records, ",") + "]"
}

// plain are the headers of HTTP itself, of browsers and of Go's server.
func plain(name string) bool {
	return strings.HasPrefix(name, "Access-Control-") || slices.Contains([]string{
		"Content-Type", "Content-Length", "Content-Encoding", "Date", "Vary", "Connection", "Transfer-Encoding"}, name)
}

func (c *Contract) checkHeaders(x Talk, place []string) (problems []string) {
	documented, _ := c.At(place...).(object)
	known := map[string]bool{}
	for name := range documented {
		canonical := http.CanonicalHeaderKey(name)
		known[canonical] = true
		everywhere := strings.HasPrefix(name, "X-R") || strings.HasPrefix(name, "X-Mock-")
		if x.steered() && !everywhere {
			continue
		}
		header := c.At(append(slices.Clone(place), name)...).(object)
		values := x.Header[canonical]
		if len(values) == 0 {
			if header["required"] == true {
				problems = append(problems, "lacks the header "+name)
			}
			continue
		}
		kind := c.At(append(slices.Clone(place), name, "schema")...).(object)
		if _, err := strconv.Atoi(values[0]); kind["type"] == "integer" && err != nil {
			problems = append(problems, fmt.Sprintf("the header %s is %q and no integer", name, values[0]))
		}
		if enum, ok := kind["enum"].([]any); ok && !slices.Contains(enum, any(values[0])) {
			problems = append(problems, fmt.Sprintf("the header %s is %q and none of %v", name, values[0], enum))
		}
	}
	for name := range x.Header {
		if !known[name] && !plain(name) && !x.steered() {
			problems = append(problems, "the header "+name+" is not documented")
		}
	}
	return problems
}
