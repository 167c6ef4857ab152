package outcome

import "testing"

func TestSingularOf(t *testing.T) {
	for path, want := range map[string]string{
		"/notifications":              "Notification",
		"/notifications/{id}":         "Notification",
		"/notifications/{id}/read":    "Notification",
		"/notifications/unread-count": "Notification",
		"/crm/companies":              "Company",
		"/email-templates/{id}/send":  "EmailTemplate",
		"/campaigns/{id}/members/{m}": "Campaign",
		"/dashboard/summary":          "Summary",
		"/status":                     "Status",
		"/news/{id}":                  "News",
		"/boxes":                      "Box",
		"/{tenant}/branches/{id}":     "Branch",
		"/leads/{id}":                 "Lead",
		"/{id}":                       "Record",
		"/":                           "Record",
		"/s":                          "S",
		"/addresses":                  "Address",
	} {
		if got := singularOf(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
