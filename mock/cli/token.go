package cli

import (
	"time"

	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

type tokenCommand struct {
	User      text   `placeholder:"EMAIL" help:"Whose token: an e-mail or an id. Without it, that of the first user of the role."`
	Role      choice `placeholder:"ROLE" choice:"ADMIN,MANAGER,USER,VIEWER" help:"The role in it: ADMIN, MANAGER, USER or VIEWER. Without it, the user's, or ADMIN."`
	ExpiresIn period `placeholder:"TIME" default:"24h" help:"How long it is valid: 90s, 24h; -1h makes one that expired an hour ago."`
	Secret    text   `placeholder:"TEXT" help:"What it is signed with, instead of the secret in auth.yaml."`
	Fixtures  text   `placeholder:"DIR" from:"SALESOS_MOCK_FIXTURES" help:"Folder with the auth.yaml. Without it, ./fixtures or the built-in one."`
}

// Run prints a token of the default session, and nothing else, so that it can be put into a variable.
func (c *tokenCommand) Run(p *process) error {
	set, err := chooseSource(string(c.Fixtures)).read()
	if err != nil {
		return err
	}
	if c.Secret != "" {
		set.Auth.Secret = string(c.Secret)
	}
	keyring := auth.NewKeyring(set.Auth)
	role := identity.Role(c.Role)
	user, err := keyring.Pick(string(c.User), role)
	if err != nil {
		return err
	}
	issued, lifetime := c.validity(entropy.WallNow())
	token, err := keyring.Mint(user, role, session.Default, entropy.UUID(entropy.RandomSeed()), issued, lifetime)
	if err != nil {
		return err
	}
	return p.print("%s\n", token)
}

// validity puts the beginning of a token that has expired before its end, as if it had been made then.
func (c *tokenCommand) validity(now time.Time) (issued time.Time, lifetime time.Duration) {
	left := time.Duration(c.ExpiresIn)
	if left > 0 {
		return now, left
	}
	return now.Add(left - auth.TokenLifetime), auth.TokenLifetime
}
