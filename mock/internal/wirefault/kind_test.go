package wirefault

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestKinds(t *testing.T) {
	want := []Kind{"CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK", "RANDOM_DATA_THEN_CLOSE",
		"TRUNCATED_BODY", "MALFORMED_JSON", "HANG"}
	if !slices.Equal(All(), want) {
		t.Errorf("the faults are %v", All())
	}
	type traits struct{ needsAnswer, byteless, onHeadByteless bool }
	wanted := map[Kind]traits{
		ConnectionReset: {false, true, true},
		EmptyResponse:   {false, true, true},
		MalformedChunk:  {false, false, true},
		RandomData:      {false, false, false},
		TruncatedBody:   {true, false, true},
		MalformedJSON:   {true, false, true},
		Hang:            {false, true, true},
	}
	for _, k := range All() {
		if got, ok := Parse(string(k)); got != k || !ok {
			t.Errorf("Parse(%s) = %s, %t", k, got, ok)
		}
		got := traits{k.NeedsAnswer(), k.Byteless(), k.On(http.MethodHead).Byteless()}
		if got != wanted[k] {
			t.Errorf("%s: %+v, want %+v", k, got, wanted[k])
		}
		if k.On(http.MethodGet) != k {
			t.Errorf("%s is another fault on GET", k)
		}
	}
	for _, name := range []string{"", "hang", "Hang", "HANG ", "TRUNCATED-BODY"} {
		if k, ok := Parse(name); ok {
			t.Errorf("Parse(%q) = %s", name, k)
		}
	}
}

func FuzzGarble(f *testing.F) {
	for _, body := range []string{"", "{}", "[]", realBody, "1234", `"text"`, "null", " [1, 2] ", "{}   {}", "]}", "\ufeff{}",
		`{"a":"ééé"}`, "[\"\xff\xfe\"]", `[[],[]]`, "no JSON"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		given := bytes.Clone(body)
		got := garble(body)
		if len(got) == 0 || json.Valid(got) {
			t.Fatalf("%q became %q", body, got)
		}
		var v any
		if err := json.NewDecoder(bytes.NewReader(got)).Decode(&v); err == nil {
			t.Fatalf("%q became %q, which begins with a whole value", body, got)
		}
		if utf8.Valid(body) && !utf8.Valid(got) {
			t.Fatalf("%q became %q: a character was cut", body, got)
		}
		if !bytes.Equal(body, given) {
			t.Fatal("the answer itself was changed")
		}
	})
}

func FuzzGarbage(f *testing.F) {
	for _, source := range []string{"", "H", "HTTP/1.1 200 OK\r\n\r\n", "0\r\n\r\n", strings.Repeat("\r\n", 60)} {
		f.Add([]byte(source))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		e := &exchange{Options: Options{Garbage: bytes.NewReader(source)}}
		got := e.garbage()
		if len(got) == 0 || len(got) > garbageLen || got[0] < 0x80 {
			t.Fatalf("%q became %q", source, got)
		}
		if len(source) > 0 && !bytes.Equal(got[1:], source[1:min(len(source), garbageLen)]) {
			t.Fatalf("%q became %q", source, got)
		}
	})
}

func TestGarbageWithoutASource(t *testing.T) {
	one, two := (&exchange{}).garbage(), (&exchange{Options: Options{Garbage: io.LimitReader(nil, 0)}}).garbage()
	if len(one) == 0 || !bytes.Equal(one, two) || one[0] < 0x80 {
		t.Errorf("got %q and %q", one, two)
	}
}
