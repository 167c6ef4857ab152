package scenario_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/scenario"
)

// example is the file that the documentation shows.
const example = `description: The list is down twice, then recovers
active: false
seed: 42
rules:
  - name: list-outage
    when:
      method: GET
      path: /leads
      query: {status: NEW}
      headers: {X-Tenant: acme}
      body: {email: {matches: "@example\\.com$"}}
      caller: {role: USER}
      state: degraded
    respond:
      - {error: unavailable, retryAfter: 2, times: 2}
      - {delay: {median: 400ms, sigma: 0.5}}
    then: pass
    per: session
    setState: recovered
  - name: quota
    when: {path: /leads/**}
    limit: {requests: 5, window: 10s, per: caller}
  - name: flaky-writes
    when: {method: [POST, PATCH]}
    chance: 0.2
    respond: {fault: CONNECTION_RESET_BY_PEER, commit: after}
  - name: maintenance
    window: {after: 30s, for: 20s}
    respond: {error: unavailable, retryAfter: until-window-ends}
  - name: one-bad-record
    when: {method: GET, path: "/leads/{id}"}
    respond: {patch: {company: null, email: "not-an-email"}}
`

var options = scenario.Options{BasePath: "/api"}

func mustParse(t testing.TB, file, text string) *scenario.Scenario {
	t.Helper()
	s, problems := scenario.Parse(file, []byte(text), options)
	if problems != nil {
		t.Fatal(problems)
	}
	return s
}

func TestParseReadsTheExample(t *testing.T) {
	s := mustParse(t, "scenarios/flaky-list.yaml", example)
	if s.Name != "flaky-list" || s.Active || s.Seed != 42 || len(s.Rules) != 5 || s.Description == "" {
		t.Errorf("got %+v", s)
	}
	if got := s.Rules[0].Location(); got != "scenarios/flaky-list.yaml:5 list-outage" {
		t.Errorf("location %q", got)
	}
	if got := strings.Join(s.States(), " "); got != "started degraded recovered" {
		t.Errorf("states %q", got)
	}
}

// rule indents the body of a file with one rule.
func rule(lines string) string {
	return "rules:\n  - " + strings.ReplaceAll(lines, "\n", "\n    ") + "\n"
}

func goodFiles() map[string]string {
	return map[string]string{
		"no rules":             "rules: []",
		"empty step":           rule("respond: {}"),
		"status":               rule("respond: {status: 502, message: [a, b]}"),
		"status and error":     rule("respond: {status: 503, error: unavailable}"),
		"hyphens":              rule("respond: {error: rate-limited, headers: {X-Foo: 1}}"),
		"body":                 rule("respond: {body: [1, null, {a: b}], status: 202, retryAfter: 3}"),
		"body alone":           rule("respond: {body: null}"),
		"delay in ms":          rule("respond: {delay: 800}"),
		"delay range in text":  rule("respond: {delay: 200ms-2s}"),
		"delay min max":        rule("respond: {delay: {min: 200ms, max: 2s}, error: internal}"),
		"dribble":              rule("respond: {delay: {chunks: 5, over: 2s}}"),
		"validation of fields": rule("respond: {error: validation, fields: [email, firstName]}"),
		"fields in a line":     rule("respond: {error: validation, fields: 'email,firstName'}"),
		"random":               rule("pick: random\nrespond: [{error: internal, weight: 3}, {}]\nthen: repeat"),
		"spoilt answer":        rule("respond: {fault: TRUNCATED_BODY, patch: {a: 1}, commit: after, headers: {A: b}}"),
		"limit with words":     rule("limit: {requests: 1, window: 1m}\nrespond: {message: slow down, retryAfter: none}"),
		"only a state":         rule("when: {method: POST}\nsetState: written"),
		"body tests":           rule("when: {body: {a: {equals: {b: 1}}, c: {exists: false}, d: {oneOf: [1, null]}, e: {f: [1]}}}\nrespond: {}"),
		"query tests":          rule("when: {query: {page: 2, q: {matches: '^a'}, z: {exists: true}, l: {oneOf: [1, a]}}}\nrespond: {}"),
		"callers":              rule("when: {caller: {role: [USER, VIEWER], user: ada@example.com, apiKey: ci}}\nrespond: {}"),
		"base path":            rule("when: {path: '/api/leads/**', method: [GET, HEAD]}\nrespond: {}"),
		"ugly retry":           rule("respond: [{error: unavailable, retryAfter: '-1'}, {error: unavailable, retryAfter: soon}, {error: unavailable, retryAfter: date+30}]"),
		"after alone":          rule("window: {after: 3s}\nrespond: {error: internal}"),
		"JSON schema":          "$schema: x\n" + rule("respond: {commit: after, patch: {}}"),
		"anchors":              "rules:\n  - respond: &a {error: internal}\n  - respond: *a\n",
	}
}

func TestParseAcceptsTheGrammar(t *testing.T) {
	for name, text := range goodFiles() {
		t.Run(name, func(t *testing.T) { mustParse(t, "scenarios/x.yaml", text) })
	}
}

type badFile struct {
	text string
	want string // of the one problem, after "scenarios/x.yaml:"
	lax  bool   // a JSON Schema cannot say it
}

func badFiles() map[string]badFile {
	return map[string]badFile{
		"no rules":              {text: "description: x", want: `1:1: the key "rules" is missing`},
		"empty":                 {text: "", want: `1:1: the file is empty: a scenario needs rules`},
		"unknown key":           {text: "rule: []\nrules: []", want: `1:1: unknown key "rule"; allowed: $schema, active, description, rules, seed; did you mean "rules"?`},
		"unknown rule key":      {text: rule("respnd: {}\nsetState: x"), want: `2:5: unknown key "respnd"; allowed: chance, limit, name, per, pick, respond, setState, then, when, window; did you mean "respond"?`},
		"does nothing":          {text: rule("name: x"), want: `2:5: the key "respond" is missing`},
		"unknown error":         {text: rule("respond: {error: rate_limit}"), want: `2:22: unknown error "rate_limit"; allowed: bad_request, validation, unauthorized, forbidden, not_found, conflict, unprocessable, rate_limited, internal, unavailable; did you mean "rate_limited"?`},
		"error is a number":     {text: rule("respond: {error: 503}"), want: `2:22: unknown error "503"; allowed: bad_request, validation, unauthorized, forbidden, not_found, conflict, unprocessable, rate_limited, internal, unavailable; did you mean "unavailable"?`},
		"unknown fault":         {text: rule("respond: {fault: HANGS}"), want: `2:22: unknown fault "HANGS"; allowed: CONNECTION_RESET_BY_PEER, EMPTY_RESPONSE, MALFORMED_RESPONSE_CHUNK, RANDOM_DATA_THEN_CLOSE, TRUNCATED_BODY, MALFORMED_JSON, HANG; did you mean "HANG"?`},
		"low status":            {text: rule("respond: {status: 204}"), want: `2:23: the status 204; allowed: 400 to 599, with a body 200 to 599`},
		"high status":           {text: rule("respond: {status: 600}"), want: `2:23: found the number 600 where a whole number from 200 to 599 is needed`},
		"two answers":           {text: rule("respond: {error: internal, fault: HANG}"), want: `2:39: fault contradicts error`},
		"status and fault":      {text: rule("respond: {status: 500, fault: HANG}"), want: `2:35: fault contradicts status`},
		"error and body":        {text: rule("respond: {error: internal, body: {}}"), want: `2:38: body contradicts error`},
		"wrong status":          {text: rule("respond: {error: internal, status: 503}"), want: `2:40: status 503 contradicts error internal, whose status is 500`, lax: true},
		"message alone":         {text: rule("respond: {message: x}"), want: `2:24: message "x" has no answer to modify`, lax: true},
		"fields alone":          {text: rule("respond: {error: internal, fields: x}"), want: `2:40: fields "x" has no answer to modify: it goes with error validation`, lax: true},
		"retry alone":           {text: rule("respond: {retryAfter: 3}"), want: `2:27: retryAfter has no answer to modify`, lax: true},
		"retry with line end":   {text: rule(`respond: {error: unavailable, retryAfter: "a\nb"}`), want: `2:47: retryAfter "a\nb" holds characters`, lax: true},
		"commit alone":          {text: rule("respond: {commit: after}"), want: `2:23: commit "after" has no answer to modify`, lax: true},
		"commit before patch":   {text: rule("respond: {commit: before, patch: {}}"), want: `2:23: commit "before" contradicts patch`, lax: true},
		"commit before trunc":   {text: rule("respond: {commit: before, fault: TRUNCATED_BODY}"), want: `2:23: commit "before" contradicts fault TRUNCATED_BODY`, lax: true},
		"commit typo":           {text: rule("respond: {commit: aftr, fault: HANG}"), want: `2:23: found "aftr"; allowed: before, after; did you mean "after"?`},
		"patch of an error":     {text: rule("respond: {patch: {}, error: internal}"), want: `2:22: patch has no real answer to change`},
		"headers of a reset":    {text: rule("respond: {headers: {A: b}, fault: HANG}"), want: `2:24: headers contradicts fault HANG`, lax: true},
		"own header":            {text: rule("respond: {headers: {content-length: 3}}"), want: `2:25: the header Content-Length is the server's own`, lax: true},
		"no header":             {text: rule("respond: {headers: {'a b': 3}}"), want: `2:25: "a b" cannot be the name of a header`, lax: true},
		"delay too long":        {text: rule("respond: {delay: 11m}"), want: `2:22: "11m" is no delay of at most 10m0s`, lax: true},
		"delay mixed":           {text: rule("respond: {delay: {min: 1s, sigma: 1}}"), want: `2:22: a delay is {min, max}, {median, sigma} or {chunks, over}`},
		"delay without a unit":  {text: rule("respond: {delay: {min: 1, max: 2s}}"), want: `2:28: found the number 1 where a length of time`},
		"delay backwards":       {text: rule("respond: {delay: {min: 3s, max: 2s}}"), want: `2:22: min is longer than max`, lax: true},
		"times 0":               {text: rule("respond: {times: 0}"), want: `2:22: found the number 0 where a whole number from 1`},
		"weight in turn":        {text: rule("respond: {weight: 2}"), want: `2:23: weight is for rules that say pick: random`, lax: true},
		"weight 0":              {text: rule("pick: random\nrespond: {weight: 0}"), want: `3:23: the weight 0 would never be picked`},
		"no steps":              {text: rule("respond: []"), want: `2:14: the list of steps is empty`},
		"unknown then":          {text: rule("respond: {}\nthen: loop"), want: `3:11: found "loop"; allowed: pass, repeat, stay`},
		"unknown per":           {text: rule("respond: {}\nper: user"), want: `3:10: found "user"; allowed: session, caller, path`},
		"chance":                {text: rule("respond: {}\nchance: 20"), want: `3:13: found the number 20 where a number from 0 to 1 is needed`},
		"limit without window":  {text: rule("limit: {requests: 3}"), want: `2:12: the key "window" is missing`},
		"window 0":              {text: rule("limit: {requests: 3, window: 0s}"), want: `2:34: found "0s" where a length of time of more than 0 is needed`, lax: true},
		"empty window":          {text: rule("window: {}\nrespond: {}"), want: `2:13: the window is empty`},
		"no end":                {text: rule("window: {after: 3s}\nrespond: {error: internal, retryAfter: until-window-ends}"), want: `3:44: until-window-ends needs a window that ends`, lax: true},
		"method":                {text: rule("when: {method: FETCH}\nrespond: {}"), want: `2:20: found "FETCH"; allowed: GET, HEAD`},
		"no method":             {text: rule("when: {method: []}\nrespond: {}"), want: `2:20: the list is empty`},
		"path":                  {text: rule("when: {path: leads}\nrespond: {}"), want: `2:18: the path "leads" does not begin with a slash`},
		"path with a star":      {text: rule("when: {path: /leads/*/x}\nrespond: {}"), want: `2:18: the segment "*": write {id} for any one segment`, lax: true},
		"path with a query":     {text: rule("when: {path: '/leads?a=b'}\nrespond: {}"), want: `2:18: the path "/leads?a=b" holds a query`, lax: true},
		"pattern":               {text: rule("when: {body: {a: {matches: '('}}}\nrespond: {}"), want: `2:32: the pattern is no regular expression: missing closing )`, lax: true},
		"huge pattern":          {text: rule("when: {body: {a: {matches: '" + strings.Repeat("a", 2000) + "'}}}\nrespond: {}"), want: `2:32: the pattern is 2000 bytes long, at most 1000 are allowed`},
		"exploding pattern":     {text: rule("when: {body: {a: {matches: '((a{1000}){1000}){1000}'}}}\nrespond: {}"), want: `2:32: the pattern is no regular expression`, lax: true},
		"test beside a member":  {text: rule("when: {body: {a: {exists: true, b: 1}}}\nrespond: {}"), want: `2:37: unknown key "b"; allowed: equals, exists, matches, oneOf`},
		"contradicting tests":   {text: rule("when: {body: {a: {exists: false, equals: 1}}}\nrespond: {}"), want: `2:31: exists: false contradicts`, lax: true},
		"query object":          {text: rule("when: {query: {a: {b: 1}}}\nrespond: {}"), want: `2:24: unknown key "b"`},
		"role":                  {text: rule("when: {caller: {role: BOSS}}\nrespond: {}"), want: `2:27: found "BOSS"; allowed: ADMIN, MANAGER, USER, VIEWER`},
		"two of one name":       {text: "rules:\n  - {name: a, respond: {}}\n  - {name: a, respond: {}}", want: `3:12: two rules are called "a"`, lax: true},
		"negative seed":         {text: "seed: -1\nrules: []", want: `1:7: found the number -1 where a whole number of at least 0 is needed`},
		"dribble after a reset": {text: rule("respond: {fault: HANG, delay: {chunks: 2, over: 1s}}"), want: `2:35: a body that dribbles contradicts fault HANG`, lax: true},
		"patch in a limit":      {text: rule("limit: {requests: 1, window: 1s}\nrespond: {patch: {}}"), want: `3:22: patch has no real answer to change`, lax: true},
	}
}

func TestParseRefusesAndSaysWhere(t *testing.T) {
	for name, bad := range badFiles() {
		t.Run(name, func(t *testing.T) {
			s, problems := scenario.Parse("scenarios/x.yaml", []byte(bad.text), options)
			if s != nil || len(problems) != 1 {
				t.Fatalf("got %v and %d problems: %v", s, len(problems), problems)
			}
			if got, want := problems[0].Short(), "scenarios/x.yaml:"+bad.want; !strings.HasPrefix(got, want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if bad.text != "" && !strings.Contains(problems[0].Error(), "^") {
				t.Error("no caret")
			}
		})
	}
}

func TestParseReportsAllMistakesAtOnce(t *testing.T) {
	_, problems := scenario.Parse("x.yaml", []byte("active: perhaps\nrules:\n  - {respond: {error: nope, times: 0}, per: x}\n  - {when: {path: x, methods: GET}}\n"), options)
	if len(problems) != 7 {
		t.Errorf("got %d problems: %v", len(problems), problems)
	}
	for i := 1; i < len(problems); i++ {
		if problems[i].Line < problems[i-1].Line {
			t.Error("not in the order of the file")
		}
	}
}

func TestParseRule(t *testing.T) {
	r, problems := scenario.ParseRule([]byte(`{"name":"down","when":{"path":"/api/leads"},"respond":{"error":"unavailable"}}`), options)
	if problems != nil || r.Name != "down" || r.Location() != "down" {
		t.Errorf("got %+v, %v", r, problems)
	}
	_, problems = scenario.ParseRule([]byte(`{"respond":{"error":"unavailabel"}}`), options)
	if len(problems) != 1 || !strings.HasPrefix(problems[0].Short(), `rule.json:1:21: unknown error "unavailabel"`) || problems[0].Nearest != "unavailable" {
		t.Errorf("got %v", problems)
	}
}

func TestJSONMeansTheSame(t *testing.T) {
	s := mustParse(t, "scenarios/a.json", `{"rules":[{"name":"x","respond":[{"error":"internal","times":2},{}],"then":"stay"}]}`)
	if s.Name != "a" || len(s.Rules) != 1 {
		t.Errorf("got %+v", s)
	}
}

// Whatever a file holds, reading it ends soon: it is read again at each save.
func TestHostileFilesEndSoon(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 10) + "]\n"
	}
	files := map[string]string{
		"10 MiB":   rule("name: " + strings.Repeat("x", 10<<20)),
		"deep":     "rules: " + strings.Repeat("[", 100_000),
		"bomb":     bomb,
		"mistakes": "rules: [" + strings.Repeat("{a: b},", 9_999) + "]",
		"rules":    "rules: [" + strings.Repeat("{a: b},", 100_000) + "]",
		"keys":     "{" + keys(100_000) + "}",
		"messages": rule("respond: {error: internal, message: [" + strings.Repeat("1,", 400_000) + "]}"),
		"headers":  rule("respond: {error: internal, headers: {" + keys(100_000) + "}}"),
	}
	for name, text := range files {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, problems := scenario.Parse("x.yaml", []byte(text), options)
			if len(problems) == 0 {
				t.Error("accepted")
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: [],", i)
	}
	return b.String()
}

func FuzzParse(f *testing.F) {
	f.Add(example, false)
	for _, text := range goodFiles() {
		f.Add(text, false)
	}
	for _, bad := range badFiles() {
		f.Add(bad.text, false)
	}
	f.Add(`{"rules":[{"respond":{"error":"internal"}}]}`, true)
	f.Fuzz(func(t *testing.T, text string, json bool) {
		file := "scenarios/f.yaml"
		if json {
			file = "scenarios/f.json"
		}
		s, problems := scenario.Parse(file, []byte(text), options)
		if (s == nil) != (len(problems) > 0) {
			t.Fatal("neither a scenario nor problems, or both")
		}
		for _, p := range problems {
			if p.What == "" || p.File != file {
				t.Errorf("a poor problem: %+v", p)
			}
		}
		if s != nil {
			exercise(t, s)
		}
	})
}
