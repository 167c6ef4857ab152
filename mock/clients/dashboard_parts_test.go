package clients_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/salesos/salesos-mock/mock"
)

func dashboardShowsProblems(d *dashboard) {
	t, dir := d.t, d.t.TempDir()
	file := filepath.Join(dir, "mine.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("description: Mine\nrules:\n  - respond: {error: internal}\n")
	d = openDashboard(d.tab, t, mock.Scenarios(dir), mock.Watch("off"))
	d.visit("scenarios")
	d.until(`document.querySelector('.scenario')?.innerText.includes('mine')`)
	write("description: Mine\nrules:\n  - respond: {eror: internal}\n")
	d.press("Reload files")
	d.until(`document.querySelector('.diagnostic')?.innerText.includes('mine.yaml:3:')`)
	if text := ask[string](d, `document.querySelector('.diagnostic').innerText`); !strings.Contains(text, "eror: internal") || !strings.Contains(text, "^") {
		t.Errorf("there is no line with a caret: %s", text)
	}
	d.until(`document.querySelector('.health').innerText.includes('broken')`)
	write("description: Yours\nrules:\n  - respond: {error: internal}\n")
	d.press("Reload files")
	d.until(`!document.querySelector('.diagnostic') && document.querySelector('.scenario').innerText.includes('Yours')`)
}

func dashboardData(d *dashboard) {
	d.call("PUT", "/__admin/rules/down", `{"respond":{"error":"unavailable"}}`)
	d.visit("data")
	d.until(`document.querySelector('.pager')?.innerText.includes('214 records, page 1 of 11')`)
	d.press("Next page")
	d.until(`document.querySelector('.pager').innerText.includes('page 2 of 11')`)
	d.write(`.bar input[type=search]`, "ada@example.com")
	d.until(`document.querySelector('.pager').innerText.includes('1 record, page 1 of 1')`)
	d.press("Edit Ada Lovelace")
	d.until(`document.activeElement.innerText === 'Ada Lovelace'`)
	d.write(`#f-email`, "nope")
	d.write(`#f-leadScore`, "many")
	d.press("Save 2 changes")
	d.until(`document.querySelector('.editor .problem')?.innerText.includes('email must be an email')`)
	if text := ask[string](d, `document.querySelector('.editor .problem').innerText`); text != "email must be an email\nleadScore must be an integer number" {
		d.t.Errorf("got %q", text)
	}
	d.write(`#f-email`, "ada@example.com")
	d.write(`#f-leadScore`, "78")
	d.write(`#f-company`, "Difference & Sons")
	d.press("Save 2 changes")
	d.until(`!document.querySelector('.editor') && document.querySelector('.records').innerText.includes('Difference & Sons')`)
	d.press("Edit Ada Lovelace")
	d.press("Delete")
	d.do(chromedp.Click(`.editor .confirm .danger`))
	d.until(`document.querySelector('.empty')?.innerText.includes('No record here')`)
	d.press("Reset the session")
	d.press("Reset")
	d.until(`document.querySelector('.pager').innerText.includes('1 record')`)
	d.until(`!document.querySelector('.records').innerText.includes('Difference')`)
	if _, body := d.call("GET", "/__admin/requests", ""); body != "[]\n" {
		d.t.Errorf("the journal has what the dashboard did: %s", body)
	}
}

func dashboardSessions(d *dashboard) {
	d.do(chromedp.Navigate(d.api + "/__admin/?session=linked#data"))
	d.until(`document.querySelector('.pager')?.innerText.includes('214 records') && !document.querySelector('.problem')`)
	d.call("DELETE", "/__admin/sessions/linked", "")
	d.visit("sessions")
	d.write(`form input[placeholder^="made up"]`, "checkout")
	d.press("Create")
	d.until(`location.search === '?session=checkout' && document.querySelector('.picker select').value === 'checkout'`)
	if url := d.copied("Copy Base URL"); url != d.api+"/__s/checkout/api" {
		d.t.Errorf("the base URL is %s", url)
	}
	if inside := ask[bool](d, `Array.from(document.querySelectorAll('.credential button')).every((b) => b.getBoundingClientRect().right <= b.closest('.panel').getBoundingClientRect().right)`); !inside {
		d.t.Error("a long token pushes its button out of the panel")
	}
	token, key := d.copied("Copy Token"), d.copied("Copy API key")
	for _, header := range []string{"Authorization: Bearer " + token, "X-API-Key: " + key} {
		if got, body := d.call("GET", "/api/auth/me", "", "X-API-Key: ", header); got != 200 {
			d.t.Errorf("%s: %d %s", header, got, body)
		}
	}
	d.press("Break it")
	d.press("500 internal on GET /leads")
	d.until(armed)
	d.status(200, "GET", "/api/leads")
	d.status(500, "GET", "/__s/checkout/api/leads")
	d.press("Sessions & clock")
	d.press("Show default")
	d.until(calm + ` && location.search === ''`)
	d.press("Drop")
	d.do(chromedp.Click(`.sessions .confirm .danger`))
	d.until(`document.querySelectorAll('.sessions li').length === 1`)
	d.write(`form input[placeholder^="made up"]`, "no/name")
	d.press("Create")
	d.until(`document.querySelector('.problem')?.innerText.includes('no session name')`)
}

func dashboardClock(d *dashboard) {
	d.visit("sessions")
	d.choose(`[aria-label=Tokens] select`, "ADMIN")
	d.press("Mint")
	d.until(`document.querySelector('.credential')`)
	good := "Authorization: Bearer " + d.copied("Copy ADMIN, good for 24 hours")
	me := func(want int, header string) {
		d.t.Helper()
		if got, _ := d.call("GET", "/api/auth/me", "", header); got != want {
			d.t.Errorf("got %d, want %d", got, want)
		}
	}
	me(200, good)
	d.press("Advance")
	d.until(`Date.parse(document.querySelector('.clock time').innerText.replace(' UTC', 'Z').replace(' ', 'T')) > Date.now() + 24 * 3600e3`)
	me(401, good)
	d.press("Freeze")
	d.until(`document.querySelector('.clock').innerText.includes('frozen')`)
	d.write(`input[list=leaps]`, "soon")
	d.press("Advance")
	d.until(`document.querySelector('[aria-label=Clock] .problem')?.innerText.includes('advance must be a duration')`)
	d.press("Let it run")
	d.press("Real time")
	d.until(`document.querySelector('.clock').innerText.includes('running')`)
	me(200, good)
	d.choose(`[aria-label=Tokens] label:nth-of-type(2) select`, "-1h")
	d.press("Mint")
	d.until(`document.querySelector('.credential dt').innerText.includes('expired')`)
	me(401, "Authorization: Bearer "+d.copied("Copy ADMIN, expired an hour ago"))
}

func dashboardAudits(d *dashboard) {
	d.visit("audit")
	d.until(`document.querySelector('.empty')?.innerText.includes('No request yet')`)
	for range 3 {
		d.call("GET", "/api/leads", "", "X-Mock-Error: rate_limited", "X-Mock-Retry-After: 2")
	}
	d.until(`document.querySelector('.finding')?.innerText.includes('retry-after')`)
	type drawing struct{ Marks, Bars int }
	got := ask[drawing](d, `({marks: document.querySelectorAll('.finding:first-of-type .mark').length, bars: document.querySelectorAll('.finding:first-of-type .wait').length})`)
	if got != (drawing{3, 3}) {
		d.t.Errorf("the time line has %+v", got)
	}
	label := ask[string](d, `document.querySelector('.timeline svg').getAttribute('aria-label')`)
	if !strings.HasPrefix(label, "3 requests. After 0.0 ms: 429, asked to wait 2.00 s.") {
		d.t.Errorf("the time line says %q", label)
	}
	d.do(chromedp.Click(`.finding summary`))
	d.until(`document.querySelectorAll('.finding details[open] tbody tr').length === 3`)
}

func dashboardCovers(d *dashboard) {
	d.call("GET", "/api/leads", "", "X-Mock-Error: unavailable")
	d.call("GET", "/api/leads/nobody", "")
	d.visit("coverage")
	d.until(`document.querySelector('[aria-label="unavailable on GET /leads: met 1 time, 1 forced"].h1')`)
	d.until(`document.querySelector('[aria-label="not_found on GET /leads/{id}: met 1 time, 1 earned"].h1')`)
	d.until(`document.querySelector('.covered').innerText.includes('2 of ')`)
	d.press("conflict on POST /leads: not met; send X-Mock-Error: conflict")
	d.until(`document.querySelector('.chosen-cell').innerText.includes('X-Mock-Error: conflict')`)
	if header := d.copied("Copy X-Mock-Error: conflict"); header != "X-Mock-Error: conflict" {
		d.t.Errorf("copied %q", header)
	}
	d.call("POST", "/api/leads", `{}`, "X-Mock-Error: conflict")
	d.until(`document.querySelector('.chosen-cell').innerText.includes('met (1 forced)')`)
}

func dashboardWithToken(d *dashboard) {
	d = openDashboard(d.tab, d.t, mock.AdminToken("open sesame"))
	d.do(chromedp.Navigate(d.api + "/__admin/"))
	d.until(`document.querySelector('form') && !document.querySelector('#app')`)
	d.do(chromedp.SendKeys(`input[name=token]`, "open sesame"+kb.Enter))
	d.until(`document.querySelector('main h2')?.innerText === 'Break it'`)
	if at := ask[string](d, `location.href + document.cookie`); at != d.api+"/__admin/" {
		d.t.Errorf("the token can be read: %s", at)
	}
	d.press("500 internal on GET /leads")
	d.until(armed)
	d.status(500, "GET", "/api/leads")
	d.press("Watch")
	d.until(`document.querySelector('.watch-state').innerText.startsWith('live')`)
}

// Another server at the same address counts its requests from one.
func dashboardFollowsAnother(d *dashboard) {
	const live = `document.querySelector('.watch-state').innerText.startsWith('live')`
	for range 5 {
		d.status(200, "GET", "/api/leads/stats")
	}
	first := d.server
	d.visit("watch")
	d.until(live + ` && document.querySelectorAll('.rows .row:not([hidden])').length === 5`)
	first.CloseClientConnections()
	first.Close()
	d.until(`!` + live + ` && document.querySelector('.health.bad')`)
	listener, err := net.Listen("tcp", first.Listener.Addr().String())
	if err != nil {
		d.t.Fatal(err)
	}
	m, err := mock.New()
	if err != nil {
		d.t.Fatal(err)
	}
	second := &httptest.Server{Listener: listener, Config: &http.Server{Handler: m.Handler(), ReadHeaderTimeout: time.Minute}}
	second.Start()
	d.t.Cleanup(func() { conforms(d.t, m) })
	d.t.Cleanup(second.CloseClientConnections)
	d.until(live)
	d.status(404, "GET", "/api/leads/nobody")
	d.until(`[...document.querySelectorAll('.rows .row:not([hidden])')].map((row) => row.innerText).join().includes('404')`)
	d.until(`document.querySelector('.health.good')`)
}
