package journal

import (
	"hash/maphash"
	"math/bits"
	"strings"
	"sync/atomic"

	"github.com/salesos/salesos-mock/mock/internal/match"
)

// block is the headers that a client sends with every request. It never changes.
type block struct {
	hash  uint64
	texts packed
}

// blocks remembers the headers that came last, so that those that come again are neither copied nor held twice: most of
// what an exchange holds is what the one before it held.
type blocks struct {
	seed  maphash.Seed
	slots [512]atomic.Pointer[block]
}

// share gives the block of a hash. Two sets of headers of one hash are not to be expected: nobody outside knows the seed.
func (b *blocks) share(x *Exchange) (_ *block, cost int) {
	hash := b.sum(x)
	slot := &b.slots[hash%uint64(len(b.slots))]
	if known := slot.Load(); known != nil && known.hash == hash {
		return known, len(known.texts) / sharers
	}
	made := &block{hash: hash}
	for name, values := range x.RequestHeader {
		for _, value := range values {
			made.texts = appendText(appendText(made.texts, name), value)
		}
	}
	slot.Store(made)
	return made, len(made.texts)
}

// sharers are among how many exchanges what they share is divided: those that hold it may be all that is left.
const sharers = 4

// sum hashes headers so that their order does not matter.
func (b *blocks) sum(x *Exchange) (sum uint64) {
	for name, values := range x.RequestHeader {
		n := maphash.String(b.seed, name)
		for i, value := range values {
			sum += (n ^ bits.RotateLeft64(maphash.String(b.seed, value), 17) ^ uint64(i)) * 0x9e3779b97f4a7c15
		}
	}
	return sum
}

// headers unpacks the block.
func (b *block) headers() []Header { return b.texts.headers() }

// shape is what the exchanges have in common in which the same client met the same answer of the same operation. It never
// changes.
type shape struct {
	common
	headers *block // of the request
	answer  []answerHeader
	cost    int // in bytes, without the headers of the request
}

// answerHeader is a header of an answer; of some, each answer has a value of its own.
type answerHeader struct {
	Header
	own bool
}

// common are the texts of a shape.
type common struct {
	method, operation, decision, rule, step, fault string
	caller                                         match.Caller
}

func commonOf(x *Exchange) common {
	return common{x.Method, x.Operation, x.Decision, x.Rule, x.Step, x.Fault, x.Caller}
}

// kept is what no longer depends on the memory of a request, or of files.
func (c common) kept() (_ common, cost int) {
	for _, text := range [...]*string{
		&c.method, &c.operation, &c.decision, &c.rule, &c.step, &c.fault,
		&c.caller.Role, &c.caller.UserID, &c.caller.UserEmail, &c.caller.APIKey, &c.caller.KeyName,
	} {
		*text = strings.Clone(shortened(*text))
		cost += len(*text)
	}
	return c, cost
}

// shapes remembers the shapes that came last.
type shapes struct {
	slots [512]atomic.Pointer[shape]
}

func (s *shapes) share(x *Exchange, seed maphash.Seed, headers *block) (_ *shape, cost int) {
	c := commonOf(x)
	place := headers.hash ^ maphash.String(seed, c.operation) ^ bits.RotateLeft64(maphash.String(seed, c.decision), 17) ^ uint64(x.Status) ^ uint64(len(x.ResponseHeader))<<10
	slot := &s.slots[place%uint64(len(s.slots))]
	if known := slot.Load(); known != nil && known.headers == headers && known.common == c && known.has(x.ResponseHeader) {
		return known, known.cost / shapeSharers
	}
	made := &shape{headers: headers, cost: shapeCost}
	var texts int
	made.common, texts = c.kept()
	made.cost += texts
	for _, h := range x.ResponseHeader {
		a := answerHeader{own: isOwn(h.Name)}
		if a.Name = h.Name; !a.own {
			a.Value = strings.Clone(shortened(h.Value))
		}
		made.answer = append(made.answer, a)
		made.cost += len(a.Name) + len(a.Value)
	}
	slot.Store(made)
	return made, made.cost
}

const (
	shapeCost    = 600 // what a shape takes beside its texts, in bytes
	shapeSharers = 16  // see sharers: sessions share shapes, too, so that rarely a few are all that is left
)

// has says whether an answer's headers are those of the shape.
func (s *shape) has(headers []Header) bool {
	if len(headers) != len(s.answer) {
		return false
	}
	for i := range headers {
		if a, h := &s.answer[i], &headers[i]; a.Name != h.Name || !a.own && a.Value != h.Value {
			return false
		}
	}
	return true
}

// isOwn tells the headers that differ from answer to answer.
func isOwn(name string) bool {
	return name == "X-RateLimit-Remaining" || name == "X-RateLimit-Reset" || name == "X-Request-Id"
}
