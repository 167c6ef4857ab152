//go:build linux

package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// shell runs the program as a script says, which calls it salesos-mock, in a folder of its own. It is killed at the end.
func shell(t *testing.T, script string) (command *exec.Cmd, dir string) {
	t.Helper()
	if _, err := exec.LookPath("salesos-mock"); err != nil {
		t.Fatal(err)
	}
	command, dir = exec.Command("sh", "-c", script), t.TempDir()
	command.Env, command.Dir = os.Environ(), dir
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	t.Cleanup(func() { _ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) })
	return command, dir
}

// unshared is shell with rights over its own mounts and limits; where the system does not give those the test is skipped.
func unshared(t *testing.T, script string) (command *exec.Cmd, dir string) {
	t.Helper()
	if out, err := exec.Command("unshare", "-rm", "true").CombinedOutput(); err != nil {
		t.Skipf("this system lets nobody have limits and mounts of his own: %v %s", err, out)
	}
	command, dir = shell(t, `exec unshare -rm sh -c "$SCRIPT"`)
	command.Env = append(command.Env, "SCRIPT="+script)
	return command, dir
}

// port waits for a port file and gives the address of who wrote it.
func port(t *testing.T, file string) string {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(20 * time.Second)
	for {
		if port, err := os.ReadFile(file); err == nil {
			return "127.0.0.1:" + strings.TrimSpace(string(port))
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("%s did not appear", file)
		}
	}
}

// asks sends a request with a connection of its own.
func asks(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-API-Key", "sk_test_admin")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 15 * time.Second}
	response, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

// More connections than the process may have: they wait, it is told why, and when some have gone all goes on.
func TestOutOfDescriptors(t *testing.T) {
	t.Parallel()
	command, dir := shell(t, "ulimit -n 40; exec salesos-mock --port 0 --port-file port 2>said")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	address := port(t, filepath.Join(dir, "port"))
	var conns []net.Conn
	for range 60 { // the system takes them, the process cannot
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	const want = "no connection is accepted until one is closed: the process has as many files and connections open as it may (ulimit -n)"
	told := func() int {
		said, _ := os.ReadFile(filepath.Join(dir, "said"))
		return strings.Count(string(said), want)
	}
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(20 * time.Second)
	for told() == 0 {
		select {
		case <-look.C:
		case <-deadline:
			t.Fatal("it is not said why connections wait")
		}
	}
	for _, conn := range conns {
		_ = conn.Close()
	}
	if status, text := asks(t, "GET", "http://"+address+"/api/leads?limit=1", ""); status != 200 {
		t.Errorf("afterwards: %d %s", status, text)
	}
	conforms(t, "http://"+address)
	_ = command.Process.Signal(os.Interrupt)
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
	if n := told(); n != 1 {
		t.Errorf("it was said %d times", n)
	}
}

// Nobody reads what it prints, neither the request log nor the errors: answers, reloads and the end do not wait for that.
func TestNobodyReadsTheLogs(t *testing.T) {
	t.Parallel()
	command, dir := shell(t, "exec salesos-mock --port 0 --port-file port")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	command.Stdout, command.Stderr = w, w
	fixtures := filepath.Join(dir, "fixtures")
	if err := os.Mkdir(fixtures, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(fixtures, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("leads.schema.yaml", "x-singular: Lead\nproperties: {id: {type: string, format: uuid, readOnly: true}, name: {type: string}}\n")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	address := port(t, filepath.Join(dir, "port"))
	for n := range 20 { // each tells of 300 problems, more than a pipe holds
		write("leads.yaml", strings.Repeat(fmt.Sprintf("- {nam: %d}\n", n), 300))
		if status, text := asks(t, "POST", "http://"+address+"/__admin/reload", ""); status != 422 {
			t.Fatalf("reload %d: %d %.200s", n, status, text)
		}
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 300 {
				if status, text := asks(t, "GET", "http://"+address+"/api/leads?limit=1&x="+strings.Repeat("x", 300), ""); status != 200 {
					t.Errorf("%d %s", status, text)
				}
			}
		})
	}
	all.Wait()
	began := time.Now()
	_ = command.Process.Signal(os.Interrupt)
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("the end took %v", took)
	}
}

// There is no room for what it prints, or nobody at all: it serves.
func TestNowhereToPrint(t *testing.T) {
	t.Parallel()
	for name, where := range map[string]string{
		"no room": ">/dev/full 2>/dev/full", "closed": ">&- 2>&-", "all closed": "<&- >&- 2>&-", "errors closed": "2>&-", "a broken pipe": "| true",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, dir := shell(t, "salesos-mock --port 0 --port-file port "+where)
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			address := port(t, filepath.Join(dir, "port"))
			look := time.NewTicker(20 * time.Millisecond) // longer than requests wait to be logged
			defer look.Stop()
			for range 5 {
				if status, text := asks(t, "GET", "http://"+address+"/api/leads?limit=1", ""); status != 200 {
					t.Fatalf("%d %s", status, text)
				}
				<-look.C
			}
			conforms(t, "http://"+address)
			_ = syscall.Kill(-command.Process.Pid, syscall.SIGTERM)
			_ = command.Wait()
		})
	}
}

// A full disk: what cannot be written is said, nothing is left half, and what was there stays.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	command, _ := unshared(t, `mkdir disk && mount -t tmpfs -o size=32k none disk && mkdir -p disk/fixtures && echo mine >disk/fixtures/auth.yaml && head -c 40000 /dev/zero >disk/fill 2>/dev/null
salesos-mock --port 0 --port-file disk/port; echo "port $?"
salesos-mock init disk --force; echo "init $?"; cat disk/fixtures/auth.yaml; ls -A disk disk/fixtures
rm disk/fixtures/auth.yaml; salesos-mock init disk; echo "again $?"; find disk -size 0 -type f
mount -o remount,ro disk; salesos-mock init disk/other; echo "read-only $?"; salesos-mock --port 0 --port-file disk/port; echo "port $?"`)
	printed, _ := command.CombinedOutput()
	out := string(printed)
	for _, want := range []string{
		"salesos-mock: --port-file disk/port cannot be written: no space left on device\nport 1\n", "salesos-mock: write disk/fixtures/auth.yaml: no space left on device\ninit 1\nmine\n", "\nagain 1\n",
		"read-only file system\nread-only 1\n", "salesos-mock: --port-file disk/port cannot be written: read-only file system\nport 1\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	if strings.Contains(out, ".auth.yaml-") || strings.Contains(out, ".port-") || strings.Contains(out, "\ndisk/fixtures/leads.schema.yaml\n") {
		t.Errorf("something is left behind:\n%s", out)
	}
}

// The system gives no more file events: that is told, and changes are looked for.
func TestNoMoreFileEvents(t *testing.T) {
	t.Parallel()
	for limit, want := range map[string]string{
		"max_inotify_instances": "(poll every 500ms (the limit fs.inotify.max_user_instances or ulimit -n is reached))",
		"max_inotify_watches":   "the limit fs.inotify.max_user_watches is reached",
	} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			command, dir := unshared(t, "salesos-mock init . >/dev/null; echo 0 >/proc/sys/user/"+limit+" && exec salesos-mock --port 0 --port-file port")
			var said bytes.Buffer
			command.Stdout, command.Stderr = &said, &said
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			address := port(t, filepath.Join(dir, "port"))
			leads := filepath.Join(dir, "fixtures", "leads.yaml")
			before, err := os.ReadFile(leads)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(leads, bytes.Replace(before, []byte("company: Analytical Engines"), []byte("company: Augusta"), 1), 0o644); err != nil {
				t.Fatal(err)
			}
			look := time.NewTicker(50 * time.Millisecond)
			defer look.Stop()
			deadline := time.After(20 * time.Second)
			for text := ""; !strings.Contains(text, "Augusta"); _, text = asks(t, "GET", "http://"+address+"/api/leads?email=ada@example.com", "") {
				select {
				case <-look.C:
				case <-deadline:
					t.Fatal("the change was not seen")
				}
			}
			_ = syscall.Kill(-command.Process.Pid, syscall.SIGTERM)
			_ = command.Wait()
			if !strings.Contains(said.String(), want) {
				t.Errorf("no %q in:\n%s", want, &said)
			}
		})
	}
}

// Ctrl-C while it reads a million records.
func TestCtrlCWhileItStarts(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, 15 * time.Millisecond, 60 * time.Millisecond, 200 * time.Millisecond} {
		command, dir := shell(t, "salesos-mock init . >/dev/null; sed -i 's/^x-generate: {count: [0-9]*,/x-generate: {count: 1000000,/' fixtures/leads.schema.yaml; echo go; exec salesos-mock --port 0 --port-file port")
		out, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, make([]byte, 3)); err != nil {
			t.Fatal(err)
		}
		<-time.After(after)
		began := time.Now()
		_ = command.Process.Signal(os.Interrupt)
		_, _ = io.Copy(io.Discard, out)
		_ = command.Wait()
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("interrupted after %v it took %v", after, took)
		}
		if _, err := os.Stat(filepath.Join(dir, "port")); err == nil {
			t.Errorf("interrupted after %v it left its port file", after)
		}
	}
}
