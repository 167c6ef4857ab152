// Package dashboard is the page at /__admin/: plain files, embedded, that a browser runs as they are. It talks to nobody
// but the admin API. Package adminapi decides who may see it.
package dashboard

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// What others wrote goes with its licences.
//
//go:embed *.html *.css *.js vendor
var files embed.FS

// Index is the file that a browser begins with.
const Index = "index.html"

// Style is the file that the page which Refuse sends needs, too.
const Style = "style.css"

// policy lets the page load its own files and call its own server, and nothing else: what a request carries could not
// run even if it were taken for markup.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// contentType is by the extension alone: what the machine believes of extensions differs.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	}
	return "text/plain; charset=utf-8"
}

func protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// Serve sends a file of the page; false: there is none of that name, and nothing was sent. A browser asks each time
// whether its copy is still good: another build of the program may answer at the same address.
func Serve(w http.ResponseWriter, r *http.Request, name string) bool {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return false
	}
	sum := sha256.Sum256(data)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	protect(h)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", tag)
	h.Set("Content-Type", contentType(name))
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data) // a browser that is gone is no error of ours
	return true
}

// Refuse sends a page that says why the dashboard is not shown and, where that helps, asks for the token.
func Refuse(w http.ResponseWriter, status int, why string) {
	data, err := fs.ReadFile(files, "refused.html")
	if err != nil {
		panic(err) // it is embedded
	}
	hidden := "hidden"
	if status == http.StatusUnauthorized {
		hidden = ""
	}
	page := strings.NewReplacer("{{why}}", html.EscapeString(why), "{{hidden}}", hidden).Replace(string(data))
	protect(w.Header())
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", contentType(Index))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page)) // a browser that is gone is no error of ours
}
