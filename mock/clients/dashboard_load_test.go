package clients_test

import (
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// moreLoad is the environment variable that says how many requests the page is to bear.
const moreLoad = "SALESOS_TESTS_DASHBOARD_REQUESTS"

// Of a thousand requests a second the page shows the last ones, answers clicks, and keeps no more than it shows.
func TestTheDashboardBearsTraffic(t *testing.T) {
	const perSecond = 1000
	total := 3 * perSecond
	if more, err := strconv.Atoi(os.Getenv(moreLoad)); err == nil {
		total = more
	}
	d := openDashboard(browserFor(t, 3*time.Minute+time.Duration(total)*2*time.Millisecond), t)
	d.visit("watch")
	d.until(`document.querySelector('.watch-state').innerText.startsWith('live')`)
	ask[bool](d, `(() => {
		window.frames = [];
		let last = performance.now();
		const frame = (now) => { frames.push(now - last); last = now; requestAnimationFrame(frame); };
		requestAnimationFrame(frame);
		return true;
	})()`)
	var heaps []float64
	for step := range 3 {
		d.traffic(total/3, perSecond)
		d = d.again(t)
		d.until(`document.querySelector('.watch-state').innerText.match(/[0-9,]+ request/)`)
		if step == 1 { // somebody looks, in the midst of it
			d.do(chromedp.Click(`.rows .row:not([hidden]) button`))
			d.until(`document.querySelector('.detail')`)
			d.press("Close")
		}
		heaps = append(heaps, d.heap())
	}
	d.until(`document.querySelector('.watch-state').innerText.includes('the last 500 are here')`)
	type pace struct{ Median, Longest, Frames float64 }
	got := ask[pace](d, `(() => { const sorted = frames.slice(2).sort((a, b) => a - b); return {Median: sorted[sorted.length >> 1], Longest: sorted[sorted.length - 1], Frames: sorted.length}; })()`)
	rows := ask[int](d, `document.querySelectorAll('.rows .row').length`)
	t.Logf("%d requests: frames every %.0f ms, the longest %.0f ms (%.0f frames); %d rows; heap %.1f MB", total, got.Median, got.Longest, got.Frames, rows, heaps)
	// The server, its clients and the rest of the tests share the processors with the page.
	if got.Median > 100 || got.Longest > 5000 {
		t.Errorf("the page stands still: frames every %.0f ms, the longest %.0f ms", got.Median, got.Longest)
	}
	if rows > 80 {
		t.Errorf("%d rows are in the page", rows)
	}
	if grown := heaps[2] - heaps[0]; grown > 6 {
		t.Errorf("the heap grows with the requests, by %.1f MB: %.1f", grown, heaps)
	}
}

// traffic sends requests at a pace, from ten clients.
func (d *dashboard) traffic(n, perSecond int) {
	d.t.Helper()
	const clients = 10
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			tick := time.NewTicker(time.Second * clients / time.Duration(perSecond))
			defer tick.Stop()
			for range n / clients {
				<-tick.C
				r, _ := http.NewRequest("GET", d.api+"/api/leads?limit=20", nil)
				r.Header.Set("X-API-Key", d.mock.APIKey())
				if response, err := http.DefaultTransport.RoundTrip(r); err == nil {
					_ = response.Body.Close()
				}
			}
		})
	}
	all.Wait()
}

// heap is what the page holds in MB, rubbish taken out.
func (d *dashboard) heap() float64 {
	d.t.Helper()
	ask[bool](d, `new Promise((done) => setTimeout(() => done(true), 300))`)
	if _, err := chromedp.Call(d.tab, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
		d.t.Fatal(err)
	}
	usage, err := chromedp.Call(d.tab, runtime.GetHeapUsage, cdp.Empty{})
	if err != nil {
		d.t.Fatal(err)
	}
	return usage.UsedSize / 1e6
}
