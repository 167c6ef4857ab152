package httpapi

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
)

// Explanation says what would be done to a request, and why.
type Explanation struct {
	Session    string
	Operation  *operation.Operation // nil: no route fits, which is a 404 unless something else answers
	Hint       string               // what was probably meant where no route fits
	Mistake    string               // what is wrong with the directives, which is then the answer: 400; "": nothing
	Directives []Directive          // as they are understood
	Directed   bool                 // they answer, and no rule is asked
	Rules      []scenario.Explanation
	Refusal    *apierror.Error // what the credentials earn where nothing else answers; nil: nothing
}

// Directive is one that a request carries, by whichever of its forms.
type Directive struct {
	Name    string // of its header: "X-Mock-Error"
	Value   string
	Meaning string
}

// Explain says what would be done to a request that came now. Nothing is counted or carried out; but a session that the
// request names begins, if it had not. The body of r is read.
func (a *API) Explain(r *http.Request) Explanation {
	x := a.begin(echo.New().NewContext(r, nil))
	x.direct()
	x.route()
	x.judgeDirectives()
	e := Explanation{Session: x.world.ID}
	if x.known {
		e.Operation = x.match.Operation
		e.Refusal = x.refusal()
	} else {
		e.Hint = x.unmatchedHint()
	}
	if x.misdirected != nil {
		e.Mistake = x.misdirected.Error()
		return e
	}
	e.Directives, e.Directed = directivesOf(x.directives.Key), x.directives.Answers()
	x.prepareMatch()
	e.Rules = x.world.Steering.Explain(x.generation.Scenarios, &x.matched, x.env())
	return e
}

// refusal is the documented 401 or 403 of a request that may not do what it asks for.
func (x *exchange) refusal() *apierror.Error {
	var refused *apierror.Error
	if errors.As(x.authorise(), &refused) {
		return refused
	}
	return nil
}

// directivesOf reads what the grammar of outcomes noted of the directives: their words, in its order.
func directivesOf(key string) []Directive {
	var all []Directive
	for pair := range strings.SplitSeq(key, "&") {
		word, escaped, _ := strings.Cut(pair, "=")
		value, err := url.QueryUnescape(escaped)
		if err != nil {
			value = escaped
		}
		for _, info := range outcome.Keys() {
			if string(info.Key) == word {
				all = append(all, Directive{info.Header, value, info.Meaning})
			}
		}
	}
	return all
}
