package mock_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestListDefaults(t *testing.T) {
	s := start(t)
	r := s.do("GET", "/api/leads", "").status(200)
	leads := decode[[]object](r)
	if len(leads) != 20 {
		t.Errorf("%d leads", len(leads))
	}
	if !slices.IsSortedFunc(leads, func(a, b object) int { return strings.Compare(b["createdAt"].(string), a["createdAt"].(string)) }) {
		t.Error("not sorted by createdAt, newest first")
	}
	total := r.Header.Get("X-Total-Count")
	if total != "214" {
		t.Errorf("X-Total-Count is %s", total)
	}
	r.header("Link", `</api/leads?page=1>; rel="first", </api/leads?page=2>; rel="next", </api/leads?page=11>; rel="last"`)
}

func TestPagesNeverOverlap(t *testing.T) {
	s := start(t)
	for _, query := range []string{"", "sortBy=status&sortOrder=asc&", "sortBy=rating&sortOrder=desc&", "sortBy=isQualified&", "status=NEW&sortBy=company&"} {
		seen := map[string]bool{}
		for page := 1; ; page++ {
			leads := decode[[]object](s.do("GET", fmt.Sprintf("/api/leads?%slimit=30&page=%d", query, page), "").status(200))
			if len(leads) == 0 {
				break
			}
			for _, lead := range leads {
				id := lead["id"].(string)
				if seen[id] {
					t.Errorf("%s: %s comes twice", query, id)
				}
				seen[id] = true
			}
		}
		want := s.do("GET", "/api/leads?"+query, "").Header.Get("X-Total-Count")
		if fmt.Sprint(len(seen)) != want {
			t.Errorf("%s: %d leads on all pages, X-Total-Count %s", query, len(seen), want)
		}
	}
}

func TestFilters(t *testing.T) {
	s := start(t)
	s.create(`{"firstName":"Zoë","lastName":"Quux","email":"Zoe@Example.com","company":"Quux & Söhne","industry":"Retail","rating":"COLD","leadSource":"WEBINAR","title":"Chief"}`)
	for query, check := range map[string]func(object) bool{
		"status=CONVERTED":            func(l object) bool { return l["status"] == "CONVERTED" },
		"rating=HOT":                  func(l object) bool { return l["rating"] == "HOT" },
		"leadSource=WEB":              func(l object) bool { return l["leadSource"] == "WEB" },
		"minScore=80":                 func(l object) bool { s, ok := l["leadScore"].(float64); return ok && s >= 80 },
		"email=zoe@example.COM":       func(l object) bool { return l["firstName"] == "Zoë" },
		"company=Quux+%26+S%C3%B6hne": func(l object) bool { return l["firstName"] == "Zoë" },
		"search=qUUx":                 func(l object) bool { return l["firstName"] == "Zoë" },
		"search=S%C3%96HNE":           func(l object) bool { return l["firstName"] == "Zoë" },
		"status=QUALIFIED&rating=HOT": func(l object) bool { return l["status"] == "QUALIFIED" && l["rating"] == "HOT" },
	} {
		leads := decode[[]object](s.do("GET", "/api/leads?limit=100&"+query, "").status(200))
		if len(leads) == 0 {
			t.Errorf("%s finds nothing", query)
		}
		for _, lead := range leads {
			if !check(lead) {
				t.Errorf("%s finds %v", query, lead)
			}
		}
	}
	s.do("GET", "/api/leads?status=", "").status(200).header("X-Total-Count", "215")
}

func TestWrongQueries(t *testing.T) {
	s := start(t)
	for query, want := range map[string]string{
		"page=0":                  `["page must not be less than 1"]`,
		"page=x":                  `["page must be an integer number"]`,
		"page=1.5":                `["page must be an integer number"]`,
		"limit=101":               `["limit must not be greater than 100"]`,
		"limit=0&page=-1":         `["page must not be less than 1","limit must not be less than 1"]`,
		"sortOrder=DESC":          `["sortOrder must be one of: asc, desc"]`,
		"status=WRONG":            `["status must be one of: NEW, CONTACTED, QUALIFIED, LOST, CONVERTED"]`,
		"rating=X&ownerId=5":      `["rating must be one of: HOT, WARM, COLD","ownerId must be a UUID"]`,
		"minScore=x":              `["minScore must be an integer number"]`,
		"cursor=nonsense":         `["cursor must be a valid cursor"]`,
		"cursor=nonsense&limit=0": `["limit must not be less than 1","cursor must be a valid cursor"]`,
	} {
		s.do("GET", "/api/leads?"+query, "").is(400, `{"statusCode":400,"message":`+want+`,"error":"Bad Request"}`)
	}
	r := s.do("GET", "/api/leads?sortBy=painPoints", "").status(400)
	if !strings.HasPrefix(r.Body, `{"statusCode":400,"message":["sortBy must be one of: id, email, firstName,`) || strings.Contains(r.Body, "painPoints") {
		t.Error(r.Body)
	}
	s.do("GET", "/api/leads?foo=1", "").status(200).header("X-Mock-Warning", `the query parameter "foo" is unknown and was ignored`)
	s.do("GET", "/api/leads?page=999", "").is(200, "[]")
	s.do("GET", "/api/leads?page=999999999999999999999", "").is(200, "[]")
	s.do("GET", "/api/leads?search="+strings.Repeat("x", 30_000), "").is(200, "[]")
}

func TestLinks(t *testing.T) {
	s := start(t)
	s.do("GET", "/api/leads?status=NEW&page=2&limit=10&search=%3Ca%3E", "").header("Link",
		`</api/leads?status=NEW&limit=10&search=%3Ca%3E&page=1>; rel="first", </api/leads?status=NEW&limit=10&search=%3Ca%3E&page=1>; rel="prev", </api/leads?status=NEW&limit=10&search=%3Ca%3E&page=1>; rel="last"`)
}

func TestCursor(t *testing.T) {
	s := start(t)
	type page struct {
		Data       []object `json:"data"`
		NextCursor *string  `json:"nextCursor"`
		HasMore    bool     `json:"hasMore"`
	}
	seen := map[string]bool{}
	cursor := ""
	for n := 0; ; n++ {
		p := decode[page](s.do("GET", "/api/leads?limit=50&sortBy=lastName&sortOrder=asc&cursor="+url.QueryEscape(cursor), "").status(200))
		for _, lead := range p.Data {
			id := lead["id"].(string)
			if seen[id] {
				t.Errorf("%s comes twice", id)
			}
			seen[id] = true
		}
		if n == 1 { // leads come and go between the pages
			s.create(`{"firstName":"A","lastName":"AAAA"}`)
			s.do("DELETE", path(p.Data[0]), "").status(204)
			s.do("DELETE", path(p.Data[49]), "").status(204)
		}
		if (p.NextCursor != nil) != p.HasMore {
			t.Errorf("nextCursor %v, hasMore %v", p.NextCursor, p.HasMore)
		}
		if !p.HasMore {
			break
		}
		cursor = *p.NextCursor
	}
	if len(seen) != 214 {
		t.Errorf("%d leads seen", len(seen))
	}
	first := s.do("GET", "/api/leads?cursor=&limit=1", "").status(200)
	next := *decode[page](first).NextCursor
	s.do("GET", "/api/leads?sortBy=email&cursor="+next, "").is(400, `{"statusCode":400,"message":["cursor must be a valid cursor"],"error":"Bad Request"}`)
	s.do("GET", "/api/leads?cursor=&page=3", "").status(200).header("X-Mock-Warning", "page was ignored: cursor says where to go on")
}
