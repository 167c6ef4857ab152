package openapi

import (
	"net/http"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/operation"
)

// about is what the document says of itself.
const about = `The SalesOS API as salesos-mock serves it. The document is made from the loaded files: it follows them while the mock runs.

Every error has ` + "`statusCode`" + ` and ` + "`message`" + `; ` + "`error`" + ` is there only where it is shown. A path that is not listed here is answered with 404 and ` +
	"`{\"statusCode\":404,\"message\":\"Cannot GET /api/nothing\",\"error\":\"Not Found\"}`" + `.

A list answers an array; when the parameter ` + "`cursor`" + ` is there, an object with ` + "`data`, `nextCursor` and `hasMore`" + `.

Any error that an operation documents, and any other, can be asked for with the request headers ` + "`X-Mock-Error`, `X-Mock-Status`, `X-Mock-Fault`, `X-Mock-Delay`" + ` and others. ` +
	`They steer the mock and are no part of the API, so they are not among the parameters; a wrong one is a 400 with a message that says what is allowed.

A session has data, clock and scenarios of its own. A request names it with ` + "`X-Mock-Session`" + `, or by its address: ` + "`/__s/checkout/api/leads`" + ` is ` + "`/api/leads`" + ` in the session ` + "`checkout`" + `.`

// servers are where the API is, without host: it is where the document came from. Its form for one session is left to
// the text: a variable in an address without host is more than some validators understand.
func servers(base string) []server {
	if base == "" {
		base = "/"
	}
	return []server{{URL: base, Description: "The session that the request names, else the default one"}}
}

const (
	tokenScheme = "bearerAuth"
	keyScheme   = "apiKey"
)

func securitySchemes() object[securityScheme] {
	return object[securityScheme]{
		{tokenScheme, securityScheme{Type: "http", Scheme: "bearer", BearerFormat: "JWT",
			Description: "The access token of `POST /auth/login`. With an Authorization header only that is judged."}},
		{keyScheme, securityScheme{Type: "apiKey", In: "header", Name: "X-API-Key",
			Description: "A key with scopes: `read`, `write`, `delete`, or `admin` for all of them."}},
	}
}

func withToken() securityRequirement { return securityRequirement{{tokenScheme, []string{}}} }
func withKey() securityRequirement   { return securityRequirement{{keyScheme, []string{}}} }

// security is what differs from the rest of the document; nil: nothing.
func security(o *operation.Operation) []securityRequirement {
	switch {
	case o.Public:
		return []securityRequirement{}
	case o.Action == operation.Refresh:
		return []securityRequirement{withToken()}
	}
	return nil
}

func commonParameters() object[*parameter] {
	heading := func(name, text string) member[*parameter] {
		return member[*parameter]{name, &parameter{Name: name, In: "header", Description: text, Schema: textSchema()}}
	}
	return object[*parameter]{
		heading("X-Request-Id", "Repeated in the response, up to 200 characters."),
		heading("X-Organization-ID", "Accepted; it changes nothing."),
		heading("X-CSRF-Token", "Asked for only when the server runs with `--csrf on`, and only with a token: that of its login."),
	}
}

// commonHeaders are the response headers (contract.md section 4, control.md section 1).
func commonHeaders() object[*header] {
	always := func(name, text string, s *Schema, example any) member[*header] {
		return member[*header]{name, &header{Description: text, Required: true, Schema: s, Example: example}}
	}
	sometimes := func(name, text string, example any) member[*header] {
		return member[*header]{name, &header{Description: text, Schema: textSchema(), Example: example}}
	}
	return object[*header]{
		always("X-Request-Id", "That of the request, or one that was made.", textSchema(), "req-42"),
		always("X-RateLimit-Limit", "Requests that are allowed in 60 seconds.", integerSchema(), 100),
		always("X-RateLimit-Remaining", "How many of them are left.", integerSchema(), 99),
		always("X-RateLimit-Reset", "When they are all there again, in Unix seconds.", integerSchema(), 1782842460),
		always("X-Total-Count", "Records on all pages.", integerSchema(), 200),
		sometimes("Link", "The pages first, prev, next and last, without host; not with `cursor`.", `</api/leads?page=1>; rel="first", </api/leads?page=2>; rel="next", </api/leads?page=10>; rel="last"`),
		always("Location", "Where the new record is, without host.", textSchema(), "/api/leads/00000000-0000-4000-8000-000000000001"),
		always("Retry-After", "Seconds to wait before the next attempt.", integerSchema(), 30),
		always("X-CSRF-Token", "The anti-forgery token of the login.", textSchema(), exampleCSRF),
		always("X-Mock-Decision", "What decided the answer.", &Schema{Type: "string", Enum: choices(journal.Told())}, "fixture"),
		sometimes("X-Mock-Rule", "The rule of a scenario that decided.", "scenarios/flaky-list.yaml:14 list-outage"),
		sometimes("X-Mock-Step", "Which of its steps it was.", "2/4"),
		sometimes("X-Mock-Session", "The session, when it is not the default one.", "checkout"),
		sometimes("X-Mock-Warning", "What the caller should know.", `the query parameter "sort" is unknown and was ignored`),
		sometimes("X-Mock-Stale", "What is wrong with a file, while the last good one serves.", "fixtures/leads.yaml:12: the key id stands twice"),
		sometimes("Preference-Applied", "What was used of the request's Prefer.", "code=503"),
	}
}

func choices(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}

// headersOf are the headers of every answer with a status.
func headersOf(status int) object[any] {
	var list object[any]
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		list = append(list, member[any]{"Retry-After", reference{refTo("headers", "Retry-After")}})
	}
	for _, name := range []string{
		"X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Mock-Decision", "X-Mock-Rule", "X-Mock-Step",
		"X-Mock-Session", "X-Mock-Warning", "X-Mock-Stale", "Preference-Applied",
	} {
		list = append(list, member[any]{name, reference{refTo("headers", name)}})
	}
	return list
}

// errorText says more than the name of a status does.
func errorText(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return ": no credential, or one that is unknown, revoked, expired or malformed; the body is always the same"
	case http.StatusForbidden:
		return ": the scope or the role does not allow it"
	case http.StatusRequestEntityTooLarge:
		return ": a body of more than 10 MiB"
	case http.StatusUnsupportedMediaType:
		return ": a content encoding other than gzip, deflate or identity"
	}
	return ""
}

func tagText(o *operation.Operation) string {
	switch {
	case o.Resource != nil:
		return "The resource " + o.Resource.Name + "."
	case o.Action == operation.Canned:
		return "Canned answers: always the same, and nothing is stored."
	}
	return "Logging in, tokens and who is calling."
}

// descriptionOf says who may call and what is not plain from the rest.
func descriptionOf(o *operation.Operation) string {
	var texts []string
	if text := actionTexts[o.Action]; text != "" {
		texts = append(texts, text)
	}
	switch o.Scope {
	case "":
	case identity.Read:
		texts = append(texts, "Asks for the scope `read`.")
	case identity.Write:
		texts = append(texts, "Asks for the scope `write`; the role VIEWER may not.")
	case identity.Delete:
		texts = append(texts, "Asks for the scope `delete`; only the roles ADMIN and MANAGER may.")
	}
	return strings.Join(texts, " ")
}

// actionTexts say what is not plain from the rest.
var actionTexts = map[operation.Action]string{
	operation.List:        "An unknown query parameter is ignored, and named in X-Mock-Warning.",
	operation.Patch:       "Only the fields that are sent change. A `null` gives an optional field its default, or no value where it has none.",
	operation.Replace:     "A field that is left out gets its default, or no value where it has none.",
	operation.ScoreLead:   "The same every time, for the same fields.",
	operation.Convert:     "A lead that is not QUALIFIED is a 422, one that is converted already a 409.",
	operation.BulkUpdate:  "All or nothing: an e-mail that is taken, or meant for several leads, is a 409.",
	operation.BulkDelete:  "Unknown ids are skipped.",
	operation.BulkAssign:  "Unknown ids are skipped.",
	operation.Refresh:     "Takes a token that expired up to 7 days ago, but none that is revoked.",
	operation.Profile:     "With an API key, the user as whom it acts.",
	operation.CSRFToken:   "The same as at the login; it is in the response header X-CSRF-Token too.",
	operation.OAuthStatus: "The mock offers none.",
	operation.Logout:      "The token is then answered with 401.",
	operation.Login:       "Five attempts a minute are documented.",
}
