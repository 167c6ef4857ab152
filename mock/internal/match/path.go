package match

import (
	"fmt"
	"net/url"
	"strings"
)

// maxSegments bounds a pattern; no route is nearly as deep.
const maxSegments = 32

// Path is a pattern of paths: literal segments, "{id}" for any one segment, and "**" at the end for any further ones,
// none included. A slash at the end means nothing.
type Path struct {
	text     string
	segments []segment
	below    bool // ends in **
}

type segment struct {
	literal string // unescaped
	any     bool
}

// ParsePath reads a pattern, which may be written with the base path ("/api") or without it.
func ParsePath(pattern, base string) (*Path, error) {
	if !strings.HasPrefix(pattern, "/") {
		return nil, fmt.Errorf("the path %q does not begin with a slash", pattern)
	}
	if strings.ContainsAny(pattern, "?#") {
		return nil, fmt.Errorf("the path %q holds a query: write it under `query`", pattern)
	}
	p := &Path{text: pattern}
	rest := strings.Trim(withoutBase(pattern, base), "/")
	if rest == "" {
		return p, nil
	}
	parts := strings.Split(rest, "/")
	if len(parts) > maxSegments {
		return nil, fmt.Errorf("the path has %d segments, at most %d are allowed", len(parts), maxSegments)
	}
	for i, part := range parts {
		if part == "**" && i == len(parts)-1 {
			p.below = true
			break
		}
		s, err := parseSegment(part)
		if err != nil {
			return nil, err
		}
		p.segments = append(p.segments, s)
	}
	return p, nil
}

func withoutBase(pattern, base string) string {
	base = strings.TrimSuffix(base, "/")
	if rest, ok := strings.CutPrefix(pattern, base); ok && (rest == "" || rest[0] == '/') {
		return rest
	}
	return pattern
}

func parseSegment(part string) (segment, error) {
	switch {
	case part == "":
		return segment{}, fmt.Errorf("the path has an empty segment")
	case part == "**":
		return segment{}, fmt.Errorf("%q can only be the last segment of a path", part)
	case strings.Contains(part, "*"):
		return segment{}, fmt.Errorf("the segment %q: write {id} for any one segment, ** at the end for any further ones", part)
	case strings.HasPrefix(part, ":"):
		return segment{}, fmt.Errorf("the segment %q: write {%s} for any one segment", part, part[1:])
	case len(part) > 2 && part[0] == '{' && strings.IndexByte(part, '}') == len(part)-1:
		return segment{any: true}, nil
	case strings.ContainsAny(part, "{}"):
		return segment{}, fmt.Errorf("the segment %q: {name} must be a whole segment", part)
	}
	literal, err := url.PathUnescape(part)
	if err != nil {
		return segment{}, fmt.Errorf("the segment %q: %w", part, err)
	}
	return segment{literal: literal}, nil
}

// String is the pattern as it was written.
func (p *Path) String() string { return p.text }

// Match says whether an escaped path below the base path fits. The empty path is outside of it and never does.
func (p *Path) Match(path string) bool {
	rest, more := enter(path)
	if path == "" {
		return false
	}
	for i := range p.segments {
		if !more {
			return false
		}
		var part string
		part, rest, more = strings.Cut(rest, "/")
		if !p.segments[i].match(part) {
			return false
		}
	}
	return !more || p.below
}

// enter strips the slashes around a path; more says whether there is a segment.
func enter(path string) (rest string, more bool) {
	rest = strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	return rest, rest != ""
}

func (s *segment) match(part string) bool {
	if s.any {
		return part != ""
	}
	return s.literal == part || strings.IndexByte(part, '%') >= 0 && s.literal == unescape(part)
}

func unescape(part string) string {
	if decoded, err := url.PathUnescape(part); err == nil {
		return decoded
	}
	return part
}

// Fits says whether some path could fit both the pattern and a route such as "/leads/{id}".
func (p *Path) Fits(route string) bool {
	rest, more := enter(route)
	for i := range p.segments {
		if !more {
			return false
		}
		var part string
		part, rest, more = strings.Cut(rest, "/")
		if !strings.HasPrefix(part, "{") && !p.segments[i].match(part) {
			return false
		}
	}
	return !more || p.below
}
