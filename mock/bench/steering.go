package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// idleRules is how many rules are in force in the row of rules that do not match.
const idleRules = 1000

// measureSteering compares reads with forced errors, and with reads past rules that do not match.
func (b *bench) measureSteering() error {
	folder, err := b.leads(1000)
	if err != nil {
		return err
	}
	plain, err := b.startMock(folder)
	if err != nil {
		return err
	}
	defer plain.stop()
	ruled, err := b.startRuled(folder, idleRules)
	if err != nil {
		return err
	}
	defer ruled.stop()
	for _, s := range []*server{plain, ruled} {
		if err := s.ready(); err != nil {
			return err
		}
	}
	read, forced := always(plain.get(oneLead)), always(plain.get(oneLead+"?__error=unavailable"))
	forced.status = http.StatusServiceUnavailable
	found, err := b.rounds(b.times(41, 15), 1000,
		turn{server: plain, load: read}, turn{server: plain, load: forced}, turn{server: ruled, load: always(ruled.get(oneLead))})
	if err != nil {
		return err
	}
	b.table.add(row{
		what: "plain read, forced error, per CPU second", floor: micros(found[0].median()), mock: micros(found[1].median()),
		found: found[0].over(found[1]), unit: "x", bar: bar{atLeast: 1},
	})
	b.table.add(row{
		what: fmt.Sprintf("no rule, %d that do not match, per CPU second", idleRules), floor: micros(found[0].median()),
		mock: micros(found[2].median()), found: found[0].over(found[2]), unit: "x", bar: bar{atLeast: 0.75},
	})
	return nil
}

// startRuled starts a mock with so many rules in force, none of which fits what is asked.
func (b *bench) startRuled(fixtures string, rules int) (*server, error) {
	folder, err := os.MkdirTemp(b.folder, "scenarios-")
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	text.WriteString("description: rules that fit nothing that is asked\nrules:\n")
	for n := range rules {
		// A third each: another method, another path, the same method and path with another header.
		when := []string{
			`{method: DELETE, path: "/leads/{id}"}`, fmt.Sprintf(`{method: GET, path: "/campaigns/%d/{id}"}`, n),
			fmt.Sprintf(`{method: GET, path: "/leads/{id}", headers: {X-Tenant: tenant-%d}}`, n),
		}[n%3]
		fmt.Fprintf(&text, "  - {name: rule-%d, when: %s, respond: {error: internal}}\n", n, when)
	}
	if err := os.WriteFile(filepath.Join(folder, "many.yaml"), []byte(text.String()), 0o644); err != nil {
		return nil, err
	}
	return b.startMock(fixtures, "--scenarios", folder, "--scenario", "many")
}
