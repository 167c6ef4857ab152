package mock_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/salesos/salesos-mock/mock"
)

// h2 is a client of HTTP/2 without manners.
type h2 struct {
	*http2.Framer
	t        *testing.T
	conn     net.Conn
	block    bytes.Buffer
	encoder  *hpack.Encoder
	stream   uint32
	answers  chan http2.FrameHeader // of the frames that end a stream or the connection; closed with the connection
	statuses chan string
}

func dialH2(t *testing.T, m *mock.Server) *h2 {
	t.Helper()
	conn := connect(t, m)
	c := &h2{Framer: http2.NewFramer(conn, conn), t: t, conn: conn, stream: 1, answers: make(chan http2.FrameHeader, 1<<16), statuses: make(chan string, 1<<16)}
	c.encoder = hpack.NewEncoder(&c.block)
	_, _ = io.WriteString(conn, http2.ClientPreface)
	_ = c.WriteSettings()
	c.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	go c.read()
	return c
}

func (c *h2) read() {
	defer close(c.answers)
	for {
		frame, err := c.ReadFrame()
		var ofStream http2.StreamError
		if errors.As(err, &ofStream) {
			continue
		}
		if err != nil {
			return
		}
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			c.statuses <- f.PseudoValue("status")
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			c.answers <- frame.Header()
		}
	}
}

// fields encodes the head of a request, with more names and values.
func (c *h2) fields(path string, more ...string) []byte {
	c.block.Reset()
	pairs := append([]string{":method", "GET", ":scheme", "http", ":authority", "localhost", ":path", path}, more...)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = c.encoder.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
	}
	return bytes.Clone(c.block.Bytes())
}

// ask opens a stream, and returns its number.
func (c *h2) ask(block []byte) (stream uint32, err error) {
	stream = c.stream
	c.stream += 2
	return stream, c.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block, EndStream: true, EndHeaders: true})
}

// refused says whether the server ended the connection.
func (c *h2) refused() bool {
	deadline := time.After(10 * time.Second)
	for {
		select {
		case frame, open := <-c.answers:
			if !open || frame.Type == http2.FrameGoAway {
				return true
			}
		case <-deadline:
			return false
		}
	}
}

// well asserts that the server answers others as ever.
func well(t *testing.T, m *mock.Server) {
	t.Helper()
	began := time.Now()
	if r := send(t, m, "GET", "/api/leads/"+adaID, ""); r.StatusCode != 200 {
		t.Errorf("afterwards: %s", r.Status)
	}
	if took := time.Since(began); took > 3*slowdown*time.Second {
		t.Errorf("afterwards a request took %v", took)
	}
}

// CVE-2023-44487: streams that are opened and reset at once, so that the limit of open ones never holds.
func TestRapidReset(t *testing.T) {
	t.Parallel()
	m := serve(t)
	c := dialH2(t, m)
	block := c.fields("/api/leads?limit=100", "x-api-key", m.APIKey())
	for range 20_000 {
		stream, err := c.ask(block)
		if err == nil {
			err = c.WriteRSTStream(stream, http2.ErrCodeCancel)
		}
		if err != nil {
			break // it was enough for the server
		}
	}
	well(t, m)
}

// CVE-2023-45288: a block of headers that never ends.
func TestEndlessContinuation(t *testing.T) {
	t.Parallel()
	m := serve(t)
	c := dialH2(t, m)
	_ = c.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: c.fields("/api/leads"), EndStream: true})
	more := bytes.Repeat([]byte{0x00, 0x01, 'a', 0x7f, 0x01}, 10) // literals without an end
	more = append(more, bytes.Repeat([]byte("b"), 8000)...)
	sent := 0
	for ; sent < 64<<20; sent += len(more) {
		if err := c.WriteContinuation(1, false, more); err != nil {
			break
		}
	}
	if sent >= 64<<20 || !c.refused() {
		t.Errorf("%d bytes of headers were taken", sent)
	}
	well(t, m)
}

// A kilobyte that is written once and named ten thousand times.
func TestHeadersThatUnfold(t *testing.T) {
	t.Parallel()
	m := serve(t)
	c := dialH2(t, m)
	more := []string{}
	for range 10_000 {
		more = append(more, "x-large", strings.Repeat("v", 3000))
	}
	block := c.fields("/api/leads/"+adaID, append(more, "x-api-key", m.APIKey())...)
	if len(block) > 16_384 {
		t.Fatalf("%d bytes", len(block))
	}
	if _, err := c.ask(block); err != nil {
		t.Fatal(err)
	}
	select {
	case status := <-c.statuses:
		if status != "431" {
			t.Errorf("status %s", status)
		}
	case _, open := <-c.answers: // the stream or the connection was ended
		_ = open
	case <-time.After(10 * time.Second):
		t.Error("no answer")
	}
	well(t, m)
}

// Of hanging streams so many are taken as the server says that it takes, and all end with their connection.
func TestStreamsThatHang(t *testing.T) {
	m := serve(t)
	before := settled(t)
	c := dialH2(t, m)
	block := c.fields("/api/leads/"+adaID, "x-api-key", m.APIKey(), "x-mock-fault", "HANG")
	for range 1000 {
		if _, err := c.ask(block); err != nil {
			break
		}
	}
	refused := 0
	deadline := time.After(10 * time.Second)
	for open := true; open && refused < 700; {
		select {
		case _, open = <-c.answers:
			refused++
		case <-deadline:
			open = false
		}
	}
	if refused < 700 {
		t.Errorf("%d of 1000 streams were refused", refused)
	}
	well(t, m)
	_ = c.conn.Close()
	back(t, before)
}

// Frames that only make work.
func TestFramesThatOnlyMakeWork(t *testing.T) {
	t.Parallel()
	m := serve(t)
	for name, one := range map[string]func(c *h2) error{
		"settings":         func(c *h2) error { return c.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 16_384}) },
		"pings":            func(c *h2) error { return c.WritePing(false, [8]byte{}) },
		"priorities":       func(c *h2) error { return c.WritePriority(101, http2.PriorityParam{StreamDep: 3}) },
		"window updates":   func(c *h2) error { return c.WriteWindowUpdate(0, 1) },
		"empty data":       func(c *h2) error { return c.WriteData(1, false, nil) },
		"unknown frames":   func(c *h2) error { return c.WriteRawFrame(0x77, 0, 0, []byte("x")) },
		"an own push":      func(c *h2) error { return c.WriteRawFrame(http2.FramePushPromise, 0, 1, make([]byte, 4)) },
		"too large":        func(c *h2) error { return c.WriteRawFrame(http2.FrameData, 0, 1, make([]byte, 1<<20)) },
		"a window of 2^31": func(c *h2) error { return c.WriteWindowUpdate(0, 1<<31-1) },
	} {
		c := dialH2(t, m)
		_ = c.conn.SetWriteDeadline(time.Now().Add(3 * time.Second))
		for range 5000 {
			if err := one(c); err != nil {
				if errors.Is(err, os.ErrDeadlineExceeded) {
					t.Logf("%s: the server no longer reads", name)
				}
				break
			}
		}
		_ = c.conn.Close()
		well(t, m)
	}
}
