package cli

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/referee"
	"github.com/salesos/salesos-mock/mock/internal/watch"
)

// Update is for both test packages of this folder.
var Update = flag.Bool("update", false, "write the golden files and scripts anew")

func TestBanner(t *testing.T) {
	g := greeting{
		api: "http://127.0.0.1:4000/api", origin: "http://127.0.0.1:4000", dashboard: "http://127.0.0.1:4000/__admin/", email: "ada.admin@example.com", password: "password",
		key: "sk_test", files: "fixtures (notify, and a look every 1s)", resources: []string{"leads"}, seed: 7, showSeed: true,
	}
	golden(t, "banner.golden", g.text(logText, false))
	painted := g.text(logText, true)
	if first, _, _ := strings.Cut(painted, "\n"); first != "salesos-mock ready http://127.0.0.1:4000/api" {
		t.Errorf("the ready line is painted: %q", first)
	}
	if strings.Count(painted, "\x1b[0m") < 5 {
		t.Errorf("no colours in %q", painted)
	}
	if got := g.text(logJSON, true); got != "salesos-mock ready http://127.0.0.1:4000/api\n" {
		t.Errorf("before JSON: %q", got)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *Update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s (-update writes it):\n got %s\nwant %s", path, got, want)
	}
}

// The names of flags and variables are promises to users.
func TestFlagsAreThese(t *testing.T) {
	t.Setenv("COLUMNS", "100")
	var out bytes.Buffer
	if code := Main(t.Context(), []string{"serve", "--help"}, nil, Streams{Out: &out}); code != 0 {
		t.Errorf("exit code %d", code)
	}
	golden(t, "serve-help.golden", out.String())
}

func TestBannerOfLittle(t *testing.T) {
	g := greeting{api: "https://127.0.0.1:1/api", origin: "https://127.0.0.1:1", key: "it's", resources: []string{"deals"}}
	text := g.text(logText, false)
	if want := `curl -k -H 'X-API-Key: it'\''s' 'https://127.0.0.1:1/api/deals?limit=3'`; !strings.Contains(text, want) {
		t.Errorf("no %s in\n%s", want, text)
	}
	if strings.Contains(text, "/leads") || strings.Contains(text, "log in") || strings.Contains(text, "seed") {
		t.Error(text)
	}
}

func TestFilesLine(t *testing.T) {
	builtIn, own := source{scenarios: true}, source{folder: "fixtures"}
	for want, sources := range map[string][]source{
		"WATCHED": {own, builtIn},
		"built-in data; make ./fixtures with salesos-mock init .":                   {{}, builtIn},
		"built-in data; make ./fixtures with salesos-mock init .; WATCHED":          {{}, {folder: "scenarios", scenarios: true}},
		"built-in data (./fixtures is a file, not a folder)":                        {{foreign: "./fixtures is a file, not a folder"}, builtIn},
		"built-in scenarios (./scenarios holds no file with rules); WATCHED":        {own, {foreign: "./scenarios holds no file with rules", scenarios: true}},
		"nope does not exist yet: nothing is served until it appears":               {{folder: "nope", missing: true}, builtIn},
		"nope does not exist yet: there are no scenarios until it appears; WATCHED": {own, {folder: "nope", missing: true, scenarios: true}},
	} {
		if got := filesLine("WATCHED", sources); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestChooseSource(t *testing.T) {
	for name, c := range map[string]struct {
		files            []string // a / at the end makes a folder
		fixtures, others source
	}{
		"neither":       {nil, source{}, source{scenarios: true}},
		"empty":         {[]string{"fixtures/", "scenarios/"}, source{folder: "fixtures"}, source{folder: "scenarios", scenarios: true}},
		"hidden alone":  {[]string{"fixtures/.gitkeep", "scenarios/.gitkeep"}, source{folder: "fixtures"}, source{folder: "scenarios", scenarios: true}},
		"unreadable":    {[]string{"fixtures/auth.yaml/", "scenarios/a.yaml"}, source{folder: "fixtures"}, source{folder: "scenarios", scenarios: true}},
		"records alone": {[]string{"fixtures/leads.yaml"}, source{folder: "fixtures"}, source{scenarios: true}},
		"other things": {[]string{"fixtures/users.json", "scenarios/login.feature"},
			source{foreign: "./fixtures holds no *.schema.yaml, leads.yaml, auth.yaml or routes.yaml"}, source{foreign: "./scenarios holds no file with rules", scenarios: true}},
		"a file": {[]string{"fixtures"}, source{foreign: "./fixtures is a file, not a folder"}, source{scenarios: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, path := range c.files {
				folder := filepath.Dir(path)
				if err := os.MkdirAll(folder, 0o755); err != nil {
					t.Fatal(err)
				}
				if strings.HasSuffix(path, "/") {
					continue
				}
				if err := os.WriteFile(path, nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got := chooseSource(""); got != c.fixtures {
				t.Errorf("got %+v, want %+v", got, c.fixtures)
			}
			if got := chooseScenarios(""); got != c.others {
				t.Errorf("got %+v, want %+v", got, c.others)
			}
		})
	}
}

func TestExplainListen(t *testing.T) {
	low := port(81)
	for _, c := range []struct {
		command serveCommand
		err     error
		want    string
	}{
		{serveCommand{Port: 80}, syscall.EACCES, "--port 80 needs the rights of an administrator; allowed without them: a port from 1024 on, such as --port 4001, or --port 0 for a free one"},
		{serveCommand{Host: "mock.invalid"}, &net.DNSError{Err: "no such host"}, "--host mock.invalid is no address of this machine; allowed: one that it has, such as 127.0.0.1, or 0.0.0.0 for all that it has"},
		{serveCommand{Port: 4000}, errors.New("broken"), "cannot listen on --port 4000: broken"},
		{serveCommand{Port: 4000, AdminPort: &low}, fmt.Errorf("%w: %w", mock.ErrAdminPort, syscall.EACCES), "--admin-port 81 needs the rights of an administrator; allowed without them: a port from 1024 on, such as --admin-port 4001, or --admin-port 0 for a free one"},
		{serveCommand{Host: "::1", Port: 4000}, errors.New("broken"), "cannot listen on --host ::1 --port 4000: broken"},
	} {
		if got := c.command.explainListen(t.Context(), fmt.Errorf("listen: %w", c.err)).Error(); strings.Replace(got, "listen: broken", "broken", 1) != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestCallable(t *testing.T) {
	for address, want := range map[string]string{
		"http://0.0.0.0:4000/api": "http://127.0.0.1:4000/api", "http://[::]:4000": "http://127.0.0.1:4000",
		"http://127.0.0.1:4000/api": "http://127.0.0.1:4000/api", "http://mock.example:1": "http://mock.example:1",
	} {
		if got := callable(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

// The words in the tags of flags are those of the packages that understand them.
func TestChoicesAreComplete(t *testing.T) {
	modes := []string{string(watch.Auto), string(watch.Notify), string(watch.Poll), string(watch.Off)}
	for _, c := range []struct {
		command any
		field   string
		want    []string
	}{
		{serveCommand{}, "Auth", auth.Modes()},
		{serveCommand{}, "Watch", modes},
		{tokenCommand{}, "Role", identity.Roles()},
		{auditCommand{}, "Format", referee.Formats()},
		{runCommand{}, "Format", referee.Formats()},
	} {
		field, _ := reflect.TypeOf(c.command).FieldByName(c.field)
		if got := field.Tag.Get("choice"); got != strings.Join(c.want, ",") {
			t.Errorf("%s: %s, want %v", c.field, got, c.want)
		}
	}
}

// Each flag of serve can be set in the environment, under the name that follows from its own.
func TestEachFlagHasItsVariable(t *testing.T) {
	var g grammar
	parser, err := kong.New(&g)
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range parser.Model.DefaultCmd.Flags {
		if want := prefix + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_")); flag.Tag.Get("from") != want {
			t.Errorf("--%s is set by %q, want %q", flag.Name, flag.Tag.Get("from"), want)
		}
	}
}

func TestTokenValidity(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for left, want := range map[time.Duration]time.Time{time.Hour: now, -time.Hour: now.Add(-25 * time.Hour), 0: now.Add(-24 * time.Hour)} {
		issued, lifetime := (&tokenCommand{ExpiresIn: period(left)}).validity(now)
		if !issued.Equal(want) || !issued.Add(lifetime).Equal(now.Add(left)) {
			t.Errorf("%v: from %v for %v", left, issued, lifetime)
		}
	}
}

func TestDescribeBuild(t *testing.T) {
	for want, info := range map[string]*debug.BuildInfo{
		"salesos-mock devel go": nil,
		"salesos-mock v1.2.3 (commit 0123456789ab and changes, 2026-11-22T18:00:00Z) go": {
			Main: debug.Module{Version: "v1.2.3"},
			Settings: []debug.BuildSetting{
				{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}, {Key: "vcs.time", Value: "2026-11-22T18:00:00Z"},
			},
		},
	} {
		if got := describeBuild(info); !strings.HasPrefix(got, want) {
			t.Errorf("got %s, want %s…", got, want)
		}
	}
}

func TestColorful(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, c := range []struct {
		env  []string
		want bool
	}{
		{[]string{"TERM=xterm"}, true}, {[]string{"TERM=dumb"}, false}, {[]string{"TERM=xterm", "NO_COLOR=1"}, false},
		{[]string{"FORCE_COLOR=1", "NO_COLOR=1"}, false}, {[]string{"TERM=xterm", "NO_COLOR="}, true},
	} {
		p := &process{env: newEnvironment(c.env)}
		if got := p.colorful(null); got != c.want {
			t.Errorf("%v: %v", c.env, got)
		}
	}
	var buffer bytes.Buffer
	if (&process{env: newEnvironment([]string{"TERM=xterm"})}).colorful(&buffer) {
		t.Error("a buffer is no terminal")
	}
	if !(&process{env: newEnvironment([]string{"FORCE_COLOR=1"})}).colorful(&buffer) {
		t.Error("FORCE_COLOR does nothing")
	}
}

func TestConsole(t *testing.T) {
	var out bytes.Buffer
	p := &process{streams: Streams{Err: &out}}
	lines := func() []string {
		defer out.Reset()
		var kept []string
		for line := range strings.Lines(out.String()) {
			if _, rest, ok := strings.Cut(line, "."); ok && line[0] != ' ' {
				line = rest[3:] // without the time
			}
			kept = append(kept, strings.TrimSuffix(line, "\n"))
		}
		return kept
	}
	log := p.logger(logText, p.streams.Err)
	log.With("a", 1).WithGroup("g").Info("\x1b[2Jhello", "b", "x\u202ey")
	log.Error("broken", "problem", "f.yaml:1:2: bad\n  1 | x")
	want := []string{" \uFFFD[2Jhello a=1 g.b=x\uFFFDy", " error broken", "  f.yaml:1:2: bad", "    1 | x"}
	if got := lines(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	log = p.logger(logOff, p.streams.Err)
	log.Info("hello")
	log.Warn("careful")
	if got := lines(); !reflect.DeepEqual(got, []string{" warning careful"}) {
		t.Errorf("got %q", got)
	}
	p.logger(logJSON, p.streams.Err).Log(t.Context(), slog.LevelInfo, "hello")
	if got := out.String(); !strings.HasPrefix(got, `{"time":`) {
		t.Errorf("got %s", got)
	}
}

func TestWhoListens(t *testing.T) {
	for goos, want := range map[string]string{"linux": "ss ", "darwin": "lsof ", "windows": "netstat "} {
		if got := whoListens(goos, 4000); !strings.HasPrefix(got, want) || !strings.Contains(got, "4000") {
			t.Errorf("%s: %s", goos, got)
		}
	}
}

func FuzzValues(f *testing.F) {
	for _, s := range []string{"", "4000", "/api", "permissive", "http://a.example,http://b.example:1", "800ms", "random", "//", "/__s", "\xff", "http://[::1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, flag := range []string{"--port", "--base-path", "--cors", "--delay", "--seed", "--auth"} {
			var g grammar
			parser, err := kong.New(&g, kong.WithHyphenPrefixedParameters(true), kong.Exit(func(int) {}))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.Parse([]string{"serve", flag + "=" + value}); err != nil {
				continue
			}
			if p := string(g.Serve.BasePath); p != "" && (p[0] != '/' || strings.HasSuffix(p, "/") || strings.ContainsAny(p, " ?#\x00")) {
				t.Fatalf("base path %q of %q", p, value)
			}
			if d := time.Duration(g.Serve.Delay); d < 0 || d > 90*time.Second {
				t.Fatalf("delay %v of %q", d, value)
			}
			if n := g.Serve.Port; n < 0 || n > 65535 {
				t.Fatalf("port %d of %q", n, value)
			}
		}
	})
}
