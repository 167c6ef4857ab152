package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/outcome"
)

// CORS says which pages of other origins may call: any (as a development server is used), some, or none.
type CORS struct {
	Off     bool
	Origins []string // empty: any
}

// ParseCORS reads the value of --cors: permissive, off, or origins parted by commas.
func ParseCORS(text string) CORS {
	switch text {
	case "", "permissive":
		return CORS{}
	case "off":
		return CORS{Off: true}
	}
	var c CORS
	for origin := range strings.SplitSeq(text, ",") {
		if origin = strings.TrimSuffix(strings.TrimSpace(origin), "/"); origin != "" {
			c.Origins = append(c.Origins, origin)
		}
	}
	return c
}

func (c CORS) allows(origin string) bool {
	if c.Off || origin == "" {
		return false
	}
	for _, allowed := range c.Origins {
		if strings.EqualFold(allowed, origin) {
			return true
		}
	}
	return len(c.Origins) == 0
}

// exposed are the response headers that a page may read (contract.md section 5), by name: with credentials a
// browser takes neither a star nor a prefix.
const exposed = "Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Total-Count, Link, Location, " +
	"X-Request-Id, X-CSRF-Token, Date, Preference-Applied, X-Mock-Decision, X-Mock-Rule, X-Mock-Step, X-Mock-Session, X-Mock-Warning, X-Mock-Stale"

var exposedNames = strings.Split(exposed, ", ")

// allowOrigin adds the CORS headers; own are the headers that this very answer adds, which are exposed too.
func (x *exchange) allowOrigin(own []Header) {
	origins := x.req.Header["Origin"]
	if len(origins) == 0 || !x.api.options.CORS.allows(origins[0]) {
		return
	}
	x.headers.set("Access-Control-Allow-Origin", origins[0])
	x.headers.set("Access-Control-Allow-Credentials", "true")
	expose := exposed
	for _, header := range own {
		if !slices.Contains(exposedNames, header.Name) && header.Name != "Content-Type" {
			expose += ", " + header.Name
		}
	}
	x.headers.set("Access-Control-Expose-Headers", expose)
}

// spelt gives a header of an outcome the documented letters, where those are not the canonical ones: two spellings
// would be two headers.
func spelt(h outcome.Header) Header {
	switch h.Name {
	case "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset":
		return Header{"X-RateLimit" + strings.TrimPrefix(h.Name, "X-Ratelimit"), h.Value}
	case "X-Csrf-Token":
		return Header{"X-CSRF-Token", h.Value}
	}
	return Header(h)
}

// isPreflight: what a browser asks before a page's own request. It is answered before everything else, and
// counts nowhere (control.md section 1).
func (x *exchange) isPreflight() bool {
	return x.req.Method == http.MethodOptions && x.req.Header.Get("Origin") != "" &&
		x.req.Header.Get("Access-Control-Request-Method") != "" && !x.api.options.CORS.Off
}

const (
	preflightMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
	preflightVary    = "Origin, Accept-Encoding, Access-Control-Request-Method, Access-Control-Request-Headers"

	// preflightMaxAge is how long a browser may remember the answer, in seconds. It is short, since the server it
	// asks is one that is being changed.
	preflightMaxAge = "600"
)

func (x *exchange) answerPreflight() {
	x.headers.add("Vary", preflightVary)
	if x.id != "" { // one that is made would use up an id of the session
		x.headers.add("X-Request-Id", x.id)
	}
	if x.api.options.CORS.allows(x.req.Header.Get("Origin")) {
		x.allowOrigin(nil)
		x.headers.add("Access-Control-Allow-Methods", preflightMethods)
		x.headers.add("Access-Control-Max-Age", preflightMaxAge)
		if wanted := x.req.Header.Get("Access-Control-Request-Headers"); wanted != "" {
			x.headers.add("Access-Control-Allow-Headers", wanted)
		}
		if x.req.Header.Get("Access-Control-Request-Private-Network") == "true" {
			x.headers.add("Access-Control-Allow-Private-Network", "true")
		}
	}
	x.headers.into(x.echo.Response().Header())
	x.echo.Response().WriteHeader(http.StatusNoContent)
}
