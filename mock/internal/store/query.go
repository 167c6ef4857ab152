package store

import (
	"encoding/json"
	"math/bits"
	"slices"
)

// Query asks for a page of the records that meet all of its conditions. Fields are places in the layout.
type Query struct {
	Equal    []Equal
	AtLeast  []AtLeast
	Search   string // is, without case, part of at least one of the texts SearchIn; empty: no condition
	SearchIn []int

	SortBy     int // negative, or an Opaque field: by id alone
	Descending bool

	Offset int       // records to leave out first
	Limit  int       // records to return at most; 0 or less: all
	After  *Position // only records strictly after it in the order; Offset is then ignored
}

// Equal asks for records with a value: the text of a Text field, the spelling of a Number, "true" or "false",
// the canonical JSON of an Opaque one. Null equals nothing.
type Equal struct {
	Field int
	Value string
	Fold  bool // without case; of Text fields only
}

// AtLeast asks for records with a number not less than Minimum; null is none.
type AtLeast struct {
	Field   int
	Minimum float64
}

// Position is where a cursor stands: the sort key, as JSON, and the id of the last record seen. The record may have
// changed or gone since.
type Position struct {
	Key json.RawMessage
	ID  string
}

// Result is a page.
type Result struct {
	Records []*Record
	Total   int  // the records that meet the conditions, whatever Offset, Limit and After
	More    bool // whether records remain after these
}

// Query returns a page. Texts sort by code points, numbers by value, false before true; null is greater than
// everything: last ascending, first descending. Equal keys sort by id, ascending in both directions.
func (v *View) Query(q Query) Result {
	conditions := v.conditions(&q)
	o := v.ordering(q.SortBy, q.Descending)
	if few, ok := v.few(&q); ok {
		return pageOf(few, conditions, o, &q)
	}
	return v.page(v.order(o), conditions, &q)
}

func (v *View) ordering(field int, descending bool) ordering {
	if field < 0 || v.layout.fields[field].Kind == Opaque {
		return ordering{field: -1}
	}
	return ordering{field, v.layout.fields[field].Kind, descending}
}

// few returns the records among which those of the query are, if an index of ids or unique values tells.
func (v *View) few(q *Query) ([]*Record, bool) {
	for _, e := range q.Equal {
		if u := slices.Index(v.layout.unique, e.Field); u >= 0 && v.layout.fields[e.Field].Kind == Text {
			return v.holders(u, e.Value), true
		}
		if e.Field == v.layout.id && !e.Fold {
			if r, ok := v.Get(e.Value); ok {
				return []*Record{r}, true
			}
			return nil, true
		}
	}
	return nil, false
}

// pageOf answers from a handful of records.
func pageOf(few []*Record, conditions []condition, o ordering, q *Query) Result {
	few = slices.DeleteFunc(few, func(r *Record) bool { return !matchesAll(conditions, r) })
	slices.SortFunc(few, func(a, b *Record) int { return o.compare(o.of(a), o.of(b)) })
	result := Result{Total: len(few)}
	skip := min(max(q.Offset, 0), len(few))
	if q.After != nil {
		after := o.position(q.After)
		skip = 0
		for skip < len(few) && o.compare(o.of(few[skip]), after) <= 0 {
			skip++
		}
	}
	few = few[skip:]
	if q.Limit > 0 && q.Limit < len(few) {
		few, result.More = few[:q.Limit], true
	}
	result.Records = few
	return result
}

// pager collects a page while the blocks of an order pass by.
type pager struct {
	Result
	skip  int // matches still to be left out
	limit int // 0: all
	fromB int // the block, and the place in it, before which nothing is taken
	fromP int

	tally *tallying // of the conditions
}

func (v *View) page(o *order, conditions []condition, q *Query) Result {
	p := &pager{skip: max(q.Offset, 0), limit: max(q.Limit, 0)}
	if q.After != nil {
		p.skip = 0
		p.fromB, p.fromP = o.after(q.After)
	}
	if p.limit > 0 {
		p.Records = make([]*Record, 0, min(p.limit, v.size))
	}
	if len(conditions) == 0 {
		for i, b := range o.blocks {
			p.takeAll(i, b)
		}
		return p.Result
	}
	p.tally = o.tallying(conditions)
	for i := range o.blocks {
		p.takeMatches(i, o, v.root)
	}
	o.keep(p.tally)
	return p.Result
}

// takeAll lets a block pass of which every record matches.
func (p *pager) takeAll(i int, b *block) {
	p.Total += b.len()
	if i < p.fromB {
		return
	}
	from := 0
	if i == p.fromB {
		from = p.fromP
	}
	left := min(p.skip, b.len()-from)
	p.skip -= left
	for place := from + left; place < b.len() && !p.More; place++ {
		p.take(b.at(place))
	}
}

// takeMatches lets a block pass of which those records match that meet all conditions.
func (p *pager) takeMatches(i int, o *order, rt *root) {
	b, conditions := o.blocks[i], p.tally.conditions
	var matches bitmap
	n, known := p.tally.lookUp(o.serials[i])
	if !known {
		matches = b.matches(conditions, rt)
		n = matches.count()
		p.tally.add(o.serials[i], n)
	}
	p.Total += n
	if n == 0 || i < p.fromB || p.More {
		return
	}
	if p.skip >= n {
		p.skip -= n
		return
	}
	if known {
		matches = b.matches(conditions, rt)
	}
	places := b.ranked(&matches)
	if i == p.fromB {
		places.dropBelow(p.fromP)
	}
	for w, word := range places {
		for ; word != 0 && !p.More; word &= word - 1 {
			if p.skip > 0 {
				p.skip--
				continue
			}
			p.take(b.at(w*64 + bits.TrailingZeros64(word)))
		}
	}
}

// take adds a record to the page, or finds that the page is full and there is more.
func (p *pager) take(r *Record) {
	if p.limit > 0 && len(p.Records) == p.limit {
		p.More = true
		return
	}
	p.Records = append(p.Records, r)
}
