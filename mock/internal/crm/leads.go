package crm

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/schema"
	"github.com/salesos/salesos-mock/mock/internal/store"
)

// The values that the rules of leads speak of (contract.md section 5).
const (
	statusNew       = "NEW"
	statusContacted = "CONTACTED"
	statusQualified = "QUALIFIED"
	statusConverted = "CONVERTED"
)

// Leads adds to the resource what only leads can do.
type Leads struct {
	*Resource
	at leadFields
}

// leadFields are the places of the fields that the code speaks of, -1 where a definition lacks one.
type leadFields struct {
	status, isQualified, qualifiedDate, convertedDate int
	account, contact, opportunity                     int
	score, intent, owner                              int
}

// AsLeads gives the resource its special actions.
func AsLeads(r *Resource) *Leads { return &Leads{Resource: r, at: locate(r.Definition)} }

func locate(d *schema.Definition) leadFields {
	return leadFields{
		status: d.Index("status"), isQualified: d.Index("isQualified"), qualifiedDate: d.Index("qualifiedDate"),
		convertedDate: d.Index("convertedDate"), account: d.Index("convertedAccountId"),
		contact: d.Index("convertedContactId"), opportunity: d.Index("convertedOpportunityId"),
		score: d.Index("leadScore"), intent: d.Index("buyingIntent"), owner: d.Index("ownerId"),
	}
}

// set writes a value where the definition has a place for it.
func set(values []json.RawMessage, at int, raw json.RawMessage) {
	if at >= 0 {
		values[at] = raw
	}
}

func text(values []json.RawMessage, at int) string {
	if at < 0 || len(values[at]) < 2 || values[at][0] != '"' {
		return ""
	}
	return string(values[at][1 : len(values[at])-1])
}

func isTrue(values []json.RawMessage, at int) bool {
	return at >= 0 && string(values[at]) == "true"
}

// keepLeadConsistent moves isQualified, status and qualifiedDate together, and guards what conversion fixed
// (contract.md section 5, row isQualified and the paragraph below the table).
func (r *Resource) keepLeadConsistent(c *change, old *store.Record, values []json.RawMessage) error {
	at := locate(r.Definition)
	if at.status < 0 {
		return nil
	}
	var before []json.RawMessage
	if old != nil {
		before = old.Values()
		if text(before, at.status) == statusConverted {
			return at.keepConverted(c, before, values)
		}
	}
	at.settleStatus(c, values)
	qualified := text(values, at.status) == statusQualified
	set(values, at.isQualified, strconv.AppendBool(nil, qualified))
	switch {
	case !qualified:
		set(values, at.qualifiedDate, nil)
	case before == nil || text(before, at.status) != statusQualified || text(before, at.qualifiedDate) == "":
		set(values, at.qualifiedDate, c.actor.stamp())
	}
	return nil
}

func (at leadFields) sent(c *change, field int) bool { return field >= 0 && c.has[field] }

func (at leadFields) keepConverted(c *change, before, values []json.RawMessage) error {
	if at.sent(c, at.status) || at.sent(c, at.isQualified) {
		return apierror.NewConflict(apierror.ConvertedLead)
	}
	values[at.status] = before[at.status]
	if at.isQualified >= 0 {
		values[at.isQualified] = before[at.isQualified]
	}
	return nil
}

// settleStatus decides the status: isQualified true wins over everything sent, then a sent status, then
// isQualified false takes a qualified lead one step back.
func (at leadFields) settleStatus(c *change, values []json.RawMessage) {
	if !at.sent(c, at.isQualified) || at.isQualified < 0 {
		return
	}
	switch {
	case isTrue(values, at.isQualified):
		values[at.status] = quote(statusQualified)
	case !at.sent(c, at.status) && text(values, at.status) == statusQualified:
		values[at.status] = quote(statusContacted)
	}
}

// Conversion is the body of a conversion, defaults filled in.
type Conversion struct {
	Account, Contact, Opportunity bool
	ExistingAccountID             string
}

// Converted holds what a conversion made; an empty id is what was not asked for.
type Converted struct{ AccountID, ContactID, OpportunityID string }

// Convert turns a qualified lead into what was asked for.
func (l *Leads) Convert(a *Actor, id string, wanted Conversion) (Converted, error) {
	var made Converted
	err := l.write(func(tx *store.Tx) error {
		old, ok := tx.Get(id)
		if !ok {
			return l.notFound(id)
		}
		if err := l.convertible(old); err != nil {
			return err
		}
		made = wanted.ids(a)
		l.update(tx, a, old, func(values []json.RawMessage) { l.markConverted(a, values, made) })
		return nil
	})
	return made, err
}

func (l *Leads) convertible(lead *store.Record) error {
	status, _ := lead.Text(l.at.status)
	switch status {
	case statusConverted:
		return apierror.NewConflict(apierror.ConvertedLead)
	case statusQualified:
		return nil
	default:
		return apierror.NewUnprocessable(apierror.UnqualifiedLead)
	}
}

func (w Conversion) ids(a *Actor) (made Converted) {
	switch {
	case w.ExistingAccountID != "":
		made.AccountID = w.ExistingAccountID
	case w.Account:
		made.AccountID = a.NewID()
	}
	if w.Contact {
		made.ContactID = a.NewID()
	}
	if w.Opportunity {
		made.OpportunityID = a.NewID()
	}
	return made
}

func (l *Leads) markConverted(a *Actor, values []json.RawMessage, made Converted) {
	set(values, l.at.status, quote(statusConverted))
	set(values, l.at.isQualified, json.RawMessage("true"))
	set(values, l.at.convertedDate, a.stamp())
	if text(values, l.at.qualifiedDate) == "" {
		set(values, l.at.qualifiedDate, a.stamp())
	}
	for at, id := range map[int]string{l.at.account: made.AccountID, l.at.contact: made.ContactID, l.at.opportunity: made.OpportunityID} {
		if id != "" {
			set(values, at, quote(id))
		}
	}
}

// Stats counts the leads (contract.md section 5, GET /leads/stats).
type Stats struct {
	Total           int     `json:"total"`
	TotalLeads      int     `json:"totalLeads"`
	NewLeads        int     `json:"newLeads"`
	QualifiedLeads  int     `json:"qualifiedLeads"`
	ConvertedLeads  int     `json:"convertedLeads"`
	AverageScore    float64 `json:"averageScore"`    // of those that have a score, two decimals
	HighIntentLeads int     `json:"highIntentLeads"` // buyingIntent HIGH
	ConversionRate  float64 `json:"conversionRate"`  // per cent of all leads, two decimals
}

// Stats counts the leads that the session sees.
func (l *Leads) Stats() Stats {
	view := l.View()
	count := func(field int, value string) int {
		if field < 0 {
			return 0
		}
		return view.Query(store.Query{Equal: []store.Equal{{Field: field, Value: value}}, SortBy: l.Definition.Index("id"), Limit: 1}).Total
	}
	s := Stats{
		Total: view.Len(), TotalLeads: view.Len(),
		NewLeads: count(l.at.status, statusNew), QualifiedLeads: count(l.at.status, statusQualified),
		ConvertedLeads: count(l.at.status, statusConverted), HighIntentLeads: count(l.at.intent, "HIGH"),
		AverageScore: l.averageScore(),
	}
	if s.Total > 0 {
		s.ConversionRate = twoDecimals(100 * float64(s.ConvertedLeads) / float64(s.Total))
	}
	return s
}

func (l *Leads) averageScore() float64 {
	if l.at.score < 0 {
		return 0
	}
	sum, n := 0.0, 0
	for lead := range l.View().All() {
		if score, ok := lead.Number(l.at.score); ok {
			sum, n = sum+score, n+1
		}
	}
	if n == 0 {
		return 0
	}
	return twoDecimals(sum / float64(n))
}

func twoDecimals(x float64) float64 { return math.Round(x*100) / 100 }

// Score computes a lead's score and buying intent from its fields, the same every time.
func (l *Leads) Score(a *Actor, id string) (*store.Record, error) {
	var scored *store.Record
	err := l.write(func(tx *store.Tx) error {
		old, ok := tx.Get(id)
		if !ok {
			return l.notFound(id)
		}
		score := l.scoreOf(old)
		scored = l.update(tx, a, old, func(values []json.RawMessage) {
			set(values, l.at.score, strconv.AppendInt(nil, int64(score), 10))
			set(values, l.at.intent, quote(intentOf(score)))
		})
		return nil
	})
	return scored, err
}

// scoreOf adds up what makes a lead worth a call: how hot it is, its money, its size, its hurry, and how much is
// known of it. 0 to 100.
func (l *Leads) scoreOf(lead *store.Record) int {
	score := 10
	score += map[string]int{"HOT": 25, "WARM": 15, "COLD": 3}[l.text(lead, "rating")]
	score += map[string]int{statusContacted: 5, statusQualified: 15, statusConverted: 20, "LOST": -20}[l.text(lead, "status")]
	score += steps(l.number(lead, "budget"), 5_000, 25_000, 100_000) * 5
	score += steps(l.number(lead, "annualRevenue"), 500_000, 5_000_000) * 4
	score += steps(l.number(lead, "numberOfEmployees"), 20, 250) * 3
	if timeline := strings.ToLower(l.text(lead, "timeline")); strings.Contains(timeline, "immediate") || strings.Contains(timeline, "3 months") {
		score += 8
	}
	for _, known := range []string{"email", "phone", "company", "title"} {
		if l.text(lead, known) != "" {
			score += 2
		}
	}
	return min(max(score, 0), 100)
}

func (l *Leads) text(lead *store.Record, field string) string {
	i := l.Definition.Index(field)
	if i < 0 {
		return ""
	}
	value, _ := lead.Text(i)
	return value
}

func (l *Leads) number(lead *store.Record, field string) float64 {
	i := l.Definition.Index(field)
	if i < 0 {
		return 0
	}
	value, _ := lead.Number(i)
	return value
}

// steps counts the thresholds that a value reaches.
func steps(value float64, thresholds ...float64) (n int) {
	for _, t := range thresholds {
		if value >= t {
			n++
		}
	}
	return n
}

func intentOf(score int) string {
	switch {
	case score >= 65:
		return "HIGH"
	case score >= 40:
		return "MEDIUM"
	default:
		return "LOW"
	}
}
