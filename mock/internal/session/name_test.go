package session_test

import (
	"net/url"
	"path"
	"testing"

	"github.com/salesos/salesos-mock/mock/internal/session"
)

// A name of a session stands in paths and headers as it is, and leads nowhere else.
func FuzzValidID(f *testing.F) {
	for _, id := range []string{"a", "A-z_0.9", ".", "..", "...", "a/b", "%2e", "a\n", "ä", "-"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if !session.ValidID(id) {
			return
		}
		if len(id) > 64 || url.PathEscape(id) != id || path.Join("/__s", id, "api") != "/__s/"+id+"/api" {
			t.Errorf("%q", id)
		}
	})
}
