package clients_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/contract"
)

// browser starts headless Chromium for the length of a test.
func browser(t *testing.T) context.Context {
	t.Helper()
	return browserFor(t, 3*time.Minute)
}

func browserFor(t *testing.T, most time.Duration) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		if os.Getenv("SALESOS_TESTS_FORBID_SKIPS") != "" {
			t.Fatal("Chromium is not installed, and tests may not skip here")
		}
		t.Skip("Chromium is not installed: install chromium to run the browser tests")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true))
	allocated, end := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(end)
	tab, closeTab := chromedp.NewContext(allocated)
	t.Cleanup(func() {
		_ = chromedp.Cancel(tab) // waits until the browser has ended, so that its folder can be removed
		closeTab()
	})
	// The browser lives as long as the context of its first action: only later ones may be bounded.
	if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	bounded, cancel := context.WithTimeout(tab, most)
	t.Cleanup(cancel)
	return bounded
}

// page is an empty page of another origin than the mock's.
func page(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>a front end</title>"))
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// run opens the page and lets it run an asynchronous function body, which can use `api` and `key`.
func run[T any](tab context.Context, t *testing.T, m *mock.Server, api, script string) T {
	t.Helper()
	function := "(async (api, key) => {" + script + "})('" + api + "/api', '" + m.APIKey() + "')"
	if err := chromedp.Do(tab, chromedp.Navigate(page(t))); err != nil {
		t.Fatal(err)
	}
	result, err := chromedp.Run(tab, chromedp.Evaluate[T](function, chromedp.EvalAsValue, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func start(t *testing.T, options ...mock.Option) (*mock.Server, string) {
	t.Helper()
	m, err := mock.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(m.Handler())
	t.Cleanup(func() { conforms(t, m) })
	t.Cleanup(s.Close)
	return m, s.URL
}

// conforms holds what a page was answered against the OpenAPI document.
func conforms(t *testing.T, m *mock.Server) {
	t.Helper()
	problems, _ := contract.Journal(contract.Handler(m.Handler()), contract.New)
	for _, problem := range problems {
		t.Error(problem)
	}
}

// A page sees what the documentation promises: status, body and headers of errors too, cross-origin, with headers that
// make the browser ask first. And what the browser asks uses up nothing.
func TestAPageOfAnotherOrigin(t *testing.T) {
	m, api := start(t)
	type answer struct {
		Status              int
		Body                string
		Decision, Remaining string
		RetryAfter, Step    string
	}
	answers := run[[]answer](browser(t), t, m, api, `
		const answers = [];
		for (let i = 0; i < 3; i++) {
			const r = await fetch(api + '/leads?limit=1', {
				credentials: 'include',
				headers: {'X-API-Key': key, 'X-Mock-Error': 'unavailable', 'X-Mock-Retry-After': '7', 'X-Mock-Times': '2'},
			});
			answers.push({
				Status: r.status, Body: await r.text(), Decision: r.headers.get('X-Mock-Decision'), Remaining: r.headers.get('X-RateLimit-Remaining'),
				RetryAfter: r.headers.get('Retry-After'), Step: r.headers.get('X-Mock-Step'),
			});
		}
		return answers;`)
	if len(answers) != 3 {
		t.Fatalf("%d answers", len(answers))
	}
	for i, a := range answers[:2] {
		want := answer{503, `{"statusCode":503,"message":"Service Unavailable"}`, "directive", []string{"99", "98"}[i], "7", []string{"1/2", "2/2"}[i]}
		if a != want {
			t.Errorf("attempt %d: got %+v, want %+v", i+1, a, want)
		}
	}
	if a := answers[2]; a.Status != 200 || a.Remaining != "97" || a.Decision != "fixture" {
		t.Errorf("attempt 3: %+v: a preflight was counted, or a header is hidden", a)
	}
}

// A reset is a network error to a page, and a forced error without CORS headers would be one too: they must differ.
func TestAPageTellsAFaultFromAnError(t *testing.T) {
	m, api := start(t)
	got := run[[]string](browser(t), t, m, api, `
		const outcome = async (headers) => {
			try {
				const r = await fetch(api + '/leads', {headers: {'X-API-Key': key, ...headers}});
				try { await r.json(); return 'status ' + r.status } catch (e) { return 'status ' + r.status + ', ' + e.name }
			} catch (e) { return e.name }
		};
		return [
			await outcome({'X-Mock-Error': 'internal'}),
			await outcome({'X-Mock-Fault': 'CONNECTION_RESET_BY_PEER'}),
			await outcome({'X-Mock-Fault': 'EMPTY_RESPONSE'}),
			await outcome({'X-Mock-Fault': 'MALFORMED_JSON'}),
			await outcome({}),
		];`)
	want := []string{"status 500", "TypeError", "TypeError", "status 200, SyntaxError", "status 200"}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A page that logs in by itself names its session with a cookie.
func TestAPageInASessionOfItsOwn(t *testing.T) {
	m, api := start(t)
	got := run[[]string](browser(t), t, m, strings.Replace(api, "127.0.0.1", "localhost", 1), `
		document.cookie = 'mock_session=browser-1; path=/';
		const login = await fetch(api + '/auth/login', {
			method: 'POST', credentials: 'include', headers: {'Content-Type': 'application/json'},
			body: JSON.stringify({email: 'ada.admin@example.com', password: 'password'}),
		});
		const {accessToken} = await login.json();
		const list = await fetch(api + '/leads', {headers: {Authorization: 'Bearer ' + accessToken}});
		return [login.headers.get('X-Mock-Session'), list.headers.get('X-Mock-Session'), list.headers.get('X-Total-Count')];`)
	if strings.Join(got, " ") != "browser-1 browser-1 214" {
		t.Errorf("sessions and total: %q", got)
	}
}
