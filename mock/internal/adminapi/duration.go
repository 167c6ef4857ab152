package adminapi

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
)

// greatestDuration is the whole hours that a duration can hold.
const greatestDuration = "2562047h"

// countsDays says whether a text is a number of days or weeks, for which a duration has no unit.
func countsDays(sent string) bool {
	switch strings.TrimLeft(sent, "+-.0123456789 ") {
	case "d", "day", "days", "w", "week", "weeks":
		return true
	}
	return false
}

// duration reads "25h", "90s" or "-1h30m".
func duration(name string, to *time.Duration) member {
	return member{name, func(raw json.RawMessage) string {
		sent, _ := jsonbody.DecodeString(raw)
		value, err := time.ParseDuration(sent)
		switch {
		case err == nil:
			*to = value
			return ""
		case tooLong(sent):
			return "from -" + greatestDuration + " to " + greatestDuration
		case countsDays(sent):
			return "a duration in hours, minutes and seconds, a day being 24h"
		}
		return "a duration such as 25h, 90s or -1h30m"
	}}
}

// tooLong says whether a text is a duration but for its size. The parser says nothing of that, so each number is
// made small: what can then be read was wrong only in being large.
func tooLong(sent string) bool {
	small := strings.Map(func(r rune) rune {
		if r >= '1' && r <= '9' {
			return '0'
		}
		return r
	}, sent)
	_, err := time.ParseDuration(small)
	return err == nil
}
