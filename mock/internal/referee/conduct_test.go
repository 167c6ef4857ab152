package referee

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/journal"
)

// epoch is when every conduct begins; it has a fraction, as real ones have.
var epoch = time.Date(2026, 5, 4, 10, 0, 0, 345e6, time.UTC)

// at makes an exchange that begins so many milliseconds after the epoch, and takes ten.
func at(ms int, method, path string, status int, more ...func(*journal.Exchange)) *journal.Exchange {
	began := epoch.Add(time.Duration(ms) * time.Millisecond)
	x := &journal.Exchange{
		Session: "s", ID: fmt.Sprint("r", ms), Began: began, SessionBegan: began, Duration: 10 * time.Millisecond,
		Method: method, Path: path, Target: "/api" + path, RequestHeader: http.Header{"User-Agent": {"app/1"}},
		Credential: "token-1", CredentialType: journal.Bearer, Remote: "127.0.0.1:5000", Status: status,
		Decision: "scenario", Operation: "listLeads", Action: "list",
	}
	switch {
	case strings.HasPrefix(path, "/auth/"):
		x.Action = strings.TrimPrefix(path, "/auth/")
	case method == "POST":
		x.Action = "create"
	case method != "GET":
		x.Action = "patch"
	}
	for _, change := range more {
		change(x)
	}
	return x
}

func get(ms, status int, more ...func(*journal.Exchange)) *journal.Exchange {
	return at(ms, "GET", "/leads", status, more...)
}

func post(ms, status int, more ...func(*journal.Exchange)) *journal.Exchange {
	return at(ms, "POST", "/leads", status, append([]func(*journal.Exchange){body(`{"email":"a@example.com"}`)}, more...)...)
}

func retry(value string) func(*journal.Exchange) {
	return func(x *journal.Exchange) {
		x.ResponseHeader = []journal.Header{{Name: "Retry-After", Value: value}}
	}
}
func body(text string) func(*journal.Exchange) {
	return func(x *journal.Exchange) { x.RequestBody = []byte(text) }
}
func took(ms int) func(*journal.Exchange) {
	return func(x *journal.Exchange) { x.Duration = time.Duration(ms) * time.Millisecond }
}
func token(t string) func(*journal.Exchange) { return func(x *journal.Exchange) { x.Credential = t } }
func key(x *journal.Exchange)                { x.Credential, x.CredentialType = "sk_1", journal.APIKey }
func nobody(x *journal.Exchange)             { x.Credential, x.CredentialType = "", journal.NoCredential }
func carried(x *journal.Exchange)            { x.CarriedOut = true }
func gone(x *journal.Exchange)               { x.Gone, x.Status = true, 0 }
func resent(x *journal.Exchange)             { x.Decision = journal.TransportResend }
func from(remote string) func(*journal.Exchange) {
	return func(x *journal.Exchange) { x.Remote = remote }
}
func fault(kind string) func(*journal.Exchange) {
	return func(x *journal.Exchange) { x.Fault, x.Status = kind, 0 }
}

// advanced moves the session's clock, as a test does that advances it.
func advanced(by time.Duration) func(*journal.Exchange) {
	return func(x *journal.Exchange) { x.SessionBegan = x.SessionBegan.Add(by) }
}

// every repeats an exchange.
func every(start, step, n int, one func(ms int) *journal.Exchange) (all []*journal.Exchange) {
	for i := range n {
		all = append(all, one(start+i*step))
	}
	return all
}

func times500(starts ...int) (all []*journal.Exchange) {
	for _, ms := range starts {
		all = append(all, get(ms, 500))
	}
	return all
}

type conduct struct {
	name string
	sent []*journal.Exchange
	want string // "rule" or "rule:advice", sorted, parted by spaces
}

func list(all ...*journal.Exchange) []*journal.Exchange { return all }

func goodConducts() []conduct {
	date := epoch.Add(10*time.Millisecond + 30*time.Second).Truncate(time.Second).UTC().Format(http.TimeFormat)
	return []conduct{
		{"nothing but successes", every(0, 5, 50, func(ms int) *journal.Exchange { return get(ms, 200) }), ""},
		{"waits for Retry-After", list(get(0, 503, retry("2")), get(2015, 200)), ""},
		{"a timer that fires a little early", list(get(0, 503, retry("2")), get(1980, 200)), ""},
		{"waits for an HTTP date", list(get(0, 503, retry(date)), get(29400, 200)), ""},
		{"obeys the same Retry-After again and again", every(0, 2015, 6, func(ms int) *journal.Exchange { return get(ms, 503, retry("2")) }), ""},
		{"Retry-After that makes no sense, then back-off", list(get(0, 503, retry("soon")), get(1000, 503, retry("-1")), get(3000, 200)), ""},
		{"a date in the past, then back-off", list(get(0, 503, retry("Mon, 02 Jan 2006 15:04:05 GMT")), get(1000, 200)), ""},
		{"Retry-After passed on the session's clock", list(get(0, 429, retry("30")), get(50, 200, advanced(31*time.Second))), ""},
		{"other calls wait for a 429, too", list(get(0, 429, retry("5")), at(5050, "GET", "/leads/1", 200)), ""},
		{"other calls need not wait for a 503", list(get(0, 503, retry("30")), at(500, "GET", "/leads/1", 200)), ""},
		{"calls on their way when the 429 comes", list(get(0, 429, retry("30")), at(5, "GET", "/leads/1", 200), at(60, "GET", "/leads/2", 200)), ""},
		{"a login after a 429 of the general limit", list(get(0, 429, retry("30")), at(900, "POST", "/auth/login", 201)), ""},
		{"another credential after a 429", list(get(0, 429, retry("30")), get(900, 200, token("token-2"))), ""},
		{"exponential back-off", times500(0, 1010, 3020, 7030, 15040), ""},
		{"exponential back-off with a cap", times500(0, 510, 1520, 3530, 5540, 7550), ""},
		{"back-off with full jitter", times500(0, 700, 1300, 3900, 5000), ""},
		{"linear back-off", times500(0, 1010, 3020, 6030, 10040), ""},
		{"first retry after a second, then a success", list(get(0, 500), get(1010, 200)), ""},
		{"parallel components that retry alike", list(get(0, 503), get(2, 503), get(4, 503), get(1012, 503), get(1014, 503), get(1025, 503), get(3040, 200), get(3042, 200), get(3060, 200)), ""},
		{"independent calls that fail together", list(get(0, 500), at(1, "GET", "/leads/1", 500), at(30, "GET", "/leads/2", 500), at(60, "GET", "/leads/stats", 500)), ""},
		{"polling through an outage", append(every(0, 1000, 5, func(ms int) *journal.Exchange { return get(ms, 200) }),
			every(5000, 1000, 30, func(ms int) *journal.Exchange { return get(ms, 500) })...), ""},
		{"polling that begins in an outage", every(0, 10_000, 20, func(ms int) *journal.Exchange { return get(ms, 500) }), ""},
		{"a person who clicks again", list(get(0, 500), get(2300, 500), get(5900, 500), get(8100, 200)), ""},
		{"a person who sends a form again", list(post(0, 400), post(2600, 400)), ""},
		{"a corrected form", list(post(0, 400), post(900, 201, body(`{"email":"b@example.com"}`))), ""},
		{"two parallel calls for a missing record", list(at(0, "GET", "/leads/x", 404), at(3, "GET", "/leads/x", 404)), ""},
		{"qualifies the lead, then converts it", list(at(0, "POST", "/leads/1/convert", 422), at(300, "PATCH", "/leads/1", 200), at(600, "POST", "/leads/1/convert", 201)), ""},
		{"fetches the anti-forgery token, then repeats", list(at(0, "PATCH", "/leads/1", 403), at(50, "GET", "/auth/csrf-token", 200), at(90, "PATCH", "/leads/1", 200)), ""},
		{"404, then created, then read", list(at(0, "GET", "/leads/x", 404), post(200, 201), at(400, "GET", "/leads/x", 200)), ""},
		{"refreshes once, goes on with the new token", list(get(0, 401), at(50, "POST", "/auth/refresh", 201), get(100, 200, token("token-2"))), ""},
		{"parallel calls all get 401, one refresh", list(get(0, 401), at(2, "GET", "/leads/1", 401), at(4, "GET", "/leads/2", 401), at(30, "POST", "/auth/refresh", 201),
			get(60, 200, token("token-2")), at(61, "GET", "/leads/1", 200, token("token-2"))), ""},
		{"refresh fails, then login", list(get(0, 401), at(50, "POST", "/auth/refresh", 401), at(4000, "POST", "/auth/login", 201, nobody), get(4050, 200, token("token-2"))), ""},
		{"a refresh is retried after a 503", list(at(0, "POST", "/auth/refresh", 503), at(1010, "POST", "/auth/refresh", 201)), ""},
		{"logs out with a token that has expired", list(get(0, 401), at(500, "POST", "/auth/logout", 401)), ""},
		{"a wrong password, twice", list(at(0, "POST", "/auth/login", 401, nobody), at(1500, "POST", "/auth/login", 401, nobody)), ""},
		{"asks who it is before it has logged in", list(at(0, "GET", "/auth/me", 401, nobody), at(20, "GET", "/auth/me", 401, nobody), at(900, "GET", "/auth/me", 401, nobody)), ""},
		{"a key is tried a few times", every(0, 3000, 4, func(ms int) *journal.Exchange { return get(ms, 401, key) }), ""},
		{"another client with the same token", list(get(0, 401), get(500, 401, from("10.0.0.9:1"))), ""},
		{"a POST repeated that was not carried out", list(post(0, 503), post(2000, 201)), ""},
		{"a POST carried out, looked up, not repeated", list(post(0, 500, carried), get(1000, 200)), ""},
		{"a POST repeated, refused as a duplicate", list(post(0, 500, carried), post(1500, 409)), ""},
		{"the same form twice, on purpose", list(post(0, 201), post(3000, 201)), ""},
		{"the transport repeats, not the client", list(get(0, 0, fault("CONNECTION_RESET_BY_PEER")), get(15, 0, fault("CONNECTION_RESET_BY_PEER"), resent), get(1100, 200)), ""},
		{"answers to mistaken directives", every(0, 20, 10, func(ms int) *journal.Exchange {
			return get(ms, 400, func(x *journal.Exchange) { x.Decision = byMistake })
		}), ""},
		{"effects that run twice and abort", list(get(0, 0, gone), get(5, 200)), ""},
		{"search as you type", every(0, 40, 12, func(ms int) *journal.Exchange { return at(ms, "GET", fmt.Sprint("/leads?search=", ms), 0, gone) }), ""},
		{"waiting calls released with jitter", spread(300), ""},
		{"three calls released together", crowd(3), ""},
		{"a test that forces each error in turn", list(
			get(0, 500, func(x *journal.Exchange) { x.Directives = "error=internal" }),
			get(20, 404, func(x *journal.Exchange) { x.Directives = "error=not_found" }),
			get(40, 422, func(x *journal.Exchange) { x.Directives = "error=unprocessable" })), ""},
		{"asks anew after minutes", list(get(0, 500), get(90_000, 500), get(180_000, 500), get(270_000, 500)), ""},
		{"gives up on a hanging call, then tries again", list(get(0, 0, fault("HANG"), func(x *journal.Exchange) { x.Gone = true }, took(5000)), get(5010, 200)), ""},
	}
}

// crowd is n calls that meet a 429, and are released at one instant.
func crowd(n int) (all []*journal.Exchange) {
	for i := range n {
		all = append(all, at(i, "GET", fmt.Sprint("/leads/", i), 429, retry("2")))
	}
	for i := range n {
		all = append(all, at(2040+2*i, "GET", fmt.Sprint("/leads/", i), 200))
	}
	return all
}

func spread(step int) (all []*journal.Exchange) {
	for i := range 8 {
		all = append(all, at(i, "GET", fmt.Sprint("/leads/", i), 429, retry("2")))
	}
	for i := range 8 {
		all = append(all, at(2040+step*i, "GET", fmt.Sprint("/leads/", i), 200))
	}
	return all
}

func badConducts() []conduct {
	date := epoch.Add(30 * time.Second).UTC().Format(http.TimeFormat)
	return []conduct{
		{"ignores Retry-After of a 503", list(get(0, 503, retry("30")), get(1000, 200)), "retry-after"},
		{"ignores Retry-After of a 429", list(get(0, 429, retry("30")), get(1000, 200)), "retry-after"},
		{"takes seconds for milliseconds", list(get(0, 503, retry("5")), get(15, 200)), "retry-after"},
		{"ignores an HTTP date", list(get(0, 503, retry(date)), get(2000, 200)), "retry-after"},
		{"half of the wait", list(get(0, 429, retry("2")), get(1000, 200)), "retry-after"},
		{"goes on with other calls after a 429", list(get(0, 429, retry("30")), at(2000, "GET", "/leads/1", 200)), "retry-after"},
		{"several clients behind one key", list(get(0, 429, retry("30"), key), at(2000, "GET", "/leads/1", 200, key, from("10.0.0.9:1"))), "retry-after:advice"},
		{"a POST too early", list(post(0, 503, retry("10")), post(3000, 201)), "retry-after"},
		{"retries at once", times500(0, 12, 24, 36), "backoff"},
		{"one retry at once", times500(0, 12), "backoff:advice"},
		{"one retry at once, then back-off", times500(0, 12, 1030, 3050), "backoff:advice"},
		{"a fixed delay", times500(0, 1010, 2020, 3030), "backoff"},
		{"a fixed short delay", times500(0, 210, 421, 633), "backoff"},
		{"a delay that shrinks", times500(0, 3010, 5020, 6030), "backoff"},
		{"a delay that halves", times500(0, 4010, 6020, 7030), "backoff"},
		{"an irregular delay that never grows", times500(0, 900, 2000, 2800, 3950, 4900, 5800), "backoff"},
		{"never stops", func() (all []*journal.Exchange) {
			ms, gap := 0, 100
			for range 13 {
				all = append(all, get(ms, 500))
				ms, gap = ms+gap+10, min(gap*2, 4000)
			}
			return all
		}(), "backoff"},
		{"retries resets at once", list(get(0, 0, fault("CONNECTION_RESET_BY_PEER")), get(12, 0, fault("CONNECTION_RESET_BY_PEER")), get(24, 200)), "backoff"},
		{"429 without Retry-After, hammered", list(get(0, 429), get(15, 429), get(30, 429)), "backoff"},
		{"sends a 400 again", list(post(0, 400), post(100, 400)), "no-retry"},
		{"sends a 403 again", list(at(0, "PATCH", "/leads/1", 403), at(300, "PATCH", "/leads/1", 403)), "no-retry"},
		{"sends a 404 again", list(at(0, "GET", "/leads/x", 404), at(1000, "GET", "/leads/x", 404)), "no-retry"},
		{"sends a 409 again", list(post(0, 409), post(1010, 409)), "no-retry"},
		{"sends a 422 again", list(at(0, "POST", "/leads/1/convert", 422), at(500, "POST", "/leads/1/convert", 422)), "no-retry"},
		{"sends a 400 again after something else changed", list(post(0, 400), at(100, "PATCH", "/leads/1", 200), post(300, 400)), "no-retry"},
		{"uses the token again after a 401", list(get(0, 401), get(50, 401)), "reauthenticate"},
		{"goes on with the token elsewhere", list(get(0, 401), at(500, "GET", "/leads/1", 401)), "reauthenticate"},
		{"keeps the old token after the refresh", list(get(0, 401), at(50, "POST", "/auth/refresh", 201), get(400, 401)), "reauthenticate"},
		{"two refreshes at once", list(get(0, 401), at(50, "POST", "/auth/refresh", 201), at(52, "POST", "/auth/refresh", 401)), "reauthenticate"},
		{"a refresh for each call, one after the other", list(at(0, "POST", "/auth/refresh", 201), at(300, "POST", "/auth/refresh", 401)), "reauthenticate"},
		{"repeats a refused refresh", list(at(0, "POST", "/auth/refresh", 401), at(500, "POST", "/auth/refresh", 401)), "reauthenticate"},
		{"a key that is refused, for ever", every(0, 1000, 14, func(ms int) *journal.Exchange { return get(ms, 401, key) }), "reauthenticate"},
		{"a POST repeated after a 500 that was carried out", list(post(0, 500, carried), post(1500, 201)), "unsafe-retry"},
		{"a POST repeated after a reset", list(post(0, 0, fault("CONNECTION_RESET_BY_PEER"), carried), post(1500, 201)), "unsafe-retry"},
		{"a POST repeated after a time-out", list(post(0, 0, gone, carried, took(3000)), post(3500, 201)), "unsafe-retry"},
		{"a POST repeated after the right wait", list(post(0, 503, carried, retry("30")), post(30_100, 201)), "unsafe-retry"},
		{"a stampede", crowd(12), "stampede"},
		{"five released together", crowd(5), "stampede"},
		{"ignores Retry-After, and repeats a POST", list(post(0, 503, carried, retry("30")), post(1000, 201)), "retry-after unsafe-retry"},
		{"retries a 401 and hammers a 500", list(get(0, 401), get(20, 401), at(5000, "GET", "/leads/1", 500, token("t2")), at(5020, "GET", "/leads/1", 500, token("t2")),
			at(5040, "GET", "/leads/1", 500, token("t2"))), "backoff reauthenticate"},
	}
}

// judged records a conduct in the order in which its exchanges end.
func judged(sent []*journal.Exchange) AuditReport {
	ordered := slices.Clone(sent)
	slices.SortStableFunc(ordered, func(a, b *journal.Exchange) int { return a.Answered().Compare(b.Answered()) })
	var r Referee
	for _, x := range ordered {
		r.Record(x)
	}
	return r.Audit("s")
}

func rulesOf(r AuditReport) string {
	var all []string
	for _, f := range r.Findings {
		name := string(f.Rule)
		if f.Severity == Advice {
			name += ":advice"
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestConduct(t *testing.T) {
	t.Parallel()
	for _, c := range append(goodConducts(), badConducts()...) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			report := judged(c.sent)
			if got := rulesOf(report); got != c.want {
				t.Errorf("found %q, want %q\n%s", got, c.want, report.text(paint{}))
			}
			if want := c.want == "" || strings.HasSuffix(c.want, ":advice"); report.Passed != want {
				t.Errorf("passed is %v, want %v", report.Passed, want)
			}
			for _, f := range report.Findings {
				if f.Asks == "" || f.Fix == "" || f.Message == "" || len(f.Requests) < 2 || f.Count == 0 {
					t.Errorf("a finding lacks something: %+v", f)
				}
			}
		})
	}
}

// TestConductOfSeveral: what is no fault once is none when several callers do it at the same time.
func TestConductOfSeveral(t *testing.T) {
	t.Parallel()
	for _, c := range goodConducts() {
		var all []*journal.Exchange
		for _, agent := range []string{"a", "b", "c"} {
			for _, x := range c.sent {
				other := *x
				other.RequestHeader = http.Header{"User-Agent": {agent}}
				all = append(all, &other)
			}
		}
		if got := rulesOf(judged(all)); got != "" {
			t.Errorf("%s, by three callers: found %q", c.name, got)
		}
	}
}

// TestFullJitter: a back-off may draw each wait from zero to twice the last limit. Chance makes anything look like nothing,
// now and then; it must stay rare.
func TestFullJitter(t *testing.T) {
	t.Parallel()
	const runs = 20_000
	accused := 0
	for run := range runs {
		var gaps []time.Duration
		grown := true
		for i := range 6 {
			draw := entropy.Fraction(entropy.Hash(uint64(run), fmt.Sprint(i)))
			gaps = append(gaps, time.Duration(draw*float64(time.Second<<i)))
			grown = grown && grows(gaps)
		}
		if !grown {
			accused++
		}
	}
	if accused > runs/100 {
		t.Errorf("%d of %d were accused", accused, runs)
	}
}
