package outcome

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Directives are what a request asks for by its own headers and query (control.md section 2).
type Directives struct {
	Outcome
	Times    int      // only the first so many requests with this method, path and Key; 0: all
	Chance   *float64 // nil: always
	Scenario string   // whose rules apply to this request
	Session  string

	Key               string // the exact set of directives in canonical text, but for the session: what Times counts
	PreferenceApplied string // value of Preference-Applied; empty: none was used
}

// IsZero says whether nothing is asked for; naming a session asks for nothing.
func (d *Directives) IsZero() bool { return d.Key == "" }

// given is a directive as it was sent.
type given struct {
	name   string // as sent
	key    Key
	values []string
	prefer string // the preference that it came from: "code=503"
}

// ParseDirectives reads the directives of a request. One without any costs next to nothing. Several mistakes give the error
// of the first, in the order of the grammar; of the directives only the session is then told.
func ParseDirectives(header http.Header, rawQuery string) (Directives, *DirectiveError) {
	if !mayDirect(header) && !mayQuery(rawQuery) {
		return Directives{}, nil
	}
	all, err := collect(header, rawQuery)
	if err == nil && len(all) == 0 {
		return Directives{}, nil
	}
	var d Directives
	if err == nil {
		d, err = read(all)
	}
	if err != nil {
		d = Directives{Session: sessionOf(header, rawQuery)}
	}
	return d, err
}

// AsSent lets an error that only the route could tell name its directive as the request wrote it. Of nil it is nil.
func (e *DirectiveError) AsSent(header http.Header, rawQuery string) *DirectiveError {
	if e == nil {
		return nil
	}
	all, _ := collect(header, rawQuery) // it was read before
	for _, g := range all {
		if g.key == e.Key {
			e.Directive = g.name
			break
		}
	}
	return e
}

// sessionOf is the session that is named beside a mistake: the answer belongs there too.
func sessionOf(header http.Header, rawQuery string) string {
	if name := strings.TrimSpace(header.Get(keyInfo(KeySession).Header)); isSessionName(name) {
		return name
	}
	for pair := range strings.SplitSeq(rawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if key, known := keyOfQuery(name); known && key == KeySession && isSessionName(value) {
			return value
		}
	}
	return ""
}

const headerPrefix = "X-Mock-"

// Directed says whether a request may carry directives: one that does not need not be parsed for them.
func Directed(header http.Header, rawQuery string) bool {
	return mayDirect(header) || rawQuery != "" && mayQuery(rawQuery)
}

func mayDirect(header http.Header) bool {
	for name := range header {
		if isDirective(name) {
			return true
		}
	}
	return false
}

func isDirective(name string) bool {
	return len(name) > 5 && (name[0] == 'X' && strings.HasPrefix(name, headerPrefix) || name == "Prefer")
}

// mayQuery also looks for an underscore that was escaped.
func mayQuery(raw string) bool {
	return strings.Contains(raw, "__") || strings.IndexByte(raw, '%') >= 0 && (strings.Contains(raw, "%5F") || strings.Contains(raw, "%5f"))
}

func collect(header http.Header, rawQuery string) ([]given, *DirectiveError) {
	var all []given
	for _, name := range sortedNames(header) {
		key, known := keyOfHeader(name)
		if !known {
			return nil, unknownHeader(name, header.Get(name))
		}
		if g := (given{name: name, key: key, values: header[name]}); len(g.values) > 0 && (name != responseCode || !isSuccess(g.values[0])) {
			all = append(all, g)
		}
	}
	queried, err := collectQuery(rawQuery)
	if err != nil {
		return nil, err
	}
	all = slices.Concat(all, collectPrefer(header["Prefer"]), queried)
	slices.SortStableFunc(all, func(a, b given) int { return cmp.Compare(placeOf(a.key), placeOf(b.key)) })
	return all, nil
}

func sortedNames(header http.Header) []string {
	var names []string
	for name := range header {
		if strings.HasPrefix(name, headerPrefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func unknownHeader(name, value string) *DirectiveError {
	if slices.Contains(answerHeaders(), name) {
		return &DirectiveError{Directive: name, Value: value, Problem: Problem{
			What: quote(value) + ": this is a header of answers, not a directive: leave it out", Allowed: headerNames()}}
	}
	p := Unknown("", "unknown directive, with the value", value, headerNames())
	p.Nearest = nearestName(strings.TrimPrefix(name, headerPrefix), headerPrefix, headerNames())
	return &DirectiveError{Directive: name, Value: value, Problem: p}
}

// nearestName compares names without what they all begin with, which would drown the difference.
func nearestName(word, prefix string, names []string) string {
	short := make([]string, len(names))
	for i, name := range names {
		short[i] = strings.TrimPrefix(name, prefix)
	}
	if nearest := Unknown("", "", word, short).Nearest; nearest != "" {
		return prefix + nearest
	}
	return ""
}

func collectQuery(raw string) ([]given, *DirectiveError) {
	var all []given
	for pair := range strings.SplitSeq(raw, "&") {
		escapedName, escapedValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(escapedName)
		if err != nil || !strings.HasPrefix(name, "__") {
			continue
		}
		value, err := url.QueryUnescape(escapedValue)
		if err != nil {
			return nil, &DirectiveError{Directive: name, Value: escapedValue, Problem: Problem{What: fmt.Sprintf("%s is escaped wrongly", quote(escapedValue))}}
		}
		key, known := keyOfQuery(name)
		if !known {
			p := Unknown("", "unknown directive, with the value", value, queryNames())
			p.Nearest = nearestName(strings.TrimPrefix(name, "__"), "__", queryNames())
			return nil, &DirectiveError{Directive: name, Value: value, Problem: p}
		}
		all = appendQuery(all, given{name: name, key: key, values: []string{value}})
	}
	return all, nil
}

// appendQuery makes one directive of a parameter that is repeated, as it is one header with several values.
func appendQuery(all []given, g given) []given {
	for i := range all {
		if all[i].name == g.name {
			all[i].values = append(all[i].values, g.values...)
			return all
		}
	}
	return append(all, g)
}

// read makes directives of what was given, in the order of the grammar.
func read(all []given) (Directives, *DirectiveError) {
	var d Directives
	names := map[Key]string{} // how each key was sent, for messages
	texts := map[Key]string{} // its canonical text
	var canonical []string
	for _, g := range all {
		text, p := d.apply(g)
		if p != nil {
			return Directives{}, &DirectiveError{Directive: g.name, Value: strings.Join(g.values, ", "), Problem: *p}
		}
		if earlier, twice := names[g.key]; twice {
			if texts[g.key] != text {
				return Directives{}, contradiction(g, earlier, texts[g.key])
			}
		} else if names[g.key], texts[g.key] = g.name, text; g.key != KeySession {
			canonical = append(canonical, string(g.key)+"="+url.QueryEscape(text))
		}
		if g.prefer != "" && !strings.Contains(d.PreferenceApplied, g.prefer) {
			d.PreferenceApplied = strings.TrimPrefix(d.PreferenceApplied+", "+g.prefer, ", ")
		}
	}
	d.Key = strings.Join(canonical, "&")
	if err := d.check(names, texts); err != nil {
		return Directives{}, err
	}
	if d.Error != "" {
		d.Status = 0 // they agree
	}
	return d, nil
}

func contradiction(g given, earlier, text string) *DirectiveError {
	value := strings.Join(g.values, ", ")
	what := fmt.Sprintf("%s contradicts %s: %s", quote(value), earlier, quote(text))
	return &DirectiveError{Directive: g.name, Value: value, Problem: Problem{Key: g.key, What: what}}
}

// allQueried says whether a request writes its directives into its query alone: it is then answered in those words.
func allQueried(sent map[Key]string) bool {
	for _, name := range sent {
		if !strings.HasPrefix(name, "__") {
			return false
		}
	}
	return true
}

// check finds directives that make no sense together.
func (d *Directives) check(sent, texts map[Key]string) *DirectiveError {
	queried := allQueried(sent)
	name := func(key Key) string {
		if as, ok := sent[key]; ok {
			return as
		}
		info := keyInfo(key)
		if queried && len(info.Queries) > 0 {
			return info.Queries[0]
		}
		return info.Header
	}
	problems := d.Outcome.Check(name)
	for _, key := range []Key{KeyTimes, KeyChance} {
		if _, ok := sent[key]; ok && !d.Answers() {
			problems = append(problems, Problem{Key: key, What: fmt.Sprintf("%s has no answer to modify: it goes with %s, %s or %s",
				quote(texts[key]), name(KeyError), name(KeyStatus), name(KeyFault))})
		}
	}
	if len(problems) == 0 {
		return nil
	}
	p := problems[0]
	return &DirectiveError{Directive: name(p.Key), Value: texts[p.Key], Problem: p}
}
