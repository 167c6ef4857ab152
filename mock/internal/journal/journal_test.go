package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/salesos/salesos-mock/mock/internal/match"
)

var epoch = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

func exchange(session string, second int, more ...func(*Exchange)) *Exchange {
	began := epoch.Add(time.Duration(second) * time.Second)
	x := &Exchange{
		Session: session, ID: fmt.Sprint("req-", second), Began: began, SessionBegan: began.Add(time.Hour), Duration: 1500 * time.Microsecond,
		Method: "GET", Path: "/leads", Target: "/api/leads", RequestHeader: http.Header{"User-Agent": {"app"}}, Status: 200, Decision: "fixture",
		ResponseHeader: []Header{{"X-RateLimit-Limit", "100"}}, Operation: "listLeads",
	}
	for _, change := range more {
		change(x)
	}
	return x
}

func evidence(t *testing.T, j *Journal, session string, want int, wantTruncated bool) []*Entry {
	t.Helper()
	entries, truncated := j.Evidence(session)
	if len(entries) != want || truncated != wantTruncated {
		t.Fatalf("%s has %d entries (truncated %v), want %d (%v)", session, len(entries), truncated, want, wantTruncated)
	}
	return entries
}

func TestEvictsFromTheLargest(t *testing.T) {
	t.Parallel()
	j := New(Options{Entries: 10})
	j.Record(exchange("quiet", 0))
	for i := range 50 {
		j.Record(exchange("noisy", i))
	}
	evidence(t, j, "quiet", 1, false)
	last := evidence(t, j, "noisy", 9, true)[8]
	if last.Seq != 51 {
		t.Errorf("the latest is %d", last.Seq)
	}
	evidence(t, j, "unheard of", 0, false)
}

func TestBoundedByBytes(t *testing.T) {
	t.Parallel()
	j := New(Options{Bytes: 100_000})
	large := func(x *Exchange) {
		x.ResponseBody = make([]byte, 20_000)
		x.RequestHeader["A"] = []string{strings.Repeat("x", 5000)}
	}
	for i := range 100 {
		j.Record(exchange(fmt.Sprint("s", i%7), i, large))
	}
	entries, bytes := j.Size()
	if bytes > 100_000 || entries < 5 || entries > 60 {
		t.Errorf("%d entries of %d bytes", entries, bytes)
	}
	total := 0
	defer j.reading.Add(-1)
	for _, r := range j.recordsOf(AllSessions, 0) {
		total += r.size
		if v := j.entry(r).View(); !v.Response.Cut || v.Response.Bytes != 20_000 || len(v.Response.Body) != DefaultResponseBody {
			t.Errorf("a body of %d, cut %v, of %d", len(v.Response.Body), v.Response.Cut, v.Response.Bytes)
		}
	}
	if total != bytes {
		t.Errorf("counted %d bytes, there are %d", bytes, total)
	}
}

func TestOneTooLargeForTheJournal(t *testing.T) {
	t.Parallel()
	j := New(Options{Bytes: 1000})
	j.Record(exchange("s", 0, func(x *Exchange) { x.RequestBody = make([]byte, 5000) }))
	evidence(t, j, "s", 0, true)
	if entries, bytes := j.Size(); entries != 0 || bytes != 0 || len(j.logs["s"].attempts) != 0 {
		t.Errorf("%d entries, %d bytes", entries, bytes)
	}
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	j := New(Options{Entries: 4})
	body := func(text string) func(*Exchange) { return func(x *Exchange) { x.RequestBody = []byte(text) } }
	resent := func(x *Exchange) { x.Decision = TransportResend }
	for i, c := range []struct {
		x    *Exchange
		want int
	}{
		{exchange("s", 0), 1}, {exchange("s", 1), 2}, {exchange("s", 2, resent), 2}, {exchange("t", 3), 1}, {exchange("s", 4, body("a")), 1},
		{exchange("s", 5, body("a")), 2}, {exchange("s", 6), 3},
		{exchange("s", 7, func(x *Exchange) { x.Credential = "other" }), 1}, {exchange("s", 8, func(x *Exchange) { x.RequestHeader = http.Header{"User-Agent": {"b"}} }), 1},
	} {
		j.Record(c.x)
		if got := j.Find(c.x.Session, fmt.Sprint(c.x.Seq)).Attempt; got != c.want {
			t.Errorf("exchange %d is attempt %d, want %d", i, got, c.want)
		}
	}
	if n := len(j.logs["s"].attempts); n > 4 {
		t.Errorf("%d calls are counted for 4 entries", n)
	}
}

func TestListAndFind(t *testing.T) {
	t.Parallel()
	j := New(Options{})
	for i := range 6 {
		j.Record(exchange([]string{"a", "b"}[i%2], i, func(x *Exchange) {
			if i > 2 {
				x.Decision, x.Path = "scenario", "/leads/1"
			}
		}))
	}
	path, err := match.ParsePath("/api/leads/{id}", "/api")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter Filter
		want   string
	}{
		{Filter{Session: "a"}, "[1 3 5]"}, {Filter{Session: AllSessions}, "[1 2 3 4 5 6]"}, {Filter{Session: "none"}, "[]"},
		{Filter{Session: AllSessions, Limit: 2}, "[5 6]"}, {Filter{Session: AllSessions, After: 2, Following: true, Limit: 2}, "[3 4]"},
		{Filter{Session: AllSessions, Since: epoch.Add(4 * time.Second)}, "[5 6]"}, {Filter{Session: AllSessions, Since: epoch, Following: true, Limit: 1}, "[1]"},
		{Filter{Session: "b", Decisions: []string{"scenario", "auth"}}, "[4 6]"}, {Filter{Session: AllSessions, Path: path}, "[4 5 6]"},
	} {
		found := []uint64{}
		for _, e := range j.List(c.filter) {
			found = append(found, e.Seq)
		}
		if fmt.Sprint(found) != c.want {
			t.Errorf("%+v: %v, want %s", c.filter, found, c.want)
		}
	}
	for id, want := range map[string]uint64{"3": 3, "req-4": 5, "99": 0, "x": 0, "": 0} {
		if e := j.Find(AllSessions, id); (e == nil) != (want == 0) || e != nil && e.Seq != want {
			t.Errorf("%q finds %v", id, e)
		}
	}
	if j.Find("b", "3") != nil {
		t.Error("found in another session")
	}
}

func TestClear(t *testing.T) {
	t.Parallel()
	j := New(Options{Entries: 2})
	for i := range 5 {
		j.Record(exchange("a", i))
	}
	j.Record(exchange("b", 9))
	evidence(t, j, "a", 1, true)
	j.Clear("a")
	evidence(t, j, "a", 0, false)
	evidence(t, j, "b", 1, false)
	j.Clear(AllSessions)
	if entries, bytes := j.Size(); entries != 0 || bytes != 0 || len(j.heaviest) != 0 {
		t.Errorf("%d entries, %d bytes are left", entries, bytes)
	}
	j.Record(exchange("b", 10))
	evidence(t, j, "b", 1, false)
}

// TestForgottenLogs: even when what is known of sessions is forgotten, nobody takes the rest for all that there was.
func TestForgottenLogs(t *testing.T) {
	t.Parallel()
	j := New(Options{Entries: 1})
	for i := range maxLogs + 10 {
		j.Record(exchange(fmt.Sprint("s", i), i))
	}
	if len(j.logs) > maxLogs {
		t.Errorf("%d logs", len(j.logs))
	}
	if _, truncated := j.Evidence("s0"); !truncated {
		t.Error("evidence was evicted, and it is not said")
	}
	j.Clear("s0")
	evidence(t, j, "s0", 0, false)
}

func TestFinish(t *testing.T) {
	t.Parallel()
	j := New(Options{})
	x := exchange("s", 0)
	j.Record(x)
	before := evidence(t, j, "s", 1, false)[0]
	j.Finish(x, time.Second, true)
	got := evidence(t, j, "s", 1, false)[0]
	if got.Duration != time.Second || !got.Gone || before.Gone {
		t.Errorf("%+v", got)
	}
	j.Clear("s")
	j.Finish(x, time.Second, true) // it is gone: nothing happens
}

func TestKeepsNothing(t *testing.T) {
	t.Parallel()
	j := New(Options{Entries: -1})
	x := exchange("s", 0)
	j.Record(x)
	j.Finish(x, time.Second, true)
	evidence(t, j, "s", 0, true)
}

// TestKeepsTextsAsTheyWere: all that an exchange tells comes back, whatever bytes it is made of.
func TestKeepsTextsAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		headers := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Header { return Header{text.Draw(t, "name"), text.Draw(t, "value")} }), 0, 5)
		x := exchange("s", 0, func(x *Exchange) {
			x.ID, x.Path, x.Rule, x.Target, x.RawQuery = text.Draw(t, "id"), text.Draw(t, "path"), strings.Repeat("r", rapid.IntRange(0, 400).Draw(t, "n")), text.Draw(t, "target"), text.Draw(t, "query")
			x.Caller = match.Caller{Role: text.Draw(t, "role"), KeyName: text.Draw(t, "key")}
			x.RequestHeader = http.Header{}
			for _, h := range headers.Draw(t, "asked") {
				x.RequestHeader[h.Name] = append(x.RequestHeader[h.Name], h.Value)
			}
			x.ResponseHeader = headers.Draw(t, "answered")
			x.RequestBody, x.ResponseBody = []byte(text.Draw(t, "body")), []byte(text.Draw(t, "answer"))
		})
		j := New(Options{})
		j.Record(x)
		e := j.Find("s", "1")
		response := e.responseHeaders()
		request := e.Request()
		if e.RequestID != x.ID || e.Path != x.Path || e.Rule != x.Rule || e.target != x.Target || request.RawQuery != x.RawQuery || request.Caller != x.Caller ||
			e.request != string(x.RequestBody) || string(e.response) != string(x.ResponseBody) {
			t.Fatalf("%+v came back as %+v", x, e)
		}
		if !slices.Equal(response, x.ResponseHeader) || !maps.EqualFunc(request.Header, x.RequestHeader, slices.Equal[[]string]) {
			t.Fatalf("headers %v, %v came back as %v, %v", x.RequestHeader, x.ResponseHeader, request.Header, response)
		}
	})
}

// TestOneBeginningForABodyThatIsAnsweredAgain: a list that is polled is kept once.
func TestOneBeginningForABodyThatIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	j := New(Options{})
	bodies := [][]byte{bytes.Repeat([]byte("a"), 20_000), bytes.Repeat([]byte("b"), 20_000)}
	for _, n := range []int{0, 0, 1, 0} {
		j.Record(exchange("s", 0, func(x *Exchange) { x.ResponseBody, x.BodyShared = bodies[n], true }))
	}
	entries := evidence(t, j, "s", 4, false)
	for i, want := range "aaba" {
		if got := entries[i].response; len(got) != DefaultResponseBody || rune(got[0]) != want || !entries[i].ResponseCut {
			t.Errorf("entry %d: %d bytes, %.3s…", i, len(got), got)
		}
	}
	if &entries[0].response[0] != &entries[1].response[0] {
		t.Error("the same body was kept twice")
	}
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	j := New(Options{})
	all, one, slow := j.Subscribe(AllSessions, 0), j.Subscribe("a", 0), j.Subscribe(AllSessions, 2)
	for i := range 6 {
		j.Record(exchange([]string{"a", "b"}[i%2], i))
	}
	all.Close()
	one.Close()
	one.Close()
	slow.Close()
	count := func(s *Subscription) (n int) {
		for range s.C {
			n++
		}
		return n
	}
	if a, o, s := count(all), count(one), count(slow); a != 6 || o != 3 || s != 2 || slow.Dropped() != 4 || all.Dropped() != 0 {
		t.Errorf("%d, %d, %d; dropped %d", a, o, s, slow.Dropped())
	}
	j.Record(exchange("a", 9))
	if j.following.Load() != 0 {
		t.Error("somebody is still told")
	}
}

func TestConcurrent(t *testing.T) {
	t.Parallel()
	j := New(Options{Entries: 100})
	s := j.Subscribe(AllSessions, 10)
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			for i := range 300 {
				x := exchange(fmt.Sprint("s", (w+i)%3), i)
				j.Record(x)
				j.Finish(x, time.Second, false)
				if i%50 == 0 {
					for _, e := range j.List(Filter{Session: AllSessions}) {
						_ = e.View()
					}
					j.Clear("s1")
				}
			}
		})
	}
	group.Wait()
	s.Close()
	if n, _ := j.Size(); n > 100 {
		t.Errorf("%d entries", n)
	}
}

func TestViewHidesSecrets(t *testing.T) {
	t.Parallel()
	j := New(Options{})
	j.Record(exchange("s", 0, func(x *Exchange) {
		x.Target, x.RawQuery = "/api/leads?access_token=hush&page=1", "access_token=hush&page=1"
		x.RequestHeader = http.Header{"Authorization": {"Bearer hush"}, "X-Api-Key": {"hush"}, "Cookie": {"a=hush"}, "X-Csrf-Token": {"hush"}, "Accept": {"*/*"}}
		x.ResponseHeader = []Header{{"Set-Cookie", "a=hush"}, {"X-CSRF-Token", "hush"}}
		x.RequestBody = []byte(`{"email":"a@b.c","password":"hush","newPassword" : ["hush", {"a":"}hush"}],"p\u0061ssword":"hush","n":{"api_key":12,"refreshToken":null}}`)
		x.ResponseBody = []byte(`{"accessToken":"hu\"sh","access_token":"hush","csrfToken":"hush","nextCursor":"kept"}`)
		x.Caller = match.Caller{APIKey: "hush", KeyName: "ci"}
	}))
	e := evidence(t, j, "s", 1, false)[0]
	text, err := json.Marshal(e.View())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hush", `hu\"sh`, "sh\\\"", "12,"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%s is shown: %s", secret, text)
		}
	}
	v := e.View()
	if v.Request.Body != `{"email":"a@b.c","password":"[redacted]","newPassword" : "[redacted]","p\u0061ssword":"[redacted]","n":{"api_key":"[redacted]","refreshToken":"[redacted]"}}` {
		t.Error(v.Request.Body)
	}
	if v.Response.Body != `{"accessToken":"[redacted]","access_token":"[redacted]","csrfToken":"[redacted]","nextCursor":"kept"}` || v.Request.Headers["Accept"][0] != "*/*" {
		t.Error(v.Response.Body)
	}
	if v.Request.Headers["Authorization"][0] != "Bearer [redacted]" || e.Line() != "GET /leads?access_token=[redacted]&page=1" {
		t.Error(v.Request.Headers, e.Line())
	}
	if r := e.Request(); r.Header.Get("X-API-Key") != "hush" || r.Caller.APIKey != "hush" {
		t.Error("a matcher cannot ask for it")
	}
}

func TestRedactTarget(t *testing.T) { // alone: it counts allocations
	for target, want := range map[string]string{
		"/x":                                "/x",
		"/x?":                               "/x?",
		"/x?page=1&token":                   "/x?page=1&token", // nothing is said
		"/x?page=1&API-key=hush&q=a":        "/x?page=1&API-key=[redacted]&q=a",
		"/x?%61ccess_token=hush&token=hush": "/x?%61ccess_token=[redacted]&token=[redacted]",
		"/x?%zztoken=hush":                  "/x?%zztoken=[redacted]",
	} {
		if got := RedactTarget(target); got != want {
			t.Errorf("%s became %s", target, got)
		}
	}
	plain := "/api/leads?page=1&limit=20&sortBy=createdAt"
	if n := testing.AllocsPerRun(100, func() { _ = RedactTarget(plain) }); n > 0 {
		t.Errorf("an address without a secret allocates %v times", n)
	}
}

func TestRedactBroken(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`x{"password":"hush"}`, `a=1&password=hush&b=2`, `password=hush`, "\ufeff{\"token\":\"hush", `[{"Refresh-Token":"hush"},{"secret":["hush"`} {
		if got := string(redactBody([]byte(body))); strings.Contains(got, "hush") || !strings.Contains(got, Redacted) {
			t.Errorf("%s became %s", body, got)
		}
	}
	if got := redactHeader(Header{"Authorization", "hush one"}); got != Redacted {
		t.Error(got)
	}
}

func FuzzRedact(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, `{"password":"`, `{"password": {"a": [1, "x"`, `"password"`, `a=1&password=x`, "[\"token\":\\\"", `{"token\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_ = redactBody([]byte(text))
		_ = RedactTarget("/x?" + text)
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err) // a string always encodes
		}
		secret := `{"other":` + string(quoted) + `,"password":"hush hush"}`
		out := redactBody([]byte(secret))
		if !json.Valid(out) || strings.Contains(string(out), `:"hush hush"`) {
			t.Errorf("%s became %s", secret, out)
		}
		for cut := range len(secret) {
			if strings.Contains(string(redactBody([]byte(secret[:cut]))), `"password":"hush`) {
				t.Fatalf("cut at %d, it shows", cut)
			}
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	for _, sessions := range []int{1, 1000} {
		b.Run(fmt.Sprint(sessions, " sessions"), func(b *testing.B) {
			j := New(Options{})
			all := make([]*Exchange, sessions)
			for i := range all {
				all[i] = exchange(fmt.Sprint("s", i), 0, func(x *Exchange) { x.ResponseBody = make([]byte, 900) })
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					j.Record(all[i%sessions])
				}
			})
		})
	}
}
