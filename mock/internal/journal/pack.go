package journal

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"time"
)

// record is an entry as it is kept: its texts, some fifty, one after the other in one piece of memory, which it shares with
// the records around it. There are tens of thousands of them, and the garbage collector looks at every piece each time: apart,
// they would cost a server more than to record them.
//
// The same is why times are no time.Time, and texts no slices: these would be three more pointers for each.
type record struct {
	facts
	began      time.Duration // since the journal was made
	session    instant       // SessionBegan
	start, end uint32        // of its texts in the slab
	shape      *shape
	response   []byte
	size       int // bytes that it costs
	key        uint64
	attempts   *attempts // of the key
	slab       *slab     // where it and its texts are
}

// instant is a time on a clock that can be set to any.
type instant struct {
	seconds     int64
	nanoseconds int64
}

func instantOf(t time.Time) instant { return instant{t.Unix(), int64(t.Nanosecond())} }

func (i instant) time() time.Time { return time.Unix(i.seconds, i.nanoseconds) }

const (
	recordCost = 200     // roughly what a record costs beside its texts, in bytes
	maxText    = 8 << 10 // the longest text that is kept, in bytes
)

// record gathers what will be kept; its texts are borrowed, and get a place of their own in keep. That happens before the
// lock is taken.
func (j *Journal) record(x *Exchange, memory *[]byte) (r record, texts packed) {
	r = record{began: x.Began.Sub(j.made), session: instantOf(x.SessionBegan), facts: facts{
		Duration: x.Duration, Status: x.Status, Gone: x.Gone,
		requestBytes: len(x.RequestBody), responseBytes: len(x.ResponseBody),
	}}
	headers, forHeaders := j.blocks.share(x)
	shape, forShape := j.shapes.share(x, j.blocks.seed, headers)
	request := x.RequestBody
	if most := j.options.RequestBody; len(request) > most {
		request, r.RequestCut = request[:most], true
	}
	r.shape, texts = shape, pack(x, shape, request, memory)
	r.response, r.ResponseCut = j.shorten(x)
	r.size = recordCost + len(texts) + forHeaders + forShape
	if !x.BodyStored || r.ResponseCut {
		r.size += len(r.response)
	}
	r.key = j.callKey(x)
	return r, texts
}

// shorten is the body of the answer, as far as it is kept.
func (j *Journal) shorten(x *Exchange) (body []byte, cut bool) {
	body = x.ResponseBody
	most := j.options.ResponseBody
	switch {
	case len(body) <= most && x.BodyShared:
		return body, false
	case len(body) <= most:
		return copied(body), false
	case x.BodyShared:
		return j.excerpts.of(body, most), true
	}
	return copied(body[:most]), true
}

func copied(data []byte) []byte {
	if len(data) == 0 {
		return nil
	}
	return append(make([]byte, 0, len(data)), data...)
}

// slab is a piece of memory that a log takes for its records and their texts. It grows with the log, so that a session that
// sees few requests takes little; and it stays small, since the last record of many sessions may be all that is left of it.
type slab struct {
	records []record
	texts   []byte // all of it
	used    int    // of the texts
	kept    int    // of the records
}

// The size of a slab of a log that has many records.
const (
	slabRecords = 16
	slabTexts   = 2 << 10 // bytes
)

// keep gives a record and its texts a place in a log.
func (j *Journal) keep(l *log, r *record, texts packed) *record {
	if s := l.slab; s == nil || len(s.records) == cap(s.records) || len(texts) > len(s.texts)-s.used {
		l.slab = j.spare(len(l.records)+1, len(texts))
	}
	s := l.slab
	s.kept++
	s.records = append(s.records, *r)
	kept := &s.records[len(s.records)-1]
	kept.slab, kept.start = s, uint32(s.used)
	s.used += copy(s.texts[s.used:], texts)
	kept.end = uint32(s.used)
	return kept
}

// spare is an empty slab for a log that will have so many records, the first of so many bytes.
func (j *Journal) spare(records, bytes int) *slab {
	if records < slabRecords || bytes > slabTexts {
		return &slab{
			records: make([]record, 0, min(records, slabRecords)),
			texts:   make([]byte, max(bytes, min(bytes*records, slabTexts))),
		}
	}
	last := len(j.spares) - 1
	if last < 0 {
		return &slab{records: make([]record, 0, slabRecords), texts: make([]byte, slabTexts)}
	}
	s := j.spares[last]
	j.spares = j.spares[:last]
	return s
}

// maxSpares bounds the slabs that wait for records.
const maxSpares = 16

// leave takes a record out of its slab, which is used again after its last one: a server that is asked all day long then
// makes no garbage by what it records. Those who read may hold records that are no longer kept: meanwhile none is.
func (j *Journal) leave(l *log, r *record) {
	s := r.slab
	if s.kept--; s.kept > 0 || s == l.slab || j.reading.Load() > 0 ||
		cap(s.records) != slabRecords || len(s.texts) != slabTexts || len(j.spares) == maxSpares {
		return
	}
	clear(s.records)
	s.records, s.used = s.records[:0], 0
	j.spares = append(j.spares, s)
}

// packed is texts, each behind its length.
type packed []byte

// packing keeps the memory in which texts are gathered.
var packing = sync.Pool{New: func() any { return new(make([]byte, 0, 4<<10)) }}

// pack gathers the texts that are an exchange's own in borrowed memory. Those that come from outside are cut if they are
// very long.
func pack(x *Exchange, s *shape, request []byte, memory *[]byte) packed {
	target, id := shortened(x.Target), shortened(x.ID)
	b := (*memory)[:0]
	b = appendText(appendText(appendText(b, x.Session), id), target)
	path, _, _ := strings.Cut(target, "?")
	b = appendPart(appendPart(b, x.Path, path), x.RawQuery, target)
	b = append(binary.AppendUvarint(b, uint64(len(request))), request...)
	for i := range s.answer {
		if s.answer[i].own {
			b = appendPart(b, x.ResponseHeader[i].Value, id)
		}
	}
	if cap(b) <= 64<<10 {
		*memory = b
	}
	return packed(b)
}

func shortened(text string) string {
	if len(text) > maxText {
		return text[:maxText] + "…"
	}
	return text
}

func appendText(b []byte, text string) []byte {
	text = shortened(text)
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// appendPart adds a text that may be the end of one that was added before: then where it begins there is enough.
func appendPart(b []byte, text, of string) []byte {
	if strings.HasSuffix(of, text) {
		return binary.AppendUvarint(binary.AppendUvarint(b, uint64(len(of)-len(text)+1)), uint64(len(text)))
	}
	return appendText(append(b, 0), text)
}

// take takes the next text off.
func (p *packed) take() string {
	length := p.number()
	text := (*p)[:length]
	*p = (*p)[length:]
	return string(text)
}

// takePart takes off what appendPart added.
func (p *packed) takePart(of string) string {
	if i := p.number(); i > 0 {
		return of[i-1 : i-1+p.number()]
	}
	return p.take()
}

func (p *packed) number() int {
	n, size := binary.Uvarint(*p)
	*p = (*p)[size:]
	return int(n)
}

// entry unpacks a record, the headers excepted.
func (j *Journal) entry(r *record) *Entry {
	s, texts := r.shape, packed(r.slab.texts[r.start:r.end])
	e := &Entry{
		facts: r.facts, Began: j.made.Add(r.began), SessionBegan: r.session.time(), response: r.response, shape: s, caller: s.caller,
		Method: s.method, Operation: s.operation, Decision: s.decision, Rule: s.rule, Step: s.step, Fault: s.fault,
	}
	e.Session, e.RequestID, e.target = texts.take(), texts.take(), texts.take()
	e.Path, e.query = texts.takePart(e.target), texts.takePart(e.target)
	e.request = texts.take()
	e.own = slices.Clone(texts)
	return e
}

// headers unpacks what holds nothing else.
func (p packed) headers() (all []Header) {
	for len(p) > 0 {
		all = append(all, Header{p.take(), p.take()})
	}
	return all
}

// requestHeaders unpacks the headers of the request.
func (e *Entry) requestHeaders() []Header { return e.shape.headers.headers() }

// responseHeaders unpacks the headers of the answer.
func (e *Entry) responseHeaders() []Header {
	all, own := make([]Header, len(e.shape.answer)), e.own
	for i := range e.shape.answer {
		if all[i] = e.shape.answer[i].Header; e.shape.answer[i].own {
			all[i].Value = own.takePart(e.RequestID)
		}
	}
	return all
}
