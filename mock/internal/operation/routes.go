package operation

import (
	"net/http"
	"strings"
	"unicode"

	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// Leads is the resource that has operations of its own (contract.md section 5).
const Leads = "leads"

const authTag = "auth"

// CannedRoute is an entry of routes.yaml.
type CannedRoute struct {
	Method, Path string
	ID, Summary  string // empty: made from method and path
	Public       bool
	Answer       Answer
}

// authOperations are the routes of contract.md section 3. A static path precedes the resources.
func authOperations() []Operation {
	return []Operation{
		{ID: "login", Action: Login, Method: http.MethodPost, Path: "/auth/login", Summary: "Log in with e-mail and password",
			Tag: authTag, Public: true, Limit: LoginLimit, Success: http.StatusCreated, Body: loginBody(), BodyMode: schema.Create},
		{ID: "refreshToken", Action: Refresh, Method: http.MethodPost, Path: "/auth/refresh", Summary: "Exchange a token for a new one",
			Tag: authTag, Limit: LoginLimit, Success: http.StatusCreated},
		{ID: "getCurrentUser", Action: Profile, Method: http.MethodGet, Path: "/auth/me", Summary: "The user who calls",
			Tag: authTag, Success: http.StatusOK},
		{ID: "getProfile", Action: Profile, Method: http.MethodGet, Path: "/auth/profile", Summary: "The user who calls",
			Tag: authTag, Success: http.StatusOK},
		{ID: "getCsrfToken", Action: CSRFToken, Method: http.MethodGet, Path: "/auth/csrf-token", Summary: "The anti-forgery token of the login",
			Tag: authTag, Success: http.StatusOK},
		{ID: "getOAuthStatus", Action: OAuthStatus, Method: http.MethodGet, Path: "/auth/oauth-status", Summary: "Which OAuth providers are set up",
			Tag: authTag, Public: true, Success: http.StatusOK},
		{ID: "logout", Action: Logout, Method: http.MethodPost, Path: "/auth/logout", Summary: "Revoke the token",
			Tag: authTag, Success: http.StatusCreated},
	}
}

func resourceOperations(d *schema.Definition) []Operation {
	one, all := identifier(d.Singular), identifier(d.Name)
	path := "/" + d.Name
	record := path + "/{id}"
	ops := []Operation{
		{ID: "list" + all, Action: List, Method: http.MethodGet, Path: path, Summary: "List " + d.Name,
			Scope: identity.Read, Success: http.StatusOK},
		{ID: "create" + one, Action: Create, Method: http.MethodPost, Path: path, Summary: "Create a " + spoken(d.Singular),
			Scope: identity.Write, Success: http.StatusCreated, Body: d, BodyMode: schema.Create},
	}
	if d.Name == Leads {
		ops = append(ops, leadOperations()...)
	}
	ops = append(ops,
		Operation{ID: "get" + one, Action: Get, Method: http.MethodGet, Path: record, Summary: "Get a " + spoken(d.Singular),
			Scope: identity.Read, Success: http.StatusOK},
		Operation{ID: "update" + one, Action: Patch, Method: http.MethodPatch, Path: record, Summary: "Change some fields of a " + spoken(d.Singular),
			Scope: identity.Write, Success: http.StatusOK, Body: d, BodyMode: schema.Patch},
		Operation{ID: "replace" + one, Action: Replace, Method: http.MethodPut, Path: record, Summary: "Replace every writable field of a " + spoken(d.Singular),
			Scope: identity.Write, Success: http.StatusOK, Body: d, BodyMode: schema.Replace},
		Operation{ID: "delete" + one, Action: Delete, Method: http.MethodDelete, Path: record, Summary: "Delete a " + spoken(d.Singular),
			Scope: identity.Delete, Success: http.StatusNoContent},
	)
	for i := range ops {
		ops[i].Resource, ops[i].Tag = d, d.Name
	}
	return ops
}

func leadOperations() []Operation {
	return []Operation{
		{ID: "getLeadStats", Action: LeadStats, Method: http.MethodGet, Path: "/leads/stats", Summary: "Count leads by what became of them",
			Scope: identity.Read, Success: http.StatusOK},
		{ID: "bulkUpdateLeads", Action: BulkUpdate, Method: http.MethodPost, Path: "/leads/bulk/update", Summary: "Change the same fields of several leads",
			Scope: identity.Write, Success: http.StatusCreated, Body: bulkUpdateBody(), BodyMode: schema.Create},
		{ID: "bulkDeleteLeads", Action: BulkDelete, Method: http.MethodPost, Path: "/leads/bulk/delete", Summary: "Delete several leads",
			Scope: identity.Delete, Success: http.StatusCreated, Body: bulkDeleteBody(), BodyMode: schema.Create},
		{ID: "bulkAssignLeads", Action: BulkAssign, Method: http.MethodPost, Path: "/leads/bulk/assign", Summary: "Give several leads to another owner",
			Scope: identity.Write, Success: http.StatusCreated, Body: bulkAssignBody(), BodyMode: schema.Create},
		{ID: "scoreLead", Action: ScoreLead, Method: http.MethodPost, Path: "/leads/{id}/score", Summary: "Compute a lead's score and buying intent",
			Scope: identity.Write, Success: http.StatusCreated},
		{ID: "convertLead", Action: Convert, Method: http.MethodPost, Path: "/leads/{id}/convert", Summary: "Turn a qualified lead into account, contact and opportunity",
			Scope: identity.Write, Success: http.StatusCreated, Body: convertBody(), BodyMode: schema.Create},
	}
}

func cannedOperation(r CannedRoute) Operation {
	o := Operation{
		ID: r.ID, Action: Canned, Method: r.Method, Path: r.Path, Summary: r.Summary, Tag: split(r.Path)[0], Public: r.Public,
		Success: r.Answer.Status, Answer: &r.Answer, Scope: identity.Write,
	}
	if o.ID == "" {
		o.ID = strings.ToLower(r.Method) + identifier(r.Path)
	}
	if o.Summary == "" {
		o.Summary = "Canned answer of " + r.Method + " " + r.Path
	}
	switch r.Method {
	case http.MethodGet:
		o.Scope = identity.Read
	case http.MethodDelete:
		o.Scope = identity.Delete
	}
	return o
}

// identifier makes "/user-groups/{id}" into "UserGroupsId", for operation ids.
func identifier(text string) string {
	var b strings.Builder
	upper := true
	for _, r := range text {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = true
		case upper:
			b.WriteRune(unicode.ToUpper(r))
			upper = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// spoken is a singular name inside a sentence: "Lead" → "lead".
func spoken(singular string) string { return strings.ToLower(singular) }
