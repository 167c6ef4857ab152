package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/net/http/httpguts"

	"github.com/salesos/salesos-mock/mock"
)

type explainCommand struct {
	Method    string   `arg:"" help:"GET, POST, …"`
	Path      string   `arg:"" help:"With or without the base path, and with its query: '/leads?status=NEW'."`
	Header    []string `short:"H" sep:"none" placeholder:"'NAME: VALUE'" help:"A header of the request: a credential, a directive. Repeatable."`
	Data      string   `short:"d" placeholder:"JSON" help:"The body of the request."`
	Scenario  []text   `placeholder:"NAME" from:"SALESOS_MOCK_SCENARIO" help:"A scenario that is in force. Repeatable."`
	Scenarios text     `placeholder:"DIR" from:"SALESOS_MOCK_SCENARIOS" help:"Folder with the scenarios. Default: ./scenarios if there is one, else what is built in."`
	Fixtures  text     `placeholder:"DIR" from:"SALESOS_MOCK_FIXTURES" help:"Folder with the data. Default: ./fixtures if there is one, else what is built in."`
	BasePath  basePath `default:"/api" placeholder:"PATH" from:"SALESOS_MOCK_BASE_PATH" help:"What the paths of the API begin with. Default: /api."`
}

// Run says what a server, started with these files, would do to its first request.
func (c *explainCommand) Run(p *process) error {
	request, err := c.request()
	if err != nil {
		return usageError{err, "explain"}
	}
	from, steering := chooseSource(string(c.Fixtures)), chooseScenarios(string(c.Scenarios))
	if err := errors.Join(from.there(), steering.there()); err != nil {
		return err
	}
	server, err := mock.New(
		mock.Fixtures(from.folder), mock.Scenarios(steering.folder), mock.Scenario(texts(c.Scenario)...),
		mock.BasePath(string(c.BasePath)), mock.Watch("off"),
	)
	if err != nil {
		return unservable(from, err)
	}
	return p.print("%s", explained(request, c.Data, server.Explain(request)))
}

func texts[T ~string](all []T) []string {
	plain := make([]string, len(all))
	for i, t := range all {
		plain[i] = string(t)
	}
	return plain
}

// methods are those that clients of the API send.
func methods() []string {
	return []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}
}

// request makes the request that the flags describe.
func (c *explainCommand) request() (*http.Request, error) {
	method := strings.ToUpper(c.Method)
	if !slices.Contains(methods(), method) {
		return nil, unknownName("method", c.Method, methods())
	}
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(context.Background(), method, target, strings.NewReader(c.Data))
	if err != nil {
		return nil, err
	}
	request.RemoteAddr = "127.0.0.1:0"
	for _, header := range c.Header {
		name, value, ok := strings.Cut(header, ":")
		value = strings.TrimSpace(value)
		if !ok || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return nil, fmt.Errorf("-H %q is no header; allowed: something like 'X-Mock-Error: unavailable'", header)
		}
		request.Header.Add(name, value)
	}
	if c.Data != "" && request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// target is the path with the base path. A whole address is taken, too: it is what people copy.
func (c *explainCommand) target() (string, error) {
	u, err := url.Parse(c.Path)
	if err != nil {
		return "", fmt.Errorf("%q is no path: %w", c.Path, errors.Unwrap(err))
	}
	path := "/" + strings.TrimPrefix(u.EscapedPath(), "/")
	base := string(c.BasePath)
	if path != base && !strings.HasPrefix(path, base+"/") && !strings.HasPrefix(path, "/__s/") {
		path = base + path
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return path, nil
}

// explained is the explanation in columns.
func explained(r *http.Request, body string, e mock.Explanation) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { _, _ = fmt.Fprintln(w, harmless(strings.Join(cells, "\t"))) } // a strings.Builder takes all
	row("request", r.Method+" "+r.URL.RequestURI())
	row("route", routeText(e))
	row("session", e.Session)
	if wrong := invalidJSON(r, body); wrong != nil {
		row("body", "no JSON: "+wrong.Error())
	}
	if e.Mistake != "" {
		row("directives", "wrong: "+e.Mistake)
	}
	label := "directives"
	for _, d := range e.Directives {
		row(label, d.Name+": "+d.Value+"   ("+d.Meaning+")")
		label = ""
	}
	row("answer", answerText(r, e))
	_ = w.Flush()
	if e.Mistake == "" && !e.Directed {
		b.WriteString(rulesText(e))
	}
	return b.String()
}

func routeText(e mock.Explanation) string {
	o := e.Operation
	if o == nil {
		if e.Hint != "" {
			return "none fits; " + e.Hint
		}
		return "none fits"
	}
	return fmt.Sprintf("%s   (%s %s: %s)", o.ID, o.Method, o.Path, o.Summary)
}

// answerText says who answers: the directives precede the rules, the rules precede the route and the credentials.
func answerText(r *http.Request, e mock.Explanation) string {
	switch {
	case e.Mistake != "":
		return "400, directive-error: a directive that makes no sense is never ignored"
	case e.Directed:
		return "that of the directives; no rule is asked"
	}
	after := ""
	for _, rule := range e.Rules {
		if rule.Answers {
			return "that of the rule " + rule.Rule
		}
		if rule.Applies {
			after = ", changed by rules"
		}
	}
	switch {
	case e.Operation == nil:
		return fmt.Sprintf("404, Cannot %s %s%s", r.Method, r.URL.RequestURI(), after)
	case e.Refusal != nil:
		return fmt.Sprintf("%d, for its credentials%s%s", e.Refusal.Status, after, credentialHint(r))
	}
	return fmt.Sprintf("as usual, %d if nothing is wrong with the request%s", e.Operation.Success, after)
}

// credentialHint shows how to send one, to whom sent none.
func credentialHint(r *http.Request) string {
	if r.Header.Get("Authorization") != "" || r.Header.Get("X-API-Key") != "" {
		return ""
	}
	return ": it shows none; -H 'X-API-Key: KEY' does"
}

// invalidJSON is what is wrong with a body that calls itself JSON.
func invalidJSON(r *http.Request, body string) error {
	if body == "" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return nil
	}
	return json.Unmarshal([]byte(body), new(any))
}

// rulesText lists the rules, those of scenarios that are not in force in one line each scenario.
func rulesText(e mock.Explanation) string {
	if len(e.Rules) == 0 {
		return "\nThere are no rules.\n"
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	var idle []string
	for _, rule := range e.Rules {
		if rule.Inactive {
			if !slices.Contains(idle, rule.Scenario) {
				idle = append(idle, rule.Scenario)
			}
			continue
		}
		verdict := "passes"
		switch {
		case rule.Answers:
			verdict = "answers"
		case rule.Applies:
			verdict = "applies"
		}
		_, _ = fmt.Fprintln(w, harmless("  "+rule.Rule+"\t"+verdict+"\t"+rule.Reason))
	}
	_ = w.Flush()
	text := "\nRules, in order:\n" + b.String()
	if b.Len() == 0 {
		text = "\nNo scenario is in force.\n"
	}
	if len(idle) > 0 {
		text += "\nNot in force (--scenario NAME): " + strings.Join(idle, ", ") + "\n"
	}
	return text
}
