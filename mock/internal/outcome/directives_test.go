package outcome_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/salesos/salesos-mock/mock/internal/outcome"
)

// headers makes a header of lines "Name: value".
func headers(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

// request splits "?query | Name: value | Name: value".
func request(text string) (http.Header, string) {
	parts := strings.Split(text, " | ")
	query := ""
	if q, ok := strings.CutPrefix(parts[0], "?"); ok {
		query, parts = q, parts[1:]
	}
	return headers(parts...), query
}

func TestDirectives(t *testing.T) {
	half := 0.5
	fixed := func(d time.Duration) *outcome.Delay { return &outcome.Delay{Min: d, Max: d} }
	with := func(o outcome.Outcome) outcome.Directives { return outcome.Directives{Outcome: o} }
	for text, want := range map[string]outcome.Directives{
		"":                                              {},
		"Accept: */*":                                   {},
		"?status=NEW&_x=1":                              {},
		"X-Mock-Error: rate-limited":                    with(outcome.Outcome{Error: "rate_limited"}),
		"?__error=not_found":                            with(outcome.Outcome{Error: "not_found"}),
		"?%5F%5ferror=not_found":                        with(outcome.Outcome{Error: "not_found"}),
		"X-Mock-Status: 418":                            with(outcome.Outcome{Status: 418}),
		"?__code=502":                                   with(outcome.Outcome{Status: 502}),
		"?__status=502&__code=502":                      with(outcome.Outcome{Status: 502}),
		"X-Mock-Response-Code: 503":                     with(outcome.Outcome{Status: 503}),
		"X-Mock-Response-Code: 200":                     {},
		"X-Mock-Fault: EMPTY_RESPONSE":                  with(outcome.Outcome{Fault: "EMPTY_RESPONSE"}),
		"X-Mock-Fault: TRUNCATED-BODY":                  with(outcome.Outcome{Fault: "TRUNCATED_BODY"}),
		"X-Mock-Delay: 800":                             with(outcome.Outcome{Delay: fixed(800 * time.Millisecond)}),
		"X-Mock-Delay: 1.5s":                            with(outcome.Outcome{Delay: fixed(1500 * time.Millisecond)}),
		"X-Mock-Delay: 200ms-2s":                        with(outcome.Outcome{Delay: &outcome.Delay{Min: 200 * time.Millisecond, Max: 2 * time.Second}}),
		"?__delay=800 | X-Mock-Delay: 800ms":            with(outcome.Outcome{Delay: fixed(800 * time.Millisecond)}),
		"X-Mock-Error: internal | X-Mock-Message: boom": with(outcome.Outcome{Error: "internal", Message: &outcome.Message{Texts: []string{"boom"}}}),
		"X-Mock-Error: internal | X-Mock-Message: a | X-Mock-Message: b": with(outcome.Outcome{Error: "internal", Message: &outcome.Message{Texts: []string{"a", "b"}, Array: true}}),
		"?__error=internal&__message=a%20b&__message=c":                  with(outcome.Outcome{Error: "internal", Message: &outcome.Message{Texts: []string{"a b", "c"}, Array: true}}),
		"X-Mock-Error: validation | X-Mock-Fields: email, firstName":     with(outcome.Outcome{Error: "validation", Fields: []string{"email", "firstName"}}),
		"X-Mock-Error: unavailable | X-Mock-Retry-After: 5":              with(outcome.Outcome{Error: "unavailable", RetryAfter: outcome.ParseRetryAfter("5")}),
		"?__status=503&__retry-after=soon":                               with(outcome.Outcome{Status: 503, RetryAfter: outcome.ParseRetryAfter("soon")}),
		"?__status=503&__retry_after=none":                               with(outcome.Outcome{Status: 503, RetryAfter: outcome.ParseRetryAfter("none")}),
		"X-Mock-Error: internal | X-Mock-Commit: after":                  with(outcome.Outcome{Error: "internal", Commit: outcome.After}),
		"X-Mock-Error: rate_limited | X-Mock-Status: 429":                with(outcome.Outcome{Error: "rate_limited"}),
		"X-Mock-Error: internal | X-Mock-Times: 3 | X-Mock-Chance: 0.5":  {Outcome: outcome.Outcome{Error: "internal"}, Times: 3, Chance: &half},
		"?__fault=HANG&__times=1&__session=a.b&__scenario=s":             {Outcome: outcome.Outcome{Fault: "HANG"}, Times: 1, Session: "a.b", Scenario: "s"},
		"X-Mock-Session: one":                                            {Session: "one"},
		"Prefer: code=503":                                               {Outcome: outcome.Outcome{Status: 503}, PreferenceApplied: "code=503"},
		"Prefer: respond-async, wait=10; CODE=\"418\", code = 418 ; x=y": {Outcome: outcome.Outcome{Status: 418}, PreferenceApplied: "code=418"},
		"Prefer: respond-async | Prefer: example=validation":             {Outcome: outcome.Outcome{Error: "validation"}, PreferenceApplied: "example=validation"},
		"Prefer: code=204":                                               {},
		"Prefer: code=400, example=validation":                           {Outcome: outcome.Outcome{Error: "validation"}, PreferenceApplied: "example=validation, code=400"},
		"Prefer: foo=\"a, code=500\"":                                    {},
		"Prefer: code=503 | X-Mock-Error: unavailable":                   {Outcome: outcome.Outcome{Error: "unavailable"}, PreferenceApplied: "code=503"},
	} {
		got, err := outcome.ParseDirectives(request(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		empty := want.Outcome.IsZero() && want.Scenario == ""
		if got.IsZero() != empty {
			t.Errorf("%s: IsZero is %v", text, got.IsZero())
		}
		got.Key = ""
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome.RetryAfter{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s:\n%s", text, diff)
		}
	}
}

const (
	errorNames = "bad_request, validation, unauthorized, forbidden, not_found, conflict, unprocessable, rate_limited, internal, unavailable"
	faultNames = "CONNECTION_RESET_BY_PEER, EMPTY_RESPONSE, MALFORMED_RESPONSE_CHUNK, RANDOM_DATA_THEN_CLOSE, TRUNCATED_BODY, MALFORMED_JSON, HANG"
	allHeaders = "X-Mock-Error, X-Mock-Status, X-Mock-Message, X-Mock-Fields, X-Mock-Retry-After, X-Mock-Delay, X-Mock-Fault, X-Mock-Commit, X-Mock-Times, X-Mock-Chance, X-Mock-Scenario, X-Mock-Session, X-Mock-Response-Code"
	allQueries = "__error, __status, __code, __message, __fields, __retry_after, __delay, __fault, __commit, __times, __chance, __scenario, __session"
)

func TestDirectiveErrors(t *testing.T) {
	for text, want := range map[string]string{
		"X-Mock-Error: rate_limit":                             `X-Mock-Error: unknown error "rate_limit"; allowed: ` + errorNames + `; did you mean rate_limited?`,
		"X-Mock-Error: 503":                                    `X-Mock-Error: unknown error "503"; allowed: ` + errorNames + `; did you mean unavailable?`,
		"?__error=nope":                                        `__error: unknown error "nope"; allowed: ` + errorNames,
		"X-Mock-Error: ":                                       `X-Mock-Error: the value "" is empty; allowed: ` + errorNames,
		"X-Mock-Errors: internal":                              `X-Mock-Errors: unknown directive, with the value "internal"; allowed: ` + allHeaders + `; did you mean X-Mock-Error?`,
		"X-Mock-Decision: fixture":                             `X-Mock-Decision: "fixture": this is a header of answers, not a directive: leave it out; allowed: ` + allHeaders,
		"?__eror=internal":                                     `__eror: unknown directive, with the value "internal"; allowed: ` + allQueries + `; did you mean __error?`,
		"?__=1":                                                `__: unknown directive, with the value "1"; allowed: ` + allQueries,
		"?__error=%zz":                                         `__error: "%zz" is escaped wrongly`,
		"X-Mock-Status: 200":                                   `X-Mock-Status: "200" is no status of an error; allowed: 400 to 599`,
		"X-Mock-Status: 600":                                   `X-Mock-Status: "600" is no status of an error; allowed: 400 to 599`,
		"X-Mock-Status: +404":                                  `X-Mock-Status: "+404" is no status of an error; allowed: 400 to 599`,
		"X-Mock-Response-Code: 302":                            `X-Mock-Response-Code: "302" is no status of an error; allowed: 400 to 599`,
		"Prefer: code=99":                                      `Prefer: "99" is no status of an error; allowed: 400 to 599`,
		"Prefer: example=conflicts":                            `Prefer: unknown error "conflicts"; allowed: ` + errorNames + `; did you mean conflict?`,
		"X-Mock-Fault: HANGUP":                                 `X-Mock-Fault: unknown fault "HANGUP"; allowed: ` + faultNames + `; did you mean HANG?`,
		"X-Mock-Delay: soon":                                   `X-Mock-Delay: "soon" is no delay of at most 10m0s; allowed: milliseconds such as 800, a length of time such as 1.5s, a range such as 200ms-2s`,
		"X-Mock-Delay: -5":                                     `X-Mock-Delay: "-5" is no delay of at most 10m0s; allowed: milliseconds such as 800, a length of time such as 1.5s, a range such as 200ms-2s`,
		"X-Mock-Delay: 2s-1s":                                  `X-Mock-Delay: "2s-1s": a range goes from the shorter to the longer delay`,
		"X-Mock-Error: internal | X-Mock-Times: 0":             `X-Mock-Times: "0" is no number of times; allowed: 1 to 1000000`,
		"X-Mock-Error: internal | X-Mock-Chance: 1.1":          `X-Mock-Chance: "1.1" is no chance; allowed: 0 to 1`,
		"X-Mock-Error: internal | X-Mock-Chance: NaN":          `X-Mock-Chance: "NaN" is no chance; allowed: 0 to 1`,
		"X-Mock-Error: internal | X-Mock-Commit: later":        `X-Mock-Commit: found "later"; allowed: before, after`,
		"X-Mock-Session: a b":                                  `X-Mock-Session: "a b" is no name of a session; allowed: 1 to 64 letters, digits, dots, underscores and hyphens`,
		"X-Mock-Error: validation | X-Mock-Fields: a,,b":       `X-Mock-Fields: "a,,b" names a field that is empty; allowed: names of fields, with commas between them`,
		"X-Mock-Error: internal | X-Mock-Error: conflict":      `X-Mock-Error: "internal" and "conflict" contradict each other: it takes one value`,
		"?__error=conflict | X-Mock-Error: internal":           `__error: "conflict" contradicts X-Mock-Error: "internal"`,
		"X-Mock-Error: internal | X-Mock-Status: 503":          `X-Mock-Status: 503 contradicts X-Mock-Error internal, whose status is 500`,
		"Prefer: code=503 | X-Mock-Error: internal":            `Prefer: 503 contradicts X-Mock-Error internal, whose status is 500`,
		"X-Mock-Error: internal | X-Mock-Fault: HANG":          `X-Mock-Fault: contradicts X-Mock-Error: a fault stands instead of an answer`,
		"X-Mock-Fault: reset":                                  `X-Mock-Fault: unknown fault "reset"; allowed: ` + faultNames + `; did you mean CONNECTION_RESET_BY_PEER?`,
		"?__retry_after=5":                                     `__retry_after: has no answer to modify: it goes with __error or __status`,
		"?__fields=email":                                      `__fields: "email" has no answer to modify: it goes with __error validation`,
		"?__times=2":                                           `__times: "2" has no answer to modify: it goes with __error, __status or __fault`,
		"?__times=2 | X-Mock-Delay: 5":                         `__times: "2" has no answer to modify: it goes with X-Mock-Error, X-Mock-Status or X-Mock-Fault`,
		"?__status=500&__fault=HANG":                           `__fault: contradicts __status: a fault stands instead of an answer`,
		"X-Mock-Times: 2":                                      `X-Mock-Times: "2" has no answer to modify: it goes with X-Mock-Error, X-Mock-Status or X-Mock-Fault`,
		"X-Mock-Delay: 5 | X-Mock-Chance: 1":                   `X-Mock-Chance: "1" has no answer to modify: it goes with X-Mock-Error, X-Mock-Status or X-Mock-Fault`,
		"X-Mock-Message: x":                                    `X-Mock-Message: "x" has no answer to modify: it goes with X-Mock-Error or X-Mock-Status`,
		"X-Mock-Message: x | X-Mock-Fault: HANG":               `X-Mock-Message: "x" has no answer to modify: it goes with X-Mock-Error or X-Mock-Status`,
		"X-Mock-Fields: email":                                 `X-Mock-Fields: "email" has no answer to modify: it goes with X-Mock-Error validation`,
		"X-Mock-Fields: email | X-Mock-Status: 400":            `X-Mock-Fields: "email" has no answer to modify: it goes with X-Mock-Error validation`,
		"X-Mock-Retry-After: 5":                                `X-Mock-Retry-After: has no answer to modify: it goes with X-Mock-Error or X-Mock-Status`,
		"?__error=unavailable&__retry_after=a%0d%0ab":          `__retry_after: "a\r\nb" holds characters that no header can hold`,
		"X-Mock-Commit: after":                                 `X-Mock-Commit: "after" has no answer to modify: it goes with X-Mock-Error, X-Mock-Status or X-Mock-Fault`,
		"X-Mock-Commit: before | X-Mock-Fault: MALFORMED_JSON": `X-Mock-Commit: "before" contradicts X-Mock-Fault MALFORMED_JSON, which needs the real answer: the request must be carried out first`,
		"X-Mock-Error: validation | X-Mock-Fields: email | X-Mock-Message: x": `X-Mock-Message: contradicts X-Mock-Fields: both say what the messages are`,
	} {
		_, err := outcome.ParseDirectives(request(text))
		if err == nil {
			t.Errorf("%s: accepted", text)
		} else if got := err.Error(); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func TestDirectiveErrorIsADocumented400(t *testing.T) {
	_, err := outcome.ParseDirectives(headers("X-Mock-Commit: x"), "")
	want := `{"statusCode":400,"message":"X-Mock-Commit: found \"x\"; allowed: before, after","error":"Bad Request"}`
	if got := string(err.Answer().Body()); got != want {
		t.Errorf("got %s", got)
	}
}

func TestKeyIsTheExactSet(t *testing.T) {
	key := func(text string) string {
		d, err := outcome.ParseDirectives(request(text))
		if err != nil {
			t.Fatal(err)
		}
		return d.Key
	}
	one := key("X-Mock-Error: rate-limited | X-Mock-Times: 2")
	for _, same := range []string{"?__times=2&__error=rate_limited", "X-Mock-Session: x | X-Mock-Times: 2 | X-Mock-Error: rate_limited"} {
		if got := key(same); got != one {
			t.Errorf("%s: %s, not %s", same, got, one)
		}
	}
	for _, other := range []string{"X-Mock-Error: rate-limited | X-Mock-Times: 3", "X-Mock-Error: rate-limited | X-Mock-Times: 2 | X-Mock-Delay: 1", "X-Mock-Status: 429 | X-Mock-Times: 2"} {
		if key(other) == one {
			t.Errorf("%s: the same key", other)
		}
	}
}

func TestNoDirectivesCostNothing(t *testing.T) {
	h := headers("Accept: */*", "User-Agent: x", "Authorization: Bearer y", "Content-Type: application/json", "X-Request-Id: 1")
	if n := testing.AllocsPerRun(100, func() { outcome.ParseDirectives(h, "page=2&status=NEW") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkNoDirectives(b *testing.B) {
	h := headers("Accept: */*", "User-Agent: x", "Authorization: Bearer y", "Content-Type: application/json", "X-Request-Id: 1", "Accept-Encoding: gzip", "Origin: x")
	b.ReportAllocs()
	for b.Loop() {
		outcome.ParseDirectives(h, "page=2&limit=20&status=NEW")
	}
}

func FuzzParseDirectives(f *testing.F) {
	f.Add("X-Mock-Error", "rate_limited", "Prefer", "code=503, example=\"validation\"; a=b", "__delay=1s&__times=2")
	f.Add("X-Mock-Fault", "HANG", "X-Mock-Delay", "200ms-2s", "__retry-after=%20")
	f.Add("X-Mock-Fields", "a,b", "X-Mock-Error", "validation", "__message=x&__message=y&__chance=1e-1")
	f.Add("X-Mock-", "", "Prefer", "code=\"\\", "__=&__&__error")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2, query string) {
		h := http.Header{}
		h.Add(name1, value1)
		h.Add(name2, value2)
		d, err := outcome.ParseDirectives(h, query)
		again, errAgain := outcome.ParseDirectives(h, query)
		if (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() || d.Key != again.Key {
			t.Fatal("not the same twice")
		}
		if err != nil {
			if !json.Valid(err.Answer().Body()) || err.What == "" {
				t.Errorf("a poor error: %v", err)
			}
			return
		}
		if a, ok := d.Answer(outcome.Subject{}, time.Time{}, 0); ok && (!json.Valid(a.Body) || !utf8.Valid(a.Body) || a.Status < 400 || a.Status > 599) {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		if d.Delay != nil && (d.Delay.Wait(0.99) < 0 || d.Delay.Wait(0.99) > outcome.MaxDelay) {
			t.Errorf("waits %s", d.Delay.Wait(0.99))
		}
	})
}
