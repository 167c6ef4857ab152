package schema

import "slices"

// FirstMessage returns the first message of contract.md section 6 that a body can earn for a field: that it is required,
// or else its format, its enum or its type. ok is false for a name that is no field.
func (d *Definition) FirstMessage(field string) (message string, ok bool) {
	f := d.Field(field)
	if f == nil {
		return "", false
	}
	if f.Required {
		return f.Name + " " + ruleRequired, true
	}
	return f.Name + " " + f.typeRule(), true
}

// ExampleMessages returns what a body of the resource might earn, for an error that is forced and has no body to judge: the format of
// the first e-mail field, the first other field that is required, and the most telling enum. For leads that is
// the documented example of contract.md section 2. There is always at least one message.
func (d *Definition) ExampleMessages() []string {
	email := d.firstWritable(func(f *Field) bool { return f.Format == Email })
	required := d.firstWritable(func(f *Field) bool { return f.Required && f.Format != Email })
	chosen := []int{email, required, d.exampleEnum()}
	slices.Sort(chosen)
	var messages []string
	for _, at := range slices.Compact(chosen) {
		if at < 0 {
			continue
		}
		rule := d.Fields[at].typeRule()
		if at == required {
			rule = ruleRequired
		}
		messages = append(messages, d.Fields[at].Name+" "+rule)
	}
	if messages == nil {
		return d.plainExample()
	}
	return messages
}

// exampleEnum prefers the enum with values of the server's own, since clients get that one wrong, then one called
// status, then the first.
func (d *Definition) exampleEnum() int {
	for _, preferred := range []func(f *Field) bool{
		func(f *Field) bool { return len(f.Enum) > 0 && len(f.Reserved) > 0 },
		func(f *Field) bool { return len(f.Enum) > 0 && f.Name == "status" },
		func(f *Field) bool { return len(f.Enum) > 0 },
	} {
		if at := d.firstWritable(preferred); at >= 0 {
			return at
		}
	}
	return -1
}

// plainExample serves a resource without e-mail, required field and enum.
func (d *Definition) plainExample() []string {
	if at := d.firstWritable(func(*Field) bool { return true }); at >= 0 {
		return []string{d.Fields[at].Name + " " + d.Fields[at].typeRule()}
	}
	if len(d.Fields) > 0 {
		return []string{unknownProperty(d.Fields[0].Name)}
	}
	return []string{unknownProperty("unknownField")}
}

// firstWritable returns the index of the first field that a client may send when creating, or else when changing,
// and that is wanted; -1 if there is none.
func (d *Definition) firstWritable(wanted func(*Field) bool) int {
	for _, mode := range []Mode{Create, Replace} {
		for i := range d.Fields {
			if f := &d.Fields[i]; f.writable(mode) && wanted(f) {
				return i
			}
		}
	}
	return -1
}
