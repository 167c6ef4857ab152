package adminapi

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/session"
)

func (a *API) getClock(c echo.Context) error {
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	return showClock(c, w)
}

func showClock(c echo.Context, w *session.World) error {
	return c.JSON(http.StatusOK, struct {
		Now    time.Time `json:"now"`
		Frozen bool      `json:"frozen"`
	}{w.Clock.Now(), w.Clock.Frozen()})
}

// setClock resets, sets, advances, then freezes or resumes the session's clock: whatever of it is asked for.
func (a *API) setClock(c echo.Context) error {
	var wanted struct {
		Set     *time.Time `json:"set"`
		Advance string     `json:"advance"`
		Frozen  *bool      `json:"frozen"`
		Reset   bool       `json:"reset"`
	}
	if err := bind(c, &wanted); err != nil {
		return respond(c, err)
	}
	advance := time.Duration(0)
	if wanted.Advance != "" {
		d, err := time.ParseDuration(wanted.Advance)
		if err != nil {
			return badRequest(c, `advance %q is no duration: "25h", "90s" and "-1h30m" are`, wanted.Advance)
		}
		advance = d
	}
	w, err := a.world(c)
	if err != nil {
		return respond(c, err)
	}
	if wanted.Reset {
		w.Clock.Reset()
	}
	if wanted.Set != nil {
		w.Clock.Set(*wanted.Set)
	}
	w.Clock.Advance(advance)
	if wanted.Frozen != nil && *wanted.Frozen {
		w.Clock.Freeze()
	} else if wanted.Frozen != nil {
		w.Clock.Resume()
	}
	return showClock(c, w)
}
