package adminapi

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// openAPI serves the description of the API as it is now.
func (a *API) openAPI(c echo.Context) error {
	document, err := a.options.OpenAPI()
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "application/json; charset=utf-8", document)
}
