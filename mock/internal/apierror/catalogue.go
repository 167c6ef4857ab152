package apierror

import (
	"slices"
	"strings"
)

// Entry is one documented error with its example, as a test suite can loop over them.
type Entry struct {
	Name  Name
	Error Error // the documented example
	Doc   bool  // documented by SalesOS; else a decision of the mock where the documentation is silent
}

// ExampleID and ExampleEmail are what the examples name, where a request gives nothing to name.
const (
	ExampleID    = "abc123"
	ExampleEmail = "ada@example.com"
)

// ExampleMessages is the documented array of `validation`.
func ExampleMessages() []string {
	return []string{
		"email must be an email",
		"firstName should not be empty",
		"status must be one of: NEW, CONTACTED, QUALIFIED, LOST",
	}
}

// The messages of errors that a request can earn in more ways than one.
const (
	UnqualifiedLead = "Lead must be qualified before conversion" // that of the documented `unprocessable`
	ConvertedLead   = "Lead has already been converted"
	CSRFRequired    = "CSRF token required"
	CSRFInvalid     = "Invalid CSRF token"
)

// catalogue is the table behind Catalogue: each forced error is looked up in it.
var catalogue = []Entry{
	{BadRequest, *NewBadRequest(), true},
	{Validation, *NewValidation(ExampleMessages()), true},
	{Unauthorized, *NewUnauthorized(), true},
	{Forbidden, *NewForbidden(), true},
	{NotFound, *NewNotFound("Lead", ExampleID), true},
	{Conflict, *NewDuplicate("Lead", "email", ExampleEmail), false},
	{Unprocessable, *NewUnprocessable(UnqualifiedLead), false},
	{RateLimited, *NewRateLimited(DefaultRetryAfter), true},
	{Internal, *NewInternal(), false},
	{Unavailable, *NewUnavailable(), false},
}

// Catalogue lists the documented errors in the order of contract.md section 2. `bad_request` precedes
// `validation`, so that it is the one that stands for status 400.
func Catalogue() []Entry { return slices.Clone(catalogue) }

// Names lists the catalogue's names in its order.
func Names() []string {
	names := make([]string, len(catalogue))
	for i, entry := range catalogue {
		names[i] = string(entry.Name)
	}
	return names
}

// Lookup finds an entry by name; hyphens are taken for underscores (control.md).
func Lookup(name string) (Entry, bool) {
	wanted := Name(strings.ReplaceAll(name, "-", "_"))
	for _, entry := range catalogue {
		if entry.Name == wanted {
			return entry, true
		}
	}
	return Entry{}, false
}
