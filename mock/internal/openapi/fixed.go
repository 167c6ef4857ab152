package openapi

import (
	"encoding/json"

	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/operation"
)

// answer is what an action of no resource's fields answers: its schema by name, with an example.
type answer struct {
	name    string
	text    string
	schema  func(b *builder) *Schema
	example string
	headers []string
}

// fixed describes the answers whose shape contract.md gives in full (sections 3 and 5).
func (b *builder) fixed(s *success, action operation.Action) {
	a := answers()[action]
	ref, known := b.parts[a.name]
	if !known {
		ref = b.define(a.name, a.schema(b)).Ref
		b.parts[a.name] = ref
	}
	s.schema, s.text = &Schema{Ref: ref}, a.text
	s.example = json.RawMessage(a.example)
	for _, name := range a.headers {
		s.header(name)
	}
}

const (
	exampleToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEifQ.c2lnbmF0dXJl"
	exampleCSRF  = "0f3a9c52d1b84e67a9c0"
	exampleUser  = `{"id":"10000000-0000-4000-8000-000000000001","email":"ada@example.com","firstName":"Ada","lastName":"Lovelace","name":"Ada Lovelace",` +
		`"role":"ADMIN","isActive":true,"emailVerified":true,"organizationId":"90000000-0000-4000-8000-000000000001",` +
		`"organizationName":"SalesOS Demo","createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z"}`
	exampleUUID = "70000000-0000-4000-8000-000000000001"
)

func answers() map[operation.Action]answer {
	bulk := func(done string) answer {
		return answer{"BulkResult", "How many leads it was", bulkResult, `{"message":"Successfully ` + done + ` 3 leads","count":3}`, nil}
	}
	return map[operation.Action]answer{
		operation.Login: {"LoginResult", "Logged in", loginResult,
			`{"accessToken":"` + exampleToken + `","access_token":"` + exampleToken + `","expires_in":86400,"csrfToken":"` + exampleCSRF + `","user":` + exampleUser + `}`, []string{"X-CSRF-Token"}},
		operation.Refresh: {"AccessToken", "The new token; the old one is revoked", accessToken,
			`{"access_token":"` + exampleToken + `","accessToken":"` + exampleToken + `","expires_in":86400}`, nil},
		operation.Profile:     {"CurrentUser", "The user who calls", currentUser, exampleUser, nil},
		operation.CSRFToken:   {"CsrfToken", "The token", csrfToken, `{"csrfToken":"` + exampleCSRF + `"}`, []string{"X-CSRF-Token"}},
		operation.OAuthStatus: {"OAuthStatus", "The providers", oauthStatus, `{"google":{"enabled":false,"configured":false},"apple":{"enabled":false,"configured":false}}`, nil},
		operation.Logout:      {"LogoutResult", "The token is revoked", logoutResult, `{"message":"Logged out successfully"}`, nil},
		operation.LeadStats: {"LeadStats", "The counts", leadStats,
			`{"total":200,"totalLeads":200,"newLeads":68,"qualifiedLeads":36,"convertedLeads":16,"averageScore":54.25,"highIntentLeads":39,"conversionRate":8}`, nil},
		operation.Convert: {"LeadConversion", "The lead is converted", leadConversion,
			`{"accountId":"70000000-0000-4000-8000-000000000001","contactId":"70000000-0000-4000-8000-000000000002","opportunityId":null}`, nil},
		operation.BulkUpdate: bulk("updated"),
		operation.BulkDelete: bulk("deleted"),
		operation.BulkAssign: bulk("assigned"),
	}
}

func loginResult(b *builder) *Schema {
	return whole(
		member[*Schema]{"accessToken", textSchema().saying("A JWT, valid for 24 hours.")},
		member[*Schema]{"access_token", textSchema().saying("The same token.")},
		member[*Schema]{"expires_in", integerSchema().saying("Seconds.")},
		member[*Schema]{"csrfToken", textSchema()},
		member[*Schema]{"user", b.user()},
	)
}

// user is a reference to the schema of the user who calls: several answers have one.
func (b *builder) user() *Schema {
	const name = "CurrentUser"
	if _, known := b.parts[name]; !known {
		b.parts[name] = b.define(name, currentUser(b)).Ref
	}
	return &Schema{Ref: b.parts[name]}
}

func accessToken(*builder) *Schema {
	return whole(
		member[*Schema]{"access_token", textSchema().saying("A JWT, valid for 24 hours.")},
		member[*Schema]{"accessToken", textSchema().saying("The same token.")},
		member[*Schema]{"expires_in", integerSchema().saying("Seconds.")},
	)
}

func currentUser(*builder) *Schema {
	return whole(
		member[*Schema]{"id", textSchema()},
		member[*Schema]{"email", textSchema()},
		member[*Schema]{"firstName", textSchema()},
		member[*Schema]{"lastName", textSchema()},
		member[*Schema]{"name", textSchema().saying("First and last name.")},
		member[*Schema]{"role", &Schema{Type: "string", Enum: choices(identity.Roles())}},
		member[*Schema]{"isActive", booleanSchema()},
		member[*Schema]{"emailVerified", booleanSchema()},
		member[*Schema]{"organizationId", textSchema().nullable()},
		member[*Schema]{"organizationName", textSchema().nullable()},
		member[*Schema]{"createdAt", formatted("date-time").nullable()},
		member[*Schema]{"updatedAt", formatted("date-time").nullable()},
	)
}

func csrfToken(*builder) *Schema { return whole(member[*Schema]{"csrfToken", textSchema()}) }

func oauthStatus(b *builder) *Schema {
	provider := b.define("OAuthProvider", whole(member[*Schema]{"enabled", booleanSchema()}, member[*Schema]{"configured", booleanSchema()}))
	return whole(member[*Schema]{"google", provider}, member[*Schema]{"apple", provider})
}

func logoutResult(*builder) *Schema { return whole(member[*Schema]{"message", textSchema()}) }

func leadStats(*builder) *Schema {
	return whole(
		member[*Schema]{"total", integerSchema()},
		member[*Schema]{"totalLeads", integerSchema()},
		member[*Schema]{"newLeads", integerSchema()},
		member[*Schema]{"qualifiedLeads", integerSchema()},
		member[*Schema]{"convertedLeads", integerSchema()},
		member[*Schema]{"averageScore", numberSchema().saying("Of the leads that have a score, with two decimals.")},
		member[*Schema]{"highIntentLeads", integerSchema()},
		member[*Schema]{"conversionRate", numberSchema().saying("Per cent of all leads, with two decimals.")},
	)
}

func leadConversion(*builder) *Schema {
	return whole(
		member[*Schema]{"accountId", formatted("uuid").nullable()},
		member[*Schema]{"contactId", formatted("uuid").nullable()},
		member[*Schema]{"opportunityId", formatted("uuid").nullable()},
	)
}

func bulkResult(*builder) *Schema {
	return whole(
		member[*Schema]{"message", textSchema()},
		member[*Schema]{"count", integerSchema().saying("How many were changed: unknown ids are skipped, repeated ones count once.")},
	)
}
