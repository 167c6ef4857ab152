package contract

import (
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/salesos/salesos-mock/mock/internal/journal"
)

// Library remembers the contracts that it has read: to read one takes longer than most tests.
type Library struct {
	mu     sync.Mutex
	byText map[string]*Contract
}

// Read is New, but for a document that is known.
func (l *Library) Read(document []byte) (*Contract, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.byText[string(document)]; c != nil {
		return c, nil
	}
	c, err := New(document)
	if err != nil {
		return nil, err
	}
	if l.byText == nil {
		l.byText = map[string]*Contract{}
	}
	l.byText[string(document)] = c
	return c, nil
}

// Record is the environment variable that names the file to which witnesses add what they have to say: of each problem its
// lines, and "checked N PROGRAM" for each N further answers.
const Record = "SALESOS_TESTS_CONFORMANCE"

// Witness sees each answer that a server gives at the moment that it is given, whoever asked, and holds it against the
// document that holds then. It needs no journal that is asked in the end, which a process may not live to see.
type Witness struct {
	library *Library
	say     func(text string)
	seen    atomic.Uint64
}

// NewWitness makes a witness who adds to the file that Record names. Where it names none, the first problem ends the process.
func NewWitness(l *Library) *Witness {
	if name := os.Getenv(Record); name != "" {
		return &Witness{library: l, say: func(text string) { add(name, text) }}
	}
	return &Witness{library: l, say: func(text string) {
		if !strings.HasPrefix(text, checked) {
			go panic(text) // in a goroutine of its own, since servers recover
		}
	}}
}

const checked = "checked "

// add lets several processes write at the same time. What cannot be written must not be overlooked.
func add(name, text string) {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err == nil {
		_, err = file.WriteString(text + "\n")
		_ = file.Close()
	}
	if err != nil {
		go panic(err)
	}
}

// See checks an answer. document makes the OpenAPI document of the files from which it came. A fault on the wire is no
// answer: it breaks on purpose what the document promises.
func (w *Witness) See(x *journal.Exchange, document func() ([]byte, error)) {
	if x.Status == 0 || x.Fault != "" {
		return
	}
	text, err := document()
	if err != nil {
		w.say(err.Error())
		return
	}
	c, err := w.library.Read(text)
	if err != nil {
		w.say(err.Error())
		return
	}
	if problems := c.problems(heard(x)); problems != nil {
		w.say(strings.Join(problems, "\n"))
	}
	w.count()
}

// count tells of the answers at each power of two: few lines, of which at most half is missing when the process ends.
func (w *Witness) count() {
	if n := w.seen.Add(1); bits.OnesCount64(n) == 1 {
		w.say(fmt.Sprintf("%s%d %s", checked, n-n/2, filepath.Base(os.Args[0])))
	}
}

// heard is an exchange as the server itself knows it: whole, and with its secrets.
func heard(x *journal.Exchange) Talk {
	asked, header := x.RequestHeader.Clone(), map[string][]string{}
	for _, h := range x.ResponseHeader {
		header[h.Name] = append(header[h.Name], h.Value)
	}
	t := Talk{
		Method: x.Method, Target: x.Target, Sent: string(x.RequestBody), ContentType: asked.Get("Content-Type"), Asked: asked,
		Status: x.Status, Header: canonical(header), Body: string(x.ResponseBody),
		SentUnknown: x.Gone, // perhaps in the middle of its request
	}
	if accepted, _ := t.verdict(); accepted {
		asked.Del("Content-Encoding") // the body could be unpacked, and was
	}
	return t
}
