package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/identity"
)

// Claims is the content of a token (contract.md section 3).
type Claims struct {
	Subject        string           `json:"sub,omitempty"`
	Email          string           `json:"email,omitempty"`
	Role           identity.Role    `json:"role,omitempty"`
	OrganizationID string           `json:"organizationId,omitempty"`
	IssuedAt       *jwt.NumericDate `json:"iat,omitempty"`
	ExpiresAt      *jwt.NumericDate `json:"exp,omitempty"`
	ID             string           `json:"jti,omitempty"`
	Session        string           `json:"session,omitempty"`
}

func (c *Claims) expired(now time.Time) bool {
	return c.ExpiresAt != nil && !now.Before(c.ExpiresAt.Time)
}

// The getters that golang-jwt asks claims for. Times are judged by Authenticate, on the session's clock.

func (c *Claims) GetExpirationTime() (*jwt.NumericDate, error) { return c.ExpiresAt, nil }
func (c *Claims) GetIssuedAt() (*jwt.NumericDate, error)       { return c.IssuedAt, nil }
func (c *Claims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (c *Claims) GetIssuer() (string, error)                   { return "", nil }
func (c *Claims) GetSubject() (string, error)                  { return c.Subject, nil }
func (c *Claims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }

// Keyring knows users, keys and the secret of one generation of auth.yaml. It is safe for concurrent use.
type Keyring struct {
	secret   []byte
	users    []identity.User
	listed   []identity.APIKey
	byEmail  map[string]*identity.User
	byID     map[string]*identity.User
	keys     map[string]*Credential
	fallback *identity.User // who acts when nobody has to log in: the first ADMIN

	tokens tokenCache
}

// NewKeyring makes the keyring of a directory. A directory without an ADMIN gets one to fall back on, whom
// nobody can log in as.
func NewKeyring(d identity.Directory) *Keyring {
	k := &Keyring{
		secret:  []byte(d.Secret),
		users:   d.Users,
		listed:  d.Keys,
		byEmail: make(map[string]*identity.User, len(d.Users)),
		byID:    make(map[string]*identity.User, len(d.Users)),
		keys:    make(map[string]*Credential, len(d.Keys)),
	}
	for i := range d.Users {
		u := &d.Users[i]
		k.byEmail[strings.ToLower(u.Email)] = u
		k.byID[u.ID] = u
		if k.fallback == nil && u.Role == identity.RoleAdmin {
			k.fallback = u
		}
	}
	if k.fallback == nil {
		k.fallback = &identity.User{
			ID: "00000000-0000-4000-8000-000000000000", Email: "nobody@example.com", FirstName: "No", LastName: "Body",
			Role: identity.RoleAdmin, IsActive: true,
		}
	}
	for i := range d.Keys {
		k.addKey(&d.Keys[i])
	}
	return k
}

func (k *Keyring) addKey(key *identity.APIKey) {
	user := k.User(key.UserEmail)
	if user == nil {
		user = k.fallback
	}
	k.keys[key.Key] = &Credential{Kind: Key, Text: key.Key, key: key, user: user}
}

// Users lists the users, in the order of the file.
func (k *Keyring) Users() []identity.User { return k.users }

// User finds a user by e-mail, in any case, or by id; nil if there is none.
func (k *Keyring) User(emailOrID string) *identity.User {
	if u, ok := k.byEmail[strings.ToLower(emailOrID)]; ok {
		return u
	}
	return k.byID[emailOrID]
}

// Pick finds whom a token is wanted for: a user by e-mail or id, else the first of a role, else the first ADMIN. A
// role beside a user is the role that he acts in.
func (k *Keyring) Pick(emailOrID string, role identity.Role) (*identity.User, error) {
	if role != "" && !role.Known() {
		return nil, fmt.Errorf("role %q is unknown; allowed: %s", role, strings.Join(identity.Roles(), ", "))
	}
	if emailOrID != "" {
		if u := k.User(emailOrID); u != nil {
			return u, nil
		}
		return nil, fmt.Errorf("user %q is unknown; known: %s", emailOrID, strings.Join(k.emails(), ", "))
	}
	for i := range k.users {
		if k.users[i].Role == role {
			return &k.users[i], nil
		}
	}
	return k.fallback, nil
}

func (k *Keyring) emails() []string {
	emails := make([]string, len(k.users))
	for i := range k.users {
		emails[i] = k.users[i].Email
	}
	return emails
}

// AdminKey is the first key that may do everything; "" if there is none.
func (k *Keyring) AdminKey() string {
	for i := range k.listed {
		if key := &k.listed[i]; !key.Revoked && key.Allows(identity.Admin) {
			return key.Key
		}
	}
	return ""
}

// FirstAdmin is who acts when nobody has to log in.
func (k *Keyring) FirstAdmin() *identity.User { return k.fallback }

// Login finds the active user with the e-mail and password; anything else is the documented 401.
func (k *Keyring) Login(email, password string) (*identity.User, error) {
	u := k.byEmail[strings.ToLower(email)]
	if u == nil || !u.IsActive || subtle.ConstantTimeCompare([]byte(u.Password), []byte(password)) == 0 {
		return nil, apierror.NewUnauthorized()
	}
	return u, nil
}

// Mint signs a token for a user. The role is the user's unless another is given in role.
func (k *Keyring) Mint(u *identity.User, role identity.Role, session, jti string, issued time.Time, lifetime time.Duration) (string, error) {
	if role == "" {
		role = u.Role
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, &Claims{
		Subject: u.ID, Email: u.Email, Role: role, OrganizationID: u.OrganizationID, ID: jti, Session: session,
		IssuedAt: jwt.NewNumericDate(issued), ExpiresAt: jwt.NewNumericDate(issued.Add(lifetime)),
	})
	return token.SignedString(k.secret)
}

// CSRFToken is the anti-forgery token of the login that a jti descends from (contract.md section 3).
func (k *Keyring) CSRFToken(jti string) string {
	login, _, _ := strings.Cut(jti, lineage)
	return k.mac("csrf", login)[:32]
}

// lineage parts the id of a login from what a refresh adds to it: so a refreshed token still knows its login.
const lineage = "."

// Descend is the jti of a token that replaces the one with the jti old; fresh makes it new.
func Descend(old, fresh string) string {
	login, _, _ := strings.Cut(old, lineage)
	return login + lineage + fresh
}

const sessionKeyPrefix = "sk_session_"

// SessionKey is the API key bound to a session. It tells the session by itself, so that it outlives a drop
// (control.md section 4).
func (k *Keyring) SessionKey(session string) string {
	return sessionKeyPrefix + session + "_" + k.mac("session key", session)[:24]
}

func sessionOfKey(key string) string {
	rest, ok := strings.CutPrefix(key, sessionKeyPrefix)
	if !ok {
		return ""
	}
	if i := strings.LastIndexByte(rest, '_'); i > 0 {
		return rest[:i]
	}
	return ""
}

func (k *Keyring) mac(purpose, text string) string {
	m := hmac.New(sha256.New, k.secret)
	m.Write([]byte(purpose + "\x00" + text))
	return hex.EncodeToString(m.Sum(nil))
}

func (k *Keyring) identifyKey(text string) *Credential {
	if c, ok := k.keys[text]; ok {
		return c
	}
	c := &Credential{Kind: Key, Text: text}
	if session := sessionOfKey(text); session != "" && hmac.Equal([]byte(text), []byte(k.SessionKey(session))) {
		c.key = &identity.APIKey{Key: text, Name: "session " + session, Scopes: []identity.Scope{identity.Admin}}
		c.user = k.fallback
	}
	return c
}

func (k *Keyring) identifyToken(text string) *Credential {
	if c, ok := k.tokens.get(text); ok {
		return c
	}
	text = strings.Clone(text) // what is remembered must not keep a whole request's headers alive
	c := &Credential{Kind: Bearer, Text: text}
	c.Claims, c.Signed = k.parse(text)
	if c.Claims != nil {
		c.user = k.claimedUser(c.Claims)
	}
	k.tokens.put(text, c)
	return c
}

func (k *Keyring) parse(text string) (claims *Claims, signed bool) {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithoutClaimsValidation())
	claims = &Claims{}
	_, err := parser.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return k.secret, nil })
	if err == nil {
		return claims, true
	}
	if errors.Is(err, jwt.ErrTokenMalformed) {
		return nil, false
	}
	claims = &Claims{}
	if _, _, err := parser.ParseUnverified(text, claims); err != nil {
		return nil, false
	}
	return claims, false
}

// claimedUser is the user of the directory that the claims name, with the claimed role; a stranger with a known
// role is taken at his word, since whoever signs with the secret may say so. Nil: neither user nor role is known.
func (k *Keyring) claimedUser(c *Claims) *identity.User {
	u := k.byID[c.Subject]
	if u == nil {
		u = k.byEmail[strings.ToLower(c.Email)]
	}
	switch {
	case u == nil && !c.Role.Known():
		return nil
	case u == nil:
		return &identity.User{
			ID: c.Subject, Email: c.Email, Role: c.Role, IsActive: true, OrganizationID: c.OrganizationID,
		}
	case c.Role == u.Role || !c.Role.Known():
		return u
	default:
		acting := *u
		acting.Role = c.Role
		return &acting
	}
}

// tokenCache remembers what tokens say, since checking a signature costs more than the rest of a read.
type tokenCache struct {
	known sync.Map // string → *Credential
	count atomic.Int64
}

// maxCachedTokens bounds the cache: when it is full, it starts over. maxCachedToken keeps what a stranger can
// make it hold small.
const (
	maxCachedTokens = 4096
	maxCachedToken  = 2048
)

func (t *tokenCache) get(text string) (*Credential, bool) {
	if v, ok := t.known.Load(text); ok {
		return v.(*Credential), true
	}
	return nil, false
}

func (t *tokenCache) put(text string, c *Credential) {
	if len(text) > maxCachedToken {
		return
	}
	if t.count.Add(1) > maxCachedTokens {
		t.known.Clear()
		t.count.Store(1)
	}
	t.known.Store(text, c)
}
