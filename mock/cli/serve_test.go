package cli_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/cli"
	"github.com/salesos/salesos-mock/mock/internal/contract"
)

// serving is a serve command that runs.
type serving struct {
	t     *testing.T
	api   string // as in the ready line
	lines *bufio.Scanner
	rest  *io.PipeReader
	err   *lockedBuffer
	stop  context.CancelFunc
	code  chan int
}

// lockedBuffer may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve starts a server on a free port and waits for its ready line.
func serve(t *testing.T, environ []string, args ...string) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	s := &serving{t: t, lines: bufio.NewScanner(r), rest: r, err: &lockedBuffer{}, stop: cancel, code: make(chan int, 1)}
	go func() {
		s.code <- cli.Main(ctx, append([]string{"serve", "--port", "0"}, args...), environ, cli.Streams{Out: w, Err: s.err})
		_ = w.Close()
	}()
	t.Cleanup(func() {
		s.conforms() // where the test has not ended it
		cancel()
		_ = r.Close()
	})
	patience := time.AfterFunc(30*time.Second, func() { _ = r.Close() }) // a line that never comes must not hold the tests up
	t.Cleanup(func() { patience.Stop() })
	first := s.line()
	api, ok := strings.CutPrefix(first, "salesos-mock ready ")
	if !ok {
		t.Fatalf("the first line is %q; standard error: %s", first, s.err)
	}
	s.api = api
	return s
}

func (s *serving) line() string {
	s.lines.Scan()
	return s.lines.Text()
}

// end stops the server and returns the rest of its output.
func (s *serving) end() string {
	s.t.Helper()
	s.conforms()
	s.stop()
	var rest strings.Builder
	for s.lines.Scan() {
		rest.WriteString(s.lines.Text() + "\n")
	}
	if code := <-s.code; code != 0 {
		s.t.Errorf("exit code %d; standard error: %s", code, s.err)
	}
	return rest.String()
}

// conforms holds what the server has answered against its OpenAPI document.
func (s *serving) conforms() {
	s.t.Helper()
	conforms(s.t, s.api)
}

// conforms holds what the server of an address has answered against its OpenAPI document; of one that has ended nothing is
// known.
func conforms(t *testing.T, api string) {
	t.Helper()
	if u, err := url.Parse(api); err == nil {
		problems, _ := contract.Journal(contract.Address(u.Scheme+"://"+u.Host), contract.New)
		for _, problem := range problems {
			t.Error(problem)
		}
	}
}

func (s *serving) get(path string, header ...string) (int, http.Header) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.api+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode, response.Header
}

func TestServeTellsAndEnds(t *testing.T) {
	s := serve(t, nil)
	if status, _ := s.get("/leads"); status != http.StatusUnauthorized {
		t.Errorf("status %d", status)
	}
	rest := s.end()
	for _, want := range []string{"API key", "/__admin/health", "curl -H 'X-API-Key: ", " GET    401 ", " /api/leads auth\n"} {
		if !strings.Contains(rest, want) {
			t.Errorf("no %q in\n%s", want, rest)
		}
	}
	if strings.Contains(rest, "\x1b") {
		t.Errorf("colours without a terminal: %q", rest)
	}
	if _, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(s.api, "http://"), "/api")); err == nil {
		t.Error("the port is still open")
	}
}

func TestFlagsReachTheServer(t *testing.T) {
	s := serve(t, []string{"SALESOS_MOCK_BASE_PATH=/wrong", "SALESOS_MOCK_AUTH=off", "FORCE_COLOR=1"}, "--base-path", "v1/api/", "--cors", "http://a.example", "--log=off")
	if !strings.HasSuffix(s.api, "/v1/api") {
		t.Errorf("the API is at %s", s.api)
	}
	status, header := s.get("/leads", "Origin", "http://a.example")
	if status != http.StatusOK || header.Get("Access-Control-Allow-Origin") != "http://a.example" {
		t.Errorf("%d %v", status, header)
	}
	if _, header := s.get("/leads", "Origin", "http://b.example"); header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another page may call: %v", header)
	}
	if rest := s.end(); strings.Contains(rest, "GET  ") || !strings.Contains(rest, "\x1b[") {
		t.Errorf("with --log off and forced colours: %q", rest)
	}
}

func TestJSONFollowsTheReadyLine(t *testing.T) {
	s := serve(t, []string{"SALESOS_MOCK_LOG=json"}, "--host", "0.0.0.0")
	if !strings.HasPrefix(s.api, "http://127.0.0.1:") {
		t.Errorf("an address that cannot be called: %s", s.api)
	}
	s.get("/leads?limit=1", "X-API-Key", "nobody")
	var logged struct {
		Path     string
		Status   int
		Duration float64 `json:"durationMs"`
	}
	line := s.line()
	if err := json.Unmarshal([]byte(line), &logged); err != nil || logged.Status != 401 || logged.Path != "/api/leads?limit=1" || logged.Duration <= 0 {
		t.Errorf("%v in %s", err, line)
	}
	if rest := s.end(); rest != "" {
		t.Errorf("more: %s", rest)
	}
	var warned struct{ Level, Msg string }
	if err := json.Unmarshal([]byte(strings.SplitN(s.err.String(), "\n", 2)[0]), &warned); err != nil || warned.Level != "WARN" || !strings.HasPrefix(warned.Msg, "listening on 0.0.0.0: ") {
		t.Errorf("%v in %s", err, s.err)
	}
}

func TestDelay(t *testing.T) {
	s := serve(t, nil, "--log", "json", "--delay", "30")
	s.get("/leads")
	var logged struct {
		Duration float64 `json:"durationMs"`
	}
	line := s.line()
	if err := json.Unmarshal([]byte(line), &logged); err != nil || logged.Duration < 30 {
		t.Errorf("%v in %s", err, line)
	}
	s.end()
}

func TestTheRequestLogTellsNoSecret(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		s := serve(t, nil, "--log", format)
		s.get("/leads?limit=1&access_token=hush")
		if log := s.end(); !strings.Contains(log, "/api/leads?limit=1&access_token=[redacted]") || strings.Contains(log, "hush") {
			t.Errorf("--log %s wrote %s", format, log)
		}
	}
}

func TestPortFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "port")
	s := serve(t, nil, "--port-file", path)
	content, err := os.ReadFile(path)
	if err != nil || !strings.Contains(s.api, ":"+strings.TrimSpace(string(content))+"/") {
		t.Errorf("%q, %v; the API is at %s", content, err, s.api)
	}
	s.end()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file is left: %v", err)
	}
}

func TestAPortFileOfAnotherServerStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "port")
	s := serve(t, nil, "--port-file", path)
	if err := os.WriteFile(path, []byte("1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.end()
	if content, _ := os.ReadFile(path); string(content) != "1\n" {
		t.Errorf("%q", content)
	}
}

func TestAPortFileThatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "port")
	got := run(t, nil, "--port", "0", "--port-file", path)
	if got.code != 1 || got.out != "" || !strings.HasPrefix(got.err, "salesos-mock: --port-file "+path+" cannot be written: ") {
		t.Errorf("%+v", got)
	}
}

func TestARandomSeedIsNamed(t *testing.T) {
	rest := serve(t, nil, "--seed", "random").end()
	if !strings.Contains(rest, "repeats this run") {
		t.Error(rest)
	}
}

func TestTakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	defer l.Close()
	got := run(t, nil, "--port", strconv.Itoa(port))
	if got.code != 1 || got.out != "" {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{"127.0.0.1:" + strconv.Itoa(port), "--port " + strconv.Itoa(port+1), "--port 0"} {
		if !strings.Contains(got.err, want) {
			t.Errorf("no %q in %s", want, got.err)
		}
	}
}

func TestAPortTakenByAMockIsSaidToBe(t *testing.T) {
	s := serve(t, nil)
	port := strings.TrimSuffix(s.api[strings.LastIndex(s.api, ":")+1:], "/api")
	got := run(t, nil, "--port", port)
	if got.code != 1 || !strings.Contains(got.err, "it is a salesos-mock too") {
		t.Errorf("%+v", got)
	}
	s.end()
}

func TestHealthAndWait(t *testing.T) {
	s := serve(t, nil)
	origin := strings.TrimSuffix(s.api, "/api")
	port := origin[strings.LastIndex(origin, ":")+1:]
	for name, c := range map[string]struct{ env, args []string }{
		"origin":      {nil, []string{"health", origin}},
		"api":         {nil, []string{"health", s.api}},
		"no scheme":   {nil, []string{"health", "127.0.0.1:" + port}},
		"environment": {[]string{"SALESOS_MOCK_PORT=" + port, "SALESOS_MOCK_HOST=0.0.0.0"}, []string{"health"}},
		"port":        {nil, []string{"health", "--port", port}},
		"wait's port": {[]string{"SALESOS_MOCK_PORT=1"}, []string{"wait", "--port", port}},
		"wait":        {nil, []string{"wait", origin, "--timeout", "10s"}},
	} {
		got := run(t, c.env, c.args...)
		if want := (result{0, "ok " + origin + "\n", ""}); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	s.end()
	if got := run(t, nil, "health", origin); got.code != 1 || !strings.HasPrefix(got.err, "salesos-mock: no mock answers at "+origin+": ") {
		t.Errorf("%+v", got)
	}
	if got := run(t, nil, "wait", origin, "--timeout", "50ms"); got.code != 1 || !strings.HasPrefix(got.err, "salesos-mock: waited 50ms in vain: no mock answers at "+origin+": ") {
		t.Errorf("%+v", got)
	}
}

func TestHealthOfOthers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   result // with ORIGIN
	}{
		"degraded": {200, `{"status":"degraded","problems":["a.yaml:1:2: \u001b[31m","b.yaml:3"]}`,
			result{0, "degraded ORIGIN\n", "salesos-mock: warning: ORIGIN serves the last good files, if there were any, since these are broken:\n  a.yaml:1:2: \uFFFD[31m\n  b.yaml:3\n"}},
		"another program": {200, `{"status":"UP"}`, result{1, "", "salesos-mock: something else than salesos-mock answers at ORIGIN (status 200)\n"}},
		"no JSON":         {404, `nothing here`, result{1, "", "salesos-mock: something else than salesos-mock answers at ORIGIN (status 404)\n"}},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})}
		go func() { _ = server.Serve(l) }()
		origin := "http://" + l.Addr().String()
		got := run(t, nil, "health", origin)
		c.want.out, c.want.err = strings.ReplaceAll(c.want.out, "ORIGIN", origin), strings.ReplaceAll(c.want.err, "ORIGIN", origin)
		if got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, c.want)
		}
		_ = server.Close()
	}
}

func TestTLSFilesThatCannotBeRead(t *testing.T) {
	got := run(t, nil, "--port", "0", "--tls-cert", "missing.pem", "--tls-key", "missing.key")
	if got.code != 1 || !strings.HasPrefix(got.err, "salesos-mock: --tls-cert missing.pem with --tls-key missing.key: ") {
		t.Errorf("%+v", got)
	}
}

// certificate writes a certificate for a name that nobody has, signed by itself.
func certificate(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"mock.example"}, NotAfter: time.Now().Add(time.Hour)}
	public, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", public), write("key.pem", "PRIVATE KEY", secret)
}

func TestTLS(t *testing.T) {
	cert, key := certificate(t)
	s := serve(t, []string{"SALESOS_MOCK_TLS_CERT=" + cert, "SALESOS_MOCK_TLS_KEY=" + key})
	origin := strings.TrimSuffix(s.api, "/api")
	port, ok := strings.CutPrefix(origin, "https://127.0.0.1:")
	if !ok {
		t.Fatalf("the API is at %s", s.api)
	}
	got := run(t, []string{"SALESOS_MOCK_TLS_CERT=" + cert, "SALESOS_MOCK_PORT=" + port}, "health")
	if want := (result{0, "ok " + origin + "\n", ""}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	client := http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	response, err := client.Get(s.api + "/leads")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.ProtoMajor != 2 || response.StatusCode != http.StatusUnauthorized {
		t.Errorf("HTTP/%d, status %d", response.ProtoMajor, response.StatusCode)
	}
	if rest := s.end(); !strings.Contains(rest, "curl -k -H") {
		t.Error(rest)
	}
}
