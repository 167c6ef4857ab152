// Package auth judges credentials: tokens and API keys in, a principal or the one documented 401 out
// (contract.md section 3). It keeps no state of a session; who was logged out is asked of the caller.
package auth

import (
	"net/http"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/identity"
)

// Mode is how strictly credentials are judged.
type Mode string

// The modes of --auth.
const (
	Strict  Mode = "strict"  // as the platform does it
	Lenient Mode = "lenient" // any well-formed unexpired JWT, any API key
	Off     Mode = "off"     // nothing is asked for
)

// Modes lists them.
func Modes() []string { return []string{string(Strict), string(Lenient), string(Off)} }

// Lifetimes of contract.md section 3.
const (
	TokenLifetime = 24 * time.Hour
	RefreshGrace  = 7 * 24 * time.Hour
)

// Kind is what a request showed to identify itself.
type Kind int

// The kinds of credential.
const (
	None Kind = iota
	Bearer
	Key
)

// Credential is what a request showed, as far as it can be read without asking the time. Credentials are
// shared between requests and never changed.
type Credential struct {
	Kind   Kind
	Text   string  // the token or key; "" for None and for an Authorization of another scheme
	Claims *Claims // nil unless a well-formed JWT
	Signed bool    // the JWT's signature is ours
	key    *identity.APIKey
	user   *identity.User
}

// Recognised says whether the credential is one that this server gave out, expired or not.
func (c *Credential) Recognised() bool { return c.Signed || c.key != nil }

// Holder is the user whom the credential speaks of, whether or not it is let in; nil if it speaks of none.
func (c *Credential) Holder() *identity.User { return c.user }

// APIKey is the key that the credential is; nil if it is none of those that this server knows.
func (c *Credential) APIKey() *identity.APIKey { return c.key }

// Session is the session that the credential is bound to; "" for none (control.md section 4).
func (c *Credential) Session() string {
	switch {
	case c.Signed:
		return c.Claims.Session
	case c.Kind == Key && c.key != nil:
		return sessionOfKey(c.Text)
	default:
		return ""
	}
}

// Principal is who makes a request, once it is known.
type Principal struct {
	User   *identity.User
	Claims *Claims          // of a Bearer token
	Key    *identity.APIKey // of an API key
}

// Allows says whether the principal may do what needs the scope on a resource ("" for none).
func (p Principal) Allows(scope identity.Scope, resource string) bool {
	if p.Key != nil && !p.Key.Allows(scope) {
		return false
	}
	return p.User.Allows(scope, resource)
}

var noCredential = &Credential{}

// Identify reads the credential of a request. With an Authorization header only that is looked at
// (contract.md section 3).
func (k *Keyring) Identify(header http.Header) *Credential {
	if values := header["Authorization"]; len(values) > 0 {
		scheme, token, _ := strings.Cut(values[0], " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return &Credential{Kind: Bearer}
		}
		return k.identifyToken(strings.TrimSpace(token))
	}
	if values := header["X-Api-Key"]; len(values) > 0 {
		return k.identifyKey(values[0])
	}
	return noCredential
}

// Revoked tells which tokens were logged out; a session does.
type Revoked interface{ Revoked(jti string) bool }

// Authenticate says who shows the credential at a time, or that nobody does.
func (k *Keyring) Authenticate(mode Mode, c *Credential, now time.Time, revoked Revoked) (Principal, error) {
	p, ok := k.judge(mode, c, now, revoked)
	switch {
	case ok:
		return p, nil
	case mode == Off:
		return Principal{User: k.fallback}, nil
	default:
		return Principal{}, apierror.NewUnauthorized()
	}
}

func (k *Keyring) judge(mode Mode, c *Credential, now time.Time, revoked Revoked) (Principal, bool) {
	switch c.Kind {
	case Bearer:
		if !c.usable(mode) || c.Claims.expired(now) || revoked.Revoked(c.Claims.ID) {
			return Principal{}, false
		}
		return Principal{User: k.userOf(c), Claims: c.Claims}, true
	case Key:
		return k.judgeKey(mode, c)
	default:
		return Principal{}, false
	}
}

// Refreshable says whose token may be exchanged for a new one: it may have expired, but not long ago.
func (k *Keyring) Refreshable(mode Mode, c *Credential, now time.Time, revoked Revoked) (Principal, error) {
	if c.Kind != Bearer || !c.usable(mode) || c.Claims.expired(now.Add(-RefreshGrace)) || revoked.Revoked(c.Claims.ID) {
		if mode == Off {
			return Principal{User: k.fallback}, nil
		}
		return Principal{}, apierror.NewUnauthorized()
	}
	return Principal{User: k.userOf(c), Claims: c.Claims}, nil
}

// usable: a token whose content can be believed in this mode.
func (c *Credential) usable(mode Mode) bool {
	return c.Claims != nil && (c.Signed && c.user != nil || mode != Strict)
}

// userOf is the user that a token speaks of. A token from elsewhere, in the lenient modes, may name a role that
// SalesOS does not have: it then stands for the mightiest, so that nothing is in a front-end developer's way.
func (k *Keyring) userOf(c *Credential) *identity.User {
	if c.user != nil {
		return c.user
	}
	user := *k.fallback
	user.Email = c.Claims.Email
	if c.Claims.Subject != "" {
		user.ID = c.Claims.Subject
	}
	return &user
}

func (k *Keyring) judgeKey(mode Mode, c *Credential) (Principal, bool) {
	switch {
	case c.key != nil && (!c.key.Revoked || mode != Strict):
		return Principal{User: c.user, Key: c.key}, true
	case c.key == nil && mode != Strict && c.Text != "":
		return Principal{User: k.fallback, Key: anyKey()}, true
	default:
		return Principal{}, false
	}
}

// anyKey stands for the keys that the lenient modes accept without knowing them.
func anyKey() *identity.APIKey {
	return &identity.APIKey{Scopes: []identity.Scope{identity.Admin}}
}
