package cli

import (
	"slices"
	"strings"
	"sync"
)

// tailBytes bounds what is kept of the output of a command.
const tailBytes = 64 << 10

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	data []byte
	more bool // something was left out
}

// Write never fails: a command must not die of its output.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p[max(0, len(p)-tailBytes):]...)
	t.more = t.more || len(p) > tailBytes
	if excess := len(t.data) - tailBytes; excess > tailBytes {
		t.data, t.more = slices.Delete(t.data, 0, excess), true
	}
	return len(p), nil
}

// lines are the last lines, without anything that steers a terminal.
func (t *tail) lines(most int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimRight(strings.ToValidUTF8(string(t.data), "\uFFFD"), "\r\n\t "), "\n")
	if t.more || len(lines) > most {
		lines = append([]string{"…"}, lines[max(0, len(lines)-most):]...)
	}
	for i, line := range lines {
		lines[i] = clipped(harmless(strings.TrimRight(line, "\r")))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// clipped bounds a line: binary output may have very long ones.
func clipped(line string) string {
	const most = 500
	if runes := []rune(line); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return line
}
