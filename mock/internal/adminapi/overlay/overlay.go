// Package overlay is the script that a front-end developer's own page loads: a small panel that breaks the next calls of
// that page and shows the last ones. It is served to every page, so there is nothing secret in it, and it never calls
// the admin API: what it has to know stands in it. Package adminapi serves it.
package overlay

import (
	"embed"
	"encoding/json"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
)

// Server is what the script knows of its server. As JSON it is part of the script.
type Server struct {
	Origin string   `json:"origin"` // where the script was asked for
	API    string   `json:"api"`    // the base URL of the API, for a caller who reached that origin
	Errors []Error  `json:"errors"`
	Faults []string `json:"faults"`
	Routes []Route  `json:"routes"`
}

// Error is one documented error.
type Error struct {
	Name    apierror.Name `json:"name"`
	Status  int           `json:"status"`
	Retries bool          `json:"retries"` // it comes with Retry-After
}

// Route is one operation of the API.
type Route struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`   // below the base path
	Errors []apierror.Name `json:"errors"` // those that fit
}

//go:embed *.js overlay.css
var files embed.FS

// parts are the files of the script, in their order. They share one function, and no name of theirs reaches the page.
const parts = "keep.js api.js steer.js calls.js elements.js order.js session.js list.js panel.js start.js"

// Script is the whole script for a server.
func Script(s Server) ([]byte, error) {
	known, err := json.Marshal(s) // with < and the line separators of JavaScript escaped
	if err != nil {
		return nil, err
	}
	styles, err := files.ReadFile("overlay.css")
	if err != nil {
		return nil, err
	}
	sheet, err := json.Marshal(string(styles))
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString("(() => {\n\"use strict\";\nconst server = " + string(known) + ";\nconst styles = " + string(sheet) + ";\n")
	for name := range strings.FieldsSeq(parts) {
		part, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		b.Write(part)
	}
	b.WriteString("})();\n")
	return []byte(b.String()), nil
}
