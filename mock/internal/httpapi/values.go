package httpapi

import (
	"strconv"
	"sync/atomic"

	"github.com/salesos/salesos-mock/mock/internal/session"
)

// Header values that come with nearly every answer, each made once as net/http wants it: making them anew is a good
// part of what a read costs. Nobody may change them.
var (
	decisionValues = ready(byFixture, byValidation, byAuth, byRateLimit, byRoute, byDirective, byScenario, byMistake)
	countValues    = readyCounts(session.GeneralLimit)
)

func ready(values ...string) map[string][]string {
	all := make(map[string][]string, len(values))
	for _, value := range values {
		all[value] = []string{value}
	}
	return all
}

func readyCounts(most int) [][]string {
	all := make([][]string, most+1)
	for n := range all {
		all[n] = []string{strconv.Itoa(n)}
	}
	return all
}

func decisionValue(decision string) []string { return decisionValues[decision] }

func countValue(n int) []string {
	if n >= 0 && n < len(countValues) {
		return countValues[n]
	}
	return []string{strconv.Itoa(n)}
}

// latest remembers the last number that was written: the second in which a window ends is the same for many answers.
type latest struct {
	last atomic.Pointer[latestValue]
}

type latestValue struct {
	n     int64
	value []string
}

func (l *latest) value(n int64) []string {
	if known := l.last.Load(); known != nil && known.n == n {
		return known.value
	}
	made := &latestValue{n, []string{strconv.FormatInt(n, 10)}}
	l.last.Store(made)
	return made.value
}
