package outcome

import (
	"slices"
	"strings"
)

// Key is a word of the grammar, as files write it.
type Key string

// The words that say what is done to an answer, and those that say when.
const (
	KeyError      Key = "error"
	KeyStatus     Key = "status"
	KeyFault      Key = "fault"
	KeyBody       Key = "body"
	KeyMessage    Key = "message"
	KeyFields     Key = "fields"
	KeyHeaders    Key = "headers"
	KeyRetryAfter Key = "retryAfter"
	KeyDelay      Key = "delay"
	KeyCommit     Key = "commit"
	KeyPatch      Key = "patch"
	KeyTimes      Key = "times"
	KeyChance     Key = "chance"
	KeyScenario   Key = "scenario"
	KeySession    Key = "session"
)

// KeyInfo says how a word is written in the forms that know it, and what it means.
type KeyInfo struct {
	Key     Key
	Header  string   // of the directive, in canonical form; empty: files only
	Queries []string // of the directive's query forms; underscores may be hyphens
	Meaning string
}

// grammar is the table behind Keys: each request with a directive asks it several times.
var grammar = []KeyInfo{
	{KeyError, "X-Mock-Error", []string{"__error"}, "the documented error of that name"},
	{KeyStatus, "X-Mock-Status", []string{"__status", "__code"}, "the documented error of that status, 400 to 599; beside a body its status, 200 to 599"},
	{KeyBody, "", nil, "an answer: any JSON, with the status 200 unless another is given"},
	{KeyMessage, "X-Mock-Message", []string{"__message"}, "instead of the documented message; several make an array"},
	{KeyFields, "X-Mock-Fields", []string{"__fields"}, "with validation: the fields that break a rule, each earning its first documented message"},
	{KeyHeaders, "", nil, "headers to set on the answer"},
	{KeyRetryAfter, "X-Mock-Retry-After", []string{"__retry_after"}, "the Retry-After header: seconds, date+30 for an HTTP date, none, or any text to send as it is"},
	{KeyDelay, "X-Mock-Delay", []string{"__delay"}, "a wait before the answer: 800 (ms), 1.5s, 200ms-2s"},
	{KeyFault, "X-Mock-Fault", []string{"__fault"}, "a fault on the wire instead of an answer"},
	{KeyCommit, "X-Mock-Commit", []string{"__commit"}, "before: fail first; after: carry the request out, then fail"},
	{KeyPatch, "", nil, "a JSON merge patch on the real answer; of a list, on each record"},
	{KeyTimes, "X-Mock-Times", []string{"__times"}, "how many times; then the next step, or service as usual"},
	{KeyChance, "X-Mock-Chance", []string{"__chance"}, "how likely, 0 to 1; the same run gives the same results"},
	{KeyScenario, "X-Mock-Scenario", []string{"__scenario"}, "the name of a scenario whose rules apply to this request, whether or not it is active"},
	{KeySession, "X-Mock-Session", []string{"__session"}, "the session that the request belongs to"},
}

// Keys is the whole grammar, in the order of control.md sections 2 and 3.
func Keys() []KeyInfo { return slices.Clone(grammar) }

// placeOf is where a word stands in the grammar.
func placeOf(key Key) int {
	return slices.IndexFunc(grammar, func(info KeyInfo) bool { return info.Key == key })
}

func keyInfo(key Key) KeyInfo {
	for _, info := range grammar {
		if info.Key == key {
			return info
		}
	}
	return KeyInfo{Key: key, Header: string(key)}
}

// responseCode is understood because people type it already (control.md section 2).
const responseCode = "X-Mock-Response-Code"

// answerHeaders are sent, never read. Whoever echoes one has mistaken it for a directive, or forwards the headers of an
// answer: both are mistakes that silence would hide.
func answerHeaders() []string {
	return []string{"X-Mock-Decision", "X-Mock-Rule", "X-Mock-Step", "X-Mock-Warning", "X-Mock-Stale"}
}

func headerNames() []string {
	var names []string
	for _, info := range grammar {
		if info.Header != "" {
			names = append(names, info.Header)
		}
	}
	return append(names, responseCode)
}

func queryNames() []string {
	var names []string
	for _, info := range grammar {
		names = append(names, info.Queries...)
	}
	return names
}

func keyOfHeader(name string) (Key, bool) {
	if name == responseCode {
		return KeyStatus, true
	}
	for _, info := range grammar {
		if info.Header == name && name != "" {
			return info.Key, true
		}
	}
	return "", false
}

func keyOfQuery(name string) (Key, bool) {
	name = strings.ReplaceAll(name, "-", "_")
	for _, info := range grammar {
		for _, query := range info.Queries {
			if query == name {
				return info.Key, true
			}
		}
	}
	return "", false
}
