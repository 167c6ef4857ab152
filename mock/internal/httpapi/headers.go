package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// headers are those of an answer, whoever sends it; net/http adds Date, and the length of the body. They are in order, as
// net/http sends them: who reads an answer finds its headers where they were the last time.
type headers []journal.Header

// add adds a header. It is cheap for a name that comes after the others.
func (h *headers) add(name, value string) {
	at := len(*h)
	for at > 0 && (*h)[at-1].Name > name {
		at--
	}
	*h = slices.Insert(*h, at, journal.Header{Name: name, Value: value})
}

// set adds a header in place of those of its name.
func (h *headers) set(name, value string) {
	*h = slices.DeleteFunc(*h, func(known journal.Header) bool { return known.Name == name })
	h.add(name, value)
}

// Len and At are for package wire.
func (h *headers) Len() int { return len(*h) }

// At is the i-th header.
func (h *headers) At(i int) (name, value string) { return (*h)[i].Name, (*h)[i].Value }

// into gives the headers to net/http, which then sends them.
func (h headers) into(sent http.Header) {
	values := make([]string, len(h)) // one piece of memory for all
	for i, header := range h {
		values[i] = header.Value
		if known := sent[header.Name]; known != nil {
			sent[header.Name] = append(known, header.Value)
			continue
		}
		sent[header.Name] = values[i : i+1 : i+1]
	}
}

// decimals are the numbers that rate limits count in, each written once.
var decimals = readyDecimals(session.GeneralLimit)

func readyDecimals(most int) []string {
	all := make([]string, most+1)
	for n := range all {
		all[n] = strconv.Itoa(n)
	}
	return all
}

func decimal(n int) string {
	if n >= 0 && n < len(decimals) {
		return decimals[n]
	}
	return strconv.Itoa(n)
}

// latest remembers the last number that was written: the second in which a window ends is the same for many answers.
type latest struct {
	last atomic.Pointer[latestText]
}

type latestText struct {
	n    int64
	text string
}

func (l *latest) text(n int64) string {
	if known := l.last.Load(); known != nil && known.n == n {
		return known.text
	}
	made := &latestText{n, strconv.FormatInt(n, 10)}
	l.last.Store(made)
	return made.text
}
