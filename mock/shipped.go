package mock

import (
	"github.com/salesos/salesos-mock/fixtures"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/fixture"
	"github.com/salesos/salesos-mock/mock/internal/watch"
)

// Shipped is the data inside the program, on its way into memory. To read it is much of a start, and needs nothing of what a
// command line says. Its records are left for later: the first answers seldom need them.
type Shipped struct {
	ready    chan struct{}
	made     prepared
	problems diag.List
}

// ReadShipped begins to read the data inside the program, while the caller finds out how it is to be served.
func ReadShipped() *Shipped {
	s := &Shipped{ready: make(chan struct{})}
	go s.read()
	return s
}

// Ahead lets New take over what was read ahead, where the data inside the program is served. It is for one server.
func Ahead(shipped *Shipped) Option { return func(c *config) { c.shipped = shipped } }

func (s *Shipped) read() {
	var set *fixture.Set
	files, problems := source{name: "fixtures", embedded: fixtures.FS}.read(watch.Snapshots{})
	if len(problems) == 0 {
		options := fixtureOptions()
		options.RecordsLater = true
		set, problems = fixture.Parse(files, options)
	}
	if s.problems = problems; set != nil {
		s.made = prepare(set)
	}
	close(s.ready)
}

func (s *Shipped) wait() (prepared, diag.List) {
	<-s.ready
	return s.made, s.problems
}
