package auth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/identity"
)

const secret = "development"

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// revoked says the same of all tokens.
type revoked bool

func (r revoked) Revoked(string) bool { return bool(r) }

func keyring() *auth.Keyring {
	return auth.NewKeyring(identity.Directory{
		Secret: secret,
		Users: []identity.User{
			{ID: "u-1", Email: "Ada@example.com", Password: "pw", Role: identity.RoleAdmin, IsActive: true},
			{ID: "u-2", Email: "vic@example.com", Password: "pw", Role: identity.RoleViewer, IsActive: true},
			{ID: "u-3", Email: "gone@example.com", Password: "pw", Role: identity.RoleUser},
			{ID: "u-4", Email: "narrow@example.com", Password: "pw", Role: identity.RoleManager, IsActive: true,
				Permissions: map[string][]identity.Scope{"leads": {identity.Read}}},
		},
		Keys: []identity.APIKey{
			{Key: "k-read", Scopes: []identity.Scope{identity.Read}, UserEmail: "ada@example.com"},
			{Key: "k-revoked", Scopes: []identity.Scope{identity.Admin}, Revoked: true},
			{Key: "k-viewer", Scopes: []identity.Scope{identity.Admin}, UserEmail: "vic@example.com"},
			{Key: "k-admin", Scopes: []identity.Scope{identity.Admin}},
		},
	})
}

func sign(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	text, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func minted(t *testing.T, k *auth.Keyring, email string, lifetime time.Duration) string {
	t.Helper()
	u := k.User(email)
	text, err := k.Mint(u, "", "default", "jti-1", now, lifetime)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestWhoIsLetIn(t *testing.T) {
	k := keyring()
	good := minted(t, k, "ada@example.com", time.Hour)
	foreign := sign(t, jwt.SigningMethodHS256, []byte("other secret"), jwt.MapClaims{"sub": "x", "exp": now.Add(time.Hour).Unix()})
	none := sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, jwt.MapClaims{"sub": "u-1", "exp": now.Add(time.Hour).Unix()})
	bearer := func(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
	key := func(key string) http.Header { return http.Header{"X-Api-Key": {key}} }
	both := http.Header{"Authorization": {"Bearer nonsense"}, "X-Api-Key": {"k-admin"}}
	for name, c := range map[string]struct {
		header               http.Header
		strict, lenient, off string // the id of the user let in; "" for 401
	}{
		"nothing":              {http.Header{}, "", "", "u-1"},
		"a good token":         {bearer(good), "u-1", "u-1", "u-1"},
		"scheme in lower case": {http.Header{"Authorization": {"bearer " + good}}, "u-1", "u-1", "u-1"},
		"another scheme":       {http.Header{"Authorization": {"Basic YTpi"}}, "", "", "u-1"},
		"an expired token":     {bearer(minted(t, k, "ada@example.com", -time.Second)), "", "", "u-1"},
		"a token cut short":    {bearer(good[:len(good)-4]), "", "u-1", "u-1"},
		"a token's remains":    {bearer(strings.Split(good, ".")[0]), "", "", "u-1"},
		"of another signer":    {bearer(foreign), "", "x", "x"},
		"unsigned":             {bearer(none), "", "u-1", "u-1"},
		"a key":                {key("k-read"), "u-1", "u-1", "u-1"},
		"a revoked key":        {key("k-revoked"), "", "u-1", "u-1"},
		"an unknown key":       {key("k-what"), "", "u-1", "u-1"},
		"an empty key":         {key(""), "", "", "u-1"},
		"a bad token, a key":   {both, "", "", "u-1"},
		"another user's token": {bearer(minted(t, k, "vic@example.com", time.Hour)), "u-2", "u-2", "u-2"},
	} {
		for mode, want := range map[auth.Mode]string{auth.Strict: c.strict, auth.Lenient: c.lenient, auth.Off: c.off} {
			p, err := k.Authenticate(mode, k.Identify(c.header), now, revoked(false))
			got := ""
			if err == nil {
				got = p.User.ID
			} else if body := err.Error(); body != `401 {"statusCode":401,"message":"Unauthorized"}` {
				t.Errorf("%s, %s: %s", name, mode, body)
			}
			if got != want {
				t.Errorf("%s, %s: got user %q, want %q", name, mode, got, want)
			}
		}
	}
}

func TestRights(t *testing.T) {
	k := keyring()
	for name, c := range map[string]struct {
		header              http.Header
		read, write, delete bool
	}{
		"read key":               {http.Header{"X-Api-Key": {"k-read"}}, true, false, false},
		"admin key":              {http.Header{"X-Api-Key": {"k-admin"}}, true, true, true},
		"admin key of a viewer":  {http.Header{"X-Api-Key": {"k-viewer"}}, true, false, false},
		"viewer":                 {http.Header{"Authorization": {"Bearer " + minted(t, k, "vic@example.com", time.Hour)}}, true, false, false},
		"narrowed on leads":      {http.Header{"Authorization": {"Bearer " + minted(t, k, "narrow@example.com", time.Hour)}}, true, false, false},
		"administrator by token": {http.Header{"Authorization": {"Bearer " + minted(t, k, "ada@example.com", time.Hour)}}, true, true, true},
	} {
		p, err := k.Authenticate(auth.Strict, k.Identify(c.header), now, revoked(false))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for scope, want := range map[identity.Scope]bool{identity.Read: c.read, identity.Write: c.write, identity.Delete: c.delete} {
			if got := p.Allows(scope, "leads"); got != want {
				t.Errorf("%s: %s is %v", name, scope, got)
			}
		}
	}
}

func TestRefreshable(t *testing.T) {
	k := keyring()
	for name, c := range map[string]struct {
		lifetime time.Duration
		revoked  bool
		ok       bool
	}{
		"fresh":               {time.Hour, false, true},
		"expired":             {-time.Hour, false, true},
		"expired six days":    {-6 * 24 * time.Hour, false, true},
		"expired seven days":  {-7 * 24 * time.Hour, false, false},
		"logged out":          {time.Hour, true, false},
		"expired, logged out": {-time.Hour, true, false},
	} {
		credential := k.Identify(http.Header{"Authorization": {"Bearer " + minted(t, k, "ada@example.com", c.lifetime)}})
		_, err := k.Refreshable(auth.Strict, credential, now, revoked(c.revoked))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := k.Refreshable(auth.Strict, k.Identify(http.Header{"X-Api-Key": {"k-admin"}}), now, revoked(false)); err == nil {
		t.Error("an API key was refreshed")
	}
}

func TestLogin(t *testing.T) {
	k := keyring()
	if u, err := k.Login("ADA@example.COM", "pw"); err != nil || u.ID != "u-1" {
		t.Error(u, err)
	}
	for _, c := range [][2]string{{"ada@example.com", "wrong"}, {"nobody@example.com", "pw"}, {"gone@example.com", "pw"}, {"ada@example.com", ""}} {
		if _, err := k.Login(c[0], c[1]); err == nil {
			t.Errorf("%v was let in", c)
		}
	}
}

func TestSessionBinding(t *testing.T) {
	k := keyring()
	token, err := k.Mint(k.User("ada@example.com"), "", "checkout_1", "j", now, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if got := k.Identify(http.Header{"Authorization": {"Bearer " + token}}).Session(); got != "checkout_1" {
		t.Errorf("token: session %q", got)
	}
	key := k.SessionKey("checkout_1")
	credential := k.Identify(http.Header{"X-Api-Key": {key}})
	if credential.Session() != "checkout_1" || !credential.Recognised() {
		t.Errorf("key %s: session %q", key, credential.Session())
	}
	forged := strings.Replace(key, "checkout_1", "checkout_2", 1)
	if got := k.Identify(http.Header{"X-Api-Key": {forged}}); got.Session() != "" || got.Recognised() {
		t.Errorf("a forged key is taken for session %q", got.Session())
	}
}

func TestCSRFTokenOutlivesARefresh(t *testing.T) {
	k := keyring()
	if k.CSRFToken("login-1") != k.CSRFToken(auth.Descend(auth.Descend("login-1", "a"), "b")) {
		t.Error("a refresh changed the token of the login")
	}
	if k.CSRFToken("login-1") == k.CSRFToken("login-2") {
		t.Error("two logins share a token")
	}
}

func TestTheTokenCacheIsBounded(t *testing.T) {
	k := keyring()
	for i := range 20_000 {
		k.Identify(http.Header{"Authorization": {"Bearer a.b." + strings.Repeat("c", i%50) + string(rune('a'+i%26))}})
	}
	good := minted(t, k, "ada@example.com", time.Hour)
	if _, err := k.Authenticate(auth.Strict, k.Identify(http.Header{"Authorization": {"Bearer " + good}}), now, revoked(false)); err != nil {
		t.Error(err)
	}
}

func BenchmarkIdentify(b *testing.B) {
	k := keyring()
	token, _ := k.Mint(k.User("ada@example.com"), "", "default", "j", now, time.Hour)
	header := http.Header{"Authorization": {"Bearer " + token}}
	b.ReportAllocs()
	for b.Loop() {
		k.Identify(header)
	}
}

// Whatever is sent as a credential is judged, and nobody is let in by it who has no right to.
func FuzzIdentify(f *testing.F) {
	k := keyring()
	token, err := k.Mint(k.User("ada@example.com"), "", "s", "j", now, time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "Bearer", "Bearer ", "Bearer " + token, "bearer a.b.c", "Basic x", "Bearer eyJhbGciOiJub25lIn0.e30.", k.SessionKey("a_b")} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, authorization, key string) {
		for _, header := range []http.Header{{"Authorization": {authorization}}, {"X-Api-Key": {key}}} {
			c := k.Identify(header)
			_ = c.Session()
			p, err := k.Authenticate(auth.Strict, c, now, revoked(false))
			if err == nil && !c.Recognised() {
				t.Errorf("%q lets %s in", header, p.User.Email)
			}
		}
	})
}
