package schema

import (
	"encoding/json"
	"os"
	"testing"
)

// The verdicts come from validator.js itself: validatorjs/testdata/make-corpus.mjs writes them.
func TestDatesOfValidatorJS(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/iso8601.json")
	if err != nil {
		t.Fatal(err)
	}
	var corpus struct {
		Rows [][2]any `json:"isISO8601"`
	}
	if err := json.Unmarshal(data, &corpus); err != nil {
		t.Fatal(err)
	}
	if len(corpus.Rows) < 2000 {
		t.Errorf("corpus has %d rows, want at least 2000", len(corpus.Rows))
	}
	for _, row := range corpus.Rows {
		if text := row[0].(string); isISO8601(text) != row[1] {
			t.Errorf("%q is %v, validator.js says %v", text, isISO8601(text), row[1])
		}
	}
}
