package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"unicode"
)

// colorful says whether to write colours to w: when it is a terminal and nothing speaks against it.
func (p *process) colorful(w io.Writer) bool {
	switch force := p.env["FORCE_COLOR"]; {
	case p.env["NO_COLOR"] != "" || p.env["TERM"] == "dumb":
		return false
	case force != "" && force != "0":
		return true
	case runtime.GOOS == "windows" && p.env["WT_SESSION"] == "" && p.env["TERM"] == "":
		return false // the old console shows escape sequences as they are
	}
	return isTerminal(w)
}

// isTerminal says whether somebody looks.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// palette paints, or does not.
type palette bool

func (on palette) paint(code, text string) string {
	if !on {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (on palette) bold(text string) string   { return on.paint("1", text) }
func (on palette) dim(text string) string    { return on.paint("2", text) }
func (on palette) red(text string) string    { return on.paint("31", text) }
func (on palette) green(text string) string  { return on.paint("32", text) }
func (on palette) yellow(text string) string { return on.paint("33", text) }

// logger is what the running server speaks through, to w for standard error: lines for people, or JSON. With the log off,
// warnings and errors are left.
func (p *process) logger(format choice, w io.Writer) *slog.Logger {
	switch format {
	case logJSON:
		return slog.New(slog.NewJSONHandler(w, nil))
	case logOff:
		return slog.New(&console{lowest: slog.LevelWarn, palette: palette(p.colorful(p.streams.Err)), sink: &sink{w: w}})
	}
	return slog.New(&console{palette: palette(p.colorful(p.streams.Err)), sink: &sink{w: w}})
}

// console is a handler of log/slog for people: time, level unless it is information, message, key=value.
type console struct {
	lowest  slog.Level
	palette palette
	attrs   []slog.Attr
	group   string
	sink    *sink
}

// sink keeps lines whole.
type sink struct {
	mu sync.Mutex
	w  io.Writer
}

// Enabled leaves out what is below the lowest level.
func (c *console) Enabled(_ context.Context, level slog.Level) bool { return level >= c.lowest }

// Handle writes a record. Text of several lines stands below it, indented.
func (c *console) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(c.palette.dim(r.Time.Format("15:04:05.000")))
	b.WriteString(c.level(r.Level))
	b.WriteByte(' ')
	b.WriteString(harmless(r.Message))
	for _, attr := range c.attrs {
		c.attr(&b, attr)
	}
	r.Attrs(func(attr slog.Attr) bool {
		attr.Key = c.group + attr.Key
		c.attr(&b, attr)
		return true
	})
	b.WriteByte('\n')
	c.sink.mu.Lock()
	defer c.sink.mu.Unlock()
	_, err := io.WriteString(c.sink.w, b.String())
	return err
}

func (c *console) level(level slog.Level) string {
	switch {
	case level >= slog.LevelError:
		return " " + c.palette.red("error")
	case level >= slog.LevelWarn:
		return " " + c.palette.yellow("warning")
	default:
		return ""
	}
}

func (c *console) attr(b *strings.Builder, attr slog.Attr) {
	text := harmless(attr.Value.Resolve().String())
	if !strings.Contains(text, "\n") {
		b.WriteString(" " + c.palette.dim(attr.Key+"=") + text)
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString("\n  " + line)
	}
}

// WithAttrs is asked for by log/slog.
func (c *console) WithAttrs(attrs []slog.Attr) slog.Handler {
	copied := *c
	copied.attrs = append([]slog.Attr{}, c.attrs...)
	for _, attr := range attrs {
		attr.Key = c.group + attr.Key
		copied.attrs = append(copied.attrs, attr)
	}
	return &copied
}

// WithGroup is asked for by log/slog.
func (c *console) WithGroup(name string) slog.Handler {
	copied := *c
	copied.group = fmt.Sprintf("%s%s.", c.group, name)
	return &copied
}

// harmless keeps what comes from requests and files from steering the terminal.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
