package adminapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// scenarioView is a scenario as it is in a session.
type scenarioView struct {
	Name        string     `json:"name"`
	File        string     `json:"file"`
	Description string     `json:"description"`
	Active      bool       `json:"active"`
	State       string     `json:"state"`
	States      []string   `json:"states"`
	Since       *time.Time `json:"since,omitempty"` // on the session's clock
	Rules       []ruleView `json:"rules"`
}

// ruleView is a rule of a file, or of this API.
type ruleView struct {
	ID       string          `json:"id,omitempty"`
	Name     string          `json:"name,omitempty"`
	Location string          `json:"location"`           // as in X-Mock-Rule
	Rule     json.RawMessage `json:"rule,omitempty"`     // as it was given to this API
	Step     string          `json:"step,omitempty"`     // how far it is: "1/3"; only where steps are counted for the session
	Spent    bool            `json:"spent,omitempty"`    // its steps are used up: it answers no more
	Warnings []string        `json:"warnings,omitempty"` // of one that was just added: what is allowed but probably not meant
}

func viewOfRule(r *scenario.Rule) ruleView {
	return ruleView{ID: r.ID, Name: r.Name, Location: r.Location(), Rule: r.Source}
}

// viewsOfRules shows rules with how far they are in a session.
func viewsOfRules(w *session.World, rules []*scenario.Rule) []ruleView {
	views := make([]ruleView, len(rules))
	for i, p := range w.Steering.Progress(rules) {
		views[i] = viewOfRule(rules[i])
		if views[i].Spent = p.Spent; p.Of > 0 {
			views[i].Step = strconv.Itoa(p.Used) + "/" + strconv.Itoa(p.Of)
		}
	}
	return views
}

func viewOf(w *session.World, s scenario.Status) scenarioView {
	v := scenarioView{
		Name: s.Scenario.Name, File: s.Scenario.File, Description: s.Scenario.Description, Active: s.Active, State: s.State,
		States: s.Scenario.States(), Rules: viewsOfRules(w, s.Scenario.Rules),
	}
	if s.Active {
		v.Since = &s.Since
	}
	return v
}

func (a *API) scenarios() *scenario.Set { return a.options.Sessions.Generation().Scenarios }

func (a *API) listScenarios(c echo.Context) error {
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	views := []scenarioView{}
	for _, status := range w.Steering.List(a.scenarios()) {
		views = append(views, viewOf(w, status))
	}
	return answer(c, http.StatusOK, views)
}

// showScenario answers with one scenario after it was changed.
func (a *API) showScenario(c echo.Context, w *session.World, name string) error {
	for _, status := range w.Steering.List(a.scenarios()) {
		if status.Scenario.Name == name {
			return answer(c, http.StatusOK, viewOf(w, status))
		}
	}
	return send(c, apierror.NewNotFound("Scenario", name))
}

// switchScenario puts a scenario in force or out of it, in one session. To do so twice changes nothing more.
func (a *API) switchScenario(c echo.Context) error {
	var active *bool
	if err := bind(c, flag("active", &active)); err != nil {
		return respond(c, err)
	}
	if active == nil {
		return badRequest(c, `active is missing: {"active": true} or {"active": false} is allowed`)
	}
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	name := c.Param("name")
	if _, wrong := a.scenarios().Find(name); wrong != nil {
		return send(c, unknownScenario(wrong))
	}
	if *active {
		err = w.Steering.Activate(a.scenarios(), name, w.Clock.Now())
	} else {
		err = w.Steering.Deactivate(a.scenarios(), name, w.Clock.Now())
	}
	if err != nil {
		return badRequest(c, "%s", err)
	}
	return a.showScenario(c, w, name)
}

// unknownScenario is the 404 of a scenario that no file has; the nearest name is in it. It names no header, as the
// directive error does that says the same.
func unknownScenario(wrong *outcome.DirectiveError) *apierror.Error {
	return notFound(wrong.Problem.String())
}

// notFound is a 404 with a message of its own.
func notFound(message string) *apierror.Error {
	return &apierror.Error{Status: http.StatusNotFound, Message: message, Label: "Not Found"}
}

// setScenarioState sets the state of a scenario to one that its rules speak of.
func (a *API) setScenarioState(c echo.Context) error {
	var state string
	if err := bind(c, text("state", &state)); err != nil {
		return respond(c, err)
	}
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	name := c.Param("name")
	if _, wrong := a.scenarios().Find(name); wrong != nil {
		return send(c, unknownScenario(wrong))
	}
	if err := w.Steering.SetState(a.scenarios(), name, state); err != nil {
		return badRequest(c, "%s", err)
	}
	return a.showScenario(c, w, name)
}

func (a *API) listRules(c echo.Context) error {
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	return answer(c, http.StatusOK, viewsOfRules(w, w.Steering.Rules()))
}

func (a *API) getRule(c echo.Context) error {
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	id := c.Param("id")
	for _, view := range viewsOfRules(w, w.Steering.Rules()) {
		if view.ID == id {
			return answer(c, http.StatusOK, view)
		}
	}
	return send(c, apierror.NewNotFound("Rule", id))
}

// addRule puts a rule in force, in the grammar of scenario files. With an id, in the path, an earlier one of the same
// id is replaced; without, one is made.
func (a *API) addRule(c echo.Context) error {
	data, err := readBody(c)
	if err != nil {
		return respond(c, err)
	}
	rule, problems := scenario.ParseRule(data, scenario.Options{BasePath: a.options.BasePath})
	if len(problems) > 0 {
		return sendProblems(c, problems)
	}
	if rule, err = a.narrowed(c, rule); err != nil {
		return respond(c, err)
	}
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	id := c.Param("id")
	switch {
	case id == "":
		id = w.NewRuleID()
	case !session.ValidID(id):
		return badRequest(c, "id %q is no rule id: %s", id, session.IDs)
	}
	added, err := w.Steering.AddRule(a.scenarios(), id, rule, w.Clock.Now())
	if err != nil {
		return send(c, full())
	}
	view := viewOfRule(added)
	for _, advice := range rule.Advise(a.options.Sessions.Generation().Operations) {
		view.Warnings = append(view.Warnings, advice.Short())
	}
	return answer(c, http.StatusCreated, view)
}

// narrowed makes a rule one for a single operation, where the query names it: the path /leads/{id} alone would fit
// /leads/stats as well.
func (a *API) narrowed(c echo.Context, rule *scenario.Rule) (*scenario.Rule, error) {
	id := c.QueryParam(operationParameter)
	if id == "" {
		return rule, nil
	}
	table := a.options.Sessions.Generation().Operations
	if o := table.ByID(id); o != nil {
		return rule.Only(o, table)
	}
	var ids []string
	for _, o := range table.All() {
		ids = append(ids, o.ID)
	}
	return nil, unknown("operation", id, ids)
}

// full is the 507 of a rule for which there is no room: those that tests forgot to take out of force took it.
func full() *apierror.Error {
	e := apierror.FromStatus(http.StatusInsufficientStorage)
	e.Message = "what all sessions hold has reached its limit: DELETE " + Prefix + "/rules takes a session's rules out of force, POST " + Prefix + "/reset?session=* its records back"
	return e
}

func (a *API) removeRule(c echo.Context) error {
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	id := c.Param("id")
	if !w.Steering.RemoveRule(a.scenarios(), id) {
		return send(c, apierror.NewNotFound("Rule", id))
	}
	return c.NoContent(http.StatusNoContent)
}

// clearRules takes all rules of this API out of force: the "all clear".
func (a *API) clearRules(c echo.Context) error {
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	w.Steering.ClearRules(a.scenarios())
	return c.NoContent(http.StatusNoContent)
}
