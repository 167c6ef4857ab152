package cli

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/salesos/salesos-mock/mock"
)

// greeting is what somebody who has just started a server needs.
type greeting struct {
	api, origin     string
	email, password string // of somebody who can log in; empty: nobody
	key             string // empty: there is none
	files           string
	resources       []string // that can be asked for
	dashboard       string
	seed            uint64
	showSeed        bool
}

func (c *serveCommand) greeting(server *mock.Server, sources []source) greeting {
	g := greeting{
		api: callable(server.URL()), origin: callable(server.Origin()), key: server.APIKey(), files: filesLine(server.Watching(), sources),
		resources: server.Resources(), seed: c.Seed.value, showSeed: c.Seed.random,
	}
	g.email, g.password = server.Login()
	if g.dashboard = callable(server.AdminOrigin()) + "/__admin/"; c.AdminToken != "" {
		g.dashboard += "?token=…"
	}
	return g
}

// filesLine says where everything comes from, and above all what is not where it may be looked for.
func filesLine(watching string, sources []source) string {
	var parts []string
	watched := false
	for _, from := range sources {
		watched = watched || from.folder != "" && !from.missing
		switch {
		case from.foreign != "" && from.scenarios:
			parts = append(parts, "built-in scenarios ("+from.foreign+")")
		case from.foreign != "":
			parts = append(parts, "built-in data ("+from.foreign+")")
		case from.missing:
			parts = append(parts, from.reservations())
		case from.folder == "" && !from.scenarios:
			parts = append(parts, "built-in data; make ./"+usualFolder+" with "+program+" init .")
		}
	}
	if watched {
		parts = append(parts, watching)
	}
	return strings.Join(parts, "; ")
}

// callable turns an address that stands for all addresses into one that can be called.
func callable(address string) string {
	u, err := url.Parse(address)
	if err != nil || !net.ParseIP(u.Hostname()).IsUnspecified() {
		return address
	}
	u.Host = net.JoinHostPort("127.0.0.1", u.Port())
	return u.String()
}

// text is the ready line, which programs look for and which is never painted, and unless programs read the rest too,
// what people want to know.
func (g greeting) text(format choice, color palette) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s ready %s\n", program, g.api)
	if format == logJSON {
		return b.String()
	}
	line := func(label, value string) { fmt.Fprintf(&b, "  %s %s\n", color.dim(fmt.Sprintf("%-9s", label)), value) }
	b.WriteByte('\n')
	if g.email != "" {
		line("log in", color.bold(g.email)+color.dim(" with the password ")+color.bold(g.password))
	}
	if g.key != "" {
		line("API key", color.bold(g.key))
	}
	line("token", fmt.Sprintf("%s token   %s", program, color.dim("or POST "+g.api+"/auth/login")))
	line("dashboard", g.dashboard)
	line("health", g.origin+"/__admin/health")
	line("files", g.files)
	if g.showSeed {
		line("seed", fmt.Sprintf("%d   %s", g.seed, color.dim(fmt.Sprintf("--seed %d repeats this run", g.seed))))
	}
	g.examples(&b, color)
	fmt.Fprintf(&b, "\n  %s\n\n", color.dim("Ctrl-C stops it."))
	return b.String()
}

// examples are commands that work: they ask for what is there.
func (g greeting) examples(b *strings.Builder, color palette) {
	switch {
	case slices.Contains(g.resources, "leads"):
		fmt.Fprintf(b, "\n  %s\n", color.dim("Try a list, and the documented validation error:"))
		fmt.Fprintf(b, "  %s\n  %s\n", color.green(g.curl("", "/leads?limit=3")), color.green(g.curl(invalidLead, "/leads")))
	case len(g.resources) > 0:
		fmt.Fprintf(b, "\n  %s\n  %s\n", color.dim("Try a list:"), color.green(g.curl("", "/"+g.resources[0]+"?limit=3")))
	default:
		fmt.Fprintf(b, "\n  %s\n", color.dim("There is no data yet: "+program+" init DIR writes files to begin with."))
	}
}

// invalidLead earns the three messages of the documentation's example.
const invalidLead = `{"email":"not-an-email","lastName":"Lovelace","status":"WON"}`

// curl is a command to paste into a shell. A certificate of one's own is not judged.
func (g greeting) curl(body, path string) string {
	words := []string{"curl"}
	if strings.HasPrefix(g.api, "https:") {
		words = append(words, "-k")
	}
	if g.key != "" {
		words = append(words, "-H", shellQuote("X-API-Key: "+g.key))
	}
	if body != "" {
		words = append(words, "-H", shellQuote("Content-Type: application/json"), "-d", shellQuote(body))
	}
	return strings.Join(append(words, shellQuote(g.api+path)), " ")
}

// shellQuote makes one word of a text, for a POSIX shell.
func shellQuote(text string) string {
	plain := strings.IndexFunc(text, func(r rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:=@,+%", r)
	}) < 0
	if plain && text != "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
