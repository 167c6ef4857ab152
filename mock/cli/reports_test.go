package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock/cli"
)

// TestGatesOfReports: 3 says that a gate was not met, 1 that there was nobody to ask, 2 that the question made no sense.
func TestGatesOfReports(t *testing.T) {
	s := serve(t, nil, "--log", "off")
	for range 3 {
		s.get("/leads", "X-API-Key", "sk_test_admin", "X-Mock-Error", "unavailable")
	}
	file := filepath.Join(t.TempDir(), "expect.json")
	if err := os.WriteFile(file, []byte(`[{"when": {"path": "/leads"}, "exactly": 3}, {"when": {"path": "/api/leads"}, "atMost": 2}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSuffix(s.api, "/api")
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"audit", 0, ""}, {"audit --fail", 3, "salesos-mock: the audit found "}, {"coverage --min 0.1", 0, ""}, {"coverage --min 99.5%", 3, "at least 99.5 % is asked for"},
		{"coverage --min 101", 2, "a number from 0 to 100"}, {"verify " + file, 3, "salesos-mock: 1 of 2 expectations not met"}, {"verify", 2, ""},
		{"audit --session nobody", 1, "Session with id nobody not found"}, {"audit --session *", 0, ""},
	} {
		var out, errs bytes.Buffer
		words := strings.Fields(c.args)
		if len(words) > 1 || words[0] != "verify" {
			words = append(words, address)
		}
		code := cli.Main(t.Context(), words, nil, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
		if code != c.code || !strings.Contains(errs.String(), c.says) || code == 0 && errs.Len() > 0 || code != 2 && code != 1 && out.Len() == 0 {
			t.Errorf("%s: exit code %d, want %d\n%s%s", c.args, code, c.code, out.String(), errs.String())
		}
	}
}
