package mocktest

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"time"
)

// Expectation is what is expected of the requests of a session. It is a value: its methods give another one.
type Expectation struct {
	name    string
	pattern pattern
	counts  map[string]any // exactly, atLeast, …; none: at least once
	order   []pattern
	within  time.Duration
	wrong   error
}

// pattern says which requests are meant, in the grammar of expectation files.
type pattern struct {
	When   when  `json:"when"`
	Status []int `json:"status,omitempty"`
}

type when struct {
	Method  string            `json:"method,omitempty"`
	Path    string            `json:"path,omitempty"`
	Query   map[string]string `json:"query,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

// Requests expects requests with a method ("": any) to a path ("": any; {id} stands for one segment, /leads/** for all
// below), at least one unless a method says how many.
func Requests(method, path string) Expectation {
	return Expectation{pattern: pattern{When: when{Method: method, Path: path}}}
}

// InOrder expects requests that came one after the other, others between them allowed. How many of each does not count.
func InOrder(requests ...Expectation) Expectation {
	var e Expectation
	for _, r := range requests {
		e.order = append(e.order, r.pattern)
		e.wrong = errors.Join(e.wrong, r.wrong)
	}
	return e
}

// Named says how messages call the expectation.
func (e Expectation) Named(name string) Expectation {
	e.name = name
	return e
}

func (e Expectation) count(key string, value any) Expectation {
	e.counts = maps.Clone(e.counts)
	if e.counts == nil {
		e.counts = map[string]any{}
	}
	e.counts[key] = value
	return e
}

// Exactly expects n of them.
func (e Expectation) Exactly(n int) Expectation { return e.count("exactly", n) }

// AtLeast expects n of them or more.
func (e Expectation) AtLeast(n int) Expectation { return e.count("atLeast", n) }

// AtMost expects n of them or fewer.
func (e Expectation) AtMost(n int) Expectation { return e.count("atMost", n) }

// Never expects none.
func (e Expectation) Never() Expectation { return e.count("never", true) }

// Within expects all of them within so long of each other, in real time.
func (e Expectation) Within(d time.Duration) Expectation {
	e.within = d
	return e
}

// Answered counts only those that were answered with one of these statuses.
func (e Expectation) Answered(statuses ...int) Expectation {
	e.pattern.Status = append([]int(nil), statuses...)
	return e
}

// Query counts only those with a query parameter.
func (e Expectation) Query(name, value string) Expectation {
	e.pattern.When.Query = with(e.pattern.When.Query, name, value)
	return e
}

// Header counts only those with a header.
func (e Expectation) Header(name, value string) Expectation {
	e.pattern.When.Headers = with(e.pattern.When.Headers, http.CanonicalHeaderKey(name), value)
	return e
}

func with(old map[string]string, name, value string) map[string]string {
	changed := map[string]string{name: value}
	for n, v := range old {
		if n != name {
			changed[n] = v
		}
	}
	return changed
}

// Body counts only those whose JSON body has at least what encoding/json makes of a value.
func (e Expectation) Body(part any) Expectation {
	data, err := json.Marshal(part)
	e.pattern.When.Body, e.wrong = data, errors.Join(e.wrong, err)
	return e
}

// MarshalJSON writes the expectation in the grammar of expectation files.
func (e Expectation) MarshalJSON() ([]byte, error) {
	if e.wrong != nil {
		return nil, e.wrong
	}
	keys := map[string]any{}
	maps.Copy(keys, e.counts)
	if e.order != nil {
		keys["inOrder"] = e.order
	} else {
		keys["when"] = e.pattern.When
		if e.pattern.Status != nil {
			keys["status"] = e.pattern.Status
		}
	}
	if e.name != "" {
		keys["name"] = e.name
	}
	if e.within > 0 {
		keys["within"] = e.within.String()
	}
	return json.Marshal(keys)
}

// compile is a file of expectations.
func compile(expectations []Expectation) ([]byte, error) {
	if len(expectations) == 0 {
		return nil, errors.New("nothing is expected: Verify needs an expectation")
	}
	return json.Marshal(expectations)
}
