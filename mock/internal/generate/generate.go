// Package generate makes up records of a resource, and completes hand-written ones, from nothing but the
// resource's definition. The same definition and seed give the same records on every machine: each value draws
// from a stream of its own, named by (seed, resource, record, field), so that neither another count nor another
// field moves it. Neither the clock nor floating-point products that a processor may fuse have a say.
//
// It knows no files and does not decide which records exist: package fixture asks it for them when it loads.
package generate

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// Related is what a record may refer to outside its own resource.
type Related struct {
	// UserIDs are the users that a user-id is drawn from; none: such a field has no value.
	UserIDs []string
	// Taken reports whether a hand-written record holds value, in lower case, in the unique field. A made-up
	// value then steps aside. It is called from several goroutines at once; nil: nothing is taken.
	Taken func(field, value string) bool
}

// Generator makes up the records of one resource. It does not change once made: any number of goroutines may
// use one Generator at once.
type Generator struct {
	def     *schema.Definition
	related Related
	plans   []plan
	roles   roles
	lead    *lead // nil for a resource that does not live as a lead does
	streams streams
	created int   // the field that says when a record was made; -1: none
	updated int   // … and last changed
	start   int64 // milliseconds since 1970: no made-up date lies before it
	until   int64 // … nor after it
}

// streams name the randomness of what has no field of its own but decides several.
type streams struct{ created, updated, heat, place, size, revenue uint64 }

// A plan is how one field gets its value.
type plan struct {
	field  *schema.Field
	stream uint64 // names the field's randomness
	fill   filler
	always bool            // x-chance does not apply
	absent json.RawMessage // what stands where there is no value
	pool   []option        // of an enum
	item   *plan           // of an array
}

// A filler makes the value of a field from the field's own stream.
type filler func(m *making, s *source, p *plan) value

// An option is an enum value and how often it is made up, against the others.
type option struct {
	value  string // "": no value
	weight float64
}

// FieldError is an x-fake that cannot fill its field.
type FieldError struct {
	Field    string
	Function string
	Reason   string
}

func (e *FieldError) Error() string {
	return "x-fake of " + e.Field + ", " + strconv.Quote(e.Function) + ": " + e.Reason
}

// The period that dates fall into where the definition names none. It is fixed: the wall clock would make
// another world each day.
const (
	defaultUntil = 1782842400000 // 2026-06-30T18:00:00Z
	defaultDays  = 365
	dayLength    = 24 * 60 * 60 * 1000
)

// New plans how the fields of a definition are filled. Its errors are *FieldError, one for each field
// whose x-fake is unknown or does not fit its type, joined.
func New(def *schema.Definition, related Related) (*Generator, error) {
	g := &Generator{def: def, related: related, until: defaultUntil, plans: make([]plan, len(def.Fields))}
	if !def.Generate.Until.IsZero() {
		g.until = def.Generate.Until.UnixMilli()
	}
	days := def.Generate.Days
	if days <= 0 {
		days = defaultDays
	}
	g.start = g.until - int64(days)*dayLength
	seed := mix(def.Generate.Seed) ^ stream(0, def.Name)
	g.streams = streams{
		created: stream(seed, "\x00created"), updated: stream(seed, "\x00updated"), heat: stream(seed, "\x00heat"),
		place: stream(seed, "\x00place"), size: stream(seed, "\x00size"), revenue: stream(seed, "\x00revenue"),
	}
	g.roles = rolesOf(def)
	g.created, g.updated = setBy(def, schema.SetNowOnCreate), setBy(def, schema.SetNowOnChange)
	var problems []error
	for i := range def.Fields {
		p, err := newPlan(def, &def.Fields[i], seed)
		if err != nil {
			problems = append(problems, err)
		}
		g.plans[i] = p
	}
	g.lead = leadOf(def)
	if g.lead != nil {
		g.lead.take(g.plans)
	}
	return g, errors.Join(problems...)
}

func newPlan(def *schema.Definition, f *schema.Field, seed uint64) (plan, error) {
	p := plan{field: f, stream: stream(seed, f.Name), absent: absence(f), always: f.Required || f.Set != "" && f.Set != schema.SetByCode && f.Set != schema.SetCaller}
	if f.Type == schema.Array && f.Items != nil {
		item := *f.Items
		item.Name = f.Name
		inner, err := newPlan(def, &item, seed)
		if err != nil {
			return p, err
		}
		p.item = &inner
	}
	fill, err := fillerOf(def, f)
	p.fill = fill
	if len(f.Enum) > 0 {
		p.pool = poolOf(f)
	}
	return p, err
}

// poolOf lists what an enum is drawn from: the weights where there are any, else each value that a client may
// send. Reserved values come only by weight, since what else makes such a record is not in the definition.
func poolOf(f *schema.Field) []option {
	var pool []option
	for _, w := range f.Fake.Weights {
		switch {
		case w.Value != "none":
			pool = append(pool, option{w.Value, max(w.Weight, 0)})
		case !f.Required:
			pool = append(pool, option{"", max(w.Weight, 0)})
		}
	}
	if len(pool) == 0 {
		for _, v := range f.Enum {
			pool = append(pool, option{v, 1})
		}
	}
	return pool
}

// absence is what a field without a value holds.
func absence(f *schema.Field) json.RawMessage {
	switch {
	case f.Default != nil:
		return f.Default
	case f.Required:
		return lastResort(f)
	default:
		return json.RawMessage("null")
	}
}

// Record makes up the n-th record, from 0: its values in the order of the definition, each as JSON.stringify
// would write it. The slices are the caller's.
func (g *Generator) Record(n int) []json.RawMessage { return g.Maker().Record(n) }

// Maker makes up one record after the other in the same memory, for one goroutine.
func (g *Generator) Maker() *Maker { return &Maker{g, newRoom(len(g.plans))} }

// Maker is a Generator with memory of its own.
type Maker struct {
	g    *Generator
	room room
}

// Record is the Generator's. Its slices hold the record until the next one is made.
func (m *Maker) Record(n int) []json.RawMessage {
	m.room.empty()
	made := making{g: m.g, key: mix(uint64(n) + 1), mark: strconv.Itoa(n + 1), number: uint64(n), room: m.room}
	made.make()
	m.room = made.room
	return made.out
}

// Complete makes a whole record of a partial one: written holds a value for each field of the definition, nil
// where none was written. Written values, an explicit null too, are kept as they are and what is made up fits
// them as far as it can. What is made up follows from identity alone and is not moved by other records.
func (g *Generator) Complete(identity string, written []json.RawMessage) []json.RawMessage {
	key := mix(stream(1, identity)) // 1 sets it apart from the keys of numbered records
	mark := "+" + base32(key)
	m := making{g: g, key: key, mark: mark, number: key >> 24, handwritten: true, written: written, room: newRoom(len(g.plans))}
	m.make()
	return m.out
}

// A making is one record while it comes to be.
type making struct {
	g           *Generator
	key         uint64 // names the record's randomness
	mark        string // sets the record's unique texts apart from every other's
	number      uint64 // … and its unique numbers
	handwritten bool
	written     []json.RawMessage
	room
	life        life
	spot        spot
	companyName string
	borrowed    *borrowing
}

// room is the memory of a record.
type room struct {
	out     []json.RawMessage
	sources []source // of each field
	arena   []byte   // holds the values that were made up
}

func newRoom(fields int) room {
	return room{make([]json.RawMessage, fields), make([]source, fields), make([]byte, 0, 40*fields)}
}

func (r *room) empty() {
	clear(r.out)
	clear(r.sources)
	r.arena = r.arena[:0]
}

// inProgress marks a field whose value is being made, so that a definition in which two fields derive from each
// other ends instead of calling itself for ever.
var inProgress = json.RawMessage{}

func (m *making) make() {
	for i := range m.out {
		if raw := m.given(i); raw != nil {
			m.out[i] = raw
		}
	}
	m.life = m.g.tellLife(m)
	m.spot = m.g.findSpot(m)
	for i := range m.out {
		m.value(i)
	}
}

// given is what was written for a field, or nil. A field that the definition lacks (index -1) was not written.
func (m *making) given(i int) json.RawMessage {
	if i < 0 || i >= len(m.written) || len(m.written[i]) == 0 {
		return nil
	}
	return m.written[i]
}

// value returns the value of a field and makes it first if need be.
func (m *making) value(i int) json.RawMessage {
	if m.out[i] == nil {
		m.out[i] = inProgress
		m.out[i] = m.fill(&m.g.plans[i], &m.sources[i])
	}
	return m.out[i]
}

func (m *making) fill(p *plan, s *source) json.RawMessage {
	*s = m.source(p.stream)
	// Drawn even where it does not matter, so that another x-chance leaves the values that remain as they were.
	if lucky := s.chance(p.field.Fake.Chance); !lucky && !p.always {
		return p.absent
	}
	v := conform(p.field, p.fill(m, s, p))
	if p.field.Unique {
		v = m.setApart(p.field, v)
	}
	if v.kind == nothing {
		return p.absent
	}
	format := p.field.Format
	if p.item != nil {
		format = p.item.field.Format
	}
	from := len(m.arena)
	m.arena = appendValue(m.arena, format, v)
	return m.arena[from:len(m.arena):len(m.arena)]
}

// source is the stream of randomness of a field, or of another thing, of this record.
func (m *making) source(stream uint64) source { return source(mix(stream ^ m.key)) }

// text is the text that a field holds, made if need be; "" where there is no such field or no text in it.
func (m *making) text(i int) string {
	if i < 0 {
		return ""
	}
	return textOf(m.value(i))
}

func textOf(raw json.RawMessage) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if inner := string(raw[1 : len(raw)-1]); !strings.Contains(inner, `\`) {
		return inner
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// moment is the date that was written for a field, in milliseconds since 1970.
func (m *making) moment(i int) (int64, bool) {
	text := textOf(m.given(i))
	if text == "" {
		return 0, false
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}
