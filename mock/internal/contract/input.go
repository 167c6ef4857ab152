package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// verdict says what the server made of the input: accepted, refused by validation, or neither.
func (x *Talk) verdict() (accepted, refused bool) {
	accepted = x.Status < 300 || x.Status == http.StatusConflict || x.Status == http.StatusUnprocessableEntity
	refused = x.Status == http.StatusBadRequest && x.Header.Get("X-Mock-Decision") == "validation"
	return accepted, refused
}

func (c *Contract) checkBodySent(x Talk, operation []string) []string {
	place := slices.Concat(operation, []string{"requestBody", "content", "application/json", "schema"})
	if accepted, refused := x.verdict(); c.At(place...) == nil || !accepted && !refused {
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
func (x *Talk) input() (any, error) {
	if media, _, err := mime.ParseMediaType(x.ContentType); x.Sent == "" || err != nil || media != "application/json" {
		return object{}, nil
	}
	if strings.ContainsAny(x.Sent, "\uFE0E\uFE0F") || x.Asked.Get("Content-Encoding") != "" {
		return nil, errBeyond
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.TrimPrefix(x.Sent, "\uFEFF")))
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
func (c *Contract) checkQuery(x Talk, operation []string, query string) []string {
	sent, err := url.ParseQuery(query)
	accepted, refused := x.verdict()
	if err != nil || !accepted && !refused || x.Method != http.MethodGet && x.Method != http.MethodHead {
		return nil
	}
	parameters, _ := c.At(append(slices.Clone(operation), "parameters")...).([]any)
	var wrong []string
	_, byCursor := sent["cursor"]
	for i := range parameters {
		at := slices.Concat(operation, []string{"parameters", strconv.Itoa(i)})
		p := c.At(at...).(object)
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
