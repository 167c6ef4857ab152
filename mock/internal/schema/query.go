package schema

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// ListQuery is what a list was asked for (contract.md section 5). Fields are given by their index in Definition.Fields.
type ListQuery struct {
	Page      int  // from 1; beside a cursor, which ignores it, always 1
	PageGiven bool // a page was asked for
	Limit     int  // records of a page, 1 to 100

	SortBy     int // -1 only if the definition has no field to sort by
	Descending bool

	Equal   []Equality // in the order of the definition's filters
	Minimum []Bound    // in the order of the definition's minimum parameters
	Search  string     // empty: everything

	CursorGiven bool   // paging by cursor is asked for, even with an empty one
	Cursor      string // empty: from the start

	Unknown    []string // parameters without a meaning, in the order sent, each once
	Duplicates []string // parameters sent more than once, of which the last counts, each once
}

// Equality asks for records whose field has a value. Value is the text of a string, or the JSON of a
// number or boolean as Value.Raw has it: "1.0" in the address is "1" here.
type Equality struct {
	Field int
	Value string
}

// Bound asks for records whose field is at least Value.
type Bound struct {
	Field int
	Value float64
}

// Limits of a list query. Further parameters are not read: so many come from no client, and express stops there too.
const (
	defaultLimit  = 20
	maxLimit      = 100
	maxParameters = 1000
	// maxPage keeps page times limit within an int; pages so far are empty in any case.
	maxPage = 1 << 50
)

// The parameters that every list has.
const (
	pageParameter      = "page"
	limitParameter     = "limit"
	sortByParameter    = "sortBy"
	sortOrderParameter = "sortOrder"
	searchParameter    = "search"
	cursorParameter    = "cursor"
)

// ParseQuery judges the query string of a list, without its question mark. messages are those of wrong
// parameters, in the order page, limit, sortBy, sortOrder, filters, minimum parameters; a wrong one leaves its default in the ListQuery.
// An empty value is as if the parameter were not there, except of cursor. What a cursor says is for the store to judge: its message comes last.
// Names that begin with two underscores are directives to the mock, and none of a list's business.
func (d *Definition) ParseQuery(rawQuery string) (query ListQuery, messages []string) {
	query = ListQuery{Page: 1, Limit: defaultLimit, SortBy: d.defaultSort(), Descending: true}
	var room [8]string
	sent, duplicates := readParameters(rawQuery, parameters{values: map[string]string{}, order: room[:0]}) // made here, they stay on the stack
	r := queryReader{definition: d, sent: sent.values, messages: &messages}
	_, query.CursorGiven = sent.values[cursorParameter]
	query.Cursor = r.take(cursorParameter)
	query.PageGiven = r.take(pageParameter) != ""
	if !query.CursorGiven {
		query.Page = r.count(pageParameter, 1, math.Inf(1), query.Page)
	}
	query.Limit = r.count(limitParameter, 1, maxLimit, query.Limit)
	query.SortBy = r.sortBy(query.SortBy)
	query.Descending = r.descending()
	if sent.filters() { // to look through all that there is to filter by costs a plain page a quarter of its time
		query.Equal = r.equalities()
		query.Minimum = r.bounds()
	}
	if _, searched := sent.values[searchParameter]; searched && d.hasParameter(searchParameter) {
		query.Search = r.take(searchParameter)
	}
	query.Duplicates = duplicates
	for _, name := range sent.order {
		if !d.hasParameter(name) {
			query.Unknown = append(query.Unknown, name)
		}
	}
	return query, messages
}

// FilterFields returns the fields that a list can be filtered by, in the order of their messages. A definition that says nothing of
// queries has all its scalar fields but the id.
func (d *Definition) FilterFields() []int {
	if !d.Query.isEmpty() {
		return d.indexes(d.Query.Filters)
	}
	return d.where(func(f *Field) bool { return f.isScalar() && f.Name != "id" })
}

// SearchFields returns the fields that `search` looks at. A definition that says nothing of queries has its
// texts: strings that are no enum, UUID or date.
func (d *Definition) SearchFields() []int {
	if !d.Query.isEmpty() {
		return d.indexes(d.Query.Search)
	}
	return d.where(func(f *Field) bool {
		return f.Type == String && (f.Format == "" || f.Format == Email) && len(f.Enum) == 0
	})
}

func (q *Query) isEmpty() bool {
	return len(q.Filters) == 0 && len(q.Minimum) == 0 && len(q.Search) == 0
}

func (f *Field) isScalar() bool { return f.Type != Array && f.Type != Object }

func (d *Definition) indexes(names []string) []int {
	fields := make([]int, 0, len(names))
	for _, name := range names {
		if i := d.Index(name); i >= 0 {
			fields = append(fields, i)
		}
	}
	return fields
}

func (d *Definition) where(wanted func(*Field) bool) []int {
	var fields []int
	for i := range d.Fields {
		if wanted(&d.Fields[i]) {
			fields = append(fields, i)
		}
	}
	return fields
}

// defaultSort is createdAt, or the first field that can be sorted by.
func (d *Definition) defaultSort() int {
	if i := d.Index("createdAt"); i >= 0 && d.Fields[i].isScalar() {
		return i
	}
	return slices.IndexFunc(d.Fields, func(f Field) bool { return f.isScalar() })
}

// hasParameter reports whether a list of the resource gives the name a meaning.
func (d *Definition) hasParameter(name string) bool {
	if isListParameter(name) {
		return name != searchParameter || len(d.SearchFields()) > 0
	}
	return d.filters(name) || slices.ContainsFunc(d.Query.Minimum, func(m Minimum) bool { return m.Parameter == name })
}

func (d *Definition) filters(name string) bool {
	i := d.Index(name)
	return i >= 0 && slices.Contains(d.FilterFields(), i)
}

// parameters are those of a query string: the last value of each name.
type parameters struct {
	values map[string]string
	order  []string // names in the order in which they first came
}

// filters says whether any of them may be a filter.
func (p *parameters) filters() bool {
	return slices.ContainsFunc(p.order, func(name string) bool { return !isListParameter(name) })
}

// readParameters adds a query string to parameters that are empty. duplicates are names that came more than once.
func readParameters(rawQuery string, p parameters) (_ parameters, duplicates []string) {
	repeated := map[string]bool{}
	for count := 0; rawQuery != "" && count < maxParameters; count++ {
		var pair string
		pair, rawQuery, _ = strings.Cut(rawQuery, "&")
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name := unescape(rawName)
		if name == "" || strings.HasPrefix(name, "__") {
			continue
		}
		if _, seen := p.values[name]; !seen {
			p.order = append(p.order, name)
		} else if !repeated[name] {
			repeated[name] = true
			duplicates = append(duplicates, name)
		}
		p.values[name] = unescape(rawValue)
	}
	return p, duplicates
}

// unescape leaves a text with a broken escape as it was sent; express does the same.
func unescape(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.ToValidUTF8(plain, "\uFFFD")
}

// queryReader judges parameters one after the other, and collects the messages.
type queryReader struct {
	definition *Definition
	sent       map[string]string
	messages   *[]string // apart, so that what was sent can stay on the stack
}

func (r *queryReader) take(parameter string) string { return r.sent[parameter] }

func (r *queryReader) complain(parameter, rule string) {
	*r.messages = append(*r.messages, parameter+" "+rule)
}

// count reads a whole number within bounds.
func (r *queryReader) count(parameter string, least, most float64, otherwise int) int {
	text := r.take(parameter)
	if text == "" {
		return otherwise
	}
	n, rule := (&Field{Type: Integer, Minimum: &least, Maximum: &most}).judgeNumberText(text)
	if rule != "" {
		r.complain(parameter, rule)
		return otherwise
	}
	return int(min(n, maxPage))
}

func (r *queryReader) sortBy(otherwise int) int {
	name := r.take(sortByParameter)
	if name == "" {
		return otherwise
	}
	if i := r.definition.Index(name); i >= 0 && r.definition.Fields[i].isScalar() {
		return i
	}
	var names []string
	for _, i := range r.definition.where((*Field).isScalar) {
		names = append(names, r.definition.Fields[i].Name)
	}
	r.complain(sortByParameter, oneOf(names))
	return otherwise
}

func (r *queryReader) descending() bool {
	switch r.take(sortOrderParameter) {
	case "asc":
		return false
	case "", "desc":
	default:
		r.complain(sortOrderParameter, oneOf([]string{"asc", "desc"}))
	}
	return true
}

func (r *queryReader) equalities() []Equality {
	var list []Equality
	for _, i := range r.definition.FilterFields() {
		f := &r.definition.Fields[i]
		text := r.take(f.Name)
		if text == "" || isListParameter(f.Name) {
			continue
		}
		value, rule := f.judgeFilter(text)
		if rule != "" {
			r.complain(f.Name, rule)
			continue
		}
		list = append(list, Equality{Field: i, Value: value})
	}
	return list
}

// isListParameter tells the names that belong to the list itself: a field of that name cannot be filtered by.
func isListParameter(name string) bool {
	switch name {
	case pageParameter, limitParameter, sortByParameter, sortOrderParameter, searchParameter, cursorParameter:
		return true
	}
	return false
}

func (r *queryReader) bounds() []Bound {
	var list []Bound
	for _, m := range r.definition.Query.Minimum {
		i := r.definition.Index(m.Field)
		text := r.take(m.Parameter)
		if i < 0 || text == "" {
			continue
		}
		n, rule := r.definition.Fields[i].judgeNumberText(text)
		if rule != "" {
			r.complain(m.Parameter, rule)
			continue
		}
		list = append(list, Bound{Field: i, Value: n})
	}
	return list
}

// judgeFilter applies the rules of a field to a text of the query string, which a record could have as its value: values
// of the server's own are among them, and the message lists them.
func (f *Field) judgeFilter(text string) (value, rule string) {
	value = text
	if f.Type == Integer || f.Type == Number {
		n, rule := f.judgeNumberText(text)
		switch {
		case rule == "":
			value = formatNumber(n)
		case len(f.Enum) == 0:
			return "", rule
		}
	}
	if len(f.Enum) > 0 {
		return value, f.filterEnumRule(value)
	}
	switch f.Type {
	case Boolean:
		if text != "true" && text != "false" {
			return "", ruleBoolean
		}
	case String:
		return value, f.textRule(text)
	}
	return value, ""
}

func (f *Field) filterEnumRule(value string) string {
	if values := slices.Concat(f.Enum, f.Reserved); !slices.Contains(values, value) {
		return oneOf(values)
	}
	return ""
}

// judgeNumberText reads a number as a query string has it: decimal digits, with fraction and exponent at will.
func (f *Field) judgeNumberText(text string) (n float64, rule string) {
	// ParseFloat alone would take 0x1F, 1_000 and Infinity too.
	const allowed = "0123456789+-.eE"
	odd := strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune(allowed, r) })
	n, err := strconv.ParseFloat(text, 64)
	if odd || err != nil {
		return 0, f.numberTypeRule()
	}
	return n, f.numberRule(n)
}

// numberTypeRule is for a minimum parameter, which asks for a number whatever its field is.
func (f *Field) numberTypeRule() string {
	if f.Type == Integer {
		return ruleInteger
	}
	return ruleNumber
}
