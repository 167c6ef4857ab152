package outcome

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryAfter says what the Retry-After header of an answer is. The zero value is what the documented error says.
type RetryAfter struct {
	kind    retryKind
	seconds int
	text    string
}

type retryKind int

const (
	retryDefault retryKind = iota
	retryDate
	retryNone
	retryVerbatim
	retryWindow
)

// UntilWindowEnds is the word for it in scenario files.
const UntilWindowEnds = "until-window-ends"

// RetryUntilWindowEnds is the whole seconds until the window of the rule ends.
func RetryUntilWindowEnds() RetryAfter { return RetryAfter{kind: retryWindow} }

// ParseRetryAfter reads what stands in X-Mock-Retry-After: `date+30` is an HTTP date 30 s ahead, `none` no header, anything
// else is sent as it is, seconds included: clients must survive -1 and soon.
func ParseRetryAfter(text string) RetryAfter {
	if text == "none" {
		return RetryAfter{kind: retryNone}
	}
	if ahead, ok := strings.CutPrefix(text, "date+"); ok {
		// Ten years: more would not be a date that clients can be tested with.
		if n, err := strconv.Atoi(ahead); err == nil && n >= 0 && n <= 10*366*24*3600 {
			return RetryAfter{kind: retryDate, seconds: n}
		}
	}
	return RetryAfter{kind: retryVerbatim, text: text}
}

// IsZero says whether nothing was said about it.
func (r RetryAfter) IsZero() bool { return r.kind == retryDefault }

// AsksWindow says whether the value depends on the window of a rule.
func (r RetryAfter) AsksWindow() bool { return r.kind == retryWindow }

// Value is the header's value, or "" for no header. now is real time, which an HTTP date is about; ends is the session
// time until the window of the rule ends; documented is what the error says by itself.
func (r RetryAfter) Value(now time.Time, ends time.Duration, documented string) string {
	switch r.kind {
	case retryDate:
		return now.Add(time.Duration(r.seconds) * time.Second).UTC().Format(http.TimeFormat)
	case retryNone:
		return ""
	case retryVerbatim:
		return r.text
	case retryWindow:
		return strconv.FormatInt(WholeSeconds(ends), 10)
	}
	return documented
}

// WholeSeconds rounds up: a client that waits so long is never too early.
func WholeSeconds(d time.Duration) int64 {
	return int64((max(d, 0) + time.Second - 1) / time.Second)
}
