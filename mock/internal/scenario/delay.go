package scenario

import (
	"time"

	"github.com/salesos/salesos-mock/mock/internal/document"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
)

// delayDraft is a delay as a map, before it is known which of its forms it has.
type delayDraft struct {
	outcome.Delay
	dribble outcome.Dribble
}

func (r *reader) delay(n *document.Node) *outcome.Delay {
	switch n.Kind {
	case document.String, document.Number:
		delay, p := outcome.ParseDelay(n.Text)
		r.note(n, p)
		return delay
	case document.Map:
		return r.delayMap(n)
	}
	r.Wrong(n, "a delay such as 800ms, {min, max}, {median, sigma} or {chunks, over}")
	return nil
}

func delayKeys() []key[delayDraft] {
	return []key[delayDraft]{
		{"min", "The shortest delay.", length(), func(r *reader, n *document.Node, d *delayDraft) { d.Min = r.wait(n) }},
		{"max", "The longest delay.", length(), func(r *reader, n *document.Node, d *delayDraft) { d.Max = r.wait(n) }},
		{"median", "The median of delays that are distributed lognormally, as real ones are.", length(), func(r *reader, n *document.Node, d *delayDraft) { d.Median = r.wait(n) }},
		{"sigma", "How much they vary: the standard deviation of their logarithm.", object{"type": "number", "minimum": 0, "maximum": maxSigma},
			func(r *reader, n *document.Node, d *delayDraft) { d.Sigma = r.Float(n, 0, maxSigma) }},
		{"chunks", "In how many pieces the body dribbles.", object{"type": "integer", "minimum": 1, "maximum": outcome.MaxChunks},
			func(r *reader, n *document.Node, d *delayDraft) { d.dribble.Chunks = r.Int(n, 1, outcome.MaxChunks) }},
		{"over", "How long that takes.", length(), func(r *reader, n *document.Node, d *delayDraft) { d.dribble.Over = r.wait(n) }},
	}
}

const maxSigma = 10

// wait takes a length of time that a client can be made to wait.
func (r *reader) wait(n *document.Node) time.Duration {
	d := r.Duration(n)
	if d > outcome.MaxDelay {
		r.Fail(n, "found %s where a delay of at most %s is needed", n.Describe(), outcome.MaxDelay)
	}
	return d
}

// delayForms are the pairs of keys that a delay can have.
func delayForms() [][2]string {
	return [][2]string{{"min", "max"}, {"median", "sigma"}, {"chunks", "over"}}
}

func (r *reader) delayMap(n *document.Node) *outcome.Delay {
	var d delayDraft
	readMap(r, n, delayKeys(), &d)
	form := formOf(n)
	switch {
	case form < 0:
		r.Fail(n, "a delay is {min, max}, {median, sigma} or {chunks, over}: both keys, and no other")
	case form == 0 && d.Min > d.Max:
		r.Fail(n, "min is longer than max")
	case form == 1 && d.Median == 0:
		d.Sigma = 0
	case form == 2:
		d.Delay.Dribble = &d.dribble
	}
	return &d.Delay
}

func formOf(n *document.Node) int {
	for i, form := range delayForms() {
		if len(n.Members()) == 2 && n.Get(form[0]) != nil && n.Get(form[1]) != nil {
			return i
		}
	}
	return -1
}
