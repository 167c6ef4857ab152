package jsonbody

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const bom = "\xEF\xBB\xBF"
	for _, tc := range []struct {
		name, body string
		want       string // name=raw of each member
		duplicates []string
	}{
		{"no body", "", "", nil},
		{"white space", " \t\r\n", "", nil},
		{"byte order mark alone", bom, "", nil},
		{"empty object", "{}", "", nil},
		{"spaced empty object", bom + " { } ", "", nil},
		{"order is kept", `{"b":1,"a":2}`, "b=1 a=2", nil},
		{"white space goes", " {\n \"a\" : [1, 2] ,\t\"b\" : {\"c\" : null } }\r\n", `a=[1, 2] b={"c" : null }`, nil},
		{"all kinds", `{"a":null,"b":true,"c":false,"d":-1.5e3,"e":"x","f":[],"g":{}}`, `a=null b=true c=false d=-1.5e3 e="x" f=[] g={}`, nil},
		{"brackets and quotes in strings", `{"a":"}\"]","b":["{\\"],"c":1}`, `a="}\"]" b=["{\\"] c=1`, nil},
		{"escaped names", `{"\u0061\n":1}`, "a\n=1", nil},
		{"names of JavaScript's own", `{"__proto__":{"x":1},"constructor":2}`, `__proto__={"x":1} constructor=2`, nil},
		{"duplicates", `{"a":1,"b":2,"a":3,"c":4,"b":5,"\u0061":6}`, "a=6 b=5 c=4", []string{"a", "b"}},
		{"empty name", `{"":1}`, "=1", nil},
		{"duplicates inside are for later", `{"a":{"b":1,"b":2}}`, `a={"b":1,"b":2}`, nil},
		{"invalid UTF-8", "{\"\xff\":\"a\xe2\x82b\"}", "\uFFFD=\"a\uFFFD\uFFFDb\"", nil},
		{"huge number", `{"a":1e400}`, "a=1e400", nil},
		{"NUL and lone surrogate escapes", `{"a":"\u0000\ud800"}`, `a="\u0000\ud800"`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			obj, duplicates, err := Parse([]byte(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range obj.Members {
				got = append(got, m.Name+"="+string(m.Raw))
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.duplicates, duplicates); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	const syntax = "request body is not valid JSON: "
	const kind = "request body must be a JSON object, but is "
	deep := strings.Repeat("[", 10<<20)
	for _, tc := range []struct{ name, body, want string }{
		{"cut off", `{"a":`, syntax + "it ends too early at byte 5"},
		{"cut off behind a mark", "\xEF\xBB\xBF{", syntax + "it ends too early at byte 4"},
		{"cut off in a string", `{"a":"é`, syntax + "it ends too early at byte 8"},
		{"word", ` nope`, syntax + "unexpected 'o' (true, false or null was expected) at byte 2"},
		{"form", `email=a`, syntax + "unexpected 'e' (a value was expected) at byte 0"},
		{"mark counts", "\xEF\xBB\xBF x", syntax + "unexpected 'x' (a value was expected) at byte 4"},
		{"second mark", "\xEF\xBB\xBF\xEF\xBB\xBF{}", syntax + `unexpected '\ufeff' (a value was expected) at byte 3`},
		{"missing value", `{"email": }`, syntax + "unexpected '}' (a value was expected) at byte 10"},
		{"trailing comma", `{"a":1,}`, syntax + "unexpected '}' (a property name in double quotes was expected) at byte 7"},
		{"single quotes", `{'a':1}`, syntax + `unexpected '\'' (a property name in double quotes was expected) at byte 1`},
		{"no colon", `{"a" 1}`, syntax + "unexpected '1' (a colon was expected) at byte 5"},
		{"no comma", `{"a":1 "b":2}`, syntax + `unexpected '"' (a comma or } was expected) at byte 7`},
		{"no comma in an array", `{"a":[1 2]}`, syntax + `unexpected '2' (a comma or ] was expected) at byte 8`},
		{"trailing text", `{} {}`, syntax + "unexpected '{' (nothing may follow the value) at byte 3"},
		{"two digits short", `{"a":"\u12"}`, syntax + `unexpected '"' (four hexadecimal digits were expected after \u) at byte 10`},
		{"escape", `{"a":"\x"}`, syntax + `unexpected 'x' (no such escape in a string) at byte 7`},
		{"line break in a string", "{\"a\":\"\n\"}", syntax + `unexpected '\n' (in a string it must be escaped) at byte 6`},
		{"number", `{"a":1.}`, syntax + "unexpected '}' (a digit was expected) at byte 7"},
		{"character above ASCII", `{"a":é}`, syntax + "unexpected 'é' (a value was expected) at byte 5"},
		{"broken character", "{\"a\":\xff}", syntax + "unexpected '\uFFFD' (a value was expected) at byte 5"},
		{"NUL", "\x00", syntax + `unexpected '\x00' (a value was expected) at byte 0`},
		{"deep", `{"a":` + deep[:20000], syntax + "arrays and objects are nested too deeply at byte 10004"},
		{"deep and long", deep, syntax + "arrays and objects are nested too deeply at byte 10000"},
		{"array", ` [1]`, kind + "an array at byte 1"},
		{"string", `"x"`, kind + "a string at byte 0"},
		{"number alone", `-5`, kind + "a number at byte 0"},
		{"true", `true`, kind + "a boolean at byte 0"},
		{"null", "\xEF\xBB\xBFnull", kind + "null at byte 3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			obj, duplicates, err := Parse([]byte(tc.body))
			if err == nil || err.Error() != tc.want {
				t.Fatalf("got %v, want %s", err, tc.want)
			}
			if obj.Members != nil || duplicates != nil {
				t.Errorf("an error came with %v and %v", obj, duplicates)
			}
			var s *SyntaxError
			var k *KindError
			if errors.As(err, &s) != strings.HasPrefix(tc.want, syntax) || errors.As(err, &k) != strings.HasPrefix(tc.want, kind) {
				t.Errorf("error is a %T", err)
			}
		})
	}
}

func TestManyMembersStayLinear(t *testing.T) {
	t.Parallel()
	var body bytes.Buffer
	body.WriteString(`{"k0":0`)
	const count = 60_000 // enough for an index to be needed: quadratic, this takes far longer than all other tests
	for i := range count {
		fmt.Fprintf(&body, `,"k%d":%d,"twice":%d`, i, i+1, i)
	}
	body.WriteString("}")
	obj, duplicates, err := Parse(body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(obj.Members) != count+1 || !slices.Equal(duplicates, []string{"k0", "twice"}) {
		t.Errorf("%d members, duplicates %v", len(obj.Members), duplicates)
	}
	if raw, ok := obj.Get("twice"); !ok || string(raw) != fmt.Sprint(count-1) {
		t.Errorf("twice is %s, want its last value", raw)
	}
	if _, ok := obj.Get("absent"); ok {
		t.Error("an absent member was found")
	}
}

func TestItems(t *testing.T) {
	t.Parallel()
	for array, want := range map[string][]string{
		`[]`: nil, `[ ]`: nil, `[1]`: {"1"}, `[ 1 , "a,]" ,[2,[3]],{"a":[]} ]`: {"1", `"a,]"`, "[2,[3]]", `{"a":[]}`},
	} {
		var got []string
		for item := range Items(json.RawMessage(array)) {
			got = append(got, string(item))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has items %q, want %q", array, got, want)
		}
	}
	for range Items(json.RawMessage(`[1,2]`)) {
		break // must not go on
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"": "null", "null": "null", "true": "a boolean", "false": "a boolean", "-1": "a number", "0": "a number",
		`""`: "a string", "[]": "an array", "{}": "an object",
	} {
		if got := KindOf(json.RawMessage(raw)).String(); got != want {
			t.Errorf("%s is %s, want %s", raw, got, want)
		}
	}
}

func TestDecodeString(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{`""`: "", `"é"`: "é", `"\"\u00e9\ud83d\ude00"`: `"é😀`, `"\ud800x"`: "\uFFFDx"} {
		if got, ok := DecodeString(json.RawMessage(raw)); !ok || got != want {
			t.Errorf("%s decodes to %q, %v", raw, got, ok)
		}
	}
	if _, ok := DecodeString(json.RawMessage("5")); ok {
		t.Error("a number was taken for a string")
	}
}

// FuzzParse holds Parse against encoding/json.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", " ", "{}", `{"a":1,"b":[1,{"c":"]}\""}],"a":2}`, "\xEF\xBB\xBF{\"a\":\"\xff\"}", `{"a":`, "[[[", `{"\ud800":"\ud83d\ude00"}`, "null", `{"a":1}x`,
		"{\"\xff\":1,\"\xfe\":2}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		obj, duplicates, err := Parse(data)
		text := bytes.TrimPrefix(data, []byte(byteOrderMark))
		blank := len(bytes.Trim(text, whiteSpace)) == 0
		var want map[string]json.RawMessage
		valid := json.Valid(text) && KindOf(bytes.TrimLeft(text, whiteSpace)) == ObjectKind
		if (err == nil) != (valid || blank) {
			t.Fatalf("%q: valid is %v, error is %v", data, valid, err)
		}
		checkOffset(t, data, err)
		if err != nil || blank {
			return
		}
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		if len(obj.Members) != len(want) {
			t.Fatalf("%q has %d members, want %d", data, len(obj.Members), len(want))
		}
		for _, m := range obj.Members {
			if !json.Valid(m.Raw) || !bytes.Equal(replaceInvalid(want[m.Name]), m.Raw) {
				t.Errorf("%q: member %q is %q, want %q", data, m.Name, m.Raw, want[m.Name])
			}
		}
		for _, name := range duplicates {
			if _, ok := obj.Get(name); !ok {
				t.Errorf("%q: duplicate %q is no member", data, name)
			}
		}
	})
}

func checkOffset(t *testing.T, data []byte, err error) {
	t.Helper()
	var syntax *SyntaxError
	if errors.As(err, &syntax) && (syntax.Offset < 0 || syntax.Offset > len(data)) {
		t.Errorf("%q: %v is outside", data, err)
	}
}

func BenchmarkParse(b *testing.B) {
	body := []byte(`{"firstName":"Ada","lastName":"Lovelace","email":"ada@example.com","company":"Analytical Engines","status":"NEW","numberOfEmployees":12,"painPoints":["Rising costs","Slow response times"]}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, _, err := Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}
