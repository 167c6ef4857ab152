package scenario

import "encoding/json"

// object is a piece of JSON Schema.
type object map[string]any

func str() object              { return object{"type": "string"} }
func integer(least int) object { return object{"type": "integer", "minimum": least} }
func scalar() object           { return object{"type": []any{"string", "number", "boolean"}} }
func ref(name string) object   { return object{"$ref": "#/$defs/" + name} }

// length is a length of time as time.ParseDuration reads it, but for a sign.
func length() object {
	return object{"type": "string", "pattern": `^\+?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*)$`}
}

func choice(values ...string) object {
	all := make([]any, len(values))
	for i, value := range values {
		all[i] = value
	}
	return object{"type": "string", "enum": all}
}

func oneOrMore(item object) object {
	return object{"anyOf": []any{item, object{"type": "array", "items": item, "minItems": 1}}}
}

// schemaOf makes the schema of a map from the table that reads it.
func schemaOf[T any](keys []key[T], required ...string) object {
	properties := object{}
	for _, k := range keys {
		property := object{"description": k.meaning}
		for name, value := range k.schema {
			property[name] = value
		}
		properties[k.name] = property
	}
	schema := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		schema["required"] = required
	}
	return schema
}

// Schema is the JSON Schema (draft 2020-12) of scenario files. It cannot say all that Parse refuses: contradictions between the
// parts of an outcome, for one.
func Schema() []byte {
	schema := schemaOf(scenarioKeys(), "rules")
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "A scenario of the SalesOS mock"
	schema["$defs"] = definitions()
	text, _ := json.MarshalIndent(schema, "", "  ") // maps of strings, numbers and lists always encode
	return append(text, '\n')
}

func definitions() object {
	rule := schemaOf(ruleKeys())
	rule["anyOf"] = []any{object{"required": []any{"respond"}}, object{"required": []any{"limit"}}, object{"required": []any{"setState"}}}
	window := schemaOf(windowKeys())
	window["minProperties"] = 1
	tests := schemaOf(testKeys(false))
	textTests := schemaOf(testKeys(true))
	textTests["minProperties"] = 1
	return object{
		"rule": rule, "when": schemaOf(whenKeys()), "caller": schemaOf(callerKeys()), "step": stepSchema(), "delay": delaySchema(),
		"limit": schemaOf(limitKeys(), "requests", "window"), "window": window,
		"textValue": object{"anyOf": []any{scalar(), textTests}},
		"value": object{
			"if":   object{"type": "object", "anyOf": requireEach(testNames())},
			"then": tests,
			"else": object{"if": object{"type": "object"}, "then": object{"additionalProperties": ref("value")}},
		},
	}
}

func testNames() []string {
	var names []string
	for _, k := range testKeys(false) {
		names = append(names, k.name)
	}
	return names
}

func requireEach(names []string) []any {
	var all []any
	for _, name := range names {
		all = append(all, object{"required": []any{name}})
	}
	return all
}

// stepSchema says of the combinations what a schema can say: no two answers, and a status below 400 only with a body.
func stepSchema() object {
	step := schemaOf(stepKeys())
	never := func(names ...any) object { return object{"not": object{"required": names}} }
	step["allOf"] = []any{
		never("error", "fault"), never("error", "body"), never("fault", "body"), never("fault", "status"),
		never("message", "fields"), never("message", "body"), never("message", "fault"), never("retryAfter", "fault"),
		never("patch", "error"), never("patch", "status"), never("patch", "body"),
		object{"if": object{"not": object{"required": []any{"body"}}}, "then": object{"properties": object{"status": object{"minimum": 400}}}},
	}
	return step
}

func delaySchema() object {
	forms := []any{
		object{"type": "integer", "minimum": 0, "description": "Milliseconds."},
		object{"type": "string", "description": "A length of time such as 1.5s, or a range such as 200ms-2s."},
	}
	all := schemaOf(delayKeys())["properties"].(object)
	for _, form := range delayForms() {
		forms = append(forms, object{
			"type": "object", "additionalProperties": false, "required": []any{form[0], form[1]},
			"properties": object{form[0]: all[form[0]], form[1]: all[form[1]]},
		})
	}
	return object{"anyOf": forms}
}
