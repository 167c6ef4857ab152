package outcome

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/wirefault"
)

// MaxTimes bounds how often a step or directive is used.
const MaxTimes = 1_000_000

// ParseError reads the name of a documented error; hyphens are taken for underscores.
func ParseError(text string) (apierror.Name, *Problem) {
	if entry, ok := apierror.Lookup(text); ok {
		return entry.Name, nil
	}
	p := Unknown(KeyError, "unknown error", text, apierror.Names())
	if name := ofStatus(text); name != "" {
		p.Nearest = string(name)
	}
	return "", &p
}

// ofStatus is the error that was meant by its status; empty if there is none.
func ofStatus(text string) apierror.Name {
	for _, entry := range apierror.Catalogue() {
		if strconv.Itoa(entry.Error.Status) == text {
			return entry.Name
		}
	}
	return ""
}

// ParseFault reads the name of a fault; hyphens are taken for underscores.
func ParseFault(text string) (wirefault.Kind, *Problem) {
	if kind, ok := wirefault.Parse(strings.ReplaceAll(text, "-", "_")); ok {
		return kind, nil
	}
	p := Unknown(KeyFault, "unknown fault", text, FaultNames())
	return "", &p
}

// FaultNames lists the faults.
func FaultNames() []string {
	var names []string
	for _, kind := range wirefault.All() {
		names = append(names, string(kind))
	}
	return names
}

// ParseCommit reads before or after.
func ParseCommit(text string) (Commit, *Problem) {
	if c := Commit(text); c == Before || c == After {
		return c, nil
	}
	p := Unknown(KeyCommit, "found", text, []string{string(Before), string(After)})
	return Unset, &p
}

// ParseStatus reads a status of X-Mock-Status.
func ParseStatus(text string) (int, *Problem) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 400 || n > 599 || len(text) != 3 {
		return 0, &Problem{Key: KeyStatus, What: quote(text) + " is no status of an error", Allowed: []string{"400 to 599"}}
	}
	return n, nil
}

func parseTimes(text string) (int, *Problem) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > MaxTimes {
		return 0, &Problem{Key: KeyTimes, What: quote(text) + " is no number of times", Allowed: []string{fmt.Sprintf("1 to %d", MaxTimes)}}
	}
	return n, nil
}

func parseChance(text string) (float64, *Problem) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 1 {
		return 0, &Problem{Key: KeyChance, What: quote(text) + " is no chance", Allowed: []string{"0 to 1"}}
	}
	return f, nil
}

func parseFields(values []string) ([]string, *Problem) {
	var fields []string
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		field := strings.TrimSpace(part)
		if field == "" {
			return nil, &Problem{Key: KeyFields, What: quote(strings.Join(values, ",")) + " names a field that is empty", Allowed: []string{"names of fields, with commas between them"}}
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// sessionName is what a session may be called (control.md section 2).
var sessionName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// longestSessionName is written apart from the expression, which would take many times as long to compile with {1,64}.
const longestSessionName = 64

func isSessionName(text string) bool {
	return len(text) <= longestSessionName && sessionName.MatchString(text) && text != "." && text != ".." // see session.ValidID
}

// apply reads one directive; text is its value in canonical form, so that two spellings of one value do not contradict
// each other.
func (d *Directives) apply(g given) (text string, p *Problem) {
	switch g.key {
	case KeyMessage:
		return d.applyMessage(g)
	case KeyFields:
		d.Fields, p = parseFields(g.values)
		return strings.Join(d.Fields, ","), p
	}
	value := strings.TrimSpace(g.values[0])
	for _, other := range g.values[1:] {
		if strings.TrimSpace(other) != value {
			return "", &Problem{Key: g.key, What: fmt.Sprintf("%s and %s contradict each other: it takes one value", quote(value), quote(other))}
		}
	}
	if value == "" {
		return "", &Problem{Key: g.key, What: `the value "" is empty`, Allowed: allowedValues(g.key)}
	}
	return d.applyOne(g.key, value)
}

func allowedValues(key Key) []string {
	switch key {
	case KeyError:
		return apierror.Names()
	case KeyFault:
		return FaultNames()
	case KeyDelay:
		return delayForms()
	}
	return []string{keyInfo(key).Meaning}
}

func (d *Directives) applyMessage(g given) (string, *Problem) {
	d.Message = &Message{Texts: g.values, Array: len(g.values) > 1}
	text, _ := json.Marshal(g.values) // strings always encode
	return string(text), nil
}

func (d *Directives) applyOne(key Key, value string) (text string, p *Problem) {
	switch key {
	case KeyError:
		d.Error, p = ParseError(value)
		return string(d.Error), p
	case KeyStatus:
		d.Status, p = ParseStatus(value)
		return value, p
	case KeyFault:
		d.Fault, p = ParseFault(value)
		return string(d.Fault), p
	case KeyRetryAfter:
		d.RetryAfter = ParseRetryAfter(value)
		return value, nil
	case KeyDelay:
		if d.Delay, p = ParseDelay(value); p != nil {
			return "", p
		}
		return d.Delay.Min.String() + "-" + d.Delay.Max.String(), nil
	case KeyCommit:
		d.Commit, p = ParseCommit(value)
		return value, p
	case KeyTimes:
		d.Times, p = parseTimes(value)
		return value, p
	}
	return d.applyName(key, value)
}

func (d *Directives) applyName(key Key, value string) (string, *Problem) {
	switch key {
	case KeyChance:
		f, p := parseChance(value)
		d.Chance = &f
		return fmt.Sprint(f), p
	case KeyScenario:
		d.Scenario = value
		return value, nil
	}
	if !isSessionName(value) {
		return "", &Problem{Key: key, What: quote(value) + " is no name of a session", Allowed: []string{"1 to 64 letters, digits, dots, underscores and hyphens"}}
	}
	d.Session = value
	return value, nil
}
