package httpapi

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/identity"
)

// account is a user as the API shows one (contract.md section 3).
type account struct {
	ID               string        `json:"id"`
	Email            string        `json:"email"`
	FirstName        string        `json:"firstName"`
	LastName         string        `json:"lastName"`
	Name             string        `json:"name"`
	Role             identity.Role `json:"role"`
	IsActive         bool          `json:"isActive"`
	EmailVerified    bool          `json:"emailVerified"`
	OrganizationID   *string       `json:"organizationId"`
	OrganizationName *string       `json:"organizationName"`
	CreatedAt        *string       `json:"createdAt"`
	UpdatedAt        *string       `json:"updatedAt"`
}

func show(u *identity.User) account {
	return account{
		ID: u.ID, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
		Name: strings.TrimSpace(u.FirstName + " " + u.LastName), Role: u.Role, IsActive: u.IsActive, EmailVerified: u.EmailVerified,
		OrganizationID: optional(u.OrganizationID), OrganizationName: optional(u.OrganizationName),
		CreatedAt: optional(u.CreatedAt), UpdatedAt: optional(u.UpdatedAt),
	}
}

func (x *exchange) login() (Answer, error) {
	values, err := x.input()
	if err != nil {
		return Answer{}, err
	}
	body, keyring := x.match.Operation.Body, x.generation.Keyring
	user, err := keyring.Login(word(body, values, "email"), word(body, values, "password"))
	if err != nil {
		return Answer{}, err
	}
	jti := x.world.NewTokenID()
	token, err := x.mint(user, jti)
	if err != nil {
		return Answer{}, err
	}
	csrf := keyring.CSRFToken(jti)
	answer, err := x.json(struct {
		AccessToken string  `json:"accessToken"`
		SameToken   string  `json:"access_token"`
		ExpiresIn   int     `json:"expires_in"`
		CSRFToken   string  `json:"csrfToken"`
		User        account `json:"user"`
	}{token, token, lifetimeSeconds, csrf, show(user)})
	answer.Headers = []Header{{"X-CSRF-Token", csrf}}
	return answer, err
}

const lifetimeSeconds = int(auth.TokenLifetime / time.Second)

func (x *exchange) mint(u *identity.User, jti string) (string, error) {
	return x.generation.Keyring.Mint(u, u.Role, x.world.ID, jti, x.now(), auth.TokenLifetime)
}

// refresh exchanges a token; of several exchanges of the same token one wins.
func (x *exchange) refresh() (Answer, error) {
	old := ""
	if x.principal.Claims != nil {
		old = x.principal.Claims.ID
	}
	if old != "" && !x.world.Revoke(old) {
		return Answer{}, apierror.NewUnauthorized()
	}
	token, err := x.mint(x.principal.User, auth.Descend(old, x.world.NewTokenID()))
	if err != nil {
		return Answer{}, err
	}
	return x.json(struct {
		Token     string `json:"access_token"`
		SameToken string `json:"accessToken"`
		ExpiresIn int    `json:"expires_in"`
	}{token, token, lifetimeSeconds})
}

func (x *exchange) profile() (Answer, error) { return x.json(show(x.principal.User)) }

func (x *exchange) sendCSRFToken() (Answer, error) {
	token := x.csrfToken()
	answer, err := x.json(struct {
		Token string `json:"csrfToken"`
	}{token})
	answer.Headers = []Header{{"X-CSRF-Token", token}}
	return answer, err
}

func (x *exchange) logout() (Answer, error) {
	if claims := x.principal.Claims; claims != nil {
		x.world.Revoke(claims.ID)
	}
	return x.json(struct {
		Message string `json:"message"`
	}{"Logged out successfully"})
}

// oauthStatus: the mock offers no provider to log in with.
func (x *exchange) oauthStatus() (Answer, error) {
	return x.json(json.RawMessage(`{"google":{"enabled":false,"configured":false},"apple":{"enabled":false,"configured":false}}`))
}
