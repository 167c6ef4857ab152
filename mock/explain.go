package mock

import (
	"net/http"

	"github.com/salesos/salesos-mock/mock/internal/httpapi"
)

// Explanation says what would be done to a request, and why: the route, the directives of the request, what each rule
// of each scenario says, and whether the credentials would do.
type Explanation = httpapi.Explanation

// Explain says what would be done to a request that came now, without carrying it out or counting it. Its path is with
// the base path; its body is read.
func (s *Server) Explain(r *http.Request) Explanation { return s.api.Explain(r) }
