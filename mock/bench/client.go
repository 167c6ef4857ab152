package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// connection speaks just enough HTTP/1.1 to load a server without costing much itself: one request at a time, whole
// answers with a Content-Length. On few processors a real client would be most of what is measured.
type connection struct {
	net.Conn
	buffer []byte
}

func dial(address string) (*connection, error) {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return nil, err
	}
	return &connection{c, make([]byte, 0, 64<<10)}, nil
}

// answer is valid until the connection's next exchange.
type answer struct {
	status int
	header []byte
	body   []byte
}

// exchange sends a request and waits for its answer.
func (c *connection) exchange(request []byte) (answer, error) {
	if _, err := c.Write(request); err != nil {
		return answer{}, err
	}
	c.buffer = c.buffer[:0]
	end := -1
	for end < 0 {
		if err := c.more(); err != nil {
			return answer{}, err
		}
		end = bytes.Index(c.buffer, []byte("\r\n\r\n"))
	}
	a, length, err := readHead(c.buffer[:end+2])
	if err != nil {
		return answer{}, err
	}
	total := end + 4 + length
	for len(c.buffer) < total {
		if err := c.more(); err != nil {
			return answer{}, err
		}
	}
	a.header, a.body = c.buffer[:end], c.buffer[end+4:total]
	return a, nil
}

// more reads what has come.
func (c *connection) more() error {
	if len(c.buffer) == cap(c.buffer) {
		c.buffer = append(make([]byte, 0, 2*cap(c.buffer)), c.buffer...)
	}
	n, err := c.Read(c.buffer[len(c.buffer):cap(c.buffer)])
	c.buffer = c.buffer[:len(c.buffer)+n]
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readHead finds the status and the length of the body.
func readHead(head []byte) (a answer, length int, err error) {
	const version = "HTTP/1.1 "
	if !bytes.HasPrefix(head, []byte(version)) || len(head) < len(version)+3 {
		return a, 0, fmt.Errorf("the answer begins with %.40q", head)
	}
	if a.status, err = strconv.Atoi(string(head[len(version) : len(version)+3])); err != nil {
		return a, 0, err
	}
	const name = "\r\nContent-Length: "
	at := bytes.Index(head, []byte(name))
	if at < 0 {
		if a.status == 204 {
			return a, 0, nil
		}
		return a, 0, fmt.Errorf("an answer %d without Content-Length", a.status)
	}
	digits, _, _ := bytes.Cut(head[at+len(name):], []byte("\r\n"))
	length, err = strconv.Atoi(string(digits))
	return a, length, err
}

// once sends one request on a connection of its own.
func once(address string, request []byte) (answer, error) {
	c, err := dial(address)
	if err != nil {
		return answer{}, err
	}
	defer c.Close()
	return c.exchange(request)
}

// load is requests to be sent: the n-th, and the status that each must get; 0: any success.
type load struct {
	request func(n int) []byte
	status  int
}

// always sends the same request.
func always(request []byte) load {
	return load{func(int) []byte { return request }, 200}
}

// clients is over how many connections load is sent: some more than there are processors, as browsers do.
const clients = 4

// drive sends the requests from to from+count over keep-alive connections that are there already.
func drive(connections []*connection, l load, from, count int) error {
	var group errgroup.Group
	for i, c := range connections {
		group.Go(func() error {
			for n := from + i; n < from+count; n += len(connections) {
				a, err := c.exchange(l.request(n))
				if err != nil {
					return err
				}
				if a.status != l.status && (l.status != 0 || a.status >= 300) {
					return fmt.Errorf("an answer %d where %d was due: %.300s", a.status, l.status, a.body)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// caller writes requests with a token; with an origin, as a page of a front end sends them.
type caller struct{ token, origin, session string }

// in is the same caller in a session.
func (c caller) in(session string) caller {
	c.session = session
	return c
}

// pageOrigin is where a front end in development is served.
const pageOrigin = "http://localhost:3000"

func (c caller) request(method, target, body string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: application/json\r\n"+
		"Authorization: Bearer %s\r\n", method, target, c.token)
	if c.origin != "" {
		b.WriteString("Origin: " + c.origin + "\r\n")
	}
	if c.session != "" {
		b.WriteString("X-Mock-Session: " + c.session + "\r\n")
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n" + body)
	return []byte(b.String())
}

func (c caller) get(target string) []byte { return c.request("GET", target, "") }
