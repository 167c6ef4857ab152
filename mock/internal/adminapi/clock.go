package adminapi

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

func (a *API) getClock(c echo.Context) error {
	w, err := a.existing(c)
	if err != nil {
		return respond(c, err)
	}
	return showClock(c, w)
}

func showClock(c echo.Context, w *session.World) error {
	return answer(c, http.StatusOK, struct {
		Now    time.Time `json:"now"`
		Frozen bool      `json:"frozen"`
	}{w.Clock.Now(), w.Clock.Frozen()})
}

// setClock resets, freezes, sets, advances, then resumes the session's clock: whatever of it is asked for.
func (a *API) setClock(c echo.Context) error {
	var set *time.Time
	var advance time.Duration
	var frozen, reset *bool
	if err := bind(c, instant("set", &set), duration("advance", &advance), flag("frozen", &frozen), flag("reset", &reset)); err != nil {
		return respond(c, err)
	}
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	again := reset != nil && *reset
	start := w.Clock.Now()
	switch {
	case set != nil:
		start = *set
	case again:
		start = entropy.WallNow()
	}
	if !tellable(start.Add(advance)) {
		return badRequest(c, "advance %s leads out of the times that a clock shows, %s to %s", advance, earliest().Format(time.DateOnly), latest().Format(time.DateOnly))
	}
	if again {
		w.Clock.Reset()
	}
	if frozen != nil && *frozen { // before it is set, else it would run on until it is frozen
		w.Clock.Freeze()
	}
	if set != nil {
		w.Clock.Set(*set)
	}
	w.Clock.Advance(advance)
	if frozen != nil && !*frozen {
		w.Clock.Resume()
	}
	return showClock(c, w)
}
