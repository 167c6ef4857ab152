// Package operation holds each operation of the API as data: method, path, who may call it, what it takes and
// which documented errors fit it. Routing, forced errors, coverage and the OpenAPI document read this one table.
package operation

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// Action is what an operation does; a handler is bound to it.
type Action string

// The actions of every resource.
const (
	List    Action = "list"
	Create  Action = "create"
	Get     Action = "get"
	Patch   Action = "patch"
	Replace Action = "replace"
	Delete  Action = "delete"
)

// The actions that only leads have.
const (
	LeadStats  Action = "stats"
	ScoreLead  Action = "score"
	Convert    Action = "convert"
	BulkUpdate Action = "bulk-update"
	BulkDelete Action = "bulk-delete"
	BulkAssign Action = "bulk-assign"
)

// The actions of authentication, and that of a canned answer.
const (
	Login       Action = "login"
	Refresh     Action = "refresh"
	Profile     Action = "profile"
	CSRFToken   Action = "csrf-token"
	OAuthStatus Action = "oauth-status"
	Logout      Action = "logout"
	Canned      Action = "canned"
)

// LimitClass says which of the two documented rate limits counts an operation (contract.md section 4).
type LimitClass int

// The classes: 100 requests per 60 s, and 5 for login and refresh.
const (
	GeneralLimit LimitClass = iota
	LoginLimit
)

// Answer is a canned answer of routes.yaml.
type Answer struct {
	Status  int
	Body    json.RawMessage   // nil: no body
	Headers map[string]string // in canonical form
}

// Operation is one method on one path.
type Operation struct {
	ID      string // unique, and a good name for a function: "listLeads"
	Action  Action
	Method  string
	Path    string // below the base path, "{id}" being one segment
	Tag     string
	Summary string
	Scope   identity.Scope // "" asks for no scope or role
	Public  bool           // asks for no credentials
	Limit   LimitClass
	Success int // status of the normal answer

	Resource *schema.Definition // nil for those of no resource
	Body     *schema.Definition // what a JSON body must be; nil: none is read
	BodyMode schema.Mode
	Answer   *Answer // of a Canned one
}

// TakesBody says whether a request to the operation has a body that means something.
func (o *Operation) TakesBody() bool {
	return o.Body != nil || o.Action == Canned && o.Method != http.MethodGet && o.Method != http.MethodDelete
}

// TakesQuery says whether the operation validates its query string.
func (o *Operation) TakesQuery() bool { return o.Action == List }

// TakesID says whether the path names a record.
func (o *Operation) TakesID() bool { return strings.Contains(o.Path, "{") }

// Writes says whether the operation can change data.
func (o *Operation) Writes() bool { return o.Method != http.MethodGet }

// Fits says whether a documented error can be expected of the operation (control.md, introduction). Any error
// can be forced anywhere; coverage counts those that fit.
func (o *Operation) Fits(name apierror.Name) bool {
	switch name {
	case apierror.Unauthorized:
		return !o.Public || o.Action == Login
	case apierror.Forbidden:
		return !o.Public
	case apierror.Validation:
		return o.TakesBody() || o.TakesQuery()
	case apierror.BadRequest:
		return o.TakesBody()
	case apierror.NotFound:
		return o.TakesID()
	case apierror.Conflict:
		return o.in(Create, Patch, Replace, BulkUpdate, Convert)
	case apierror.Unprocessable:
		return o.Action == Convert || o.in(Patch, Replace) && o.Resource.Name == Leads
	default: // rate_limited, internal, unavailable
		return true
	}
}

func (o *Operation) in(actions ...Action) bool {
	for _, a := range actions {
		if o.Action == a {
			return true
		}
	}
	return false
}
