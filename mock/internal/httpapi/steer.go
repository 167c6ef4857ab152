package httpapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
	"github.com/salesos/salesos-mock/mock/internal/match"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// direct reads the request's directives, and finds its session, which one of them may name.
func (x *exchange) direct() {
	if outcome.Directed(x.req.Header, x.req.URL.RawQuery) {
		x.used = true
		x.directives, x.misdirected = x.api.parsed.Parse(x.req.Header, x.req.URL.RawQuery)
	}
	x.findSession(x.directives.Session)
}

// judgeDirectives finds the directive errors that only the route can tell.
func (x *exchange) judgeDirectives() {
	if x.misdirected != nil || x.directives.IsZero() {
		return
	}
	if name := x.directives.Scenario; name != "" {
		_, x.misdirected = x.generation.Scenarios.Find(name)
	}
	if x.misdirected == nil {
		x.misdirected = x.directives.CheckFields(x.subject())
	}
	x.misdirected = x.misdirected.AsSent(x.req.Header, x.req.URL.RawQuery)
}

// decide asks directives and rules what is to be done to the answer.
func (x *exchange) decide() {
	if x.directives.IsZero() && x.world.Steering.Idle(x.generation.Scenarios) {
		return
	}
	x.prepareMatch()
	x.attempt.Decision = x.world.Steering.Decide(x.generation.Scenarios, &x.matched, x.env())
}

// prepareMatch makes of the request what the conditions of rules are asked about.
func (x *exchange) prepareMatch() {
	x.used = true
	x.matched = match.Request{
		Method: x.req.Method, Path: x.path, RawQuery: x.req.URL.RawQuery, Header: x.req.Header, Body: x.jsonBody, Caller: x.matchCaller(),
	}
}

// env is what else a decision depends on.
func (x *exchange) env() scenario.Env {
	return scenario.Env{Now: x.now(), Seed: x.world.Seed(), Caller: x.caller(), Directives: &x.directives}
}

// matchCaller says who calls, as far as the credential tells: rules are asked before it is judged.
func (x *exchange) matchCaller() (c match.Caller) {
	if u := x.credential.Holder(); u != nil {
		c.Role, c.UserID, c.UserEmail = string(u.Role), u.ID, u.Email
	}
	if key := x.credential.APIKey(); key != nil {
		c.APIKey, c.KeyName = key.Key, key.Name
	} else if x.credential.Kind == auth.Key {
		c.APIKey = x.credential.Text
	}
	return c
}

// readable is the body, if its content type lets it be read (contract.md section 2).
func (x *exchange) readable() []byte {
	data, err := x.bodyBytes()
	if err != nil || len(data) == 0 || !isJSON(x.req.Header.Get("Content-Type")) {
		return nil
	}
	return data
}

// jsonBody is the body for matching: whatever JSON it is.
func (x *exchange) jsonBody() (value any, ok bool) {
	data := x.readable()
	if len(data) == 0 || json.Unmarshal(data, &value) != nil {
		return nil, false
	}
	return value, true
}

// subject is what a forced error speaks of: the route, the id of the path, what the body has for the field that must be unique.
func (x *exchange) subject() outcome.Subject {
	s := outcome.Subject{Operation: x.match.Operation, ID: x.match.ID}
	if x.known && x.match.Operation.TakesBody() {
		s.Unique = x.ofBody(s.UniqueField())
	}
	return s
}

// ofBody is the text of a field in the body, or in the updates of a bulk request.
func (x *exchange) ofBody(field string) string {
	object, _, err := jsonbody.Parse(x.readable())
	if err != nil {
		return ""
	}
	if raw, ok := object.Get("updates"); ok && jsonbody.KindOf(raw) == jsonbody.ObjectKind {
		if inner, _, err := jsonbody.Parse(raw); err == nil {
			object = inner
		}
	}
	raw, _ := object.Get(field)
	if jsonbody.KindOf(raw) == jsonbody.NumberKind {
		return string(raw)
	}
	text, _ := jsonbody.DecodeString(raw)
	return text
}

// note puts into headers what decided (control.md section 1).
func (x *exchange) note(d *scenario.Decision) {
	x.decided(d)
	applied := d.Applied
	if applied.Rule == "" && len(d.Effects) > 0 {
		applied = lastEffect(d.Effects, false)
	}
	x.credit(applied)
	if d.Warning != "" {
		x.warn(d.Warning)
	}
	if d.Limit != nil {
		x.quota = session.Quota{Limit: d.Limit.Limit, Remaining: d.Limit.Remaining, Over: d.Limit.Over, Resets: d.Limit.Resets}
	}
}

// credit names the rule, and its step, in the headers.
func (x *exchange) credit(a scenario.Applied) {
	x.rule, x.step = a.Rule, ""
	if a.Steps > 0 {
		x.step = strconv.Itoa(a.Step) + "/" + strconv.Itoa(a.Steps)
	}
}

// lastEffect is the last rule that had a part in an answer that it did not make. Those that only patch had one if patched.
func lastEffect(effects []scenario.Applied, patched bool) scenario.Applied {
	for _, e := range slices.Backward(effects) {
		if patched || !e.OnlyPatches {
			return e
		}
	}
	return scenario.Applied{}
}

// decided sets X-Mock-Decision, if the search for an answer ended with one.
func (x *exchange) decided(d *scenario.Decision) {
	switch d.Source {
	case scenario.ByDirective:
		x.decision = journal.ByDirective
	case scenario.ByScenario:
		x.decision = journal.ByScenario
	}
}

// forced makes the answer of an outcome that has one. Of a forced 429 nothing remains, until the client may try again.
func (x *exchange) forced(d *scenario.Decision) (Answer, bool) {
	made, ok := d.Outcome.Answer(x.subject(), x.began, d.WindowEnds)
	if !ok {
		return Answer{}, false
	}
	x.failure = made.Name
	a := Answer{Status: made.Status, Body: made.Body}
	for _, h := range made.Headers {
		a.Headers = append(a.Headers, spelt(h))
	}
	if made.Name == apierror.RateLimited && d.Limit == nil {
		x.exhaust(a.header("Retry-After"))
	}
	return a, true
}

func (x *exchange) exhaust(retryAfter string) {
	x.quota.Remaining, x.quota.Over = 0, true
	if seconds, err := strconv.Atoi(retryAfter); err == nil && seconds >= 0 {
		x.quota.Resets = time.Duration(seconds) * time.Second
	}
}
