package mock_test

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// settled is how many goroutines there are once their number stands still.
func settled(t *testing.T) int {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	last, same := runtime.NumGoroutine(), 0
	for range 250 {
		<-tick.C
		now := runtime.NumGoroutine()
		if same++; now != last {
			last, same = now, 0
		}
		if same == 5 {
			break
		}
	}
	return last
}

// back waits until there are no more goroutines than before, but for a few of connections that idle.
func back(t *testing.T, before int) {
	t.Helper()
	const spare = 6
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for runtime.NumGoroutine() > before+spare {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d goroutines, before there were %d", runtime.NumGoroutine(), before)
		}
	}
}

func TestManyDelaysAtOnce(t *testing.T) {
	m := serve(t)
	const n, delay = 200, 200 * time.Millisecond
	idle := settled(t)
	transport := &http.Transport{MaxIdleConnsPerHost: n}
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	round := func(headers ...string) time.Duration {
		took := make([]time.Duration, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				began := time.Now()
				response, err := client.Do(request(m, "GET", "/api/leads/"+adaID, "", headers...))
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				took[i] = time.Since(began)
			})
		}
		all.Wait()
		slices.Sort(took)
		if took[0] < delay && headers != nil {
			t.Errorf("the shortest delay is %s", took[0])
		}
		return took[n*99/100]
	}
	round() // connections
	var usual, slowest, bar time.Duration
	for range 5 { // what else the machine does must not fail the test; what the server does shows in each round
		bar = delay + 15*time.Millisecond*slowdown
		if usual = round(); usual > 10*time.Millisecond { // others keep the machine busy
			bar += 2 * usual
		}
		if slowest = round("X-Mock-Delay: 200"); slowest <= bar {
			break
		}
	}
	t.Logf("99 of 100 took %s at most, %s without a delay", slowest, usual)
	if slowest > bar {
		t.Errorf("99 of 100 took %s, at most %s is wanted", slowest, bar)
	}
	transport.CloseIdleConnections()
	back(t, idle)
}

func TestDelaysEndWhenTheClientLeaves(t *testing.T) {
	m := serve(t)
	idle := settled(t)
	ctx, leave := context.WithCancel(t.Context())
	transport := &http.Transport{}
	client := &http.Client{Transport: transport}
	var sent, gone sync.WaitGroup
	for i := range 200 {
		sent.Add(1)
		gone.Go(func() {
			method, body := "GET", ""
			if i%2 == 1 {
				method, body = "POST", `{"firstName":"A","lastName":"B"}`
			}
			r := request(m, method, "/api/leads", body, "X-Mock-Delay: 10m").WithContext(ctx)
			sent.Done()
			if response, err := client.Do(r); err == nil {
				t.Errorf("an answer: %s", response.Status)
				_ = response.Body.Close()
			}
		})
	}
	sent.Wait()
	// All have arrived when there are as many goroutines as connections, at least.
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() < idle+800 && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	leave()
	gone.Wait()
	transport.CloseIdleConnections()
	back(t, idle)
	response, err := http.DefaultClient.Do(request(m, "GET", "/api/leads", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if total := response.Header.Get("X-Total-Count"); total != "214" {
		t.Errorf("%s leads: a write whose client had left was carried out", total)
	}
}
