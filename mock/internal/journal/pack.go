package journal

import (
	"encoding/binary"
	"sync"
)

// record is an entry as it is kept: its texts, some fifty, one after the other in one piece of memory, which it shares with
// the records around it. There are tens of thousands of them, and the garbage collector looks at every piece each time: apart,
// they would cost a server more than to record them.
type record struct {
	facts
	texts    packed
	headers  *block // of the request
	answer   *block // of the answer, but for those that are its own, which are with the texts
	response []byte
	size     int // bytes that it costs
	key      uint64
}

const (
	recordCost = 240     // roughly what a record costs beside its texts, in bytes
	maxText    = 8 << 10 // the longest text that is kept, in bytes
)

// record gathers what will be kept; its texts are borrowed, and get a place of their own in keep. That happens before the
// lock is taken.
func (j *Journal) record(x *Exchange, memory *[]byte) record {
	r := record{facts: facts{
		Began: x.Began, SessionBegan: x.SessionBegan, Duration: x.Duration, Status: x.Status, Gone: x.Gone,
		requestBytes: len(x.RequestBody), responseBytes: len(x.ResponseBody),
	}}
	var forHeaders, forAnswer int
	r.headers, forHeaders = j.blocks.requestHeaders(x)
	r.answer, forAnswer = j.blocks.responseHeaders(x)
	request := x.RequestBody
	if most := j.options.RequestBody; len(request) > most {
		request, r.RequestCut = request[:most], true
	}
	r.texts = pack(x, request, memory)
	r.response, r.ResponseCut = j.shorten(x)
	r.size = recordCost + len(r.texts) + forHeaders + forAnswer
	if !x.BodyStored || r.ResponseCut {
		r.size += len(r.response)
	}
	r.key = j.callKey(x)
	return r
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

// The pieces of memory that a log takes for its records, once it has many of them. They are small, since the last record of
// many sessions may be all that is left of a piece.
const (
	slabRecords = 16
	slabTexts   = 4 << 10 // bytes
)

// keep gives a record and its texts a place in the log: in pieces that grow with it, so that a session that sees
// few requests takes little.
func (l *log) keep(r *record) *record {
	if len(l.places) == 0 {
		l.places = make([]record, min(len(l.records)+1, slabRecords))
	}
	kept := &l.places[0]
	l.places = l.places[1:]
	if *kept = *r; len(r.texts) > cap(l.texts)-len(l.texts) {
		l.texts = make([]byte, 0, max(len(r.texts), min(len(r.texts)*(len(l.records)+1), slabTexts)))
	}
	start := len(l.texts)
	l.texts = append(l.texts, r.texts...)
	kept.texts = packed(l.texts[start:len(l.texts):len(l.texts)])
	return kept
}

// packed is texts, each behind its length.
type packed []byte

// packing keeps the memory in which texts are gathered.
var packing = sync.Pool{New: func() any { return new(make([]byte, 0, 4<<10)) }}

// pack gathers the texts of an exchange in borrowed memory. Those that come from outside are cut if they are very long.
func pack(x *Exchange, request []byte, memory *[]byte) packed {
	b := (*memory)[:0]
	for _, text := range [...]string{
		x.Session, x.ID, x.Method, x.Path, x.Operation, x.Decision, x.Rule, x.Step, x.Fault, x.Target, x.RawQuery,
		x.Caller.Role, x.Caller.UserID, x.Caller.UserEmail, x.Caller.APIKey, x.Caller.KeyName,
	} {
		b = appendText(b, text)
	}
	b = append(binary.AppendUvarint(b, uint64(len(request))), request...)
	for i := range x.ResponseHeader {
		if h := &x.ResponseHeader[i]; ownHeader(h.Name) {
			b = appendText(appendText(b, h.Name), h.Value)
		}
	}
	if cap(b) <= 64<<10 {
		*memory = b
	}
	return packed(b)
}

func appendText(b []byte, text string) []byte {
	if len(text) > maxText {
		text = text[:maxText] + "…"
	}
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// take takes the next text off.
func (p *packed) take() string {
	var length, shift int
	for i := 0; ; i++ {
		b := (*p)[i]
		length |= int(b&0x7f) << shift
		if shift += 7; b < 0x80 {
			text := (*p)[i+1 : i+1+length]
			*p = (*p)[i+1+length:]
			return string(text)
		}
	}
}

// entry unpacks a record, the headers excepted.
func (r *record) entry() *Entry {
	e := &Entry{facts: r.facts, response: r.response, headers: r.headers, answer: r.answer}
	texts := r.texts
	for _, text := range [...]*string{
		&e.Session, &e.RequestID, &e.Method, &e.Path, &e.Operation, &e.Decision, &e.Rule, &e.Step, &e.Fault, &e.target, &e.query,
		&e.caller.Role, &e.caller.UserID, &e.caller.UserEmail, &e.caller.APIKey, &e.caller.KeyName, &e.request,
	} {
		*text = texts.take()
	}
	e.own = texts
	return e
}

// headers unpacks what holds nothing else.
func (p packed) headers() (all []Header) {
	for len(p) > 0 {
		all = append(all, Header{p.take(), p.take()})
	}
	return all
}

// bothHeaders unpacks the headers.
func (e *Entry) bothHeaders() (request, response []Header) {
	return e.headers.headers(), append(e.answer.headers(), e.own.headers()...)
}
