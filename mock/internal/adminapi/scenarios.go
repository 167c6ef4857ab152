package adminapi

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
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
	Location string          `json:"location"`       // as in X-Mock-Rule
	Rule     json.RawMessage `json:"rule,omitempty"` // as it was given to this API
}

func viewOfRule(r *scenario.Rule) ruleView {
	return ruleView{ID: r.ID, Name: r.Name, Location: r.Location(), Rule: r.Source}
}

func viewOf(s scenario.Status) scenarioView {
	v := scenarioView{
		Name: s.Scenario.Name, File: s.Scenario.File, Description: s.Scenario.Description, Active: s.Active, State: s.State,
		States: s.Scenario.States(), Rules: []ruleView{},
	}
	if s.Active {
		v.Since = &s.Since
	}
	for _, rule := range s.Scenario.Rules {
		v.Rules = append(v.Rules, ruleView{Name: rule.Name, Location: rule.Location()})
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
		views = append(views, viewOf(status))
	}
	return c.JSON(http.StatusOK, views)
}

// showScenario answers with one scenario after it was changed.
func (a *API) showScenario(c echo.Context, w *session.World, name string) error {
	for _, status := range w.Steering.List(a.scenarios()) {
		if status.Scenario.Name == name {
			return c.JSON(http.StatusOK, viewOf(status))
		}
	}
	return send(c, apierror.NewNotFound("Scenario", name))
}

// switchScenario puts a scenario in force or out of it, in one session. To do so twice changes nothing more.
func (a *API) switchScenario(c echo.Context) error {
	var wanted struct {
		Active *bool `json:"active"`
	}
	if err := bind(c, &wanted); err != nil {
		return respond(c, err)
	}
	if wanted.Active == nil {
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
	if *wanted.Active {
		err = w.Steering.Activate(a.scenarios(), name, w.Clock.Now())
	} else {
		err = w.Steering.Deactivate(a.scenarios(), name, w.Clock.Now())
	}
	if err != nil {
		return badRequest(c, "%s", err)
	}
	return a.showScenario(c, w, name)
}

// unknownScenario is the 404 of a scenario that no file has; the nearest name is in it.
func unknownScenario(wrong interface{ Error() string }) *apierror.Error {
	e := apierror.NewMalformed(wrong.Error())
	e.Status, e.Label = http.StatusNotFound, "Not Found"
	return e
}

// setScenarioState sets the state of a scenario to one that its rules speak of.
func (a *API) setScenarioState(c echo.Context) error {
	var wanted struct {
		State string `json:"state"`
	}
	if err := bind(c, &wanted); err != nil {
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
	if err := w.Steering.SetState(a.scenarios(), name, wanted.State); err != nil {
		return badRequest(c, "%s", err)
	}
	return a.showScenario(c, w, name)
}

func (a *API) listRules(c echo.Context) error {
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	views := []ruleView{}
	for _, rule := range w.Steering.Rules() {
		views = append(views, viewOfRule(rule))
	}
	return c.JSON(http.StatusOK, views)
}

func (a *API) getRule(c echo.Context) error {
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	id := c.Param("id")
	for _, rule := range w.Steering.Rules() {
		if rule.ID == id {
			return c.JSON(http.StatusOK, viewOfRule(rule))
		}
	}
	return send(c, apierror.NewNotFound("Rule", id))
}

// addRule puts a rule in force, in the grammar of scenario files. With an id, in the path, an earlier one of the same
// id is replaced; without, one is made.
func (a *API) addRule(c echo.Context) error {
	data, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxBody))
	if err != nil {
		return send(c, apierror.NewTooLarge())
	}
	rule, problems := scenario.ParseRule(data, scenario.Options{BasePath: a.options.BasePath})
	if len(problems) > 0 {
		return c.JSON(http.StatusBadRequest, map[string]any{
			"statusCode": http.StatusBadRequest, "message": problems.Err().Error(), "error": "Bad Request", "problems": listed(problems),
		})
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
		return badRequest(c, "id %q is no rule id: 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen are allowed", id)
	}
	added := w.Steering.AddRule(a.scenarios(), id, rule, w.Clock.Now())
	return c.JSON(http.StatusCreated, viewOfRule(added))
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
