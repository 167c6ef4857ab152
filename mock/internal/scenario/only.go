package scenario

import (
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/match"
	"github.com/salesos/salesos-mock/mock/internal/operation"
)

// Only is the rule for the requests to one operation, and for no others: its path /leads/{id} alone would fit a request to
// /leads/stats as well.
func (r *Rule) Only(o *operation.Operation, table *operation.Table) (*Rule, error) {
	own := *r
	path, err := match.ParsePath(o.Path, "")
	if err != nil {
		return nil, err
	}
	own.when.Methods, own.when.Path, own.when.Except = []string{o.Method}, path, nil
	for _, other := range table.All() {
		if other.Method != o.Method || !path.Fits(other.Path) || !precedes(other.Path, o.Path) {
			continue
		}
		except, err := match.ParsePath(other.Path, "")
		if err != nil {
			return nil, err
		}
		own.when.Except = append(own.when.Except, except)
	}
	return &own, nil
}

// precedes says whether a route is preferred to another one of as many segments, where both fit: a literal segment is
// preferred to a parameter.
func precedes(one, other string) bool {
	segments := strings.Split(strings.Trim(other, "/"), "/")
	for i, segment := range strings.Split(strings.Trim(one, "/"), "/") {
		if isParameter(segment) != isParameter(segments[i]) {
			return isParameter(segments[i])
		}
	}
	return false
}

func isParameter(segment string) bool { return strings.HasPrefix(segment, "{") }
