package outcome

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// MaxDelay bounds each wait: a client that is to wait for ever gets the fault HANG.
const MaxDelay = 10 * time.Minute

// MaxChunks bounds how finely a body dribbles.
const MaxChunks = 10_000

// Delay is a wait before an answer, or a body that dribbles. One of its three forms is used: from Min to Max (the same for
// a fixed wait), lognormal around Median, or Dribble.
type Delay struct {
	Min, Max time.Duration
	Median   time.Duration // 0: not lognormal
	Sigma    float64       // of the logarithm; 0.5 is lively, 1 wild
	Dribble  *Dribble
}

// Dribble is a body that is sent in pieces.
type Dribble struct {
	Chunks int
	Over   time.Duration // from the first to the last
}

// Wait is how long to wait, for a number in [0, 1) that chance picked. A body that dribbles begins at once.
func (d *Delay) Wait(fraction float64) time.Duration {
	switch {
	case d.Dribble != nil:
		return 0
	case d.Median > 0:
		return d.lognormal(fraction)
	}
	return d.Min + time.Duration(fraction*float64(d.Max-d.Min))
}

// IsRandom says whether Wait depends on chance.
func (d *Delay) IsRandom() bool { return d.Min != d.Max || d.Median > 0 && d.Sigma > 0 }

// maxDeviation is how many standard deviations a lognormal delay strays at most: once in 30,000 it would be more.
const maxDeviation = 4

func (d *Delay) lognormal(fraction float64) time.Duration {
	deviate := math.Sqrt2 * math.Erfinv(2*fraction-1)
	deviate = max(-maxDeviation, min(maxDeviation, deviate))
	wait := float64(d.Median) * math.Exp(d.Sigma*deviate)
	return time.Duration(min(wait, float64(MaxDelay)))
}

// delayForms is what a delay in one line may be.
func delayForms() []string {
	return []string{"milliseconds such as 800", "a length of time such as 1.5s", "a range such as 200ms-2s"}
}

// ParseDelay reads a delay that is written in one line: 800 (ms), 1.5s or 200ms-2s.
func ParseDelay(text string) (*Delay, *Problem) {
	low, high, isRange := strings.Cut(text, "-")
	if !isRange {
		high = low
	}
	from, ok := parseWait(low)
	to, alsoOK := parseWait(high)
	if !ok || !alsoOK {
		return nil, &Problem{Key: KeyDelay, What: fmt.Sprintf("%q is no delay of at most %s", text, MaxDelay), Allowed: delayForms()}
	}
	if from > to {
		return nil, &Problem{Key: KeyDelay, What: fmt.Sprintf("%q: a range goes from the shorter to the longer delay", text)}
	}
	return &Delay{Min: from, Max: to}, nil
}

func parseWait(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if ms, err := strconv.ParseUint(text, 10, 32); err == nil {
		d := time.Duration(ms) * time.Millisecond
		return d, d <= MaxDelay
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= 0 && d <= MaxDelay
}
