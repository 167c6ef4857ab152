//go:build unix

package cli_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock/cli"
)

// running is a run command that has ended.
func running(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	return runningIn(t, nil, stdin, args...)
}

func runningIn(t *testing.T, environ []string, stdin string, args ...string) result {
	t.Helper()
	var out, err lockedBuffer // the command and the request log write at the same time
	code := cli.Main(t.Context(), append([]string{"run"}, args...), append(os.Environ(), environ...), cli.Streams{In: strings.NewReader(stdin), Out: &out, Err: &err})
	return result{code, out.String(), err.String()}
}

func TestRunEndsAsItsCommandDoes(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{"plain": "echo\n", "orphan": "#!/nowhere/interpreter\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), map[bool]os.FileMode{true: 0o755, false: 0o644}[name == "orphan"]); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		code int
		err  string
		args []string
	}{
		{0, "", []string{"true"}},
		{0, "", []string{"--", "true"}},
		{0, "", []string{"sh", "-c", `[ "$*" = "-- --port x" ]`, "sh", "--", "--port", "x"}},
		{7, "", []string{"--", "sh", "-c", "exit 7"}},
		{137, "", []string{"--", "sh", "-c", "kill -KILL $$"}},
		{143, "", []string{"--", "sh", "-c", "kill -TERM $$"}},
		{127, "salesos-mock: command not found: no-such-command\n", []string{"--", "no-such-command"}},
		{127, "salesos-mock: command not found: npm test\n  without the quotes:  salesos-mock run -- npm test\n", []string{"--", "npm test"}},
		{127, "salesos-mock: command not found: ls | wc\n  a line of shell:  salesos-mock run -- sh -c 'ls | wc'\n", []string{"--", "ls | wc"}},
		{127, "cannot be started: the program that its first line names is not there\n", []string{"--", filepath.Join(folder, "orphan")}},
		{126, "cannot be started: permission denied (is it executable? chmod +x makes it so)\n", []string{"--", filepath.Join(folder, "plain")}},
		{126, "cannot be started: it is a folder\n", []string{"--", folder}},
		{1, "salesos-mock: the folder nowhere does not exist\n", []string{"--fixtures", "nowhere", "--", "true"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			t.Parallel()
			if got := running(t, "", c.args...); got.code != c.code || !strings.HasSuffix(got.err, c.err) || got.out != "" {
				t.Errorf("got %+v, want code %d and …%s", got, c.code, c.err)
			}
		})
	}
}

func TestTheStreamsAreTheCommands(t *testing.T) {
	t.Parallel()
	binary := strings.Repeat("\x00\xff\x1b[31m\r\n", 1<<19) // some megabytes
	got := running(t, binary, "--", "cat")
	if sha256.Sum256([]byte(got.out)) != sha256.Sum256([]byte(binary)) || got.code != 0 {
		t.Errorf("%d of %d bytes, code %d", len(got.out), len(binary), got.code)
	}
	if got := running(t, "", "--", "sh", "-c", "echo out; echo err >&2"); got.out != "out\n" || !strings.HasPrefix(got.err, "err\n") {
		t.Errorf("%+v", got)
	}
}

func TestTheCommandFindsTheMock(t *testing.T) {
	t.Parallel()
	got := running(t, "", "--base-path", "v1", "--", "sh", "-c", `client GET /leads/stats && echo $SALESOS_API_URL && salesos-mock health $SALESOS_ADMIN_URL >/dev/null && SALESOS_API_KEY= client GET /auth/me; echo $SALESOS_TOKEN | tr -dc . `)
	lines := strings.Split(got.out, "\n")
	if got.code != 0 || len(lines) != 4 || !strings.HasPrefix(lines[0], `200 {"total":`) || !strings.HasSuffix(lines[1], "/v1") || !strings.HasPrefix(lines[2], "401") || lines[3] != ".." {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{"\nAudit of all sessions: passed, 2 requests\n", "GET /leads/stats  0/5", "GET /auth/me      1/"} {
		if !strings.Contains(got.err, want) {
			t.Errorf("no %q in %s", want, got.err)
		}
	}
	if got := running(t, "", "--", "true"); !strings.HasSuffix(got.err, "\nsalesos-mock: the command never called the API; it finds the address in SALESOS_API_URL\n") {
		t.Errorf("%+v", got)
	}
}

const wrong = `{"email":"no"}`

func TestGates(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	once := write("once.yaml", "- {name: one list, when: {method: GET, path: /leads}, exactly: 1}\n")
	broken := write("broken.yaml", "- {when: {methd: GET}}\n")
	again := []string{"--", "sh", "-c", `client POST /leads '` + wrong + `'; client POST /leads '` + wrong + `'; true`}
	reset := []string{"--", "sh", "-c", `client GET /leads; SALESOS_API_URL=$SALESOS_ADMIN_URL client POST /reset; client GET /leads`}
	for _, c := range []struct {
		code int
		err  string
		args []string
	}{
		{3, "salesos-mock: the audit found 1 failure\n", append([]string{"--fail-on-audit"}, again...)},
		{0, "", again},
		{3, "salesos-mock: the coverage is 0.5 %, at least 80 % is asked for\n", append([]string{"--min-coverage", "80%"}, again...)},
		{0, "", append([]string{"--min-coverage", "0.5"}, again...)},
		{3, "salesos-mock: 1 of 1 expectations not met\n", append([]string{"--verify", once}, again...)},
		{0, "", []string{"--verify", once, "client", "GET", "/leads"}},
		{3, "salesos-mock: 1 of 1 expectations not met\n", append([]string{"--verify", once}, reset...)},
		{3, "salesos-mock: the coverage is 0.0 %, at least 1 % is asked for; 1 of 1 expectations not met\n", []string{"--verify", once, "--min-coverage=1", "true"}},
		{9, "salesos-mock: the coverage is 0.0 %, at least 1 % is asked for\n", []string{"--min-coverage=1", "sh", "-c", "exit 9"}},
		{2, "salesos-mock: 1 problem\n", []string{"--verify", broken, "true"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			t.Parallel()
			if got := running(t, "", c.args...); got.code != c.code || !strings.HasSuffix(got.err, c.err) {
				t.Errorf("got code %d, want %d and …%s in\n%s", got.code, c.code, c.err, got.err)
			}
		})
	}
}

func TestReportFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	if err := os.WriteFile(file("summary"), []byte("before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runningIn(t, []string{"GITHUB_STEP_SUMMARY=" + file("summary")}, "", "--report", file("a.json"), "--report", file("b.xml"), "--report", file("c.md"), "--report", file("d"),
		"--report", file("summary"), "--", "sh", "-c", `client POST /leads '`+wrong+`' || true`)
	if got.code != 0 {
		t.Errorf("%+v", got)
	}
	content := func(name string) []byte {
		data, err := os.ReadFile(file(name))
		if err != nil {
			t.Error(err)
		}
		return data
	}
	var report struct {
		Audit    struct{ Requests int }
		Coverage struct{ Exercised, Total int }
	}
	if err := json.Unmarshal(content("a.json"), &report); err != nil || report.Audit.Requests != 1 || report.Coverage.Exercised != 1 || report.Coverage.Total < 100 {
		t.Errorf("%+v, %v", report, err)
	}
	var suites struct {
		Suites []struct {
			Name  string `xml:"name,attr"`
			Tests int    `xml:"tests,attr"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(content("b.xml"), &suites); err != nil || len(suites.Suites) != 2 || suites.Suites[0].Tests != 6 || suites.Suites[1].Tests != report.Coverage.Total {
		t.Errorf("%+v, %v", suites, err)
	}
	for name, want := range map[string]string{"c.md": "# Audit of all sessions\n", "d": "Audit of all sessions: passed", "summary": "before\n# Audit of all sessions\n"} {
		if got := content(name); !bytes.HasPrefix(got, []byte(want)) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := running(t, "", "--report", file("nowhere/a.json"), "true"); got.code != 1 || !strings.Contains(got.err, "--report: open ") {
		t.Errorf("%+v", got)
	}
}

func TestTheRequestLogGoesToStandardError(t *testing.T) {
	t.Parallel()
	got := running(t, "", "--log", "text", "--", "client", "GET", "/leads/stats")
	if !strings.Contains(got.err, " GET    200 ") || strings.Count(got.out, "\n") != 1 {
		t.Errorf("%+v", got)
	}
}
