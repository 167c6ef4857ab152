package openapi

import (
	"encoding/json"
	"testing"
)

func TestInfer(t *testing.T) {
	for body, want := range map[string]string{
		`1`:    `{"type":"integer"}`,
		`-1.0`: `{"type":"number"}`,
		`null`: `{}`,
		`"a"`:  `{"type":"string"}`,
		`true`: `{"type":"boolean"}`,
		`[]`:   `{"type":"array","items":{}}`,
		`{}`:   `{"type":"object"}`,

		`[1, 2.5]`:       `{"type":"array","items":{"type":"number"}}`,
		`[1, null, "a"]`: `{"type":"array","items":{"type":["integer","null","string"]}}`,
		`[[1], ["a"]]`:   `{"type":"array","items":{"type":"array","items":{"type":["integer","string"]}}}`,

		`{"z": 1, "a": null}`: `{"type":"object","required":["z","a"],"properties":{"z":{"type":"integer"},"a":{}}}`,
		`[{"a": 1, "b": 2}, {"c": null, "a": "x"}, {"a": null, "c": 3}]`: `{"type":"array","items":{"type":"object","required":["a"],"properties":` +
			`{"a":{"type":["integer","string","null"]},"b":{"type":"integer"},"c":{"type":["null","integer"]}}}}`,
		`[{"a": [{"b": 1}]}, {"a": [{}]}, 5]`: `{"type":"array","items":{"type":["object","integer"],"required":["a"],"properties":` +
			`{"a":{"type":"array","items":{"type":"object","properties":{"b":{"type":"integer"}}}}}}}`,
	} {
		got, err := encode(infer(json.RawMessage(body)))
		if err != nil || string(got) != want {
			t.Errorf("%s:\n got %s %v\nwant %s", body, got, err, want)
		}
	}
}
