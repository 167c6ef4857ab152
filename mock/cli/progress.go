package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/referee"
)

// progress tells how far many runs are: on a terminal in one line that changes, else in a line for each.
type progress struct {
	w      io.Writer
	moving bool
	color  palette

	mu      sync.Mutex
	total   int
	done    int
	lost    int
	running []string
}

func (p *process) newProgress() *progress {
	return &progress{w: p.streams.Err, moving: isTerminal(p.streams.Err) && p.env["TERM"] != "dumb", color: palette(p.colorful(p.streams.Err))}
}

// begin tells what the run without errors found.
func (g *progress) begin(total int, baseline referee.Trial, called []*mock.Operation, timeout time.Duration) {
	g.total = total
	calls := make([]string, len(called))
	for i, o := range called {
		calls[i] = o.Method + " " + o.Path
	}
	g.write("%s: without errors: passed in %s; it calls %s\n", program, baseline.Took(), strings.Join(calls, ", "))
	g.write("%s: %s to try, each for at most %s\n", program, count(total, "run", "runs"), timeout)
}

func (g *progress) write(format string, args ...any) {
	_, _ = fmt.Fprintf(g.w, format, args...) // nobody is left to be told that this failed
}

func (g *progress) start(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running = append(g.running, name)
	g.draw()
}

func (g *progress) finish(t *referee.Trial) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done++
	if t.Lost() {
		g.lost++
	}
	for i, name := range g.running {
		if name == t.Name() {
			g.running = append(g.running[:i], g.running[i+1:]...)
			break
		}
	}
	if !g.moving {
		width := len(fmt.Sprint(g.total))
		g.write("%s\n", strings.TrimRight(fmt.Sprintf("[%*d/%d] %-13s  %s  %s  %s", width, g.done, g.total, t.Result, t.Name(), t.Took(), t.How()), " "))
	}
	g.draw()
}

// draw writes the line that changes.
func (g *progress) draw() {
	if !g.moving {
		return
	}
	lost := ""
	if g.lost > 0 {
		lost = g.color.red(fmt.Sprintf("  %d failed", g.lost))
	}
	running := []rune(strings.Join(g.running, ", "))
	g.write("\r\x1b[K[%d/%d]%s  %s", g.done, g.total, lost, g.color.dim(string(running[:min(len(running), 50)])))
}

// end takes that line away.
func (g *progress) end() {
	if g.moving {
		g.write("\r\x1b[K")
	}
}
