package mock

import (
	"errors"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/salesos/salesos-mock/fixtures"
	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/fixture"
	"github.com/salesos/salesos-mock/mock/internal/generate"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/mock/internal/session"
	"github.com/salesos/salesos-mock/mock/internal/store"
	"github.com/salesos/salesos-mock/mock/internal/watch"
)

// compile turns files into a generation, or lists everything that is wrong with them.
func (s *Server) compile(data, steering []fixture.File) (*session.Generation, diag.List) {
	scenarios := s.parseBeside(steering)
	set, problems := fixture.Parse(data, fixtureOptions())
	if len(problems) > 0 {
		_, more := scenarios()
		problems.Add(more...)
		return nil, problems
	}
	if !set.HasAuth {
		if s.loaded.shipped == nil {
			shipped, problems := shippedAuth()
			if len(problems) > 0 {
				return nil, problems
			}
			s.loaded.shipped = &shipped
		}
		set.Auth = *s.loaded.shipped
	}
	if s.loaded.set != nil {
		set.AdoptIdentities(s.loaded.set)
	}
	generation, problems := s.build(set, scenarios)
	if len(problems) > 0 {
		return nil, problems
	}
	s.loaded.set = set
	return generation, nil
}

// shippedAuth are the embedded users and keys: a folder that has none of its own can so be called at once.
func shippedAuth() (identity.Directory, diag.List) {
	files, problems := source{name: "fixtures", embedded: fixtures.FS}.read(watch.Snapshots{})
	if len(problems) > 0 {
		return identity.Directory{}, problems
	}
	set, problems := fixture.Parse(files, fixtureOptions())
	if len(problems) > 0 {
		return identity.Directory{}, problems
	}
	return set.Auth, nil
}

// fixtureOptions tell the reader of definitions what the generator can do.
func fixtureOptions() fixture.Options {
	return fixture.Options{FakeFunctions: generate.Functions(), TakesChoices: generate.TakesChoices, CheckFields: unfillable}
}

// unfillable says which fields of a definition the generator cannot fill, and why.
func unfillable(d *schema.Definition) map[string]string {
	_, err := generate.New(d, generate.Related{})
	reasons := map[string]string{}
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return reasons
	}
	for _, one := range joined.Unwrap() {
		var field *generate.FieldError
		if errors.As(one, &field) {
			reasons[field.Field] = field.Reason
		}
	}
	return reasons
}

// rules are the scenarios of a generation. The embedded ones are known to be right and off, so they are read when
// somebody first asks for them.
func (s *Server) rules(number uint64, parsed func() ([]*scenario.Scenario, diag.List)) (*scenario.Set, diag.List) {
	if s.config.scenarios == "" && len(s.config.activate) == 0 {
		return scenario.Defer(number, func() []*scenario.Scenario {
			scenarios, _ := parsed()
			return scenarios
		}), nil
	}
	scenarios, problems := parsed()
	if len(problems) > 0 {
		return nil, problems
	}
	return scenario.NewSet(number, scenarios, s.config.activate)
}

// parseBeside reads the scenario files while others do something else, so that on two processors they cost a start
// next to nothing. The function that it returns waits for them.
func (s *Server) parseBeside(files []fixture.File) func() ([]*scenario.Scenario, diag.List) {
	parse := sync.OnceValues(func() ([]*scenario.Scenario, diag.List) { return s.parseScenarios(files) })
	if s.config.scenarios != "" {
		go parse()
	}
	return parse
}

// parseScenarios reads the scenario files.
func (s *Server) parseScenarios(files []fixture.File) (parsed []*scenario.Scenario, problems diag.List) {
	for _, file := range files {
		one, wrong := scenario.Parse(file.Path, file.Data, scenario.Options{BasePath: s.config.basePath})
		problems.Add(wrong...)
		parsed = append(parsed, one)
	}
	return parsed, problems
}

func (s *Server) build(set *fixture.Set, scenarios func() ([]*scenario.Scenario, diag.List)) (*session.Generation, diag.List) {
	var problems diag.List
	definitions := make([]*schema.Definition, len(set.Resources))
	resources := make([]session.Resource, len(set.Resources))
	users := userIDs(set)
	for i := range set.Resources {
		r := &set.Resources[i]
		definitions[i] = r.Definition
		built, err := buildResource(r, users)
		if err != nil {
			problems.Add(resourceProblem(r, err))
			continue
		}
		resources[i] = built
	}
	canned := make([]operation.CannedRoute, len(set.Routes))
	for i := range set.Routes {
		canned[i] = set.Routes[i].CannedRoute
	}
	table, err := operation.New(definitions, canned)
	if err != nil {
		problems.Add(diag.Problem{What: err.Error()})
	}
	rules, more := s.rules(s.loaded.number+1, scenarios)
	if problems.Add(more...); len(problems) > 0 {
		return nil, problems
	}
	s.loaded.number++
	return session.NewGeneration(s.loaded.number, resources, auth.NewKeyring(set.Auth), table, rules), nil
}

func userIDs(set *fixture.Set) []string {
	ids := make([]string, len(set.Auth.Users))
	for i := range set.Auth.Users {
		ids[i] = set.Auth.Users[i].ID
	}
	return ids
}

func resourceProblem(r *fixture.Resource, err error) diag.Problem {
	p := diag.Problem{What: err.Error()}
	p.File = r.Definition.Name
	var duplicate *store.DuplicateError
	if errors.As(err, &duplicate) && duplicate.First < len(r.Records) {
		p.Position = r.Records[duplicate.First].Position
	}
	return p
}

// buildResource completes the written records and makes up the others.
func buildResource(r *fixture.Resource, users []string) (session.Resource, error) {
	generator, err := generate.New(r.Definition, generate.Related{UserIDs: users})
	if err != nil {
		return session.Resource{}, err
	}
	layout := layoutOf(r.Definition)
	records := make([]*store.Record, len(r.Records)+r.Definition.Generate.Count)
	sources := make(map[string]uint64, len(records))
	for i := range r.Records {
		written := &r.Records[i]
		records[i] = layout.Encode(generator.Complete(written.ID, written.Values))
		sources[records[i].ID()] = written.Source
	}
	made := records[len(r.Records):]
	makeUp(made, func(n int) *store.Record { return layout.Encode(generator.Record(n)) })
	for n, record := range made {
		sources[record.ID()] = entropy.Mix(r.Definition.Generate.Seed ^ entropy.Mix(uint64(n)))
	}
	view, err := store.NewView(layout, records)
	if err != nil {
		return session.Resource{}, err
	}
	return session.Resource{Definition: r.Definition, Layout: layout, Base: &store.Base{View: view, Sources: sources}}, nil
}

// makeUp fills records, on all processors where there are many.
func makeUp(records []*store.Record, record func(n int) *store.Record) {
	const share = 64 // so small that the shipped data, too, is made up twice as fast on two processors
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for start := 0; start < len(records); start += share {
		fill := func() error {
			for n := start; n < min(start+share, len(records)); n++ {
				records[n] = record(n)
			}
			return nil
		}
		if len(records) <= share {
			_ = fill()
			return
		}
		group.Go(fill)
	}
	_ = group.Wait() // fill never fails
}

func layoutOf(d *schema.Definition) *store.Layout {
	kinds := map[schema.Type]store.Kind{
		schema.String: store.Text, schema.Integer: store.Number, schema.Number: store.Number, schema.Boolean: store.Boolean,
		schema.Array: store.Opaque, schema.Object: store.Opaque,
	}
	fields := make([]store.Field, len(d.Fields))
	for i := range d.Fields {
		f := &d.Fields[i]
		fields[i] = store.Field{Name: f.Name, Kind: kinds[f.Type], Unique: f.Unique}
	}
	return store.NewLayout(fields)
}
