package outcome

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// emailField is what a conflict is about where no definition says what must be unique.
const emailField = "email"

// UniqueField is the field that a forced conflict names: the first of the resource that must be unique and that a client
// writes.
func (s *Subject) UniqueField() string {
	if f := s.unique(); f != nil {
		return f.Name
	}
	return emailField
}

func (s *Subject) unique() *schema.Field {
	d := s.resource()
	if d == nil {
		return nil
	}
	for i := range d.Fields {
		if f := &d.Fields[i]; f.Unique && !f.ReadOnly {
			return f
		}
	}
	return nil
}

// exampleUnique is a value of UniqueField for a request that gives none.
func (s *Subject) exampleUnique() string {
	f := s.unique()
	switch {
	case f == nil || f.Format == schema.Email:
		return apierror.ExampleEmail
	case len(f.Enum) > 0:
		return f.Enum[0]
	case f.Type == schema.Integer || f.Type == schema.Number:
		return "1"
	}
	return apierror.ExampleID
}

// singularOf makes of a path the name of one of its records: "/email-templates/{id}/send" is about an EmailTemplate.
func singularOf(path string) string {
	word := recordWord(path)
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(withoutPlural(word), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		first, size := utf8.DecodeRuneInString(part)
		b.WriteRune(unicode.ToUpper(first))
		b.WriteString(part[size:])
	}
	if b.Len() == 0 {
		return "Record"
	}
	return b.String()
}

// recordWord is the word of a path that names its records: the one before the first variable; else the last plural; else the last.
func recordWord(path string) string {
	word, plural := "", ""
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if strings.HasPrefix(segment, "{") {
			if word == "" {
				continue
			}
			return word
		}
		word = segment
		if withoutPlural(word) != word {
			plural = word
		}
	}
	if plural != "" {
		return plural
	}
	return word
}

// withoutPlural makes the singular of a regular English plural; any other word it leaves.
func withoutPlural(word string) string {
	for _, p := range []struct{ ending, singular string }{
		{"news", "news"}, {"series", "series"}, {"ies", "y"},
		{"sses", "ss"}, {"shes", "sh"}, {"ches", "ch"}, {"xes", "x"}, {"statuses", "status"},
		{"ss", "ss"}, {"us", "us"}, {"is", "is"}, {"s", ""},
	} {
		if stem, ok := strings.CutSuffix(word, p.ending); ok && (stem != "" || p.ending == p.singular) {
			return stem + p.singular
		}
	}
	return word
}
