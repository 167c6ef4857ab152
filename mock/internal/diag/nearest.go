package diag

import (
	"strings"
	"unicode"
)

// maxWord bounds the work for one comparison; no name that we know is longer.
const maxWord = 64

// Nearest finds the candidate that was probably meant by a word, or "" if none is near. A difference only in
// case, hyphens, underscores, dots or spaces is nearest; then come typing mistakes (a wrong, missing,
// additional or swapped letter); then a word that was left unfinished; then one that stands within a single candidate.
func Nearest(word string, candidates []string) string {
	w := fold(word)
	if len(w) == 0 || len(w) > maxWord {
		return ""
	}
	best, bestDistance := "", tolerated(len(w))+1
	unfinished, holds, holders := "", "", 0
	for _, candidate := range candidates {
		c := fold(candidate)
		if len(c) == 0 || len(c) > maxWord || candidate == word {
			continue
		}
		if d := distance(w, c); d < bestDistance && d < len(c) {
			best, bestDistance = candidate, d
		}
		if unfinished == "" && len(w) >= 3 && strings.HasPrefix(string(c), string(w)) {
			unfinished = candidate
		}
		if len(w) >= 4 && strings.Contains(string(c), string(w)) {
			holds = candidate
			holders++
		}
	}
	switch {
	case best != "":
		return best
	case unfinished == "" && holders == 1:
		return holds
	}
	return unfinished
}

// tolerated is how many mistakes a word of a length may hold; with more, a suggestion is noise.
func tolerated(length int) int {
	switch {
	case length <= 5:
		return 1
	case length <= 8:
		return 2
	}
	return 3
}

// fold strips what people get wrong without meaning another name.
func fold(s string) []rune {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		switch r {
		case '-', '_', ' ', '.':
		default:
			out = append(out, unicode.ToLower(r))
		}
	}
	return out
}

// distance is the optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours.
func distance(a, b []rune) int {
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}
