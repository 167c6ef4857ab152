// Package apierror is the one place where the errors that SalesOS documents stand: name, status, bytes and
// headers (contract.md section 2). Every error that the server answers, earned or forced, is made here.
package apierror

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// Name is how an error is called in directives, scenario files and reports.
type Name string

// The documented errors (contract.md section 2).
const (
	BadRequest    Name = "bad_request"
	Validation    Name = "validation"
	Unauthorized  Name = "unauthorized"
	Forbidden     Name = "forbidden"
	NotFound      Name = "not_found"
	Conflict      Name = "conflict"
	Unprocessable Name = "unprocessable"
	RateLimited   Name = "rate_limited"
	Internal      Name = "internal"
	Unavailable   Name = "unavailable"
)

// DefaultRetryAfter is the wait, in seconds, that a 429 or 503 announces where nothing better is known.
const DefaultRetryAfter = 30

// Error is one answer in the documented shape. It is a Go error, so that use cases return it as such.
type Error struct {
	Name       Name     // its catalogue name; empty for answers that the catalogue does not list (413, unknown routes)
	Status     int      // HTTP status
	Message    string   // used unless Messages is set
	Messages   []string // the array of a field validation
	Label      string   // the body's "error"; empty: left out
	RetryAfter string   // value of the Retry-After header; empty: no header
}

// Error gives the text for logs.
func (e *Error) Error() string {
	return strconv.Itoa(e.Status) + " " + string(e.Body())
}

// Body is the JSON of the error, its keys in the documented order, encoded as JSON.stringify does it.
func (e *Error) Body() []byte {
	b := make([]byte, 0, 96+len(e.Message))
	b = append(b, `{"statusCode":`...)
	b = strconv.AppendInt(b, int64(e.Status), 10)
	b = append(b, `,"message":`...)
	if e.Messages != nil {
		b = appendStrings(b, e.Messages)
	} else {
		b = appendString(b, e.Message)
	}
	if e.Label != "" {
		b = append(b, `,"error":`...)
		b = appendString(b, e.Label)
	}
	return append(b, '}')
}

func appendStrings(b []byte, texts []string) []byte {
	b = append(b, '[')
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, text)
	}
	return append(b, ']')
}

// appendString quotes a text. Nearly all messages are plain and copied as they are; the others go through the encoder.
func appendString(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return appendEncoded(b, text)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

func appendEncoded(b []byte, text string) []byte {
	var encoded bytes.Buffer
	enc := json.NewEncoder(&encoded)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a string always encodes, and a buffer always takes it
	return append(b, bytes.TrimSuffix(encoded.Bytes(), []byte{'\n'})...)
}

// NewBadRequest is the documented `bad_request`.
func NewBadRequest() *Error {
	return &Error{Name: BadRequest, Status: http.StatusBadRequest, Message: "Bad Request", Label: "Validation failed"}
}

// NewValidation is `validation` with the messages that a body or query earned.
func NewValidation(messages []string) *Error {
	return &Error{Name: Validation, Status: http.StatusBadRequest, Messages: messages, Label: "Bad Request"}
}

// NewMalformed is the 400 of a body that cannot be read as the object it should be; message says why.
func NewMalformed(message string) *Error {
	return &Error{Status: http.StatusBadRequest, Message: message, Label: "Bad Request"}
}

// NewUnauthorized is `unauthorized`: the same bytes whatever is wrong with the credentials.
func NewUnauthorized() *Error {
	return &Error{Name: Unauthorized, Status: http.StatusUnauthorized, Message: "Unauthorized"}
}

// NewForbidden is `forbidden`, of a scope or role that does not allow the action.
func NewForbidden() *Error {
	return NewForbiddenBecause("You do not have permission to perform this action")
}

// NewForbiddenBecause is a 403 with a message of its own (the CSRF ones of contract.md section 3).
func NewForbiddenBecause(message string) *Error {
	return &Error{Name: Forbidden, Status: http.StatusForbidden, Message: message}
}

// NewNotFound is `not_found` of a record: singular is the resource's name for one, as in "Lead".
func NewNotFound(singular, id string) *Error {
	return &Error{Name: NotFound, Status: http.StatusNotFound, Message: singular + " with id " + id + " not found"}
}

// NewDuplicate is `conflict` for a value that must be unique and is taken.
func NewDuplicate(singular, field, value string) *Error {
	return NewConflict(singular + " with " + field + " " + value + " already exists")
}

// NewConflict is `conflict` with a message of its own.
func NewConflict(message string) *Error {
	return &Error{Name: Conflict, Status: http.StatusConflict, Message: message, Label: "Conflict"}
}

// NewUnprocessable is `unprocessable`.
func NewUnprocessable(message string) *Error {
	return &Error{Name: Unprocessable, Status: http.StatusUnprocessableEntity, Message: message, Label: "Unprocessable Entity"}
}

// NewRateLimited is `rate_limited`; seconds is the whole number of them until a request will be let through.
func NewRateLimited(seconds int) *Error {
	return &Error{Name: RateLimited, Status: http.StatusTooManyRequests, Message: "Too Many Requests", RetryAfter: strconv.Itoa(seconds)}
}

// NewInternal is `internal`.
func NewInternal() *Error {
	return &Error{Name: Internal, Status: http.StatusInternalServerError, Message: "Internal Server Error"}
}

// NewUnavailable is `unavailable`.
func NewUnavailable() *Error {
	return &Error{Name: Unavailable, Status: http.StatusServiceUnavailable, Message: "Service Unavailable", RetryAfter: strconv.Itoa(DefaultRetryAfter)}
}

// NewUnmatched is the 404 of a route that does not exist; target is the path as it was sent, query included.
func NewUnmatched(method, target string) *Error {
	return &Error{Status: http.StatusNotFound, Message: "Cannot " + method + " " + target, Label: "Not Found"}
}

// NewTooLarge is the 413 of a body over the limit.
func NewTooLarge() *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Message: "request entity too large", Label: "Payload Too Large"}
}

// NewUnsupportedEncoding is the 415 of a body that is compressed in a way that nobody here knows.
func NewUnsupportedEncoding(encoding string) *Error {
	return &Error{Status: http.StatusUnsupportedMediaType, Message: `unsupported content encoding "` + encoding + `"`, Label: "Unsupported Media Type"}
}

// FromStatus is the error that stands for a status (control.md section 2, X-Mock-Status): the documented one
// where there is one, else the server's own, else a body with the reason phrase.
func FromStatus(status int) *Error {
	for _, entry := range catalogue {
		if entry.Error.Status == status {
			e := entry.Error
			return &e
		}
	}
	if status == http.StatusRequestEntityTooLarge {
		return NewTooLarge()
	}
	reason := http.StatusText(status)
	if reason == "" {
		reason = "Unknown Error"
	}
	return &Error{Status: status, Message: reason}
}
