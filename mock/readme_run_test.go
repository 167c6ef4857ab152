//go:build unix

package mock_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/contract"
)

// TestReadmeExamples pastes the examples of README.md into bash, chapter by chapter, each with a server of its own in an
// empty folder, and compares what they print with what README.md says they do. Every block of commands is run, unless
// the comment before it says why not: <!-- not run: reason -->. In a block with <!-- server --> the last line starts the server.
// The chapters that start no server themselves are also pasted one after the other, with one server for all of them.
func TestReadmeExamples(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "go"} {
		needTool(t, tool)
	}
	program := buildProgram(t)
	chapters := readmeChapters(t)
	for _, blocks := range chapters {
		t.Run(blocks[0].section, func(t *testing.T) {
			t.Parallel()
			runChapter(t, program, blocks)
		})
	}
	t.Run("top to bottom on one server", func(t *testing.T) {
		t.Parallel()
		runChapter(t, program, onOneServer(chapters))
	})
}

// onOneServer is the examples of all chapters that start no server of their own: what one leaves behind meets the next.
func onOneServer(chapters [][]block) []block {
	var all []block
	for _, blocks := range chapters {
		if blocks[0].remark != "server" {
			all = append(all, blocks...)
		}
	}
	return all
}

// readmeChapters is the blocks of commands that are run, chapter by chapter.
func readmeChapters(t *testing.T) [][]block {
	t.Helper()
	var chapters [][]block
	for _, b := range readReadme(t).blocks {
		if b.language != "sh" || strings.HasPrefix(b.remark, "not run: ") {
			continue
		}
		if n := len(chapters); n == 0 || chapters[n-1][0].section != b.section {
			chapters = append(chapters, nil)
		}
		chapters[len(chapters)-1] = append(chapters[len(chapters)-1], b)
	}
	if len(chapters) == 0 {
		t.Fatal("README.md has no examples")
	}
	return chapters
}

// needTool skips without a program that the test cannot do without; where nothing may skip, it fails.
func needTool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err == nil {
		return
	}
	if os.Getenv("SALESOS_TESTS_FORBID_SKIPS") == "1" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("%s is not installed, and the examples of README.md use it", name)
}

// buildProgram builds salesos-mock, so that it is found by that name.
func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "salesos-mock")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", program, ".")
	build.Dir = ".."
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return program
}

// chapter is the blocks of a chapter on their way through bash.
type chapter struct {
	*strings.Builder
	port string
	out  string // folder for what each block prints, and for its exit code
}

func runChapter(t *testing.T, program string, blocks []block) {
	c := chapter{&strings.Builder{}, freePort(t), t.TempDir()}
	c.WriteString("server=\n" + c.testimony() + "stop() { if [ -n \"$server\" ]; then testify; kill \"$server\"; wait \"$server\"; fi; } 2>/dev/null\ntrap stop EXIT\n")
	if blocks[0].remark != "server" {
		c.startServer("salesos-mock serve", "/dev/null")
	}
	for i, b := range blocks {
		c.add(i, b)
	}
	output := c.run(t, filepath.Dir(program))
	for i, b := range blocks {
		c.check(t, i, b, output)
	}
	c.conforms(t)
}

// testimony is the function of the shell that keeps what a server says before it is stopped: of each its own folder.
func (c *chapter) testimony() string {
	return fmt.Sprintf(`testify() {
	folder=$(mktemp -d %s/testimony.XXXXXX)
	for what in health openapi.json 'requests?session=*&limit=1000'; do curl -sf -o "$folder/${what%%%%\?*}" "http://127.0.0.1:%s/__admin/$what" || true; done
}
`, c.out, c.port)
}

// conforms holds what the servers of a chapter have answered against their OpenAPI documents.
func (c *chapter) conforms(t *testing.T) {
	t.Helper()
	folders, _ := filepath.Glob(filepath.Join(c.out, "testimony.*"))
	if len(folders) == 0 {
		t.Error("no server was asked what it has answered")
	}
	for _, folder := range folders {
		problems, _ := contract.Journal(testimonyIn(folder), contracts.Read)
		for _, problem := range problems {
			t.Error(problem)
		}
	}
}

// testimonyIn gives what was kept as if the server were asked for it; who was refused, with 401, has kept nothing.
func testimonyIn(folder string) contract.Get {
	return func(path string) (int, []byte) {
		name, query, _ := strings.Cut(strings.TrimPrefix(path, "/__admin/"), "?")
		if name == "requests" && !strings.Contains(query, "since=1970") {
			return http.StatusOK, []byte("[]") // all are on the first page
		}
		kept, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return http.StatusUnauthorized, nil
		}
		return http.StatusOK, kept
	}
}

// add makes the shell run a block as if it had been pasted: what it sets stays for the next.
func (c *chapter) add(number int, b block) {
	result := filepath.Join(c.out, strconv.Itoa(number))
	text := strings.ReplaceAll(b.text, ":4000", ":"+c.port)
	if b.remark != "server" {
		fmt.Fprintf(c, "{\n%s} >%s 2>&1\necho $? >%s.code\n", text, result, result)
		return
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	last := len(lines) - 1
	fmt.Fprintf(c, "{\n:\n%s\n} >%s 2>&1\necho $? >%s.code\n", strings.Join(lines[:last], "\n"), result, result)
	c.startServer(strings.Replace(lines[last], "go run .", "salesos-mock", 1), result)
}

// startServer starts a server in place of the one before, and waits until it answers.
func (c *chapter) startServer(command, output string) {
	fmt.Fprintf(c, "stop\n%s >>%s 2>&1 &\nserver=$!\nsalesos-mock wait --timeout 10s >/dev/null || exit 70\n", command, output)
}

// run runs the chapter, and returns what was printed beside the blocks.
func (c *chapter) run(t *testing.T, bin string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	bash := exec.CommandContext(ctx, "bash", "-c", c.String())
	bash.Dir = t.TempDir()
	bash.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+bash.Dir, "LC_ALL=C", "NO_PROXY=*",
		"SALESOS_MOCK_PORT="+c.port, "SALESOS_MOCK_LOG=off")
	bash.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that its server goes with it
	bash.Cancel = func() error { return syscall.Kill(-bash.Process.Pid, syscall.SIGKILL) }
	bash.WaitDelay = 5 * time.Second
	output, err := bash.CombinedOutput()
	if code := (*exec.ExitError)(nil); err != nil && !isExit(err, &code) {
		t.Fatalf("bash: %v\n%s", err, output)
	}
	return string(output)
}

func isExit(err error, code **exec.ExitError) bool {
	exit, ok := err.(*exec.ExitError)
	*code = exit
	return ok && exit.Exited()
}

// check compares what a block printed with the answer that follows it. One without an answer prints nothing.
func (c *chapter) check(t *testing.T, number int, b block, beside string) {
	t.Helper()
	result := filepath.Join(c.out, strconv.Itoa(number))
	printed, _ := os.ReadFile(result)
	code, err := os.ReadFile(result + ".code")
	if err != nil {
		t.Fatalf("README.md:%d was not run to its end:\n%s%s", b.line, beside, printed)
	}
	got := strings.ReplaceAll(strings.ReplaceAll(string(printed), "\r", ""), ":"+c.port, ":4000")
	if text := strings.TrimSpace(string(code)); text != "0" {
		t.Errorf("README.md:%d ends with the exit code %s:\n%s%s", b.line, text, got, beside)
	}
	switch {
	case b.answer == nil && b.remark != "server" && got != "":
		t.Errorf("README.md:%d prints something that README.md does not show:\n%s", b.line, got)
	case b.answer != nil && !b.answer.fits(got):
		t.Errorf("README.md:%d prints\n%s\nbut README.md says\n%s", b.line, got, b.answer.text)
	}
}

// fits says whether a text is what an answer shows. … stands for anything within a line, alone in a line for any lines.
// In JSON, it stands for anything, and spaces outside of strings do not count.
func (b *block) fits(got string) bool {
	if b.language == "json" {
		return pattern(withoutSpace(b.text), `(?s:.*)`).MatchString("\n" + withoutSpace(got))
	}
	return pattern(trimmed(b.text), `[^\n]*`).MatchString("\n" + trimmed(got))
}

func pattern(text, anything string) *regexp.Regexp {
	p := regexp.QuoteMeta("\n" + text)
	p = strings.ReplaceAll(p, "\n…\n", `\n(?s:(?:.*\n)?)`)
	return regexp.MustCompile(`^` + strings.ReplaceAll(p, "…", anything) + `$`)
}

// trimmed ends each line with its last sign, and the text with a line.
func trimmed(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.Join(lines, "\n") + "\n"
}

// withoutSpace takes white space out of JSON, but not out of its strings.
func withoutSpace(text string) string {
	var b strings.Builder
	inString, escaped := false, false
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
		case inString && r == '\\':
			escaped = true
		case r == '"':
			inString = !inString
		case !inString && strings.ContainsRune(" \t\r\n", r):
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// TestReadmeAnswers: an answer fits what it shows, and nothing else. A comparison that always holds would prove nothing.
func TestReadmeAnswers(t *testing.T) {
	for _, test := range []struct {
		language, shown, got string
		fits                 bool
	}{
		{"json", `{"a":1}`, `{"a":1}`, true},
		{"json", `{"a":1}`, `{"a":2}`, false},
		{"json", "{\n  \"a\": \"b c\",\n  …\n}", `{"a":"b c","d":1}`, true},
		{"json", `{"a":"b c"}`, `{"a":"bc"}`, false},
		{"json", `{"a":"…"}`, `{"a":"x"}x`, false},
		{"text", "a\n…\nb", "a\nb\n", true},
		{"text", "a\n…\nb", "a\nx\ny\nb", true},
		{"text", "a\n…\nb", "a\nx\ncb", false},
		{"text", "a …", "a b", true},
		{"text", "a …", "a b\nc", false},
		{"text", "a.c", "abc", false},
		{"text", "a", "", false},
		{"text", "a\n…", "a\nb\nc", true},
	} {
		b := block{language: test.language, text: test.shown + "\n"}
		if got := b.fits(test.got); got != test.fits {
			t.Errorf("%s %q fits %q: %v, want %v", test.language, test.shown, test.got, got, test.fits)
		}
	}
}
