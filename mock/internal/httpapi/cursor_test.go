package httpapi

import (
	"testing"

	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// A cursor comes back from outside: whatever it is, it is either one of ours or refused.
func FuzzOpenCursor(f *testing.F) {
	d := schema.NewDefinition("things", "Thing", []schema.Field{{Name: "id", Type: schema.String}, {Name: "size", Type: schema.Number}})
	for _, seed := range []string{"", "x", "eyJzIjoiaWQiLCJrIjoiXCJhXCIiLCJpIjoiYSJ9", "eyJzIjoic2l6ZSIsImsiOjEsImkiOiJhIn0", "eyJzIjoic2l6ZSIsImsiOltdLCJpIjoiYSJ9", "bnVsbA"} {
		f.Add(seed, 1)
	}
	f.Fuzz(func(t *testing.T, text string, sortBy int) {
		q := schema.ListQuery{Cursor: text, SortBy: sortBy & 1}
		at, ok := openCursor(q, d)
		if ok != (at != nil) {
			t.Fatalf("%q: position %v, ok %v", text, at, ok)
		}
		if ok && (at.ID == "" || at.Key[0] == '{' || at.Key[0] == '[') {
			t.Errorf("%q is taken: %+v", text, at)
		}
	})
}
