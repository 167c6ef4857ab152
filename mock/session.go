package mock

import (
	"fmt"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/adminapi"
	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// Session is one isolated world of a server, for those who steer it from Go instead of over the admin API. It is looked up
// by its name each time: one that was dropped begins anew.
type Session struct {
	server *Server
	id     string
}

// DefaultSession is the name of the session of requests that name none.
const DefaultSession = session.Default

// Session is the session of a name, which is made when it is first used.
func (s *Server) Session(id string) (*Session, error) {
	if !session.ValidID(id) {
		return nil, fmt.Errorf("%q is no session name: %s", id, session.IDs)
	}
	return &Session{s, id}, nil
}

func (s *Session) world() *session.World {
	w, _ := s.server.sessions.Use(s.id)
	return w
}

func (s *Session) generation() *session.Generation { return s.server.sessions.Generation() }

// ID is the name.
func (s *Session) ID() string { return s.id }

// URL is where a client finds the API in this session, whatever else it sends; only known after Listen.
func (s *Session) URL() string { return s.server.sessionURL(s.server.Origin(), s.id) }

// AdminURL is where a client that knows of no sessions finds the admin API of this one; only known after Listen.
func (s *Session) AdminURL() string {
	return s.server.AdminOrigin() + sessionPath(s.id) + adminapi.Prefix
}

// Token mints a token of a user (by e-mail or id), or of the first user of a role, else of the first ADMIN. It belongs to
// the session.
func (s *Session) Token(user, role string) (string, error) {
	keyring, w := s.generation().Keyring, s.world()
	holder, err := keyring.Pick(user, identity.Role(role))
	if err != nil {
		return "", err
	}
	return keyring.Mint(holder, identity.Role(role), w.ID, w.NewTokenID(), w.Clock.Now(), auth.TokenLifetime)
}

// APIKey is a key that may do everything, and belongs to the session.
func (s *Session) APIKey() string {
	if key := s.server.APIKey(); s.id == session.Default && key != "" {
		return key
	}
	return s.generation().Keyring.SessionKey(s.id)
}

// AddRule puts a rule in force, as JSON in the grammar of scenario files; one of the same id is replaced. What is wrong with
// it is an error of type diag.List; the advice is what is allowed and hardly meant.
func (s *Session) AddRule(id string, rule []byte) (advice diag.List, err error) {
	parsed, problems := scenario.ParseRule(rule, scenario.Options{BasePath: s.server.basePath()})
	if len(problems) > 0 {
		return nil, problems.Err()
	}
	if err := s.add(id, parsed); err != nil {
		return nil, err
	}
	return parsed.Advise(s.generation().Operations), nil
}

// AddRuleFor is AddRule for the requests to one operation alone; the rule needs no method and path.
func (s *Session) AddRuleFor(operation, id string, rule []byte) error {
	parsed, problems := scenario.ParseRule(rule, scenario.Options{BasePath: s.server.basePath()})
	if len(problems) > 0 {
		return problems.Err()
	}
	table := s.generation().Operations
	o := table.ByID(operation)
	if o == nil {
		return fmt.Errorf("there is no operation %q", operation)
	}
	own, err := parsed.Only(o, table)
	if err != nil {
		return err
	}
	return s.add(id, own)
}

func (s *Session) add(id string, rule *scenario.Rule) error {
	w := s.world()
	_, err := w.Steering.AddRule(s.generation().Scenarios, id, rule, w.Clock.Now())
	return err
}

// RemoveRule takes a rule out of force; false: there is none of that id.
func (s *Session) RemoveRule(id string) bool {
	return s.world().Steering.RemoveRule(s.generation().Scenarios, id)
}

// Activate puts a scenario in force, from its first steps.
func (s *Session) Activate(scenario string) error {
	w := s.world()
	return w.Steering.Activate(s.generation().Scenarios, scenario, w.Clock.Now())
}

// Deactivate takes a scenario out of force.
func (s *Session) Deactivate(scenario string) error {
	w := s.world()
	return w.Steering.Deactivate(s.generation().Scenarios, scenario, w.Clock.Now())
}

// Reset takes the session back to its fixtures, its clock and its first steps. What is in force stays in force.
func (s *Session) Reset() { s.world().Reset(s.generation()) }

// Drop ends the session; the default one is reset, and its rules are taken out of force.
func (s *Session) Drop() {
	if s.server.sessions.Drop(s.id) || s.id != session.Default {
		return
	}
	s.world().Steering.ClearRules(s.generation().Scenarios)
	s.Reset()
}

// Clock is what tells the time in a session.
type Clock interface {
	Now() time.Time
	Set(time.Time)
	Advance(time.Duration)
	Freeze() // until Resume
	Resume()
	Reset() // back to the machine's time
}

// Clock is the clock of the session.
func (s *Session) Clock() Clock { return s.world().Clock }
