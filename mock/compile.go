package mock

import (
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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
	made, problems := s.prepared(data)
	if len(problems) > 0 {
		_, more := scenarios()
		problems.Add(more...)
		return nil, problems
	}
	generation, problems := s.build(made, scenarios)
	if len(problems) > 0 {
		return nil, problems
	}
	s.loaded.set = made.set
	return generation, nil
}

// prepared reads fixture files and prepares what they hold, unless that was begun before there was a server.
func (s *Server) prepared(data []fixture.File) (prepared, diag.List) {
	if ahead := s.config.shipped; ahead != nil && s.config.fixtures == "" && s.loaded.number == 0 {
		return ahead.wait()
	}
	set, problems := fixture.Parse(data, fixtureOptions())
	if len(problems) > 0 {
		return prepared{}, problems
	}
	if !set.HasAuth {
		if s.loaded.shipped == nil {
			shipped, problems := shippedAuth()
			if len(problems) > 0 {
				return prepared{}, problems
			}
			s.loaded.shipped = &shipped
		}
		set.Auth = *s.loaded.shipped
	}
	if s.loaded.set != nil {
		set.AdoptIdentities(s.loaded.set)
	}
	return prepare(set), nil
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
		go func() { _, _ = parse() }() // kept for whoever asks
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

// prepared is what fixture files hold, ready to become part of a generation.
type prepared struct {
	set       *fixture.Set
	resources []session.Resource
	records   []records
	problems  diag.List
}

func prepare(set *fixture.Set) prepared {
	p := prepared{set: set, resources: make([]session.Resource, len(set.Resources)), records: make([]records, len(set.Resources))}
	users := userIDs(set)
	for i := range set.Resources {
		var err error
		if p.resources[i], p.records[i], err = buildResource(set, &set.Resources[i], users); err != nil {
			p.problems.Add(resourceProblem(&set.Resources[i], err))
		}
	}
	return p
}

func (s *Server) build(made prepared, scenarios func() ([]*scenario.Scenario, diag.List)) (*session.Generation, diag.List) {
	problems := made.problems
	s.loaded.records = made.records
	if len(problems) == 0 && s.loaded.number > 0 { // only the first answers need not wait
		problems.Add(wrongRecords(made.records)...)
	}
	table, err := operationsOf(made.set)
	if err != nil {
		problems.Add(diag.Problem{What: err.Error()})
	}
	rules, more := s.rules(s.loaded.number+1, scenarios)
	if problems.Add(more...); len(problems) > 0 {
		return nil, problems
	}
	s.loaded.number++
	return session.NewGeneration(s.loaded.number, made.resources, auth.NewKeyring(made.set.Auth), table, rules), nil
}

func operationsOf(set *fixture.Set) (*operation.Table, error) {
	definitions := make([]*schema.Definition, len(set.Resources))
	for i := range set.Resources {
		definitions[i] = set.Resources[i].Definition
	}
	canned := make([]operation.CannedRoute, len(set.Routes))
	for i := range set.Routes {
		canned[i] = set.Routes[i].CannedRoute
	}
	return operation.New(definitions, canned)
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

// records makes the records of a resource: it completes those that were written and makes up the others.
type records struct {
	of   *fixture.Resource
	base func() (*store.Base, error) // never nil; empty with an error
}

// buildResource prepares a resource. Its records are made when they are first asked for.
func buildResource(set *fixture.Set, r *fixture.Resource, users []string) (session.Resource, records, error) {
	written := sync.OnceValue(func() map[writtenValue]bool { return writtenValues(r) }) // once the set is complete
	generator, err := generate.New(r.Definition, generate.Related{
		UserIDs: users, Taken: func(field, lowercased string) bool { return written()[writtenValue{field, lowercased}] },
	})
	if err != nil {
		return session.Resource{}, records{}, err
	}
	layout := layoutOf(r.Definition)
	base := sync.OnceValues(func() (*store.Base, error) {
		if problems := set.Complete(); len(problems) > 0 {
			return emptyBase(layout), problems
		}
		return makeRecords(r, layout, generator)
	})
	ready := func() *store.Base {
		b, _ := base()
		return b
	}
	return session.Resource{Definition: r.Definition, Layout: layout, Base: ready}, records{r, base}, nil
}

func makeRecords(r *fixture.Resource, layout *store.Layout, generator *generate.Generator) (*store.Base, error) {
	all := make([]*store.Record, len(r.Records)+r.Definition.Generate.Count)
	sources := make(map[string]uint64, len(all))
	for i := range r.Records {
		written := &r.Records[i]
		all[i] = layout.Encode(generator.Complete(written.ID, written.Values))
		sources[all[i].ID()] = written.Source
	}
	made := all[len(r.Records):]
	makeUp(made, func() func(n int) *store.Record {
		maker := generator.Maker()
		return func(n int) *store.Record { return layout.Encode(maker.Record(n)) }
	})
	for n, record := range made {
		sources[record.ID()] = entropy.Mix(r.Definition.Generate.Seed ^ entropy.Mix(uint64(n)))
	}
	view, err := store.NewView(layout, all)
	if err != nil {
		return emptyBase(layout), err
	}
	return &store.Base{View: view, Sources: sources}, nil
}

func emptyBase(layout *store.Layout) *store.Base {
	view, _ := store.NewView(layout, nil) // no record is wrong
	return &store.Base{View: view}
}

// writtenValue is a value of a unique field.
type writtenValue struct{ field, lowercased string }

// writtenValues are the values of unique fields that people wrote: what is made up keeps away from them.
func writtenValues(r *fixture.Resource) map[writtenValue]bool {
	written := map[writtenValue]bool{}
	for i := range r.Definition.Fields {
		f := &r.Definition.Fields[i]
		if !f.Unique {
			continue
		}
		for j := range r.Records {
			var text string
			if json.Unmarshal(r.Records[j].Values[i], &text) == nil {
				written[writtenValue{f.Name, strings.ToLower(text)}] = true
			}
		}
	}
	return written
}

// firstAnswers is how long a start has the processors for itself. Records are made then, or when somebody asks for them.
const firstAnswers = 50 * time.Millisecond

// finishRecords makes what New did not wait for: a server answers before the last record is made up, and who asks for
// records waits for them. problems are those that are known already.
func (s *Server) finishRecords(problems diag.List) {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	wrong := wrongRecords(s.loaded.records)
	if len(wrong) == 0 {
		return
	}
	s.report(append(slices.Clone(problems), wrong...))
	for _, p := range wrong {
		s.config.log.Error("records cannot be served", "problem", p.Error())
	}
}

func wrongRecords(pending []records) (problems diag.List) {
	for _, r := range pending {
		if _, err := r.base(); err != nil {
			problems.Add(resourceProblem(r.of, err))
		}
	}
	return problems
}

// makeUp fills records, on all processors: each has a maker of its own.
func makeUp(records []*store.Record, maker func() func(n int) *store.Record) {
	const share = 32 // so small that those of the shipped data are spread, too
	var group errgroup.Group
	var taken atomic.Int64
	for range min(runtime.GOMAXPROCS(0), len(records)/share+1) {
		group.Go(func() error {
			record := maker()
			for {
				end := int(taken.Add(share))
				for n := end - share; n < min(end, len(records)); n++ {
					records[n] = record(n)
				}
				if end >= len(records) {
					return nil
				}
			}
		})
	}
	_ = group.Wait() // record never fails
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
