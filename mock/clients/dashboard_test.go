package clients_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/salesos/salesos-mock/mock"
)

// dashboard is the page at /__admin/ in a browser, of a mock of its own.
type dashboard struct {
	whole context.Context // the browser's
	tab   context.Context // with the time limit of one test
	t     *testing.T
	mock  *mock.Server
	api   string

	server *httptest.Server
}

// parts are those that the page has, by their addresses.
var parts = []string{"break", "watch", "scenarios", "data", "sessions", "audit", "coverage", "inpage"}

func openDashboard(tab context.Context, t *testing.T, options ...mock.Option) *dashboard {
	t.Helper()
	m, err := mock.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(m.Handler())
	t.Cleanup(func() { conforms(t, m) })
	t.Cleanup(s.CloseClientConnections) // the stream of requests has no end of its own
	t.Cleanup(func() { go s.Close() })
	bounded, cancel := context.WithTimeout(tab, time.Minute)
	t.Cleanup(cancel)
	return &dashboard{tab, bounded, t, m, s.URL, s}
}

func (d *dashboard) do(actions ...chromedp.Action[chromedp.Void]) {
	d.t.Helper()
	if err := chromedp.Do(d.tab, actions...); err != nil {
		d.t.Fatal(err)
	}
}

// visit opens a part anew.
func (d *dashboard) visit(part string) {
	d.t.Helper()
	d.do(chromedp.Navigate("about:blank"), chromedp.Navigate(d.api+"/__admin/#"+part))
	d.until(`document.querySelector('main h2')`)
}

// until waits for an expression to be true; where the page is left meanwhile, in the next one.
func (d *dashboard) until(expression string) {
	d.t.Helper()
	poll := `(async () => { for (const began = Date.now(); Date.now() < began + 25000;) { if (` + expression + `) return true; await new Promise(r => setTimeout(r, 20)); } return false; })()`
	var failed error // a navigation ends an evaluation, and so may the browser's garbage collector
	for range 3 {
		found, err := chromedp.Run(d.tab, chromedp.Evaluate[bool](poll, chromedp.EvalAsValue, chromedp.EvalAwaitPromise))
		if found {
			return
		}
		if failed = err; err == nil {
			break
		}
	}
	d.t.Fatalf("never true: %s (%v); the page says: %s", expression, failed, ask[string](d, "document.body.innerText.slice(0, 700)"))
}

func ask[T any](d *dashboard, expression string) T {
	d.t.Helper()
	result, err := chromedp.Run(d.tab, chromedp.Evaluate[T](expression, chromedp.EvalAsValue, chromedp.EvalAwaitPromise))
	if err != nil {
		d.t.Fatalf("%v in %s", err, expression)
	}
	return result
}

// press clicks a button or a link by what it says, or by its label, with the mouse.
func (d *dashboard) press(name string) {
	d.t.Helper()
	found := chromedp.Search(`(//*[self::button or self::a][normalize-space()="` + name + `" or @aria-label="` + name + `"])[1]`)
	if err := chromedp.Do(d.tab, chromedp.Click(found)); err != nil {
		d.t.Fatalf("pressing %s: %v", name, err)
	}
}

// write replaces what stands in an input, as somebody who types does.
func (d *dashboard) write(selector, text string) {
	d.t.Helper()
	d.do(chromedp.Click(selector))
	ask[bool](d, `(() => { document.activeElement.select(); return true; })()`)
	d.do(chromedp.KeyEvent(kb.Backspace))
	if text != "" {
		d.do(chromedp.SendKeys(selector, text))
	}
}

// choose picks an option of a select, as a browser does after a choice.
func (d *dashboard) choose(selector, value string) {
	d.t.Helper()
	ask[bool](d, `(() => { const s = document.querySelector(`+"`"+selector+"`"+`); s.value = '`+value+`'; s.dispatchEvent(new Event('change', {bubbles: true})); return s.value === '`+value+`'; })()`)
}

// call sends a request to the API with the admin key; 0 is no answer.
func (d *dashboard) call(method, path, body string, headers ...string) (int, string) {
	d.t.Helper()
	r, err := http.NewRequest(method, d.api+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("X-API-Key", d.mock.APIKey())
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	r.Close = true // what is reused is repeated in silence
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	data, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(data)
}

func (d *dashboard) status(want int, method, path string) {
	d.t.Helper()
	if got, body := d.call(method, path, ""); got != want {
		d.t.Errorf("%s %s: got %d %s, want %d", method, path, got, body, want)
	}
}

const (
	armed = `document.querySelector('.inforce.armed')`
	calm  = `document.querySelector('.inforce.calm')`
)

func TestTheDashboardSteers(t *testing.T) {
	t.Parallel()
	eachInOneBrowser(t, map[string]func(*dashboard){
		"breaks a route until it is lifted": dashboardBreaks, "breaks it once, and as is said": dashboardBreaksOnce, "slows and cuts everything": dashboardForEverything,
		"walks by keyboard": dashboardByKeyboard, "remembers what is in force": dashboardRemembers, "switches scenarios": dashboardScenarios,
		"edits data": dashboardData, "makes sessions": dashboardSessions, "moves the clock and mints tokens": dashboardClock,
	})
}

func TestTheDashboardShows(t *testing.T) {
	t.Parallel()
	eachInOneBrowser(t, map[string]func(*dashboard){
		"requests": dashboardWatches, "those that fit a filter": dashboardFilters, "requests to copy": dashboardCopies, "findings": dashboardAudits, "coverage": dashboardCovers,
		"texts as texts": dashboardShowsTexts, "nothing without the token": dashboardWithToken, "how it comes into a page": dashboardInPage, "a broken file": dashboardShowsProblems,
		"the requests of the server that answers now": dashboardFollowsAnother, "all words of nothing in force": dashboardShowsCalm,
	})
}

// eachInOneBrowser gives each test a mock of its own.
func eachInOneBrowser(t *testing.T, tests map[string]func(*dashboard)) {
	t.Helper()
	tab := browserFor(t, 6*time.Minute)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(openDashboard(tab, t)) })
	}
}

func dashboardBreaks(d *dashboard) {
	d.visit("break")
	d.press("503 unavailable on GET /leads")
	d.until(armed + `?.innerText.includes('unavailable on GET /leads')`)
	d.status(503, "GET", "/api/leads")
	d.status(503, "GET", "/api/leads")
	d.status(200, "GET", "/api/leads/stats")
	d.press("503 unavailable on GET /leads")
	d.until(calm)
	d.status(200, "GET", "/api/leads")
	d.press("503 unavailable on GET /leads")
	d.until(armed + `?.innerText.includes('unavailable on GET /leads')`)
	d.status(503, "GET", "/api/leads")
	d.press("401 unauthorized on GET /leads")
	d.until(armed + `?.innerText.includes('unauthorized on GET /leads') && document.querySelectorAll('.chip').length === 1`)
	d.status(401, "GET", "/api/leads") // it takes the place of what would never have ended
	d.press("All clear")
	d.until(calm)
	d.press("404 not_found on GET /leads/{id}")
	d.press("409 conflict on every route")
	d.until(armed + `?.querySelectorAll('li').length === 2`)
	d.status(409, "GET", "/api/leads/stats")
	d.press("All clear")
	d.until(calm)
	d.status(200, "GET", "/api/leads/stats")
}

func dashboardBreaksOnce(d *dashboard) {
	d.visit("break")
	d.do(chromedp.Click(`input[value=once]`))
	d.do(chromedp.Click(`input[value=after]`))
	d.write(`input[placeholder="as documented"]`, "soon")
	d.press("503 unavailable on POST /leads")
	d.until(armed)
	_, body := d.call("POST", "/api/leads", `{"firstName":"G","lastName":"H","email":"ghost@example.com"}`)
	if body != `{"statusCode":503,"message":"Service Unavailable"}` {
		d.t.Errorf("got %s", body)
	}
	d.until(calm)
	d.until(`document.querySelector('button.cell.used')?.getAttribute('aria-label').includes('used up')`)
	if got, _ := d.call("POST", "/api/leads", `{"firstName":"G","lastName":"H","email":"ghost@example.com"}`); got != 409 {
		d.t.Errorf("the first write was not carried out: the second one got %d", got)
	}
	d.write(`input.count`, "2")
	d.choose(`.how select`, "EMPTY_RESPONSE")
	d.press("wire fault on GET /leads/stats")
	d.until(armed + `?.innerText.includes('0/2 used')`)
	d.status(0, "GET", "/api/leads/stats")
	d.status(0, "GET", "/api/leads/stats")
	d.status(200, "GET", "/api/leads/stats")
}

func dashboardForEverything(d *dashboard) {
	d.visit("break")
	d.press("500 internal on GET /leads")
	d.until(armed)
	d.do(chromedp.Focus(`input[type=range]`))
	for range 6 {
		d.do(chromedp.KeyEvent(kb.ArrowRight))
	}
	d.until(armed + `?.innerText.includes('300 ms latency')`)
	d.until(`document.querySelectorAll('.chip').length === 2`)
	began := time.Now()
	d.status(500, "GET", "/api/leads")
	if took := time.Since(began); took < 300*time.Millisecond {
		d.t.Errorf("the error came after %s: it has to be as late as everything", took)
	}
	d.press("Offline")
	d.until(`document.querySelectorAll('.chip').length === 3`)
	d.status(0, "GET", "/api/leads/stats")
	d.press("Offline")
	d.until(`document.querySelectorAll('.chip').length === 2`)
	d.press("Lift 300 ms latency")
	d.until(`document.querySelectorAll('.chip').length === 1 && document.querySelector('output').innerText === '0 ms'`)
}

func dashboardByKeyboard(d *dashboard) {
	d.visit("break")
	d.until(`document.querySelector('button.cell')`)
	d.do(chromedp.Focus(`input[type=search]`), chromedp.KeyEvent(kb.Tab))
	d.until(`document.activeElement.matches('button.cell')`)
	for _, key := range []string{kb.ArrowDown, kb.End, kb.ArrowLeft} {
		d.do(chromedp.KeyEvent(key))
	}
	if label := ask[string](d, `document.activeElement.getAttribute('aria-label')`); label != "503 unavailable on GET /leads" {
		d.t.Errorf("the focus is on %q", label)
	}
	if style := ask[string](d, `getComputedStyle(document.activeElement).outlineStyle`); style != "solid" {
		d.t.Errorf("the focus is drawn %q", style)
	}
	d.do(chromedp.KeyEvent(" "))
	d.until(`document.activeElement.getAttribute('aria-pressed') === 'true'`)
	d.status(503, "GET", "/api/leads")
	d.do(chromedp.KeyEvent(kb.Enter))
	d.until(`document.activeElement.getAttribute('aria-pressed') === 'false'`)
	d.status(200, "GET", "/api/leads")
}

func dashboardRemembers(d *dashboard) {
	d.visit("break")
	d.press("403 forbidden on DELETE /leads/{id}")
	d.until(armed)
	d.visit("data")
	d.until(armed + `?.innerText.includes('forbidden on DELETE /leads/{id}')`)
	d.visit("break")
	d.until(`document.querySelector('button.cell[aria-pressed=true]')?.getAttribute('aria-label') === '403 forbidden on DELETE /leads/{id}'`)
}

const firstRequest = `document.querySelector('.rows .row:not([hidden]) button')`

func dashboardWatches(d *dashboard) {
	d.status(200, "GET", "/api/leads?limit=1")
	d.visit("watch")
	d.until(firstRequest + `?.innerText.includes('/api/leads?limit=1')`)
	d.until(`document.querySelector('.watch-state').innerText.startsWith('live')`)
	d.call("PUT", "/__admin/rules/down", `{"name":"outage","respond":{"error":"unavailable"}}`)
	d.call("POST", "/api/leads", `{"firstName":"Ann","password":"secret"}`)
	d.until(firstRequest + `.innerText.includes('503')`)
	d.do(chromedp.Click(`.rows .row:not([hidden]) button`))
	d.until(`document.querySelector('.detail')?.innerText.includes('rules/down outage')`)
	text := ask[string](d, `document.querySelector('.detail').innerText`)
	for _, want := range []string{"POST", "scenario", "createLead", "ada.admin@example.com", `"firstName": "Ann"`, "Retry-After: 30", `"message": "Service Unavailable"`} {
		if !strings.Contains(text, want) {
			d.t.Errorf("%s is missing in %s", want, text)
		}
	}
	if strings.Contains(text, "secret") || strings.Contains(text, d.mock.APIKey()) {
		d.t.Errorf("a secret is shown: %s", text)
	}
	if headers := ask[int](d, `document.querySelector('.http').innerText.split('\n').length`); headers < 4 {
		d.t.Errorf("the headers are on %d lines", headers)
	}
	if focus := ask[string](d, `document.activeElement.innerText`); focus != "POST /api/leads" {
		d.t.Errorf("the focus is on %q", focus)
	}
	d.do(chromedp.KeyEvent(kb.Escape))
	d.until(`!document.querySelector('.detail') && document.activeElement.matches('button.request')`)
}

func dashboardFilters(d *dashboard) {
	d.visit("watch")
	d.until(`document.querySelector('.over')?.innerText.includes('No request yet')`)
	for range 3 {
		d.status(200, "GET", "/api/leads/stats")
		d.status(404, "GET", "/api/leads/nobody")
	}
	d.until(`document.querySelector('.space').childElementCount >= 6 && document.querySelector('.watch-state').innerText.includes('6 requests')`)
	const shown = `[...document.querySelectorAll('.rows .row:not([hidden])')].length`
	d.write(`.watch-bar input[type=search]`, "404 nobody")
	d.until(shown + ` === 3`)
	d.choose(`.watch-bar select`, "ok")
	d.until(`document.querySelector('.over')?.innerText.includes('No request fits')`)
	d.write(`.watch-bar input[type=search]`, "")
	d.until(shown + ` === 3`)
	d.press("Pause")
	d.status(200, "GET", "/api/leads/stats")
	d.until(`document.querySelector('.watch-state').innerText.includes('1 new request')`)
	if n := ask[int](d, shown); n != 3 {
		d.t.Errorf("%d rows are shown while paused", n)
	}
	d.press("Resume")
	d.until(shown + ` === 4`)
	d.press("Forget all")
	d.until(shown + ` === 0`)
}

// copied presses a button that copies, and gives what it put on the clipboard.
func (d *dashboard) copied(button string) string {
	d.t.Helper()
	ask[bool](d, `(() => { window.clip = null; navigator.clipboard.writeText = async (text) => { window.clip = text; }; return true; })()`)
	d.press(button)
	d.until(`window.clip !== null`)
	return ask[string](d, `window.clip`)
}

func dashboardCopies(d *dashboard) {
	d.call("POST", "/api/leads", `{"firstName":"it's","email":"x"}`, "X-Tenant: acme")
	d.visit("watch")
	d.until(firstRequest)
	d.do(chromedp.Click(`.rows .row:not([hidden]) button`))
	curl := d.copied("Copy as curl")
	for _, want := range []string{"-X POST", `-H 'Content-Type: application/json'`, `-H 'X-Tenant: acme'`, `-H 'Authorization: Bearer ey`, `--data-raw '{"firstName":"it'\''s","email":"x"}'`, "'" + d.api + "/api/leads'"} {
		if !strings.Contains(curl, want) {
			d.t.Errorf("%s is missing in %s", want, curl)
		}
	}
	fetch := d.copied("Copy as fetch")
	if status := ask[int](d, "(async () => { const r = "+fetch+"; return r.status; })()"); status != 400 {
		d.t.Errorf("what was copied as fetch got %d: %s", status, fetch)
	}
	// What was copied as a scenario is one, and does to the next request what was done to this one.
	dir := d.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "again.yaml"), []byte(d.copied("Copy as scenario")), 0o600); err != nil {
		d.t.Fatal(err)
	}
	m, err := mock.New(mock.Scenarios(dir), mock.Scenario("again"), mock.Watch("off"))
	if err != nil {
		d.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("POST", "/api/leads", bytes.NewReader(nil)))
	if want := `{"statusCode":400,"message":["email must be an email","lastName should not be empty"],"error":"Bad Request"}`; w.Body.String() != want {
		d.t.Errorf("got %s, want %s", w.Body, want)
	}
	conforms(d.t, m)
}

func dashboardScenarios(d *dashboard) {
	d.visit("scenarios")
	d.press("Scenario flaky-list")
	d.until(armed + `?.innerText.includes('flaky-list')`)
	d.status(503, "GET", "/api/leads")
	d.do(chromedp.Click(chromedp.Search(`//article[.//h3="flaky-list"]//summary`)))
	d.until(`[...document.querySelectorAll('.scenario.active')].some((s) => s.innerText.includes('flaky-list.yaml:') && s.innerText.includes('step 1/3'))`)
	d.choose(`.scenario select`, ask[string](d, `document.querySelector('.scenario select').options[1].value`))
	d.until(`document.querySelector('.scenario select').selectedIndex === 1`)
	d.press("Scenario flaky-list")
	d.until(calm)
	d.status(200, "GET", "/api/leads")
}

func dashboardShowsTexts(d *dashboard) {
	const evil = `<img src=x onerror="window.hacked=1">`
	body, _ := json.Marshal(map[string]string{"firstName": evil, "lastName": evil, "company": evil, "email": "evil@example.com"})
	if got, text := d.call("POST", "/api/leads", string(body)); got != 201 {
		d.t.Fatal(got, text)
	}
	d.call("GET", "/api/%3Cimg%20src=x%20onerror=window.hacked=1%3E?q="+"%3Cimg+src=x%3E", "", "X-Evil: "+evil)
	rule, _ := json.Marshal(map[string]any{"name": evil, "when": map[string]string{"path": "/alerts"}, "respond": map[string]string{"error": "internal", "message": evil}})
	d.call("PUT", "/__admin/rules/evil", string(rule))
	d.call("GET", "/api/alerts", "")
	for _, part := range parts {
		d.visit(part)
		d.until(armed + `?.innerText.includes('<img src=x onerror')`)
		if part == "watch" {
			for _, which := range []string{"/api/alerts", "%3Cimg"} {
				d.do(chromedp.Click(chromedp.Search(`//button[contains(@class,"request")][contains(., "` + which + `")]`)))
				d.until(`document.querySelector('.detail')`)
			}
			d.until(`document.querySelector('.detail').innerText.includes('<img src=x onerror')`)
		}
		if part == "data" {
			d.write(`.bar input[type=search]`, "onerror")
			d.until(`document.querySelector('.records')?.innerText.includes('<img src=x onerror=alert(1)>')`)
			d.do(chromedp.Click(`.records button`))
			d.until(`document.querySelector('.editor h3').innerText.includes('<img src=x onerror')`)
		}
		if n := ask[int](d, `document.querySelectorAll('#app img').length + (window.hacked || 0)`); n != 0 {
			d.t.Errorf("%s takes text for markup", part)
		}
	}
}

func dashboardInPage(d *dashboard) {
	d.visit("inpage")
	if got, want := ask[string](d, `document.querySelector('.snippet pre').innerText`), scriptTag(d.api); got != want {
		d.t.Errorf("got %s, want %s", got, want)
	}
	if got, want := ask[string](d, `document.querySelector('.bookmark').getAttribute('href')`), readmeBookmark(d.t, d.api); got != want {
		d.t.Errorf("got %s, want %s", got, want)
	}
}
