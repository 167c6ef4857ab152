package clients_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// screenshots is the environment variable that names a folder to keep the pictures in, for somebody to look at.
const screenshots = "SALESOS_TESTS_SCREENSHOTS"

// furnish gives each part something to show.
func (d *dashboard) furnish() {
	d.t.Helper()
	d.call("PUT", "/__admin/rules/dash.createLead.conflict", `{"name":"conflict on POST /leads","when":{"method":"POST","path":"/leads"},"respond":{"error":"conflict"}}`)
	d.call("PUT", "/__admin/rules/dash.listLeads.unavailable", `{"name":"unavailable on GET /leads","when":{"method":"GET","path":"/leads"},"respond":{"error":"unavailable","retryAfter":2,"times":3}}`)
	d.call("PUT", "/__admin/scenarios/session-expiry", `{"active":true}`)
	d.call("POST", "/__admin/sessions", `{"id":"checkout"}`)
	for range 2 {
		d.call("GET", "/api/leads?limit=2&search=a-rather-long-word-to-look-for-in-many-a-field-of-each-record", "")
		d.call("POST", "/api/leads", `{"firstName":"<img src=x onerror=alert(1)>"}`)
	}
	d.call("GET", "/api/leads/nobody", "")
	d.call("GET", "/api/leads/stats", "", "X-Mock-Error: internal")
	d.call("GET", "/api/alerts", "", "X-Mock-Fault: CONNECTION_RESET_BY_PEER")
	for range 12 {
		d.call("GET", "/api/leads/stats", "", "X-Mock-Error: unauthorized", "X-Mock-Delay: 20")
	}
}

// look sets the size and the theme.
func (d *dashboard) look(width int64, theme string) {
	d.t.Helper()
	scheme := &emulation.MediaFeature{Name: "prefers-color-scheme", Value: theme}
	if _, err := chromedp.Call(d.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{scheme}}); err != nil {
		d.t.Fatal(err)
	}
	d.do(chromedp.EmulateViewport(width, 800))
}

// turn goes to a part by its link, and opens what can be opened there.
func (d *dashboard) turn(part string) {
	d.t.Helper()
	d.do(chromedp.Click(`.parts a[href="#` + part + `"]`))
	d.until(`document.querySelector('.parts a[aria-current]')?.hash === '#` + part + `' && document.querySelector('main h2')`)
	d.until(map[string]string{
		"break": `document.querySelector('button.cell.on')`, "watch": firstRequest, "scenarios": `document.querySelector('.scenario.active')`,
		"data": `document.querySelector('.records tbody')`, "sessions": `document.querySelectorAll('.sessions li').length === 2 && !document.querySelector('.clock time').innerText.includes('…')`,
		"audit": `document.querySelector('.timeline .mark')`, "coverage": `document.querySelector('.heat.h1')`, "inpage": `document.querySelector('.bookmark')`,
	}[part])
	if opens := map[string]string{"watch": `.rows .row:not([hidden]) button`, "data": `.records button`}[part]; opens != "" {
		ask[bool](d, `(document.querySelector('`+opens+`').click(), true)`)
		d.until(`document.querySelector('.detail, .editor')`)
	}
}

// eachLook shows each part in both themes and widths.
func eachLook(t *testing.T, judge func(d *dashboard, part string, width int64, theme string)) {
	t.Helper()
	d := openDashboard(browserFor(t, 6*time.Minute), t)
	d.furnish()
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 360} {
			d = d.again(t)
			d.look(width, theme)
			d.visit("break")
			d.until(`document.querySelector('button.cell.on')`)
			if moved := ask[float64](d, shifts); moved > 0.1 {
				t.Errorf("at %d pixels what is shown moves by itself: %v", width, moved)
			}
			for _, part := range parts {
				d.turn(part)
				judge(d, part, width, theme)
			}
		}
	}
}

// shifts is how much moved that nobody had moved, as browsers count it.
const shifts = `new Promise((done) => {
	let sum = 0;
	new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) sum += e.value; }).observe({type: 'layout-shift', buffered: true});
	setTimeout(() => done(sum), 50);
})`

// again is the same dashboard with a time limit of its own.
func (d *dashboard) again(t *testing.T) *dashboard {
	t.Helper()
	bounded, cancel := context.WithTimeout(d.whole, 90*time.Second)
	t.Cleanup(cancel)
	return &dashboard{d.whole, bounded, t, d.mock, d.api, d.server}
}

// What no picture may have: parts that stick out, empty places, a picture of one colour. What a picture should have is for
// people to see: see screenshots.
func TestTheDashboardLooksRight(t *testing.T) {
	t.Parallel()
	eachLook(t, func(d *dashboard, part string, width int64, theme string) {
		name := fmt.Sprintf("%s-%d-%s", part, width, theme)
		data, err := chromedp.Run(d.tab, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if dir := os.Getenv(screenshots); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if over := ask[int](d, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s is %d pixels too wide", name, over)
		}
		// Text may be cut short only where it ends in an ellipsis, or in a box that scrolls.
		if cut := ask[string](d, cutTexts); cut != "" {
			t.Errorf("%s cuts off %s", name, cut)
		}
		if n := colours(t, data); n < 12 {
			t.Errorf("%s has %d colours", name, n)
		}
		if chars := ask[int](d, `document.querySelector('main').innerText.length`); chars < 200 {
			t.Errorf("%s says little: %d characters", name, chars)
		}
	})
}

// dashboardShowsCalm: where there is little room, the words wrap.
func dashboardShowsCalm(d *dashboard) {
	d.look(360, "light")
	defer d.look(1280, "light")
	d.visit("break")
	d.until(calm)
	const whole = `(([p, bar]) => p.scrollWidth <= p.clientWidth && p.offsetHeight <= bar.clientHeight)([document.querySelector('.inforce p'), document.querySelector('.inforce')])`
	d.until(whole)
	if dir := os.Getenv(screenshots); dir != "" {
		data, err := chromedp.Run(d.tab, chromedp.CaptureScreenshot())
		if err != nil {
			d.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "calm-360-light.png"), data, 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
}

const cutTexts = `[...document.querySelectorAll('button, h1, h2, h3, label, summary, .tag, .parts a')].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 &&
	getComputedStyle(e).textOverflow !== 'ellipsis' && !e.closest('.rows')).map((e) => e.innerText).join('; ')`

func colours(t *testing.T, data []byte) int {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[any]bool{}
	area := picture.Bounds()
	for y := area.Min.Y; y < area.Max.Y; y += 3 {
		for x := area.Min.X; x < area.Max.X; x += 3 {
			seen[picture.At(x, y)] = true
		}
	}
	return len(seen)
}

// TestTheDashboardIsAccessible lets axe judge each part.
func TestTheDashboardIsAccessible(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("dashboard/node_modules/axe-core/axe.min.js")
	if err != nil {
		if os.Getenv("SALESOS_TESTS_FORBID_SKIPS") != "" {
			t.Fatalf("%v: npm ci in mock/clients/dashboard brings it, and tests may not skip here", err)
		}
		t.Skip("axe-core is not installed: npm ci in mock/clients/dashboard brings it")
	}
	eachLook(t, func(d *dashboard, part string, width int64, theme string) {
		ask[bool](d, "(() => { if (!window.axe) {"+string(axe)+"} return true; })()")
		type violation struct{ ID, Impact, Help, Where string }
		// Of the matrices a few rows are enough: the others are like them, and measuring their contrast takes its time. The links
		// to the parts are no skip links: what they lead to is made when they are followed. Narrow pages have the colours of wide ones.
		found := ask[[]violation](d, `axe.run({include: document, exclude: '.matrix tbody tr:nth-child(n+7)'}, {resultTypes: ['violations'], rules: {'skip-link': {enabled: false}, 'color-contrast': {enabled: innerWidth > 1000}}}).then(({violations}) =>
			violations.map(({id, impact, help, nodes}) => ({ID: id, Impact: impact, Help: help, Where: nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + ' ' + n.any.map((a) => a.message).join(' ')).join(' | ')})))`)
		for _, v := range found {
			t.Errorf("%s at %d in %s: %s (%s): %s: %s", part, width, theme, v.ID, v.Impact, v.Help, v.Where)
		}
	})
}
