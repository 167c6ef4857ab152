package clients_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/salesos/salesos-mock/mock"
)

// frontEnd serves a page with a head of its own, and headers, on another origin than the mock's. `api` and `key` stand in it.
func frontEnd(t *testing.T, m *mock.Server, api, head string, header ...string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/setup.js" {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write([]byte("const api = '" + api + "/api', key = '" + m.APIKey() + "'; const auth = {headers: {'X-API-Key': key}};"))
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		_, _ = w.Write([]byte("<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>a front end</title>" +
			"<script src=/setup.js></script>" + head + "<body><main><h1>A front end</h1><button id=own>own</button></main>"))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// scriptTag is what the README tells a page to have.
func scriptTag(api string) string { return `<script src="` + api + `/__admin/overlay.js"></script>` }

// helpers act in the panel as a person does: by labels and texts, with real events.
const helpers = `
	const host = () => document.querySelector('salesos-mock-overlay');
	const root = () => host().shadowRoot;
	const until = async (f) => { for (let i = 0; i < 500; i++) { const v = await f(); if (v) return v; await new Promise(r => setTimeout(r, 10)); } throw new Error('never: ' + f + ' in ' + host()?.shadowRoot?.querySelector('.panel')?.innerText); };
	const byText = (selector, text) => [...root().querySelectorAll(selector)].find(e => e.textContent.trim() === text);
	const control = (name) => root().querySelector('[name=' + name + ']');
	const set = (name, value) => { const c = control(name); if (c.type === 'checkbox') c.checked = value; else c.value = value; if (c.value === '' && value !== '') throw new Error(name + ' has no ' + value); c.dispatchEvent(new Event('change', {bubbles: true, composed: true})); };
	const order = async (fields) => { for (const [k, v] of Object.entries(fields)) set(k, v); byText('button', 'Break it').click(); };
	const seen = () => [...root().querySelectorAll('.calls > li')].map(li => li.innerText.replace(/\s+/g, ' ').replace(/\d+ ms/g, 'N ms'));
	const ask = (path, init = {}) => fetch(api + path, {...auth, ...init});
	const xhr = (method, path, body, sync = false) => new Promise((resolve) => {
		const x = new XMLHttpRequest(); x.open(method, api + path, !sync); x.setRequestHeader('X-API-Key', key);
		if (sync) { try { x.send(body); } catch (e) { resolve(e.name); } return resolve(x.status); }
		x.onloadend = () => resolve(x.status); x.send(body);
	});`

// inPage lets the page that is open run an asynchronous function body, with the helpers.
func inPage[T any](tab context.Context, t *testing.T, script string) T {
	t.Helper()
	result, err := chromedp.Run(tab, chromedp.Evaluate[json.RawMessage]("(async () => {"+helpers+script+"})()", chromedp.EvalAsValue, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%v in %s", err, script)
	}
	var value T
	if err := json.Unmarshal(result, &value); err != nil {
		t.Fatalf("%v in %s", err, result)
	}
	return value
}

func visit(tab context.Context, t *testing.T, address string) {
	t.Helper()
	if err := chromedp.Do(tab, chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, got any, want string) {
	t.Helper()
	text := new(strings.Builder)
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(got)
	if strings.TrimSpace(text.String()) != want {
		t.Errorf("\n got %s\nwant %s", strings.TrimSpace(text.String()), want)
	}
}

func TestTheOverlay(t *testing.T) {
	m, api := start(t)
	o := overlaid{browser(t), m, api}
	for name, test := range map[string]func(*testing.T, overlaid){
		"breaks the next calls of a route": overlayBreaks, "shows the last calls": overlayShows, "leaves calls as they are": overlayLeavesCalls,
		"takes Requests": overlayTakesRequests, "takes XMLHttpRequests": overlayTakesXHR, "survives a reload": overlaySurvives,
		"names a session": overlayNamesASession, "shows texts as texts": overlayShowsTexts, "obeys a policy": overlayObeysAPolicy,
		"comes by a bookmark, and once": overlayComesOnce, "is used by keyboard": overlayByKeyboard, "says what is wrong": overlaySaysWhatIsWrong,
		"remembers nothing where it may not": overlayWithoutStorage, "goes through a proxy": overlayThroughAProxy,
	} {
		t.Run(name, func(t *testing.T) {
			bounded, cancel := context.WithTimeout(o.tab, 45*time.Second)
			defer cancel()
			test(t, overlaid{bounded, o.mock, o.api})
		})
	}
}

// overlaid is a browser, and a mock for its pages.
type overlaid struct {
	tab  context.Context
	mock *mock.Server
	api  string
}

// visit opens a page that loads the overlay.
func (o overlaid) visit(t *testing.T, header ...string) {
	t.Helper()
	visit(o.tab, t, frontEnd(t, o.mock, o.api, scriptTag(o.api), header...))
}

func overlayBreaks(t *testing.T, o overlaid) {
	o.visit(t)
	same(t, inPage[any](o.tab, t, `
		await order({route: 'GET /leads', outcome: 'X-Mock-Error: unavailable', retry: '7', times: '2'});
		const got = [];
		got.push((await ask('/leads/stats')).status);
		for (let i = 0; i < 3; i++) { const r = await ask('/leads'); got.push(r.status + ' ' + r.headers.get('Retry-After')); }
		await order({route: '', outcome: 'X-Mock-Fault: CONNECTION_RESET_BY_PEER', times: '1'});
		got.push(await ask('/leads').catch(e => e.name), (await ask('/leads')).status);
		await order({route: 'GET /leads/stats', outcome: '', delay: '150', times: '1'});
		const began = performance.now();
		got.push((await ask('/leads/stats')).status, performance.now() - began >= 150);
		return got;`), `[200,"503 7","503 7","200 null","TypeError",200,200,true]`)
	same(t, inPage[any](o.tab, t, `
		await order({route: 'POST /leads', outcome: 'X-Mock-Error: internal', delay: '', commit: true, times: '0'});
		const body = JSON.stringify({firstName: 'A', lastName: 'B', email: 'overlay@example.com'});
		const post = () => ask('/leads', {method: 'post', body, headers: {'X-API-Key': key, 'Content-Type': 'application/json'}});
		const got = [(await post()).status, (await post()).status];
		const list = await until(() => root().querySelector('.orders li')?.innerText);
		byText('.orders button', 'Stop').click();
		got.push((await post()).status, list);
		return got;`), `[500,500,409,"POST /leads: 500 internal, carried out first (until stopped)\nStop"]`)
}

func overlayShows(t *testing.T, o overlaid) {
	o.visit(t)
	same(t, inPage[any](o.tab, t, `
		await ask('/leads?limt=1');
		await xhr('GET', '/leads/abc123');
		await order({route: 'POST /leads', outcome: 'X-Mock-Error: conflict', times: '1'});
		await xhr('POST', '/leads', '{}');
		await fetch(api + '/leads', {headers: {'X-API-Key': key, 'X-Mock-Scenario': 'flaky-list', 'X-Mock-Session': 'looked-at'}});
		await until(() => seen().length === 4 && !seen().join().includes('…'));
		return seen();`), `["GET /leads 503 · N ms scenario scenarios/flaky-list.yaml:14 list-outage 1/3 · session looked-at",`+
		`"POST /leads 409 · N ms asked for: 409 conflict · directive",`+
		`"GET /leads/abc123 404 · N ms fixture","GET /leads?limt=1 200 · N ms fixture the query parameter \"limt\" is unknown and was ignored"]`)
	same(t, inPage[any](o.tab, t, `
		for (let i = 0; i < 60; i++) await ask('/leads/stats?n=' + i);
		await until(() => seen().length === 50 && seen()[0].includes('n=59'));
		byText('.again', '/leads/stats?n=58').click();
		return [control('route').value, control('route').selectedOptions[0].parentElement.label, root().activeElement.name];`),
		`["GET /leads/stats","seen on this page","outcome"]`)
}

// Nothing is done to calls that are none of the API's, and nothing but headers to those that are.
func overlayLeavesCalls(t *testing.T, o overlaid) {
	var other []string // the X-Mock headers that another server got
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		for name := range r.Header {
			if strings.HasPrefix(name, "X-Mock-") {
				other = append(other, name)
			}
		}
		if r.Method == http.MethodOptions {
			other = append(other, "a preflight")
		}
	}))
	defer elsewhere.Close()
	o.visit(t)
	same(t, inPage[any](o.tab, t, `
		await order({route: '', outcome: 'X-Mock-Error: internal', times: '0'});
		const others = ['`+elsewhere.URL+`/api/leads', '/api/leads', api.replace('/api', '/apiary/leads'), api.replace('/api', '/__admin/errors')];
		const got = [];
		for (const url of others) got.push(await fetch(url).then(r => r.status, e => e.name));
		got.push(await new Promise(d => { const x = new XMLHttpRequest(); x.open('GET', others[0]); x.onloadend = () => d(x.status); x.send(); }));
		got.push((await ask('/leads')).status, (await fetch(api.replace('/api', '/__s/one/api') + '/leads', auth)).status);
		got.push((await ask('/leads?__error=forbidden')).status, (await fetch(api + '/leads', {headers: {'X-API-Key': key, 'X-Mock-Status': '404'}})).status);
		got.push((await fetch(api + '/leads', {mode: 'no-cors'})).type);
		return got;`), `[200,200,404,"TypeError",200,500,500,403,404,"opaque"]`)
	if len(other) > 0 {
		t.Errorf("another server got %q", other)
	}
	same(t, inPage[any](o.tab, t, `
		await until(() => seen().length === 5 && !seen().join().includes('…'));
		return seen().slice(0, 3);`), `["GET /leads hidden from the page · N ms Not touched: the page asks for it with no-cors, which takes no headers.",`+
		`"GET /leads 404 · N ms directive Not touched: this call has directives of its own.",`+
		`"GET /leads?__error=forbidden 403 · N ms directive Not touched: this call has directives of its own."]`)
}

func overlayTakesRequests(t *testing.T, o overlaid) {
	o.visit(t)
	same(t, inPage[any](o.tab, t, `
		const got = [];
		const request = new Request(api + '/leads', auth);
		await order({route: 'GET /leads', outcome: 'X-Mock-Error: internal', times: '1'});
		got.push((await fetch(request)).status, [...request.headers.keys()].join(), (await fetch(request)).status);
		await order({route: '', outcome: 'X-Mock-Error: unprocessable', times: '0'});
		const posted = new Request(api + '/leads', {method: 'POST', body: new Blob(['{"firstName":']), headers: auth.headers});
		got.push((await fetch(posted)).status, posted.bodyUsed, await fetch(posted).catch(e => e.name));
		got.push((await fetch(new URL(api + '/leads/abc'), auth)).status, (await fetch(request, {method: 'DELETE'})).status);
		got.push((await fetch(new Request(api + '/leads', {keepalive: true, method: 'POST', headers: auth.headers, body: 'x'}))).status);
		(await until(() => byText('.orders button', 'Stop'))).click();
		const stop = new AbortController();
		await order({route: '', outcome: 'X-Mock-Fault: HANG', times: '0'});
		const hanging = ask('/leads', {signal: stop.signal}).catch(e => e === stop.signal.reason);
		setTimeout(() => stop.abort(), 50);
		got.push(await hanging, await ask('/leads', {signal: AbortSignal.timeout(50)}).catch(e => e.name));
		got.push(await ask('/leads', {signal: AbortSignal.abort()}).catch(e => e.name), await fetch().catch(e => e.name), await fetch('http://').catch(e => e.name));
		got.push(await ask('/leads', {method: 'CONNECT'}).catch(e => e.name));
		const unhandled = new Promise(d => addEventListener('unhandledrejection', e => { e.preventDefault(); d(e.reason.name); }, {once: true}));
		ask('/leads', {signal: AbortSignal.abort()});
		got.push(await unhandled, await ask('/leads', {body: 'x'}).catch(e => e.name));
		return got;`), `[500,"x-api-key",200,422,true,"TypeError",422,422,422,true,"TimeoutError","AbortError","TypeError","TypeError","TypeError","AbortError","TypeError"]`)
	same(t, inPage[any](o.tab, t, `
		await until(() => seen().length === 13 && !seen().join().includes('…'));
		return seen().map(s => s.replace(/ · N.*/, '').replace('GET /leads ', '')).filter(s => !/\d/.test(s));`), `["no answer","aborted","CONNECT /leads no answer","aborted","timed out","aborted","POST /leads no answer"]`)
}

func overlayTakesXHR(t *testing.T, o overlaid) {
	o.visit(t)
	same(t, inPage[any](o.tab, t, `
		const got = [];
		await order({route: 'GET /leads', outcome: 'X-Mock-Error: forbidden', times: '2'});
		got.push(await xhr('GET', '/leads'), await xhr('GET', '/leads', null, true), await xhr('GET', '/leads', null, true));
		await order({route: '', outcome: 'X-Mock-Fault: EMPTY_RESPONSE', times: '3'});
		got.push(await xhr('GET', '/leads', null, true), await xhr('GET', '/leads'), await xhr('GET', '/leads'));
		await order({route: 'POST /leads', outcome: 'X-Mock-Error: conflict', times: '1'});
		const x = new XMLHttpRequest(), events = [];
		x.open('POST', api + '/leads'); x.setRequestHeader('X-API-Key', key); x.responseType = 'json';
		for (const type of ['loadstart', 'progress', 'load', 'loadend']) x.upload.addEventListener(type, () => { if (events.at(-1) !== type) events.push(type); });
		await new Promise(d => { x.onloadend = d; x.send(new FormData()); });
		got.push(x.status, x.response.statusCode, events.join(), x instanceof XMLHttpRequest);
		await order({route: '', outcome: 'X-Mock-Fault: HANG', times: '0'});
		const slow = (act) => new Promise(d => { const y = new XMLHttpRequest(); y.open('GET', api + '/leads'); y.onabort = y.ontimeout = e => d(e.type); act(y); y.send(); });
		got.push(await slow(y => { y.timeout = 50; }), await slow(y => setTimeout(() => y.abort(), 50)));
		const z = new XMLHttpRequest();
		try { z.send(); } catch (e) { got.push(e.name); }
		try { z.setRequestHeader('a', 'b'); } catch (e) { got.push(e.name); }
		try { z.open('GET', 'http://'); } catch (e) { got.push(e.name); }
		await until(() => seen().length === 9 && !seen().join().includes('…'));
		got.push(seen().map(s => s.split(' ')[2]).join());
		return got;`), `[403,403,200,"NetworkError",0,0,409,409,"loadstart,progress,load,loadend",true,"timeout","abort",`+
		`"InvalidStateError","InvalidStateError","SyntaxError","aborted,timed,409,no,no,no,200,403,403"]`)
}

// What a page asks at its start can be broken too.
func overlaySurvives(t *testing.T, o overlaid) {
	atStart := `<script>window.first = fetch(api + '/leads', auth).then(r => r.status)</script>`
	address := frontEnd(t, o.mock, o.api, scriptTag(o.api)+atStart)
	visit(o.tab, t, address)
	same(t, inPage[any](o.tab, t, `await order({route: 'GET /leads', outcome: 'X-Mock-Error: rate_limited', times: '2'}); return await first;`), `200`)
	visit(o.tab, t, address)
	same(t, inPage[any](o.tab, t, `await until(() => seen()[0]?.includes('429')); return [await first, root().querySelector('.orders').innerText];`),
		`[429,"GET /leads: 429 rate_limited (the next call)\nStop"]`)
}

func overlayNamesASession(t *testing.T, o overlaid) {
	o.visit(t)
	byHeader := `
		set('way', 'header'); set('session', 'by-hand'); byText('button', 'Use this session').click();
		const own = await fetch(api + '/leads', {headers: {'X-API-Key': key, 'X-Mock-Session': 'own'}});
		return [(await ask('/leads')).headers.get('X-Mock-Session'), own.headers.get('X-Mock-Session'), document.cookie, root().querySelector('summary').innerText];`
	same(t, inPage[any](o.tab, t, byHeader), `["by-hand","own","","Session: by-hand"]`)
	same(t, inPage[any](o.tab, t, `
		set('way', 'cookie'); set('session', 'by-cookie'); byText('button', 'Use this session').click();
		const got = [document.cookie, (await ask('/leads', {credentials: 'include'})).headers.get('X-Mock-Session'), (await ask('/leads')).headers.get('X-Mock-Session')];
		root().querySelector('details').open = true;
		set('session', 'no/name'); byText('button', 'Use this session').click();
		got.push(root().querySelector('#session-mistake').innerText);
		set('session', ''); byText('button', 'Use this session').click();
		got.push(document.cookie, root().querySelector('#session-mistake').innerText);
		return got;`), `["mock_session=by-cookie","by-cookie",null,"A session's name has 1 to 64 of A-Z, a-z, 0-9, dot, underscore and hyphen.","",""]`)
	visit(o.tab, t, strings.Replace(frontEnd(t, o.mock, o.api, scriptTag(o.api)), "127.0.0.1", "localhost", 1))
	same(t, inPage[any](o.tab, t, `
		root().querySelector('details').open = true;
		set('way', 'cookie'); set('session', 'far'); byText('button', 'Use this session').click();
		return root().querySelector('#session-mistake').innerText;`),
		`"A cookie of localhost does not reach 127.0.0.1: choose the header, or open this page on 127.0.0.1."`)
}

func overlayShowsTexts(t *testing.T, o overlaid) {
	o.visit(t)
	same(t, inPage[any](o.tab, t, `
		window.hacked = 0;
		const evil = '<img src=x onerror=hacked++>';
		await ask('/' + evil + '?' + evil + '=1');
		await ask('/leads?' + encodeURIComponent(evil) + '=1');
		await ask('/leads', {method: 'POST', body: JSON.stringify({firstName: evil}), headers: {'X-API-Key': key, 'Content-Type': 'application/json', 'X-Mock-Error': evil}});
		await until(() => seen().length === 3 && !seen().join().includes('…'));
		await new Promise(r => setTimeout(r, 50));
		return [hacked, root().querySelectorAll('img').length, seen()[1].includes('"' + evil + '" is unknown'), [...control('route').options].some(o => o.text.startsWith('GET /%3Cimg'))];`),
		`[0,0,true,true]`)
}

// A strict policy needs nothing more than the script's origin, and the one thing that any page with calls has: connect-src.
func overlayObeysAPolicy(t *testing.T, o overlaid) {
	policy := "default-src 'none'; script-src 'self' " + o.api + "; connect-src " + o.api + "; require-trusted-types-for 'script'; trusted-types 'none'"
	o.visit(t, "Content-Security-Policy", policy, "Cross-Origin-Embedder-Policy", "require-corp")
	same(t, inPage[any](o.tab, t, `
		const violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective));
		await order({route: 'GET /leads', outcome: 'X-Mock-Error: internal', times: '1'});
		const status = (await ask('/leads')).status;
		await until(() => seen()[0]?.includes('500'));
		root().querySelector('.move').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft', bubbles: true}));
		return [status, violations, getComputedStyle(root().querySelector('.panel')).display, host().style.getPropertyValue('--salesos-mock-x'), crossOriginIsolated];`),
		`[500,[],"flex","28px",false]`)
	visit(o.tab, t, frontEnd(t, o.mock, o.api, scriptTag(o.api), "Content-Security-Policy", "script-src 'self'"))
	same(t, inPage[any](o.tab, t, `return [host(), fetch.toString()];`), `[null,"function fetch() { [native code] }"]`)
}

func overlayComesOnce(t *testing.T, o overlaid) {
	bookmark := readmeBookmark(t, o.api)
	visit(o.tab, t, frontEnd(t, o.mock, o.api, ""))
	same(t, inPage[any](o.tab, t, `
		const native = fetch;
		const click = () => { location.href = `+"`"+bookmark+"`"+`; };
		click();
		await until(() => host());
		const wrapped = fetch;
		await order({route: 'GET /leads', outcome: 'X-Mock-Error: internal', times: '1'});
		byText('header button', '×').click();
		const hidden = root().querySelector('.panel').hidden;
		click();
		await until(() => !root().querySelector('.panel').hidden);
		return [native === wrapped, wrapped === fetch, hidden, document.querySelectorAll('salesos-mock-overlay').length, (await ask('/leads')).status, (await ask('/leads')).status];`),
		`[false,true,true,1,500,200]`)
	visit(o.tab, t, frontEnd(t, o.mock, o.api, scriptTag(o.api)+scriptTag(o.api)))
	same(t, inPage[any](o.tab, t, `await ask('/leads'); await until(() => seen()[0]?.includes('200')); return [document.querySelectorAll('salesos-mock-overlay').length, seen().length];`), `[1,1]`)
}

// readmeBookmark is what README.md tells people to make a bookmark.
func readmeBookmark(t *testing.T, api string) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(readme)) {
		if strings.HasPrefix(line, "javascript:") {
			return strings.ReplaceAll(strings.TrimSpace(line), "http://localhost:4000", api)
		}
	}
	t.Fatal("README.md has no bookmark")
	return ""
}

func overlayByKeyboard(t *testing.T, o overlaid) {
	o.visit(t)
	same(t, inPage[any](o.tab, t, `
		window.heard = []; for (const type of ['keydown', 'click', 'focusin']) document.addEventListener(type, e => { if (e.target === host()) heard.push(type); });
		document.getElementById('own').focus();
		return root().querySelector('.panel').hidden;`), `false`)
	press := func(keys ...string) {
		t.Helper()
		for _, key := range keys {
			if err := chromedp.Do(o.tab, chromedp.KeyEvent(key)); err != nil {
				t.Fatal(err)
			}
		}
	}
	toggle := func() {
		t.Helper()
		if err := chromedp.Do(o.tab, chromedp.KeyEvent("M", chromedp.KeyModifiers(chromedp.ModifierAlt, chromedp.ModifierShift))); err != nil {
			t.Fatal(err)
		}
	}
	focus := `return [root().querySelector('.panel').hidden, root().activeElement?.name ?? root().activeElement?.className ?? document.activeElement.id];`
	toggle()
	same(t, inPage[any](o.tab, t, focus), `[true,"own"]`)
	toggle()
	same(t, inPage[any](o.tab, t, focus), `[false,"route"]`)
	// "G" chooses the first route of that letter; the error is the fifth of its list; Enter in a field sends the form.
	press("GET /leads/s", kb.Tab, "403", kb.Tab, "20", kb.Enter)
	same(t, inPage[any](o.tab, t, `
		await until(() => root().querySelector('.orders').innerText !== '');
		return [root().querySelector('.orders').innerText, root().querySelector('[role=status]').innerText, (await ask('/leads/stats')).status, heard];`),
		`["GET /leads/stats: 403 forbidden, after 20 ms (the next call)\nStop","In force: GET /leads/stats: 403 forbidden, after 20 ms (the next call)",403,[]]`)
	press(kb.Escape)
	same(t, inPage[any](o.tab, t, focus), `[true,"own"]`)
	toggle()
	same(t, inPage[any](o.tab, t, `root().querySelector('.move').focus(); return 1;`), `1`)
	press(kb.ArrowLeft, kb.ArrowLeft)
	if err := chromedp.Do(o.tab, chromedp.Reload()); err != nil {
		t.Fatal(err)
	}
	same(t, inPage[any](o.tab, t, `return [root().querySelector('.panel').hidden, host().style.getPropertyValue('--salesos-mock-x'), root().activeElement];`), `[false,"44px",null]`)
}

func overlaySaysWhatIsWrong(t *testing.T, o overlaid) {
	o.visit(t)
	same(t, inPage[any](o.tab, t, `
		const got = [];
		const state = () => got.push(root().querySelector('#mistake').innerText, root().activeElement?.name, root().activeElement?.getAttribute('aria-invalid'));
		await order({outcome: ''}); state();
		await order({delay: '<b>'}); state();
		await order({delay: '1-2s', outcome: 'X-Mock-Error: unavailable', retry: 'später'}); state();
		got.push(control('retry').disabled); set('outcome', 'X-Mock-Error: internal'); got.push(control('retry').disabled);
		await order({}); got.push(root().querySelector('#mistake').innerText);
		return got;`), `["Choose an error or a fault, or give a delay.","outcome","true","A delay is written 800, 1.5s or 200ms-2s.","delay","true",`+
		`"Retry-After takes plain ASCII only.","retry","true",false,true,""]`)
}

// A sandboxed frame has neither storage nor cookies.
func overlayWithoutStorage(t *testing.T, o overlaid) {
	o.visit(t, "Content-Security-Policy", "sandbox allow-scripts allow-forms")
	same(t, inPage[any](o.tab, t, `
		let blocked = ''; try { localStorage; } catch (e) { blocked = e.name; }
		await order({route: 'GET /leads', outcome: 'X-Mock-Error: internal', times: '1'});
		set('session', 'boxed'); byText('button', 'Use this session').click();
		const r = await ask('/leads');
		return [blocked, r.status, r.headers.get('X-Mock-Session')];`), `["SecurityError",500,"boxed"]`)
	o.visit(t)
	same(t, inPage[any](o.tab, t, `
		for (const k of ['panel', 'session']) localStorage.setItem('salesos-mock-overlay:' + k, '{"x":"left","open":7,"y":null}');
		sessionStorage.setItem('salesos-mock-overlay:orders', '[1, null, {"route":"","left":0,"does":"","headers":{"Cookie":"a"}}, {"route":"","left":1,"does":"x","headers":{"X-Mock-Error":"internal"}}]');
		return 1;`), `1`)
	if err := chromedp.Do(o.tab, chromedp.Reload()); err != nil {
		t.Fatal(err)
	}
	same(t, inPage[any](o.tab, t, `return [(await ask('/leads')).status, (await ask('/leads')).status, host() !== null];`), `[500,200,true]`)
}

// A page that reaches the API through its own origin says where; and this machine has more names than one.
func overlayThroughAProxy(t *testing.T, o overlaid) {
	target, err := url.Parse(o.api)
	if err != nil {
		t.Fatal(err)
	}
	proxied := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/__") {
			httputil.NewSingleHostReverseProxy(target).ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>proxied</title><script>const api = '/api', auth = {headers: {'X-API-Key': '" + o.mock.APIKey() + "'}}</script>" +
			strings.ReplaceAll(r.URL.Query().Get("head"), "API", o.api)))
	}))
	t.Cleanup(proxied.Close)
	for _, head := range []string{`<script src="/__admin/overlay.js"></script>`, `<base href="/deep/"><script data-api="/api/" src="API/__admin/overlay.js"></script>`} {
		visit(o.tab, t, proxied.URL+"/?head="+url.QueryEscape(head))
		same(t, inPage[any](o.tab, t, `
			await order({route: 'GET /leads', outcome: 'X-Mock-Error: internal', times: '0'});
			return [(await ask('/leads')).status, (await fetch('../api/leads?x', auth)).status];`), `[500,500]`)
	}
	o.visit(t)
	same(t, inPage[any](o.tab, t, `
		await order({route: 'GET /leads', outcome: 'X-Mock-Error: internal', times: '0'});
		return (await fetch(api.replace('127.0.0.1', 'localhost') + '/leads', auth)).status;`), `500`)
}
