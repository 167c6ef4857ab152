package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/salesos/salesos-mock/mock/cli"
	"github.com/salesos/salesos-mock/mock/internal/contract"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"client": clientProgram, "salesos-mock": func() {
		os.Exit(cli.Main(context.Background(), os.Args[1:], os.Environ(), cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
	}})
}

// TestScripts runs the program as a process of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Setup: passOn, Dir: "testdata/script", UpdateScripts: *cli.Update, RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"address": address, "take": take, "until": until},
	})
}

// passOn lets the programs of scripts, which have an environment of their own, say what their witnesses saw.
func passOn(e *testscript.Env) error {
	if record, ok := os.LookupEnv(contract.Record); ok {
		e.Setenv(contract.Record, record)
	}
	return nil
}

// address waits for a port file and sets a variable to the address of the mock that wrote it.
func address(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: address VARIABLE FILE")
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(20 * time.Second)
	for {
		if port, err := os.ReadFile(ts.MkAbs(args[1])); err == nil {
			ts.Setenv(args[0], "http://127.0.0.1:"+strings.TrimSpace(string(port)))
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			ts.Fatalf("%s did not appear", args[1])
		}
	}
}

// until asks an address until its answer holds a text.
func until(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: until URL TEXT")
	}
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(20 * time.Second)
	for last := ""; ; {
		if response, err := http.Get(args[0]); err == nil {
			body, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if last = string(body); strings.Contains(last, args[1]) {
				return
			}
		}
		select {
		case <-look.C:
		case <-deadline:
			ts.Fatalf("no %q in the last answer: %s", args[1], last)
		}
	}
}

// take listens on a port for the rest of the script and sets a variable to it.
func take(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	ts.Setenv(args[0], fmt.Sprint(l.Addr().(*net.TCPAddr).Port))
}

// result is what a command line came to.
type result struct {
	code     int
	out, err string
}

// run runs a command line as a function, in an environment of its own.
func run(t *testing.T, environ []string, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	code := cli.Main(t.Context(), args, environ, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &err})
	return result{code, out.String(), err.String()}
}

func TestUsageErrors(t *testing.T) {
	serveHelp := "\nRun \"salesos-mock serve --help\" for what there is.\n"
	runHelp := "\nRun \"salesos-mock run --help\" for what there is.\n"
	explainHelp := "\nRun \"salesos-mock explain --help\" for what there is.\n"
	for _, c := range []struct {
		args []string
		env  []string
		want string
	}{
		{args: []string{"--prot", "4"}, want: `salesos-mock: unknown flag --prot, did you mean "--port"?` + serveHelp},
		{args: []string{"chek"}, want: `salesos-mock: "chek" is no command; allowed: serve, run, check, init, token, health, wait, explain, verify, audit, coverage, openapi, schema, version; did you mean "check"?` +
			"\nRun \"salesos-mock --help\" for what there is.\n"},
		{args: []string{"serve", "extra"}, want: "salesos-mock: unexpected argument extra" + serveHelp},
		{args: []string{"--port", "70000"}, want: `salesos-mock: --port: "70000" is not possible; allowed: a number from 0 (a free port) to 65535` + serveHelp},
		{args: []string{"--port=-1"}, want: `salesos-mock: --port: "-1" is not possible; allowed: a number from 0 (a free port) to 65535` + serveHelp},
		{args: []string{"serve", "--port"}, want: "salesos-mock: --port needs a value: a number from 0 (a free port) to 65535" + serveHelp},
		{args: []string{"--host="}, want: "salesos-mock: --host needs a value" + serveHelp},
		{args: []string{"--auth", "strickt"}, want: `salesos-mock: --auth: "strickt" is not possible; allowed: strict, lenient, off; did you mean "strict"?` + serveHelp},
		{args: []string{"--rate-limit", "yes"}, want: `salesos-mock: --rate-limit: "yes" is not possible; allowed: off, on` + serveHelp},
		{args: []string{"--log", "jsno"}, want: `salesos-mock: --log: "jsno" is not possible; allowed: text, json, off; did you mean "json"?` + serveHelp},
		{args: []string{"--watch", "pol"}, want: `salesos-mock: --watch: "pol" is not possible; allowed: auto, notify, poll, off; did you mean "poll"?` + serveHelp},
		{args: []string{"--delay", "-1s"}, want: `salesos-mock: --delay: "-1s" is not possible; allowed: a time such as 800ms, 1.5s or 2h, or a number of milliseconds, from 0s to 90s` + serveHelp},
		{args: []string{"--delay", "2m"}, want: `salesos-mock: --delay: "2m" is not possible; allowed: a time such as 800ms, 1.5s or 2h, or a number of milliseconds, from 0s to 90s` + serveHelp},
		{args: []string{"--seed", "-1"}, want: `salesos-mock: --seed: "-1" is not possible; allowed: random, or a number from 0 to 18446744073709551615` + serveHelp},
		{args: []string{"--cors", "permisive"}, want: `salesos-mock: --cors: "permisive" is not possible; allowed: permissive, off, or origins such as http://localhost:3000 parted by commas; did you mean "permissive"?` + serveHelp},
		{args: []string{"--cors", "http://a.example/x"}, want: `salesos-mock: --cors: "http://a.example/x" is not possible; allowed: permissive, off, or origins such as http://localhost:3000 parted by commas` + serveHelp},
		{args: []string{"--base-path", "C:/Program Files/Git/api"}, want: `salesos-mock: --base-path: "C:/Program Files/Git/api" is not possible; allowed: a path such as /api (where Git Bash rewrites paths, write it without the first slash: api)` + serveHelp},
		{args: []string{"--base-path", "/__admin"}, want: `salesos-mock: --base-path: "/__admin" is not possible; allowed: a path that does not begin with /__admin or /__s, which the mock has for itself` + serveHelp},
		{args: []string{"--base-path", "/a b"}, want: `salesos-mock: --base-path: "/a b" is not possible; allowed: a path of plain characters, such as /api or /v1/api` + serveHelp},
		{args: []string{"--tls-cert", "a.pem"}, want: "salesos-mock: --tls-cert and --tls-key belong together; one of them is missing" + serveHelp},
		{env: []string{"SALESOS_MOCK_PORT=abc"}, want: `salesos-mock: SALESOS_MOCK_PORT: "abc" is not possible; allowed: a number from 0 (a free port) to 65535` + serveHelp},
		{env: []string{"SALESOS_MOCK_AUTH=of"}, want: `salesos-mock: SALESOS_MOCK_AUTH: "of" is not possible; allowed: strict, lenient, off; did you mean "off"?` + serveHelp},
		{args: []string{"token", "--role", "ADMN"}, want: `salesos-mock: --role: "ADMN" is not possible; allowed: ADMIN, MANAGER, USER, VIEWER; did you mean "ADMIN"?` + "\nRun \"salesos-mock token --help\" for what there is.\n"},
		{args: []string{"token", "--expires-in", "week"}, want: `salesos-mock: --expires-in: "week" is not possible; allowed: a time such as 800ms, 1.5s or 2h` + "\nRun \"salesos-mock token --help\" for what there is.\n"},
		{args: []string{"--admin-host", "http://foo"}, want: `salesos-mock: --admin-host: "http://foo" is not possible; allowed: a host name or an IP address, without scheme and port; did you mean "foo"?` + serveHelp},
		{args: []string{"--host", "localhost:4000"}, want: `salesos-mock: --host: "localhost:4000" is not possible; allowed: a host name or an IP address, without scheme and port; did you mean "localhost"?` + serveHelp},
		{args: []string{"--host", "300.1.1.1"}, want: `salesos-mock: --host: "300.1.1.1" is not possible; allowed: a host name or an IP address, without scheme and port; the four numbers of an IPv4 address go from 0 to 255` + serveHelp},
		{args: []string{"health", "--port", "0"}, want: "salesos-mock: --port 0 is a free port that only the mock knows; give the one that it took\nRun \"salesos-mock health --help\" for what there is.\n"},
		{args: []string{"wait", "--port", "1", "localhost"}, want: "salesos-mock: --port 1 and the address localhost say the same thing twice: leave one of them out\nRun \"salesos-mock wait --help\" for what there is.\n"},
		{args: []string{"--admin-token="}, want: "salesos-mock: --admin-token needs a value" + serveHelp},
		{args: []string{"explain", "GTE", "/leads"}, want: `salesos-mock: "GTE" is no method; allowed: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS; did you mean "GET"?` + explainHelp},
		{args: []string{"explain", "GET", "/leads", "-H", "X-Mock-Error"}, want: `salesos-mock: -H "X-Mock-Error" is no header; allowed: something like 'X-Mock-Error: unavailable'` + explainHelp},
		{args: []string{"explain", "GET", "/leads", "-H", "A: b\nc"}, want: `salesos-mock: -H "A: b\nc" is no header; allowed: something like 'X-Mock-Error: unavailable'` + explainHelp},
		{args: []string{"explain", "GET", "/%zz"}, want: `salesos-mock: "/%zz" is no path: invalid URL escape "%zz"` + explainHelp},
		{args: []string{"schema", "scenarios"}, want: `salesos-mock: "scenarios" is no schema; allowed: auth, fixture, records-leads, routes, scenario; did you mean "scenario"?` +
			"\nRun \"salesos-mock schema --help\" for what there is.\n"},
		{args: []string{"health", "ftp://localhost"}, want: `salesos-mock: "ftp://localhost" is no address of a mock; allowed: something like http://127.0.0.1:4000` + "\nRun \"salesos-mock health --help\" for what there is.\n"},
		{args: []string{"run"}, want: "salesos-mock: there is no command to run; something like this is meant: salesos-mock run -- npm test" + runHelp},
		{args: []string{"run", "--"}, want: "salesos-mock: there is no command to run; something like this is meant: salesos-mock run -- npm test" + runHelp},
		{args: []string{"run", "--min-coverage", "101", "--", "x"}, want: `salesos-mock: --min-coverage: "101" is not possible; allowed: a number from 0 to 100` + runHelp},
		{args: []string{"run", "--jobs", "0", "--", "x"}, want: `salesos-mock: --jobs: "0" is not possible; allowed: a number from 1 to 256` + runHelp},
		{args: []string{"run", "--jobs", "2", "--", "x"}, want: "salesos-mock: --jobs means something only together with --each-error" + runHelp},
		{args: []string{"run", "--format", "xml", "--", "x"}, want: `salesos-mock: --format: "xml" is not possible; allowed: text, json, junit, markdown` + runHelp},
		{args: []string{"run", "--fail-on-adit", "--", "x"}, want: `salesos-mock: unknown flag --fail-on-adit, did you mean "--fail-on-audit"?` + runHelp},
		{args: []string{"run", "--verify", "nowhere.yaml", "--", "x"}, want: "salesos-mock: --verify: open nowhere.yaml: no such file or directory" + runHelp},
		{args: []string{"health"}, env: []string{"SALESOS_MOCK_PORT=0"}, want: "salesos-mock: SALESOS_MOCK_PORT is 0, a free port that only the mock knows; give its address, such as http://127.0.0.1:4000\nRun \"salesos-mock health --help\" for what there is.\n"},
	} {
		t.Run(strings.Join(append(c.env, c.args...), " "), func(t *testing.T) {
			got := run(t, c.env, c.args...)
			if want := (result{2, "", c.want}); got != want {
				t.Errorf("\n got %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestInitBelowAFile(t *testing.T) {
	got := run(t, nil, "init", "main_test.go/mine") // neither is there, nor can it be made
	if got.code != 1 || strings.Contains(got.err, "there already") || !strings.Contains(got.err, "main_test.go") {
		t.Errorf("got %+v", got)
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"help"}} {
		got := run(t, nil, args...)
		if got.code != 0 || got.err != "" {
			t.Errorf("%v: %+v", args, got)
		}
		for _, word := range []string{"serve", "run", "check", "init", "token", "health", "wait", "explain", "verify", "audit", "coverage", "openapi", "schema", "version"} {
			if !strings.Contains(got.out, "\n  "+word) {
				t.Errorf("%v does not list %s:\n%s", args, word, got.out)
			}
		}
	}
	if one, other := run(t, nil, "help", "token"), run(t, nil, "token", "--help"); one != other || !strings.Contains(one.out, "--expires-in") {
		t.Errorf("help token: %+v, token --help: %+v", one, other)
	}
}

func TestStrangersInTheEnvironmentAreNamed(t *testing.T) {
	got := run(t, []string{
		"SALESOS_MOCK_PROT=1", "SALESOS_MOCK_COLOUR=red", "HOME=/", "SALESOS_MOCK_SEED=",
		"SALESOS_MOCK_PORT=tcp://10.0.0.1:4000", "SALESOS_MOCK_PORT_4000_TCP=tcp://10.0.0.1:4000", "SALESOS_MOCK_SERVICE_HOST=10.0.0.1",
	}, "version")
	want := "salesos-mock: warning: the variable SALESOS_MOCK_COLOUR is no setting and is ignored\n" +
		"salesos-mock: warning: the variable SALESOS_MOCK_PROT is no setting and is ignored; did you mean SALESOS_MOCK_PORT?\n"
	if got.err != want || got.code != 0 {
		t.Errorf("got %+v, want %s", got, want)
	}
}
