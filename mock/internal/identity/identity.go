// Package identity says who can call the API and what they may do: plain data, read from auth.yaml and
// judged by package auth.
package identity

import "slices"

// Scope is a kind of action. A route asks for one, an API key carries some (contract.md section 3).
type Scope string

// The scopes. Admin allows all the others and is asked for by no route.
const (
	Read   Scope = "read"
	Write  Scope = "write"
	Delete Scope = "delete"
	Admin  Scope = "admin"
)

// Scopes lists what an API key can carry.
func Scopes() []string { return []string{string(Read), string(Write), string(Delete), string(Admin)} }

// Role is what a user is.
type Role string

// The roles (contract.md section 3).
const (
	RoleAdmin   Role = "ADMIN"
	RoleManager Role = "MANAGER"
	RoleUser    Role = "USER"
	RoleViewer  Role = "VIEWER"
)

// Roles lists them from the mightiest to the weakest.
func Roles() []string {
	return []string{string(RoleAdmin), string(RoleManager), string(RoleUser), string(RoleViewer)}
}

// Known says whether the role is one of Roles.
func (r Role) Known() bool { return slices.Contains(Roles(), string(r)) }

// Allows says whether a user of the role may do what needs the scope.
func (r Role) Allows(s Scope) bool {
	switch s {
	case Read:
		return r.Known()
	case Write:
		return r.Known() && r != RoleViewer
	case Delete:
		return r == RoleAdmin || r == RoleManager
	default:
		return r == RoleAdmin
	}
}

// User is somebody who can log in. Dates are ISO 8601 as they go into answers.
type User struct {
	ID, Email, Password              string
	FirstName, LastName              string
	Role                             Role
	IsActive, EmailVerified          bool
	OrganizationID, OrganizationName string
	CreatedAt, UpdatedAt             string

	// Permissions narrow the role for the resources that they name (contract.md section 3).
	Permissions map[string][]Scope
}

// Allows says whether the user may do what needs the scope, on a resource ("" for none).
func (u *User) Allows(s Scope, resource string) bool {
	if !u.Role.Allows(s) {
		return false
	}
	granted, narrowed := u.Permissions[resource]
	return !narrowed || slices.Contains(granted, s) || slices.Contains(granted, Admin)
}

// APIKey is a key for machines. It acts as a user, within its scopes.
type APIKey struct {
	Key, Name string
	Scopes    []Scope
	UserEmail string
	Revoked   bool
}

// Allows says whether the key carries the scope.
func (k *APIKey) Allows(s Scope) bool {
	return slices.Contains(k.Scopes, s) || slices.Contains(k.Scopes, Admin)
}

// Directory is all that auth.yaml says.
type Directory struct {
	Secret string // signs the tokens (HS256)
	Users  []User
	Keys   []APIKey
}
