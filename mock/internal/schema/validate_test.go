package schema

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
)

const (
	statusMessage = "status must be one of: NEW, CONTACTED, QUALIFIED, LOST"
	name1         = `"firstName":"Ada","lastName":"Lovelace"`
)

func TestValidateLeads(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		mode Mode
		body string
		want []string
	}{
		{"documented example", Create, `{"email":"nope","firstName":"","status":"WRONG","lastName":"X"}`,
			[]string{"email must be an email", "firstName should not be empty", statusMessage}},
		{"least that is valid", Create, `{` + name1 + `}`, nil},
		{"nothing", Create, `{}`, []string{"firstName should not be empty", "lastName should not be empty"}},
		{"nothing to replace", Replace, `{}`, []string{"firstName should not be empty", "lastName should not be empty"}},
		{"nothing to change", Patch, `{}`, nil},
		{"required is never emptied", Patch, `{"firstName":null,"lastName":""}`, []string{"firstName should not be empty", "lastName should not be empty"}},
		{"required comes before type", Create, `{"firstName":5,"lastName":null}`, []string{"firstName must be a string", "lastName should not be empty"}},
		{"unknown ones first, as sent", Create, `{"zebra":1,"email":"nope","id":"x",` + name1 + `,"apple":2,"__proto__":{},"constructor":1,"createdAt":null}`,
			[]string{"property zebra should not exist", "property id should not exist", "property apple should not exist", "property __proto__ should not exist",
				"property constructor should not exist", "property createdAt should not exist", "email must be an email"}},
		{"update-only fields when creating", Create, `{` + name1 + `,"isQualified":true,"leadScore":5}`,
			[]string{"property isQualified should not exist", "property leadScore should not exist"}},
		{"update-only fields in a patch", Patch, `{"isQualified":true,"leadScore":5,"buyingIntent":"LOW","disqualifiedReason":"x"}`, nil},
		{"update-only fields when replacing", Replace, `{` + name1 + `,"isQualified":1,"leadScore":101,"buyingIntent":"low"}`,
			[]string{"isQualified must be a boolean value", "leadScore must not be greater than 100", "buyingIntent must be one of: HIGH, MEDIUM, LOW, UNKNOWN"}},
		{"null frees an optional field of every rule", Patch, `{"email":null,"status":null,"painPoints":null,"isQualified":null,"leadScore":null,"phone":null}`, nil},
		{"an empty string does not", Patch, `{"email":"","status":"","phone":"","rating":""}`,
			[]string{"email must be an email", statusMessage, "rating must be one of: HOT, WARM, COLD"}},
		{"other types", Patch, `{"email":5,"status":{},"company":[],"leadScore":"5","annualRevenue":"1","budget":true,"numberOfEmployees":null,"painPoints":"x","isQualified":"true","rating":0}`,
			[]string{"email must be an email", "company must be a string", statusMessage, "rating must be one of: HOT, WARM, COLD", "annualRevenue must be a number conforming to the specified constraints",
				"budget must be a number conforming to the specified constraints", "painPoints must be an array", "isQualified must be a boolean value", "leadScore must be an integer number"}},
		{"reserved", Patch, `{"status":"CONVERTED"}`, []string{statusMessage}},
		{"case of an enum", Patch, `{"status":"new"}`, []string{statusMessage}},
		{"escapes in an enum", Patch, `{"status":"\u004eEW"}`, nil},
		{"255 characters", Patch, `{"company":"` + strings.Repeat("😀", 255) + `"}`, nil},
		{"variation selectors are none", Patch, `{"company":"` + strings.Repeat("☎\uFE0F", 255) + `"}`, nil},
		{"256 characters", Patch, `{"company":"` + strings.Repeat("é", 256) + `"}`, []string{"company must be shorter than or equal to 255 characters"}},
		{"256 escaped characters", Patch, `{"company":"` + strings.Repeat(`\n`, 256) + `"}`, []string{"company must be shorter than or equal to 255 characters"}},
		{"10001 characters", Patch, `{"description":"` + strings.Repeat("x", 10001) + `"}`, []string{"description must be shorter than or equal to 10000 characters"}},
		{"integers", Patch, `{"leadScore":1.0,"numberOfEmployees":1e3}`, nil},
		{"no integers", Patch, `{"leadScore":1.5,"numberOfEmployees":1e400,"budget":-1e400}`,
			[]string{"numberOfEmployees must be an integer number", "budget must be a number conforming to the specified constraints", "leadScore must be an integer number"}},
		{"below the minimum", Patch, `{"leadScore":-1,"numberOfEmployees":-0,"annualRevenue":-0.01}`,
			[]string{"annualRevenue must not be less than 0", "leadScore must not be less than 0"}},
		{"items", Patch, `{"painPoints":["a",null]}`, []string{"each value in painPoints must be a string"}},
		{"NUL, lone surrogates and depth", Patch, `{"company":"\u0000\ud800","title":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`, []string{"title must be a string"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, got := leads().Validate(tc.mode, parse(t, tc.body), "")
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestValidateOtherBodies(t *testing.T) {
	t.Parallel()
	const uuid = `"3f2a9c1e-7b40-455c-81ea-c81f6b2d7a9d"`
	for _, tc := range []struct {
		name, path string
		definition *Definition
		body       string
		want       []string
	}{
		{"login without anything", "", login(), `{}`, []string{"email should not be empty", "password should not be empty"}},
		{"malformed login", "", login(), `{"email":"x","password":5,"remember":true}`, []string{"property remember should not exist", "email must be an email", "password must be a string"}},
		{"bulk without anything", "", bulkUpdate(), `{}`, []string{"ids should not be empty", "newOwnerId should not be empty", "updates should not be empty"}},
		{"bulk of nulls", "", bulkUpdate(), `{"ids":null,"newOwnerId":"","updates":null}`, []string{"ids should not be empty", "newOwnerId should not be empty", "updates should not be empty"}},
		{"bulk of other types", "", bulkUpdate(), `{"ids":{},"newOwnerId":5,"updates":[]}`, []string{"ids must be an array", "newOwnerId must be a UUID", "updates must be an object"}},
		{"bulk of nobody", "", bulkUpdate(), `{"ids":[],"newOwnerId":` + uuid + `,"updates":{}}`, nil},
		{"bulk of a wrong id", "", bulkUpdate(), `{"ids":[` + uuid + `,"x"],"newOwnerId":"x","updates":"x"}`, []string{"each value in ids must be a UUID", "newOwnerId must be a UUID", "updates must be an object"}},
		{"path", "updates", leads(), `{"foo":1,"status":"WRONG","painPoints":[1],"firstName":null}`,
			[]string{"updates.property foo should not exist", "updates.firstName should not be empty", "updates." + statusMessage, "updates.each value in painPoints must be a string"}},
		{"too short", "", deals(), `{"name":"x","closeDate":"30.06.2026","birthday":20260630,"accountId":"x"}`,
			[]string{"name must be longer than or equal to 2 characters", "closeDate must be a valid ISO 8601 date string", "birthday must be a valid ISO 8601 date string", "accountId must be a UUID"}},
		{"too long", "", deals(), `{"name":"xxxxxx"}`, []string{"name must be shorter than or equal to 5 characters"}},
		{"rules of items", "", deals(), `{"stages":[1,0],"grid":[[1],["x"]]}`,
			[]string{"each value in stages must not be less than 1", "each value in grid must be a number conforming to the specified constraints"}},
		{"item of another type", "", deals(), `{"stages":["1"],"grid":[1],"extra":[],"tags":{}}`,
			[]string{"each value in stages must be an integer number", "tags must be an array", "each value in grid must be an array", "extra must be an object"}},
		{"fractions as bounds", "", deals(), `{"discount":0.25}`, []string{"discount must not be less than 0.5"}},
		{"large bounds", "", deals(), `{"discount":1e22}`, []string{"discount must not be greater than 1e+21"}},
		{"enum of numbers", "", deals(), `{"priority":3}`, []string{"priority must be one of: 1, 2"}},
		{"enum of numbers, another type", "", deals(), `{"priority":"1"}`, []string{"priority must be one of: 1, 2"}},
		{"all right", "", deals(), `{"name":"ab","closeDate":"2026-06-30T18:00:00.000Z","birthday":"2026-06-30","accountId":` + uuid + `,"stages":[1],"tags":[{}],"grid":[[]],"extra":{},"priority":2.0,"discount":1,"won":false}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			mode := Create
			if tc.path != "" {
				mode = Patch
			}
			_, got := tc.definition.Validate(mode, parse(t, tc.body), tc.path)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// encode writes values as an object, to compare them.
func encode(d *Definition, values []Value) string {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(d.Fields[v.Field].Name + "=" + string(v.Raw))
	}
	return b.String()
}

func TestValuesAreCanonicalAndInOrder(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		definition *Definition
		body, want string
	}{
		{leads(), `{"lastName":"L","firstName":"F"}`, `firstName="F" lastName="L"`},
		{leads(), `{"status":null,"painPoints":null,"isQualified":null,"phone":null,"leadSource":null}`, `phone=null leadSource="OTHER" status="NEW" painPoints=[] isQualified=false`},
		{leads(), `{"company":"\u00e9\/<&>\u2028\ud83d\ude00\u0000\b\f\n\r\t\u001f\u007f\\\"\ud800"}`, "company=\"é/<&>\u2028😀" + `\u0000\b\f\n\r\t\u001f` + "\x7f" + `\\\"` + "\uFFFD\""},
		{leads(), `{"annualRevenue":1.0,"budget":1e3,"leadScore":-0,"numberOfEmployees":1E2}`, `numberOfEmployees=100 annualRevenue=1 budget=1000 leadScore=0`},
		{leads(), `{"annualRevenue":1e21,"budget":0.0000001,"numberOfEmployees":123456789012345678901}`, `numberOfEmployees=123456789012345680000 annualRevenue=1e+21 budget=1e-7`},
		{leads(), `{"annualRevenue":0.1e-400,"budget":1.7976931348623157e308}`, `annualRevenue=0 budget=1.7976931348623157e+308`},
		{leads(), `{"painPoints":[ "a" , "\u0062" ]}`, `painPoints=["a","b"]`},
		{deals(), `{"stages":[1.0, 2e0],"tags":[ 1.0 , { "a" : [ ] } ],"grid":[[ ],[ 1.50 ]],"extra":{ "b" : "\u00e9 x" },"won":true}`, `stages=[1,2] tags=[1.0,{"a":[]}] grid=[[],[1.5]] extra={"b":"\u00e9 x"} won=true`},
		{leads(), `{"company":"first","title":"t","company":"last"}`, `company="last" title="t"`},
	} {
		values, messages := tc.definition.Validate(Patch, parse(t, tc.body), "")
		if len(messages) > 0 {
			t.Errorf("%s: %q", tc.body, messages)
		}
		if diff := cmp.Diff(tc.want, encode(tc.definition, values)); diff != "" {
			t.Errorf("%s: %s", tc.body, diff)
		}
	}
}

func TestValuesDoNotShareTheirMemory(t *testing.T) {
	t.Parallel()
	body := []byte(`{"firstName":"Ada","lastName":"L","status":null}`)
	obj, _, err := jsonbody.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	d := leads()
	values, _ := d.Validate(Create, obj, "")
	clear(body)
	for i := range values {
		values[i].Raw = append(values[i].Raw, "!!!!"...)
	}
	if got, want := encode(d, values), `firstName="Ada"!!!! lastName="L"!!!! status="NEW"!!!!`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := string(d.Field("status").DefaultJSON()); got != `"NEW"` {
		t.Errorf("the default has become %s", got)
	}
}

func TestFormatNumber(t *testing.T) {
	t.Parallel()
	for want, n := range map[string]float64{
		"0": math.Copysign(0, -1), "1": 1, "-1.5": -1.5, "1e+21": 1e21, "999999999999999900000": 999999999999999900000, "1e-7": 1e-7, "0.000001": 1e-6,
		"1.5e-10": 1.5e-10, "5e-324": math.SmallestNonzeroFloat64, "-1e+100": -1e100, "1e-10": 1e-10, "1.2e+22": 1.2e22,
	} {
		if got := formatNumber(n); got != want {
			t.Errorf("%g is printed %s, want %s", n, got, want)
		}
	}
}

func TestFirstMessage(t *testing.T) {
	t.Parallel()
	d := leads()
	for field, want := range map[string]string{
		"email": "email must be an email", "firstName": "firstName should not be empty", "status": statusMessage, "phone": "phone must be a string",
		"leadScore": "leadScore must be an integer number", "budget": "budget must be a number conforming to the specified constraints", "painPoints": "painPoints must be an array",
		"isQualified": "isQualified must be a boolean value", "id": "id must be a UUID", "createdAt": "createdAt must be a valid ISO 8601 date string",
	} {
		if got, ok := d.FirstMessage(field); !ok || got != want {
			t.Errorf("%s: %q, %v, want %q", field, got, ok, want)
		}
	}
	if got, _ := deals().FirstMessage("extra"); got != "extra must be an object" {
		t.Errorf("an object: %q", got)
	}
	if got, ok := d.FirstMessage("nobody"); ok {
		t.Errorf("an unknown field has the message %q", got)
	}
}

func TestExampleMessages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		fields []Field
		want   []string
	}{
		{"leads", leadFields(), []string{"email must be an email", "firstName should not be empty", statusMessage}},
		{"login", login().Fields, []string{"email must be an email", "password should not be empty"}},
		{"bulk", bulkUpdate().Fields, []string{"ids should not be empty"}},
		{"deals", deals().Fields, []string{"priority must be one of: 1, 2"}},
		{"status before other enums", []Field{{Name: "a", Type: String, Enum: []string{"A"}}, {Name: "status", Type: String, Enum: []string{"B"}}}, []string{"status must be one of: B"}},
		{"an enum that is required", []Field{{Name: "a", Type: String, Enum: []string{"A"}, Required: true}}, []string{"a should not be empty"}},
		{"a plain field", []Field{{Name: "id", Type: String, ReadOnly: true}, {Name: "count", Type: Integer}}, []string{"count must be an integer number"}},
		{"only an update-only field", []Field{{Name: "mail", Type: String, Format: Email, UpdateOnly: true}}, []string{"mail must be an email"}},
		{"only the server's", []Field{{Name: "id", Type: String, ReadOnly: true}}, []string{"property id should not exist"}},
		{"nothing", nil, []string{"property unknownField should not exist"}},
	} {
		if diff := cmp.Diff(tc.want, NewDefinition(tc.name, "X", tc.fields).ExampleMessages()); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
}

// messageShapes are the rows of contract.md section 6.
var messageShapes = regexp.MustCompile(`(?s)^(property .* should not exist|(each value in )?\w+ (should not be empty|must be (a string|an email|a UUID|an integer number|` +
	`a number conforming to the specified constraints|a boolean value|an array|an object|a valid ISO 8601 date string|one of: [\w, ]+|` +
	`(longer|shorter) than or equal to \d+ characters)|must not be (less|greater) than [-+.e\d]+))$`)

// FuzzValidate holds that every body is answered in a documented shape, and that what was accepted is stable.
func FuzzValidate(f *testing.F) {
	for _, seed := range []string{
		`{"email":"nope","firstName":"","status":"WRONG","lastName":"X"}`, `{` + name1 + `,"painPoints":["a",{}],"leadScore":1e400}`, `{"\u0000":1,"":2,"firstName":"\ud800","lastName":"\"\n"}`,
		`{"stages":[1.0],"grid":[[1],[[]]],"extra":{"a":[1 , 2]},"closeDate":"2026-06-30","discount":7e-1}`, `{"ids":[],"updates":{}}`, "{\"firstName\":\"\xff\",\"phone\":null}",
	} {
		f.Add([]byte(seed), byte(0))
		f.Add([]byte(seed), byte(7))
	}
	definitions := []*Definition{leads(), deals(), login(), bulkUpdate()}
	f.Fuzz(func(t *testing.T, data []byte, choice byte) {
		obj, _, err := jsonbody.Parse(data)
		if err != nil {
			return
		}
		d, mode := definitions[choice%4], Mode(choice/4%3)
		values, messages := d.Validate(mode, obj, "")
		for _, m := range messages {
			if !messageShapes.MatchString(m) {
				t.Errorf("%q earned %q", data, m)
			}
		}
		for _, v := range values {
			if !json.Valid(v.Raw) {
				t.Errorf("%q gave %q", data, v.Raw)
			}
		}
		if len(messages) == 0 {
			checkStable(t, d, mode, values)
		}
	})
}

// checkStable sends canonical values again: they must be accepted as they are.
func checkStable(t *testing.T, d *Definition, mode Mode, values []Value) {
	t.Helper()
	var again jsonbody.Object
	for _, v := range values {
		again.Members = append(again.Members, jsonbody.Member{Name: d.Fields[v.Field].Name, Raw: v.Raw})
	}
	second, messages := d.Validate(mode, again, "")
	same := slices.EqualFunc(values, second, func(a, b Value) bool { return a.Field == b.Field && string(a.Raw) == string(b.Raw) })
	if !same || len(messages) > 0 {
		t.Errorf("%s became %s, with %q", encode(d, values), encode(d, second), messages)
	}
}

func BenchmarkValidate(b *testing.B) {
	d := leads()
	obj, _, err := jsonbody.Parse([]byte(`{"firstName":"Ada","lastName":"Lovelace","email":"ada@example.com","company":"Analytical Engines","status":"NEW","numberOfEmployees":12,"painPoints":["Rising costs","Slow response times"]}`))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, messages := d.Validate(Create, obj, ""); len(messages) > 0 {
			b.Fatal(messages)
		}
	}
}
