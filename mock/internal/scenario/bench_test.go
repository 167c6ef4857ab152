package scenario_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock/internal/match"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
)

func BenchmarkNoRules(b *testing.B) {
	w := newWorld(b)
	req := &match.Request{Method: "GET", Path: "/leads", Header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		w.state.Decide(w.set, req, scenario.Env{})
	}
}

func Benchmark1000RulesThatDoNotMatch(b *testing.B) {
	for name, when := range map[string]string{
		"paths":   "{path: '/leads/%d/**'}",
		"ids":     "{path: '/resource%d/{id}'}",
		"methods": "{method: POST, path: /leads}",
		"headers": "{path: /leads, headers: {X-Tenant: acme-%d}}",
		"queries": "{path: /leads, query: {status: S%d}}",
		"bodies":  "{path: /leads, body: {email: x%d@example.com}}",
	} {
		b.Run(name, func(b *testing.B) {
			text := "active: true\nrules:\n"
			for i := range 1000 {
				text += strings.ReplaceAll("  - {when: "+when+", respond: {error: internal}}\n", "%d", fmt.Sprint(i))
			}
			w := newWorld(b, "a", text)
			req := &match.Request{Method: "GET", Path: "/leads", Header: http.Header{"X-Tenant": {"other"}}, RawQuery: "status=NEW",
				Body: func() (any, bool) { return map[string]any{"email": "a@example.com"}, true }}
			b.ReportAllocs()
			for b.Loop() {
				w.state.Decide(w.set, req, scenario.Env{})
			}
		})
	}
}
