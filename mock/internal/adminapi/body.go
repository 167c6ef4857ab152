package adminapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
)

// maxBody bounds what an admin request may send, in bytes.
const maxBody = 1 << 20

// member is a key that a body may have. read takes its value, or says what the key must be.
type member struct {
	name string
	read func(raw json.RawMessage) (must string)
}

// bind reads the JSON body, if there is one. Unknown keys are errors: a misspelt option must not be silently left
// out. A key with the value null is as if it were left out.
func bind(c echo.Context, members ...member) error {
	data, err := readBody(c)
	if err != nil {
		return err
	}
	object, duplicates, err := jsonbody.Parse(data)
	if err != nil {
		return apierror.NewMalformed(err.Error())
	}
	if len(duplicates) > 0 {
		return malformed("the key %q comes more than once", duplicates[0])
	}
	for _, sent := range object.Members {
		if err := bindMember(sent, members); err != nil {
			return err
		}
	}
	return nil
}

func bindMember(sent jsonbody.Member, members []member) error {
	names := make([]string, len(members))
	for i, m := range members {
		if names[i] = m.name; m.name != sent.Name {
			continue
		}
		if jsonbody.KindOf(sent.Raw) == jsonbody.NullKind {
			return nil
		}
		if must := m.read(sent.Raw); must != "" {
			return malformed("%s must be %s, found %s", m.name, must, found(sent.Raw))
		}
		return nil
	}
	return unknown("key", sent.Name, names)
}

// unknown is the 400 of a name that is none of the allowed ones.
func unknown(what, name string, allowed []string) *apierror.Error {
	return apierror.NewMalformed(unknownName(what, name, allowed))
}

func unknownName(what, name string, allowed []string) string {
	return diag.Problem{What: "unknown " + what + " " + quoted(name), Allowed: allowed, Nearest: diag.Nearest(name, allowed)}.Short()
}

func malformed(format string, args ...any) *apierror.Error {
	return apierror.NewMalformed(fmt.Sprintf(format, args...))
}

// readBody reads the body within its bound.
func readBody(c echo.Context) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, apierror.NewTooLarge()
	case err != nil:
		return nil, malformed("the request body ended early")
	}
	return data, nil
}

// found words a value for a message: a string in its quotes, an array or object by its kind.
func found(raw json.RawMessage) string {
	switch kind := jsonbody.KindOf(raw); kind {
	case jsonbody.ArrayKind, jsonbody.ObjectKind:
		return kind.String()
	case jsonbody.StringKind:
		text, _ := jsonbody.DecodeString(raw)
		return quoted(text)
	}
	return shortened(string(raw))
}

func quoted(text string) string { return strconv.Quote(shortened(text)) }

// shortened keeps a long value from drowning the message about it.
func shortened(text string) string {
	const longest = 100 // characters
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	return string([]rune(text)[:longest]) + "…"
}

func text(name string, to *string) member {
	return member{name, func(raw json.RawMessage) string {
		value, ok := jsonbody.DecodeString(raw)
		if !ok {
			return "a string"
		}
		*to = value
		return ""
	}}
}

func flag(name string, to **bool) member {
	return member{name, func(raw json.RawMessage) string {
		value := string(raw) == "true"
		if !value && string(raw) != "false" {
			return "true or false"
		}
		*to = &value
		return ""
	}}
}

// greatestWhole is the greatest number up to which JavaScript knows every whole one.
const greatestWhole = 1<<53 - 1

func whole(name string, to **uint64) member {
	return member{name, func(raw json.RawMessage) string {
		value, err := strconv.ParseUint(string(raw), 10, 64)
		if err != nil || value > greatestWhole {
			return fmt.Sprintf("a whole number from 0 to %d", uint64(greatestWhole))
		}
		*to = &value
		return ""
	}}
}

// The times that a session's clock can show: beyond them, differences of times no longer fit what Go counts them in.
func earliest() time.Time { return time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC) }
func latest() time.Time   { return time.Date(2261, 12, 31, 23, 59, 59, 0, time.UTC) }

// tellable says whether a session's clock can show t.
func tellable(t time.Time) bool { return !t.Before(earliest()) && !t.After(latest()) }

func instant(name string, to **time.Time) member {
	return member{name, func(raw json.RawMessage) string {
		sent, _ := jsonbody.DecodeString(raw)
		value, err := time.Parse(time.RFC3339, sent)
		switch {
		case err != nil:
			return "a time such as 2026-01-31T12:00:00Z"
		case !tellable(value):
			return "a time from " + earliest().Format(time.RFC3339) + " to " + latest().Format(time.RFC3339)
		}
		*to = &value
		return ""
	}}
}
