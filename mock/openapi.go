package mock

import (
	"encoding/json"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/openapi"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// describedGeneration is a generation's document, made when it is first asked for.
type describedGeneration struct {
	generation *session.Generation
	document   []byte
}

// OpenAPI is the OpenAPI 3.1 document of the API, made from the files that are served now: after a reload it is
// another one. It must not be changed.
func (s *Server) OpenAPI() ([]byte, error) { return s.describe(s.sessions.Generation()) }

// describe makes the document of a generation.
func (s *Server) describe(generation *session.Generation) ([]byte, error) {
	s.describing.Lock()
	defer s.describing.Unlock()
	if s.described.generation == generation {
		return s.described.document, nil
	}
	in := openapi.Input{
		BasePath: strings.TrimSuffix("/"+strings.Trim(s.config.basePath, "/"), "/"), Version: s.config.version,
		Operations: generation.Operations.All(), Examples: make(map[string]json.RawMessage, len(generation.Resources)),
	}
	for i := range generation.Resources {
		r := &generation.Resources[i]
		for record := range r.Base().View.All() {
			in.Examples[r.Definition.Name] = record.JSON()
			break
		}
	}
	document, err := openapi.Document(in)
	if err != nil {
		return nil, err
	}
	s.described = describedGeneration{generation, document}
	return document, nil
}
