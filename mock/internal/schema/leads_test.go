package schema

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
)

func ptr[T any](v T) *T { return &v }

// leadFields are those of fixtures/leads.schema.yaml, as far as rules and queries go.
func leadFields() []Field {
	fields := []Field{
		{Name: "id", Type: String, Format: UUID, ReadOnly: true, Set: SetUUID},
		{Name: "email", Type: String, Format: Email, Unique: true},
		{Name: "firstName", Type: String, MaxLength: ptr(255), Required: true},
		{Name: "lastName", Type: String, MaxLength: ptr(255), Required: true},
	}
	for name := range strings.FieldsSeq("phone company title salutation website industry street city state postalCode country timeline") {
		fields = append(fields, Field{Name: name, Type: String, MaxLength: ptr(255)})
	}
	return append(fields,
		Field{Name: "description", Type: String, MaxLength: ptr(10000)},
		Field{Name: "leadSource", Type: String, Enum: strings.Fields("WEB PHONE_INQUIRY PARTNER_REFERRAL PURCHASED_LIST EXTERNAL_REFERRAL EMPLOYEE_REFERRAL TRADE_SHOW WEB_FORM SOCIAL_MEDIA EMAIL_CAMPAIGN WEBINAR COLD_CALL OTHER"), Default: json.RawMessage(`"OTHER"`)},
		Field{Name: "status", Type: String, Enum: strings.Fields("NEW CONTACTED QUALIFIED LOST"), Reserved: []string{"CONVERTED"}, Default: json.RawMessage(`"NEW"`)},
		Field{Name: "rating", Type: String, Enum: strings.Fields("HOT WARM COLD")},
		Field{Name: "numberOfEmployees", Type: Integer, Minimum: ptr(0.0)},
		Field{Name: "annualRevenue", Type: Number, Minimum: ptr(0.0)},
		Field{Name: "budget", Type: Number, Minimum: ptr(0.0)},
		Field{Name: "painPoints", Type: Array, Items: &Field{Type: String}, Default: json.RawMessage(`[]`)},
		Field{Name: "isQualified", Type: Boolean, Default: json.RawMessage(`false`), UpdateOnly: true},
		Field{Name: "disqualifiedReason", Type: String, MaxLength: ptr(255), UpdateOnly: true},
		Field{Name: "leadScore", Type: Integer, Minimum: ptr(0.0), Maximum: ptr(100.0), UpdateOnly: true},
		Field{Name: "buyingIntent", Type: String, Enum: strings.Fields("HIGH MEDIUM LOW UNKNOWN"), UpdateOnly: true},
		Field{Name: "ownerId", Type: String, Format: UUID, ReadOnly: true, Set: SetCaller},
		Field{Name: "qualifiedDate", Type: String, Format: DateTime, ReadOnly: true},
		Field{Name: "convertedAccountId", Type: String, Format: UUID, ReadOnly: true},
		Field{Name: "createdAt", Type: String, Format: DateTime, ReadOnly: true, Set: SetNowOnCreate},
		Field{Name: "updatedAt", Type: String, Format: DateTime, ReadOnly: true, Set: SetNowOnChange},
	)
}

func leads() *Definition {
	d := NewDefinition("leads", "Lead", leadFields())
	d.Query = Query{
		Filters: strings.Fields("status rating leadSource industry ownerId email company"),
		Minimum: []Minimum{{Parameter: "minScore", Field: "leadScore"}},
		Search:  strings.Fields("firstName lastName company email title"),
	}
	return d
}

// deals has what leads lack: dates, a least length, numbers in arrays, an object, an enum of numbers.
func deals() *Definition {
	return NewDefinition("deals", "Deal", []Field{
		{Name: "name", Type: String, MinLength: ptr(2), MaxLength: ptr(5)},
		{Name: "closeDate", Type: String, Format: DateTime},
		{Name: "birthday", Type: String, Format: Date},
		{Name: "accountId", Type: String, Format: UUID},
		{Name: "stages", Type: Array, Items: &Field{Type: Integer, Minimum: ptr(1.0)}},
		{Name: "tags", Type: Array},
		{Name: "grid", Type: Array, Items: &Field{Type: Array, Items: &Field{Type: Number}}},
		{Name: "extra", Type: Object},
		{Name: "priority", Type: Integer, Enum: []string{"1", "2"}},
		{Name: "discount", Type: Number, Minimum: ptr(0.5), Maximum: ptr(1e21)},
		{Name: "won", Type: Boolean},
	})
}

func login() *Definition {
	return NewDefinition("login", "Login", []Field{
		{Name: "email", Type: String, Format: Email, Required: true},
		{Name: "password", Type: String, Required: true},
	})
}

func bulkUpdate() *Definition {
	return NewDefinition("bulk-update", "Bulk update", []Field{
		{Name: "ids", Type: Array, Items: &Field{Type: String, Format: UUID}, Required: true},
		{Name: "newOwnerId", Type: String, Format: UUID, Required: true},
		{Name: "updates", Type: Object, Required: true},
	})
}

func parse(tb testing.TB, body string) jsonbody.Object {
	tb.Helper()
	obj, _, err := jsonbody.Parse([]byte(body))
	if err != nil {
		tb.Fatal(err)
	}
	return obj
}
