package schema

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// show writes what a query asks for beyond the defaults, fields by name.
func show(d *Definition, q ListQuery) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if q.Page != 1 {
		add("page %d", q.Page)
	}
	if q.PageGiven && q.Page == 1 {
		add("page given")
	}
	if q.Limit != 20 {
		add("limit %d", q.Limit)
	}
	if q.SortBy != d.Index("createdAt") {
		add("by %s", d.Fields[q.SortBy].Name)
	}
	if !q.Descending {
		add("asc")
	}
	for _, e := range q.Equal {
		add("%s=%s", d.Fields[e.Field].Name, e.Value)
	}
	for _, b := range q.Minimum {
		add("%s>=%v", d.Fields[b.Field].Name, b.Value)
	}
	if q.Search != "" {
		add("search %q", q.Search)
	}
	if q.CursorGiven {
		add("cursor %q", q.Cursor)
	}
	if q.Unknown != nil {
		add("unknown %q", q.Unknown)
	}
	if q.Duplicates != nil {
		add("twice %q", q.Duplicates)
	}
	return strings.Join(parts, "; ")
}

func TestParseQuery(t *testing.T) {
	t.Parallel()
	const uuid = "3f2a9c1e-7b40-455c-81ea-c81f6b2d7a9d"
	for _, tc := range []struct{ query, want string }{
		{"", ""},
		{"page=3&limit=100&sortBy=lastName&sortOrder=asc", "page 3; limit 100; by lastName; asc"},
		{"page=1e1&limit=5.0", "page 10; limit 5"},
		{"page=%2B2", "page 2"},
		{"page=1e300", "page " + strconv.Itoa(1<<50)},
		{"page=&limit=&sortBy=&sortOrder=&status=&minScore=&search=", ""},
		{"sortBy=leadScore&sortOrder=desc", "by leadScore"},
		{"company=A%26B+C&status=CONVERTED&rating=HOT&leadSource=WEB&email=ada@example.com&ownerId=" + uuid, "status=CONVERTED; rating=HOT; leadSource=WEB; ownerId=" + uuid + "; email=ada@example.com; company=A&B C"},
		{"minScore=50", "leadScore>=50"},
		{"minScore=1e1", "leadScore>=10"},
		{"search=Ada+L", `search "Ada L"`},
		{"cursor=", `cursor ""`},
		{"cursor", `cursor ""`},
		{"cursor=abc&page=2", `page given; cursor "abc"`},
		{"cursor=&page=x", `page given; cursor ""`},
		{"cursor=&page=", `cursor ""`},
		{"foo=1&bar&foo=2&firstName=x&Status=NEW&status[]=NEW", `unknown ["foo" "bar" "firstName" "Status" "status[]"]; twice ["foo"]`},
		{"status=NEW&status=LOST&status=LOST", `status=LOST; twice ["status"]`},
		{"status=NEW&status=", `twice ["status"]`},
		{"__error=internal&__status=503&__error=x&page=2", "page 2"},
		{"&&=&=x&page=2&", "page 2"},
		{"company=%zz", "company=%zz"},
		{"company=%ff", "company=\uFFFD"},
		{"search=%00", `search "\x00"`},
		{"constructor=1&__proto__=2", `unknown ["constructor"]`},
	} {
		t.Run(tc.query, func(t *testing.T) {
			t.Parallel()
			d := leads()
			q, messages := d.ParseQuery(tc.query)
			if diff := cmp.Diff(tc.want, show(d, q)); diff != "" {
				t.Error(diff)
			}
			if messages != nil {
				t.Errorf("messages %q", messages)
			}
		})
	}
}

func TestParseQueryMessages(t *testing.T) {
	t.Parallel()
	const pageInt, limitInt = "page must be an integer number", "limit must be an integer number"
	const statuses = "status must be one of: NEW, CONTACTED, QUALIFIED, LOST, CONVERTED"
	for _, tc := range []struct {
		query string
		want  []string
	}{
		{"page=0&limit=101", []string{"page must not be less than 1", "limit must not be greater than 100"}},
		{"page=-1&limit=0", []string{"page must not be less than 1", "limit must not be less than 1"}},
		{"page=x&limit=1.5", []string{pageInt, limitInt}},
		{"page=0x1F&limit=1_0", []string{pageInt, limitInt}},
		{"page=Infinity&limit=NaN", []string{pageInt, limitInt}},
		{"page=+1&limit=1+", []string{pageInt, limitInt}},
		{"page=1e400&limit=1-1", []string{pageInt, limitInt}},
		{"page=%D9%A1&limit=e", []string{pageInt, limitInt}},
		{"sortOrder=ASC", []string{"sortOrder must be one of: asc, desc"}},
		{"status=new", []string{statuses}},
		{"ownerId=me&email=nope", []string{"ownerId must be a UUID", "email must be an email"}},
		{"minScore=-1", []string{"minScore must not be less than 0"}},
		{"minScore=101", []string{"minScore must not be greater than 100"}},
		{"minScore=high", []string{"minScore must be an integer number"}},
		{"company=" + strings.Repeat("x", 256), []string{"company must be shorter than or equal to 255 characters"}},
		{"minScore=x&company=y&email=z&ownerId=z&leadSource=z&rating=z&status=z&sortOrder=z&sortBy=painPoints&limit=z&page=z&foo=z",
			[]string{pageInt, limitInt, "sortBy must be one of: " + sortable(leads()), "sortOrder must be one of: asc, desc", statuses, "rating must be one of: HOT, WARM, COLD",
				"leadSource must be one of: WEB, PHONE_INQUIRY, PARTNER_REFERRAL, PURCHASED_LIST, EXTERNAL_REFERRAL, EMPLOYEE_REFERRAL, TRADE_SHOW, WEB_FORM, SOCIAL_MEDIA, EMAIL_CAMPAIGN, WEBINAR, COLD_CALL, OTHER",
				"ownerId must be a UUID", "email must be an email", "minScore must be an integer number"}},
	} {
		t.Run(tc.query[:min(30, len(tc.query))], func(t *testing.T) {
			t.Parallel()
			d := leads()
			q, got := d.ParseQuery(tc.query)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if q.Unknown = nil; strings.Contains(show(d, q), "z") {
				t.Errorf("a wrong value is in the query: %s", show(d, q))
			}
		})
	}
}

// sortable is written from the contract's words: any field with a scalar type.
func sortable(d *Definition) string {
	var names []string
	for _, f := range d.Fields {
		if f.Name != "painPoints" {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}

func TestParseQueryOfPlainDefinitions(t *testing.T) {
	t.Parallel()
	d := deals()
	q, messages := d.ParseQuery("name=abc&priority=1.0&won=true&discount=1e0&birthday=2026-06-30&search=x&tags=y&id=z")
	if len(messages) > 0 {
		t.Errorf("messages %q", messages)
	}
	if got, want := show(d, q), `by name; name=abc; birthday=2026-06-30; priority=1; discount=1; won=true; search "x"; unknown ["tags" "id"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	_, messages = d.ParseQuery("name=x&won=1&priority=3&discount=0.1&closeDate=soon&sortBy=extra")
	want := []string{"sortBy must be one of: name, closeDate, birthday, accountId, priority, discount, won", "name must be longer than or equal to 2 characters", "closeDate must be a valid ISO 8601 date string",
		"priority must be one of: 1, 2", "discount must not be less than 0.5", "won must be a boolean value"}
	if diff := cmp.Diff(want, messages); diff != "" {
		t.Error(diff)
	}
	if _, messages := d.ParseQuery("priority=high"); !slices.Equal(messages, []string{"priority must be one of: 1, 2"}) {
		t.Errorf("no number for an enum of numbers: %q", messages)
	}
	if q, messages := NewDefinition("empty", "Empty", nil).ParseQuery("search=x&sortBy=y"); q.SortBy != -1 || !slices.Equal(q.Unknown, []string{"search"}) || len(messages) != 1 {
		t.Errorf("without fields: %+v %q", q, messages)
	}
}

func TestEnormousQueryStrings(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&many, "p%d=1&", i)
	}
	d := leads()
	q, messages := d.ParseQuery(many.String() + "page=x")
	if len(q.Unknown) != maxParameters || messages != nil {
		t.Errorf("%d unknown parameters, %q", len(q.Unknown), messages)
	}
	q, messages = d.ParseQuery("page=" + strings.Repeat("9", 1<<20) + "&limit=" + strings.Repeat("0", 1<<20) + "7&" + strings.Repeat("status=NEW&", 500))
	if q.Limit != 7 || !slices.Equal(messages, []string{"page must be an integer number"}) || !slices.Equal(q.Duplicates, []string{"status"}) {
		t.Errorf("limit %d, %q, twice %q", q.Limit, messages, q.Duplicates)
	}
}

// FuzzParseQuery holds that every query string is answered in a documented shape and within the limits.
func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"", "page=2&limit=5&sortBy=email&sortOrder=asc", "status=NEW&status=X&minScore=1e400", "cursor=&__error=x&%zz=%ff&;=1", "page=" + url.QueryEscape("１"), "won=true&priority=2&discount=.5"} {
		f.Add(seed)
	}
	definitions := []*Definition{leads(), deals()}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, d := range definitions {
			q, messages := d.ParseQuery(raw)
			for _, m := range messages {
				if !messageShapes.MatchString(m) {
					t.Errorf("%q earned %q", raw, m)
				}
			}
			if q.Page < 1 || q.Page > maxPage || q.Limit < 1 || q.Limit > maxLimit || q.SortBy < 0 || q.SortBy >= len(d.Fields) {
				t.Errorf("%q asks for %+v", raw, q)
			}
			for _, name := range q.Unknown {
				if strings.HasPrefix(name, "__") || d.hasParameter(name) {
					t.Errorf("%q: %q is said to be unknown", raw, name)
				}
			}
		}
	})
}

func BenchmarkParseQuery(b *testing.B) {
	d := leads()
	b.ReportAllocs()
	for b.Loop() {
		if _, messages := d.ParseQuery("page=2&limit=50&sortBy=createdAt&sortOrder=desc&status=NEW&minScore=50"); len(messages) > 0 {
			b.Fatal(messages)
		}
	}
}
