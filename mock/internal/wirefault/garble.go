package wirefault

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"
)

// garbageLen is how many bytes of garbage are sent.
const garbageLen = 64

// garbage is bytes that no client can take for an answer or for a chunk: those begin with ASCII.
func (e *exchange) garbage() []byte {
	g := make([]byte, garbageLen)
	n := 0
	if e.Garbage != nil {
		n, _ = io.ReadFull(e.Garbage, g) // a source that ends early gives less, which is garbage too
	}
	if n == 0 {
		n = copy(g, "\xd7\x1c\x98neither an answer nor a chunk of one\x00\xff\xfe][}{")
	}
	g[0] |= 0x80
	return g[:n]
}

// garble makes a body that no JSON parser takes, lenient and streaming ones included: its first value
// begins and never ends. It is the first half of the body, in whole characters, where that is an object or
// an array. Half of a scalar might be another scalar, and half of what is no JSON might be some.
func garble(body []byte) []byte {
	body = bytes.Trim(bytes.TrimPrefix(body, []byte("\ufeff")), " \t\r\n")
	if len(body) == 0 || body[0] != '{' && body[0] != '[' || !json.Valid(body) {
		return []byte(`{"malformed":`)
	}
	end := max(len(body)/2, 1)
	for end > 1 && !utf8.RuneStart(body[end]) {
		end--
	}
	return body[:end]
}
