package generate

import (
	"slices"
	"strings"

	"github.com/brianvoe/gofakeit/v7"

	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// A function is what an x-fake names.
type function struct {
	name    string
	makes   kind
	format  schema.Format // what its texts keep to, if anything
	choices bool          // it takes choices: "one-of: Red, Green"
	fill    filler
}

// own lists the functions that are not gofakeit's: those whose value depends on other fields of the record, and
// those that gofakeit has no convincing data for.
func own() []function {
	return []function{
		{name: "person-firstname", makes: text, fill: fillFirstName},
		{name: "person-salutation", makes: text, fill: fillSalutation},
		{name: "person-email", makes: text, format: schema.Email, fill: fillEmail},
		{name: "business-title", makes: text, fill: fillBusinessTitle},
		{name: "company-name", makes: text, fill: fillCompanyName},
		{name: "company-website", makes: text, fill: fillWebsite},
		{name: "company-one-of", makes: text, choices: true, fill: fillCompanyOneOf},
		{name: "headcount", makes: number, fill: fillHeadcount},
		{name: "revenue", makes: number, fill: fillRevenue},
		{name: "budget", makes: number, fill: fillBudget},
		{name: "place-street", makes: text, fill: fillStreet},
		{name: "place-city", makes: text, fill: placeFiller(cityOf)},
		{name: "place-state", makes: text, fill: placeFiller(stateOf)},
		{name: "place-postcode", makes: text, fill: placeFiller(postcodeOf)},
		{name: "place-country", makes: text, fill: placeFiller(countryOf)},
		{name: "place-phone", makes: text, fill: fillPhone},
		{name: "one-of", makes: text, choices: true, fill: fillOneOf},
		{name: "some-of", makes: list, choices: true, fill: fillSomeOf},
		{name: "sentences", makes: text, fill: fillSentences},
		{name: "score", makes: number, fill: fillScore},
		{name: "user-id", makes: text, format: schema.UUID, fill: fillUserID},
	}
}

// Functions returns the names that an x-fake may have, sorted: this package's own, and those of gofakeit's
// look-up table that need nothing said to them and give the same value each year.
func Functions() []string {
	var names []string
	for _, f := range own() {
		names = append(names, f.name)
	}
	for name, info := range gofakeit.FuncLookups {
		if _, ok := outputKind(name, &info); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// TakesChoices reports whether an x-fake is written with choices behind it: "one-of: Red, Green".
func TakesChoices(name string) bool {
	return slices.ContainsFunc(own(), func(f function) bool { return f.name == name && f.choices })
}

func functionNamed(name string) (function, bool) {
	for _, f := range own() {
		if f.name == name {
			return f, true
		}
	}
	info := gofakeit.GetFuncLookup(name)
	if info == nil {
		return function{}, false
	}
	makes, ok := outputKind(name, info)
	return function{name: name, makes: makes, fill: borrow(info)}, ok
}

// unfit are functions of gofakeit that read the wall clock, through the current year if nothing else, and those
// that make addresses which may be real people's; svg fails without parameters although it says that it needs none.
var unfit = [...]string{
	"creditcardexp", "date", "daterange", "email", "firefoxuseragent", "futuredate", "pastdate", "svg", "time",
	"timerange", "useragent", "year",
}

func outputKind(name string, info *gofakeit.Info) (kind, bool) {
	if slices.Contains(unfit[:], name) {
		return nothing, false
	}
	for _, p := range info.Params {
		if p.Default == "" && !p.Optional {
			return nothing, false
		}
	}
	switch {
	case info.Output == "string":
		return text, true
	case info.Output == "bool":
		return truth, true
	case strings.HasPrefix(info.Output, "int"), strings.HasPrefix(info.Output, "uint"), strings.HasPrefix(info.Output, "float"):
		return number, true
	}
	return nothing, false
}

// A borrowing is a gofakeit that draws from the streams of one record.
type borrowing struct {
	source source
	faker  *gofakeit.Faker
	params gofakeit.MapParams
}

func borrow(info *gofakeit.Info) filler {
	return func(m *making, s *source, _ *plan) value {
		if m.borrowed == nil {
			m.borrowed = &borrowing{params: gofakeit.MapParams{}}
			m.borrowed.faker = gofakeit.NewFaker(&m.borrowed.source, false)
		}
		m.borrowed.source = *s
		made, err := info.Generate(m.borrowed.faker, &m.borrowed.params, info)
		if err != nil {
			return value{} // no function that is let in has been seen to fail
		}
		return valueOf(made)
	}
}

func valueOf(made any) value {
	switch v := made.(type) {
	case string:
		return textValue(v)
	case error: // what gofakeit's error functions make
		return textValue(v.Error())
	case bool:
		return value{kind: truth, truth: v}
	case float64:
		return rounded(v)
	case float32:
		return rounded(float64(v))
	}
	return integerOf(made)
}

// rounded hides the last bits, in which processors that fuse a product and a sum differ from others.
func rounded(f float64) value {
	scaled := float64(f * 1e6)
	if scaled > maxSafe || scaled < -maxSafe {
		return value{kind: number, number: f}
	}
	return value{kind: number, number: float64(int64(scaled)) / 1e6}
}

func integerOf(made any) value {
	switch v := made.(type) {
	case int:
		return numberValue(int64(v))
	case int8:
		return numberValue(int64(v))
	case int16:
		return numberValue(int64(v))
	case int32:
		return numberValue(int64(v))
	case int64:
		return numberValue(v)
	case uint:
		return value{kind: number, number: float64(v)}
	case uint8:
		return numberValue(int64(v))
	case uint16:
		return numberValue(int64(v))
	case uint32:
		return numberValue(int64(v))
	case uint64:
		return value{kind: number, number: float64(v)}
	}
	return value{}
}

// fillerOf finds what fills a field: its rule where that leaves no choice, then its x-fake, then its name and type.
func fillerOf(def *schema.Definition, f *schema.Field) (filler, error) {
	if f.Fake.Function == "" {
		return guess(def, f), nil
	}
	fn, ok := functionNamed(f.Fake.Function)
	if !ok {
		return nil, &FieldError{f.Name, f.Fake.Function, "no such function"}
	}
	if reason := misfit(f, fn); reason != "" {
		return nil, &FieldError{f.Name, f.Fake.Function, reason}
	}
	if f.Type == schema.Array && fn.makes != list {
		return fillListOf(fn.fill), nil
	}
	return fn.fill, nil
}

// misfit says why a function cannot fill a field; "" if it can.
func misfit(f *schema.Field, fn function) string {
	target := f
	if f.Type == schema.Array && f.Items != nil && fn.makes != list {
		target = f.Items
	}
	switch {
	case fn.choices && len(f.Fake.Choices) == 0:
		return "it needs choices, as in \"" + fn.name + ": Red, Green\""
	case !fn.choices && len(f.Fake.Choices) > 0:
		return "it takes no choices"
	case fn.makes == list && f.Items != nil && len(f.Items.Enum) > 0 && !subset(f.Fake.Choices, f.Items.Enum):
		return "not all of its choices are in the enum of the items"
	case len(f.Enum) > 0:
		return "the field takes its values from its enum; x-weights says how often each"
	case target.Format != "" && target.Format != fn.format:
		return "it does not make a value of format " + string(target.Format)
	case !suits(target.Type, fn.makes):
		return "it makes " + fn.makes.String() + ", but the field is of type " + string(target.Type)
	}
	return ""
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

func suits(t schema.Type, k kind) bool {
	switch t {
	case schema.String:
		return k == text || k == number || k == truth
	case schema.Integer, schema.Number:
		return k == number
	case schema.Boolean:
		return k == truth
	case schema.Array:
		return k == list
	}
	return false
}
