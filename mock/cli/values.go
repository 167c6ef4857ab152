package cli

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
)

// badValue is a value that a flag or a variable cannot have.
type badValue struct {
	source  string // --port or SALESOS_MOCK_PORT
	found   string
	allowed string
	nearest string
}

func (b *badValue) Error() string {
	text := fmt.Sprintf("%s: %q is not possible; allowed: %s", b.source, b.found, b.allowed)
	if b.found == "" {
		text = strings.TrimSuffix(fmt.Sprintf("%s needs a value: %s", b.source, b.allowed), ": ")
	}
	if b.nearest != "" {
		text += fmt.Sprintf("; did you mean %q?", b.nearest)
	}
	return text
}

// read takes the text of a flag and says how to refuse it.
func read(ctx *kong.DecodeContext) (text string, refuse func(allowed, nearest string) error, err error) {
	err = ctx.Scan.PopValueInto(ctx.Value.Name, &text)
	refuse = func(allowed, nearest string) error {
		return &badValue{source: "--" + ctx.Value.Name, found: text, allowed: allowed, nearest: nearest}
	}
	return text, refuse, err
}

// text is any text but none: an empty one is a variable of a script that is not set.
type text string

// Decode reads it.
func (t *text) Decode(ctx *kong.DecodeContext) error {
	found, refuse, err := read(ctx)
	if err != nil {
		return err
	}
	if found == "" {
		return refuse("", "")
	}
	*t = text(found)
	return nil
}

// hostName is a name or an IP address, without what surrounds it in a URL.
type hostName string

// Decode reads it.
func (h *hostName) Decode(ctx *kong.DecodeContext) error {
	found, refuse, err := read(ctx)
	if err != nil {
		return err
	}
	const allowed = "a host name or an IP address, without scheme and port"
	_, notIP := netip.ParseAddr(found)
	switch {
	case found == "":
		return refuse("", "")
	case notIP == nil:
	case strings.ContainsAny(found, "/:[]@?# \t"):
		return refuse(allowed, hostIn(found))
	case strings.Trim(found, "0123456789.") == "":
		return refuse(allowed+"; the four numbers of an IPv4 address go from 0 to 255", "")
	}
	*h = hostName(found)
	return nil
}

// hostIn is the host of what looks like a URL or like host and port.
func hostIn(text string) string {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// port is a TCP port; 0 is a free one.
type port int

// Decode reads it.
func (p *port) Decode(ctx *kong.DecodeContext) error {
	found, refuse, err := read(ctx)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(found)
	if err != nil || n < 0 || n > 65535 {
		return refuse("a number from 0 (a free port) to 65535", "")
	}
	*p = port(n)
	return nil
}

// entries is a number of requests to keep.
type entries int

// mostEntries is more than a machine has memory for.
const mostEntries = 10_000_000

// Decode reads it.
func (e *entries) Decode(ctx *kong.DecodeContext) error {
	found, refuse, err := read(ctx)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(found)
	if err != nil || n < 0 || n > mostEntries {
		return refuse(fmt.Sprintf("a number from 0 (none) to %d", mostEntries), "")
	}
	*e = entries(n)
	return nil
}

// choice is one of the words in its tag "choice".
type choice string

// Decode reads it.
func (c *choice) Decode(ctx *kong.DecodeContext) error {
	found, refuse, err := read(ctx)
	if err != nil {
		return err
	}
	words := strings.Split(ctx.Value.Tag.Get("choice"), ",")
	for _, word := range words {
		if found == word {
			*c = choice(found)
			return nil
		}
	}
	return refuse(strings.Join(words, ", "), diag.Nearest(found, words))
}

// basePath is the path that the API begins with; empty for the root.
type basePath string

// Decode reads it, with or without slashes at its ends: Git Bash turns what begins with one into a Windows path.
func (b *basePath) Decode(ctx *kong.DecodeContext) error {
	found, refuse, err := read(ctx)
	if err != nil {
		return err
	}
	path := strings.Trim(found, "/")
	first, _, _ := strings.Cut(path, "/")
	switch {
	case strings.Contains(path, ":"):
		return refuse("a path such as /api (where Git Bash rewrites paths, write it without the first slash: api)", "")
	case first == "__admin" || first == "__s":
		return refuse("a path that does not begin with /__admin or /__s, which the mock has for itself", "")
	case (&url.URL{Path: path}).EscapedPath() != path || strings.Contains(path, "//") || strings.ContainsAny(path, "*{}"):
		return refuse("a path of plain characters, such as /api or /v1/api", "")
	case path != "":
		path = "/" + path
	}
	*b = basePath(path)
	return nil
}

// corsPolicy is permissive, off, or a list of origins.
type corsPolicy string

// Decode reads it.
func (c *corsPolicy) Decode(ctx *kong.DecodeContext) error {
	found, refuse, err := read(ctx)
	if err != nil {
		return err
	}
	if found != "permissive" && found != "off" {
		for origin := range strings.SplitSeq(found, ",") {
			if !isOrigin(strings.TrimSpace(origin)) {
				return refuse("permissive, off, or origins such as http://localhost:3000 parted by commas", diag.Nearest(found, []string{"permissive", "off"}))
			}
		}
	}
	*c = corsPolicy(found)
	return nil
}

// isOrigin: what browsers send as Origin has a scheme, a host and perhaps a port.
func isOrigin(text string) bool {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	return text == "null" || err == nil && u.Scheme != "" && u.Host != "" && u.Scheme+"://"+u.Host == strings.TrimSuffix(text, "/")
}

// seed is what made-up values derive from.
type seed struct {
	value  uint64
	random bool // chosen by us: the banner then names it, so that the run can be repeated
}

// Decode reads it.
func (s *seed) Decode(ctx *kong.DecodeContext) error {
	found, refuse, err := read(ctx)
	if err != nil {
		return err
	}
	if found == "random" {
		*s = seed{entropy.RandomSeed(), true}
		return nil
	}
	n, err := strconv.ParseUint(found, 10, 64)
	if err != nil {
		return refuse("random, or a number from 0 to 18446744073709551615", "")
	}
	*s = seed{value: n}
	return nil
}

// period is a time span between its tags "min" and "max". With the tag "bare" a plain number is so many of that unit.
type period time.Duration

// Decode reads it.
func (p *period) Decode(ctx *kong.DecodeContext) error {
	found, refuse, err := read(ctx)
	if err != nil {
		return err
	}
	tag := ctx.Value.Tag
	spelled := found
	if _, err := strconv.Atoi(found); err == nil && tag.Has("bare") {
		spelled += tag.Get("bare")
	}
	d, err := time.ParseDuration(spelled)
	if err != nil || !within(d, tag) {
		return refuse(describePeriod(tag), "")
	}
	*p = period(d)
	return nil
}

func within(d time.Duration, tag *kong.Tag) bool {
	lowest, err := time.ParseDuration(tag.Get("min"))
	if err == nil && d < lowest {
		return false
	}
	highest, err := time.ParseDuration(tag.Get("max"))
	return err != nil || d <= highest
}

func describePeriod(tag *kong.Tag) string {
	text := "a time such as 800ms, 1.5s or 2h"
	if tag.Has("bare") {
		text += ", or a number of milliseconds"
	}
	if tag.Has("max") {
		text += fmt.Sprintf(", from %s to %s", tag.Get("min"), tag.Get("max"))
	}
	return text
}

// percent is a part of a hundred.
type percent float64

// Decode reads it, with or without its sign.
func (p *percent) Decode(ctx *kong.DecodeContext) error {
	found, refuse, err := read(ctx)
	if err != nil {
		return err
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(found, "%"), 64)
	if err != nil || !(n >= 0 && n <= 100) { // NaN is no number
		return refuse("a number from 0 to 100", "")
	}
	*p = percent(n)
	return nil
}

// number is a whole number between its tags "least" and "most".
type number int

// Decode reads it.
func (n *number) Decode(ctx *kong.DecodeContext) error {
	found, refuse, err := read(ctx)
	if err != nil {
		return err
	}
	least, err := strconv.Atoi(ctx.Value.Tag.Get("least"))
	if err != nil {
		return err
	}
	most, err := strconv.Atoi(ctx.Value.Tag.Get("most"))
	if err != nil {
		return err
	}
	read, err := strconv.Atoi(found)
	if err != nil || read < least || read > most {
		return refuse(fmt.Sprintf("a number from %d to %d", least, most), "")
	}
	*n = number(read)
	return nil
}
