package requestlog

import (
	"strconv"
	"time"
)

// What comes from outside is cut to so many bytes: a path may be as long as a request's head.
const (
	longestText   = 160
	longestJSON   = 2000
	longestMethod = 20
	longestName   = 200 // sessions, request ids, decisions, rules, addresses
)

// append adds the line of an entry, with its line end.
func (o Options) append(b []byte, e *Entry) []byte {
	if o.Format == JSON {
		return appendJSON(b, e)
	}
	return o.appendText(b, e)
}

// The ANSI colours in use. They are those of every terminal, and the user's theme says how they look.
const (
	colorRed    = "\x1b[31m"
	colorGreen  = "\x1b[32m"
	colorYellow = "\x1b[33m"
	colorCyan   = "\x1b[36m"
	colorDim    = "\x1b[2m"
	colorNone   = "\x1b[0m"
)

func statusColor(status int) string {
	switch status / 100 {
	case 2:
		return colorGreen
	case 3, 1:
		return colorCyan
	case 4:
		return colorYellow
	default:
		return colorRed
	}
}

// paint begins a colour, or ends it with colorNone.
func (o Options) paint(b []byte, color string) []byte {
	if o.Color {
		b = append(b, color...)
	}
	return b
}

// appendText puts first what has a fixed width, so that paths stand under each other:
//
//	18:04:05.123 GET    200   1.24ms /api/leads?limit=5 fixture
func (o Options) appendText(b []byte, e *Entry) []byte {
	b = o.paint(b, colorDim)
	b = appendClock(b, e.Began)
	b = o.paint(b, colorNone)
	b = append(b, ' ')
	start := len(b)
	b = appendSafe(b, e.Method, longestMethod, Text)
	b = pad(b, start, 6)
	b = append(b, ' ')
	b = o.paint(b, statusColor(e.Status))
	b = appendStatus(b, e.Status)
	b = o.paint(b, colorNone)
	b = appendMilliseconds(b, e.Duration)
	b = append(b, ' ')
	b = appendSafe(b, e.Target, longestText, Text)
	b = append(b, ' ')
	b = o.paint(b, colorDim)
	b = appendSafe(b, e.Decision, longestName, Text)
	if e.Rule != "" {
		b = append(b, ' ')
		b = appendSafe(b, e.Rule, longestName, Text)
	}
	if e.Session != o.Session && e.Session != "" {
		b = append(b, " session "...)
		b = appendSafe(b, e.Session, longestName, Text)
	}
	b = o.paint(b, colorNone)
	return append(b, '\n')
}

// appendStatus shows an answer that never came as dashes.
func appendStatus(b []byte, status int) []byte {
	if status == 0 {
		return append(b, "---"...)
	}
	return strconv.AppendInt(b, int64(status), 10)
}

// appendMilliseconds adds " 1.24ms" in nine columns.
func appendMilliseconds(b []byte, d time.Duration) []byte {
	var room [24]byte
	hundredths := int64(max(d, 0) / (10 * time.Microsecond))
	text := strconv.AppendInt(room[:0], hundredths/100, 10)
	if hundredths < 100_000 {
		text = append(text, '.')
		text = appendDigits(text, int(hundredths%100), 2)
	}
	text = append(text, "ms"...)
	for n := len(text); n < 9; n++ {
		b = append(b, ' ')
	}
	return append(b, text...)
}

// pad fills up what was written since start.
func pad(b []byte, start, width int) []byte {
	for len(b)-start < width {
		b = append(b, ' ')
	}
	return b
}

// appendClock adds the local time of day: whoever reads along has a clock on the wall.
func appendClock(b []byte, t time.Time) []byte {
	hour, minute, second := t.Local().Clock()
	b = appendDigits(b, hour, 2)
	b = append(b, ':')
	b = appendDigits(b, minute, 2)
	b = append(b, ':')
	b = appendDigits(b, second, 2)
	b = append(b, '.')
	return appendDigits(b, t.Nanosecond()/1e6, 3)
}

// appendDigits adds a number with leading zeros, up to three digits.
func appendDigits(b []byte, n, width int) []byte {
	if width > 2 {
		b = append(b, byte('0'+n/100%10))
	}
	return append(b, byte('0'+n/10%10), byte('0'+n%10))
}

// appendJSON adds the entry as an object.
func appendJSON(b []byte, e *Entry) []byte {
	b = appendHead(b, e.Began, "INFO", "request")
	b = appendMember(b, "method", e.Method, longestMethod)
	b = appendMember(b, "path", e.Target, longestJSON)
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(e.Status), 10)
	b = appendMember(b, "decision", e.Decision, longestName)
	if e.Rule != "" {
		b = appendMember(b, "rule", e.Rule, longestName)
	}
	b = append(b, `,"durationMs":`...)
	b = appendExactMilliseconds(b, e.Duration)
	b = append(b, `,"bytes":`...)
	b = strconv.AppendInt(b, int64(e.Bytes), 10)
	b = appendMember(b, "session", e.Session, longestName)
	b = appendMember(b, "remote", e.Remote, longestName)
	b = appendMember(b, "id", e.ID, longestName)
	return append(b, '}', '\n')
}

// appendHead begins an object with the keys that log/slog gives its own.
func appendHead(b []byte, t time.Time, level, message string) []byte {
	b = append(b, `{"time":"`...)
	b = appendUTC(b, t)
	b = append(b, `","level":"`...)
	b = append(b, level...)
	b = append(b, `","msg":"`...)
	b = append(b, message...)
	return append(b, '"')
}

// appendUTC adds 2026-11-22T18:04:05.123Z.
func appendUTC(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	b = appendDigits(b, year/100, 2)
	b = appendDigits(b, year%100, 2)
	b = append(b, '-')
	b = appendDigits(b, int(month), 2)
	b = append(b, '-')
	b = appendDigits(b, day, 2)
	b = append(b, 'T')
	b = appendDigits(b, hour, 2)
	b = append(b, ':')
	b = appendDigits(b, minute, 2)
	b = append(b, ':')
	b = appendDigits(b, second, 2)
	b = append(b, '.')
	b = appendDigits(b, t.Nanosecond()/1e6, 3)
	return append(b, 'Z')
}

// appendExactMilliseconds adds a JSON number with microseconds behind the point.
func appendExactMilliseconds(b []byte, d time.Duration) []byte {
	microseconds := max(d, 0).Microseconds()
	b = strconv.AppendInt(b, microseconds/1000, 10)
	b = append(b, '.')
	return appendDigits(b, int(microseconds%1000), 3)
}

func appendMember(b []byte, key, value string, longest int) []byte {
	b = append(b, ',', '"')
	b = append(b, key...)
	b = append(b, '"', ':', '"')
	b = appendSafe(b, value, longest, JSON)
	return append(b, '"')
}

// appendLeftOut says how many lines are missing at this place.
func (o Options) appendLeftOut(b []byte, left leftOut) []byte {
	if o.Format == JSON {
		b = appendHead(b, left.last, "WARN", "request log lines left out")
		b = append(b, `,"lines":`...)
		b = strconv.AppendInt(b, int64(left.lines), 10)
		return append(b, '}', '\n')
	}
	b = append(b, "… "...)
	b = strconv.AppendInt(b, int64(left.lines), 10)
	if left.lines == 1 {
		return append(b, " line left out\n"...)
	}
	return append(b, " lines left out\n"...)
}
