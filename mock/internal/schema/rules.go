package schema

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
	"github.com/salesos/salesos-mock/mock/internal/validatorjs"
)

// What a broken rule says about its subject, which stands before it: the name of a field, or "each value in" and
// the name (contract.md section 6).
const (
	ruleRequired = "should not be empty"
	ruleString   = "must be a string"
	ruleInteger  = "must be an integer number"
	ruleNumber   = "must be a number conforming to the specified constraints"
	ruleBoolean  = "must be a boolean value"
	ruleArray    = "must be an array"
	ruleObject   = "must be an object"
	ruleEmail    = "must be an email"
	ruleUUID     = "must be a UUID"
	ruleDate     = "must be a valid ISO 8601 date string"

	eachValue = "each value in "
)

func oneOf(values []string) string { return "must be one of: " + strings.Join(values, ", ") }

func unknownProperty(name string) string { return "property " + name + " should not exist" }

// verdict is a canonical value, appended to a buffer, or the first rule that the value breaks.
type verdict struct {
	rule string // empty: all kept
	each bool   // the rule is one for the items of an array
}

// judge applies the rules of a field to a value that is there, and appends it in canonical form. What is appended
// to a value that broke a rule means nothing.
func (f *Field) judge(to []byte, raw json.RawMessage) ([]byte, verdict) {
	if f.Required && isEmpty(raw) {
		return to, verdict{rule: ruleRequired}
	}
	switch f.Type {
	case Integer, Number:
		return f.judgeNumber(to, raw)
	case Boolean:
		if jsonbody.KindOf(raw) != jsonbody.BoolKind {
			return to, verdict{rule: f.typeRule()}
		}
		return append(to, raw...), verdict{}
	case Array:
		return f.judgeArray(to, raw)
	case Object:
		if jsonbody.KindOf(raw) != jsonbody.ObjectKind {
			return to, verdict{rule: ruleObject}
		}
		return appendCompact(to, raw), verdict{}
	}
	return f.judgeString(to, raw)
}

// isEmpty is what "should not be empty" means: null or an empty string, but an empty array or object is something.
func isEmpty(raw json.RawMessage) bool {
	return jsonbody.KindOf(raw) == jsonbody.NullKind || len(raw) == 2 && raw[0] == '"'
}

// typeRule is the one rule that a value of another type breaks, and, where the field has a format or an enum,
// that any wrong value breaks.
func (f *Field) typeRule() string {
	if len(f.Enum) > 0 {
		return oneOf(f.Enum)
	}
	switch f.Type {
	case Integer:
		return ruleInteger
	case Number:
		return ruleNumber
	case Boolean:
		return ruleBoolean
	case Array:
		return ruleArray
	case Object:
		return ruleObject
	}
	return f.formatRule()
}

func (f *Field) formatRule() string {
	switch f.Format {
	case Email:
		return ruleEmail
	case UUID:
		return ruleUUID
	case DateTime, Date:
		return ruleDate
	}
	return ruleString
}

func (f *Field) judgeString(to []byte, raw json.RawMessage) ([]byte, verdict) {
	if jsonbody.KindOf(raw) != jsonbody.StringKind {
		return to, verdict{rule: f.typeRule()}
	}
	start := len(to)
	to = appendRawString(to, raw)
	text := to[start+1 : len(to)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		decoded, _ := jsonbody.DecodeString(to[start:])
		return to, verdict{rule: f.textRule(decoded)}
	}
	// Enums and plain texts within their length are nearly all there is: decide those without a copy.
	if f.plainlyFits(text) {
		return to, verdict{}
	}
	return to, verdict{rule: f.textRule(string(text))}
}

// plainlyFits may say no to a text that keeps all rules, never yes to one that breaks a rule.
func (f *Field) plainlyFits(text []byte) bool {
	if len(f.Enum) > 0 {
		return slices.ContainsFunc(f.Enum, func(value string) bool { return value == string(text) })
	}
	// No text is longer, as validator.js counts, than its bytes.
	return f.Format == "" && f.MinLength == nil && (f.MaxLength == nil || len(text) <= *f.MaxLength)
}

// textRule returns the first rule that a text breaks, or nothing.
func (f *Field) textRule(text string) string {
	if !f.allows(text, f.Enum) || !f.hasFormat(text) {
		return f.typeRule()
	}
	return f.lengthRule(text)
}

// allows reports whether an enum, if there is one, has the value.
func (f *Field) allows(value string, enum []string) bool {
	return len(f.Enum) == 0 || slices.Contains(enum, value)
}

func (f *Field) hasFormat(text string) bool {
	switch f.Format {
	case Email:
		return validatorjs.IsEmail(text)
	case UUID:
		return validatorjs.IsUUID(text)
	case DateTime, Date:
		return isISO8601(text)
	}
	return true
}

func (f *Field) lengthRule(text string) string {
	if f.MinLength == nil && f.MaxLength == nil {
		return ""
	}
	switch length := validatorjs.Length(text); {
	case f.MinLength != nil && length < *f.MinLength:
		return "must be longer than or equal to " + strconv.Itoa(*f.MinLength) + " characters"
	case f.MaxLength != nil && length > *f.MaxLength:
		return "must be shorter than or equal to " + strconv.Itoa(*f.MaxLength) + " characters"
	}
	return ""
}

func (f *Field) judgeNumber(to []byte, raw json.RawMessage) ([]byte, verdict) {
	if jsonbody.KindOf(raw) != jsonbody.NumberKind {
		return to, verdict{rule: f.typeRule()}
	}
	n, ok := parseNumber(raw)
	if !ok {
		return to, verdict{rule: f.typeRule()}
	}
	start := len(to)
	to = appendNumber(to, n)
	if len(f.Enum) > 0 && !slices.Contains(f.Enum, string(to[start:])) {
		return to, verdict{rule: f.typeRule()}
	}
	return to, verdict{rule: f.numberRule(n)}
}

// numberRule returns the first rule that a number breaks, or nothing.
func (f *Field) numberRule(n float64) string {
	switch {
	case f.Type == Integer && !isInteger(n):
		return f.typeRule()
	case f.Minimum != nil && n < *f.Minimum:
		return "must not be less than " + formatNumber(*f.Minimum)
	case f.Maximum != nil && n > *f.Maximum:
		return "must not be greater than " + formatNumber(*f.Maximum)
	}
	return ""
}

func (f *Field) judgeArray(to []byte, raw json.RawMessage) ([]byte, verdict) {
	if jsonbody.KindOf(raw) != jsonbody.ArrayKind {
		return to, verdict{rule: ruleArray}
	}
	if f.Items == nil {
		return appendCompact(to, raw), verdict{}
	}
	to = append(to, '[')
	start := len(to)
	for item := range jsonbody.Items(raw) {
		if len(to) > start {
			to = append(to, ',')
		}
		var v verdict
		if to, v = f.Items.judge(to, item); v.rule != "" {
			return to, verdict{rule: v.rule, each: true}
		}
	}
	return append(to, ']'), verdict{}
}
