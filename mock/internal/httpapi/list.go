package httpapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/crm"
	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/mock/internal/store"
)

func (x *exchange) list() (Answer, error) {
	r, err := x.resource()
	if err != nil {
		return Answer{}, err
	}
	if answer, ok := x.api.pages.find(r.View(), x.base, x.req.URL.RawQuery); ok {
		return answer, nil
	}
	told := len(x.warnings)
	q, messages := r.Definition.ParseQuery(x.req.URL.RawQuery)
	x.warnOfQuery(q)
	query := storeQuery(r.Definition, q)
	if q.CursorGiven && q.Cursor != "" {
		after, ok := openCursor(q, r.Definition)
		if !ok {
			messages = append(messages, "cursor must be a valid cursor")
		}
		query.After = after
	}
	if len(messages) > 0 {
		return Answer{}, apierror.NewValidation(messages)
	}
	answer, err := x.page(r, q, query)
	if err != nil {
		return Answer{}, err
	}
	if len(x.warnings) == told { // what is worth a warning is not worth remembering
		x.api.pages.keep(r.View(), x.base, strings.Clone(x.req.URL.RawQuery), answer)
	}
	return answer, nil
}

func (x *exchange) warnOfQuery(q schema.ListQuery) {
	for _, name := range q.Unknown {
		x.warn(`the query parameter "` + name + `" is unknown and was ignored`)
	}
	for _, name := range q.Duplicates {
		x.warn(`the query parameter "` + name + `" came more than once: the last value counts`)
	}
	if q.CursorGiven && q.PageGiven {
		x.warn("page was ignored: cursor says where to go on")
	}
}

func storeQuery(d *schema.Definition, q schema.ListQuery) store.Query {
	query := store.Query{
		Search: q.Search, SortBy: q.SortBy, Descending: q.Descending, Limit: q.Limit,
	}
	if q.Search != "" {
		query.SearchIn = d.SearchFields()
	}
	if !q.CursorGiven {
		query.Offset = (q.Page - 1) * q.Limit
	}
	for _, f := range q.Equal {
		query.Equal = append(query.Equal, store.Equal{Field: f.Field, Value: f.Value, Fold: d.Fields[f.Field].Unique})
	}
	for _, f := range q.Minimum {
		query.AtLeast = append(query.AtLeast, store.AtLeast{Field: f.Field, Minimum: f.Value})
	}
	return query
}

// page answers with the documented bare array or, where a cursor is given, with an object around it.
func (x *exchange) page(r *crm.Resource, q schema.ListQuery, query store.Query) (Answer, error) {
	found := r.List(query)
	if err := x.claimSize(sizeOf(found.Records)); err != nil {
		return Answer{}, err
	}
	if q.CursorGiven {
		return x.cursorPage(r, q, found), nil
	}
	return Answer{
		Status: x.match.Operation.Success,
		Body:   join(`[`, found.Records, `]`),
		Headers: []Header{
			{"X-Total-Count", strconv.Itoa(found.Total)},
			{"Link", x.links(r.Definition.Name, q, found.Total)},
		},
	}, nil
}

// sizeOf is how many bytes records take, encoded.
func sizeOf(records []*store.Record) (size int) {
	for _, record := range records {
		size += len(record.JSON())
	}
	return size
}

// join splices records, each encoded already, into one array.
func join(before string, records []*store.Record, after string) []byte {
	size := len(before) + len(after) + len(records) + sizeOf(records)
	body := append(make([]byte, 0, size), before...)
	for i, record := range records {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, record.JSON()...)
	}
	return append(body, after...)
}

// links is the Link header: first, prev, next, last, with the other parameters as they were sent.
func (x *exchange) links(name string, q schema.ListQuery, total int) string {
	last := max((total+q.Limit-1)/q.Limit, 1)
	var room, roomKept [512]byte // most headers fit, and then nothing but the header is allocated
	b, kept := room[:0], appendKept(roomKept[:0], x.req.URL.RawQuery)
	add := func(page int, relation string) {
		if len(b) > 0 {
			b = append(b, ", "...)
		}
		b = append(append(append(append(b, '<'), x.base...), '/'), name...)
		b = append(append(append(b, '?'), kept...), "page="...)
		b = strconv.AppendInt(b, int64(page), 10)
		b = append(append(append(b, `>; rel="`...), relation...), '"')
	}
	add(1, "first")
	if q.Page > 1 {
		add(min(q.Page-1, last), "prev")
	}
	if q.Page < last {
		add(q.Page+1, "next")
	}
	add(last, "last")
	return string(b)
}

// appendKept adds a query without its page and without directives, ending so that a page can be added. What could end
// the link early is escaped.
func appendKept(b []byte, raw string) []byte {
	for part := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(part, "=")
		if part == "" || name == "page" || strings.HasPrefix(name, "__") {
			continue
		}
		b = append(append(b, linkEscaper.Replace(part)...), '&')
	}
	return b
}

var linkEscaper = strings.NewReplacer("<", "%3C", ">", "%3E", `"`, "%22")

// cursor is what a nextCursor holds: the order it belongs to, and the place in it.
type cursor struct {
	SortBy     string          `json:"s"`
	Descending bool            `json:"d,omitempty"`
	Key        json.RawMessage `json:"k"`
	ID         string          `json:"i"`
}

func (x *exchange) cursorPage(r *crm.Resource, q schema.ListQuery, found store.Result) Answer {
	next := []byte("null")
	if n := len(found.Records); found.More && n > 0 {
		next = closeCursor(q, r.Definition, found.Records[n-1])
	}
	var after bytes.Buffer
	after.WriteString(`],"nextCursor":`)
	after.Write(next)
	after.WriteString(`,"hasMore":`)
	after.WriteString(strconv.FormatBool(found.More))
	after.WriteByte('}')
	return Answer{
		Status: x.match.Operation.Success, Body: join(`{"data":[`, found.Records, after.String()),
		Headers: []Header{{"X-Total-Count", strconv.Itoa(found.Total)}},
	}
}

func closeCursor(q schema.ListQuery, d *schema.Definition, last *store.Record) []byte {
	text, _ := json.Marshal(cursor{d.Fields[q.SortBy].Name, q.Descending, last.Raw(q.SortBy), last.ID()}) // JSON in, JSON out
	quoted := append([]byte{'"'}, base64.RawURLEncoding.AppendEncode(nil, text)...)
	return append(quoted, '"')
}

// openCursor reads a cursor; it must be of the order that is asked for.
func openCursor(q schema.ListQuery, d *schema.Definition) (*store.Position, bool) {
	text, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil {
		return nil, false
	}
	var c cursor
	if json.Unmarshal(text, &c) != nil || c.ID == "" || c.Descending != q.Descending || d.Index(c.SortBy) != q.SortBy || !isKey(c.Key) {
		return nil, false
	}
	return &store.Position{Key: c.Key, ID: c.ID}, true
}

// isKey: a sort key is a scalar.
func isKey(raw json.RawMessage) bool {
	return len(raw) > 0 && raw[0] != '[' && raw[0] != '{'
}
