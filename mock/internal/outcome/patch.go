package outcome

import (
	"bytes"
	"encoding/json"

	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
)

// MergePatch applies a JSON merge patch (RFC 7396) to the body of an answer. Members keep their order, new ones come last.
// One thing differs from the RFC, by which a list would be replaced as a whole: of a list, each record is patched, so that one
// rule fits a resource's list and its records alike. A page with a cursor is an object, and patched as such. The
// error is that of a body or patch that is no JSON.
func MergePatch(target, patch []byte) ([]byte, error) {
	target, patch = bytes.TrimSpace(target), bytes.TrimSpace(patch)
	for _, text := range [][]byte{target, patch} {
		if err := checkJSON(text); err != nil {
			return nil, err
		}
	}
	if jsonbody.KindOf(target) != jsonbody.ArrayKind || jsonbody.KindOf(patch) != jsonbody.ObjectKind {
		return appendMerged(nil, target, patch), nil
	}
	out := []byte{'['}
	for item := range jsonbody.Items(target) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		if jsonbody.KindOf(item) == jsonbody.ObjectKind {
			out = appendMerged(out, item, patch)
		} else {
			out = append(out, item...)
		}
	}
	return append(out, ']'), nil
}

func checkJSON(text []byte) error {
	var any json.RawMessage
	return json.Unmarshal(text, &any)
}

// Patch applies all patches to the body of the real answer.
func (o *Outcome) Patch(body []byte) ([]byte, error) {
	for _, patch := range o.Patches {
		patched, err := MergePatch(body, patch)
		if err != nil {
			return nil, err
		}
		body = patched
	}
	return body, nil
}

// appendMerged recurses as deeply as the patch is nested, which whoever reads patches bounds.
func appendMerged(dst []byte, target, patch json.RawMessage) []byte {
	if jsonbody.KindOf(patch) != jsonbody.ObjectKind {
		return append(dst, patch...)
	}
	members := objectOf(target)
	changes := objectOf(patch)
	dst = append(dst, '{')
	start := len(dst)
	for _, m := range members.Members {
		change, changed := changes.Get(m.Name)
		switch {
		case !changed:
			dst = append(appendKey(dst, start, m.Name), m.Raw...)
		case jsonbody.KindOf(change) != jsonbody.NullKind:
			dst = appendMerged(appendKey(dst, start, m.Name), m.Raw, change)
		}
	}
	for _, change := range changes.Members {
		_, known := members.Get(change.Name)
		if !known && jsonbody.KindOf(change.Raw) != jsonbody.NullKind {
			dst = appendMerged(appendKey(dst, start, change.Name), nil, change.Raw)
		}
	}
	return append(dst, '}')
}

// objectOf is an empty object for what is none, as the RFC has it.
func objectOf(text json.RawMessage) jsonbody.Object {
	if jsonbody.KindOf(text) != jsonbody.ObjectKind {
		return jsonbody.Object{}
	}
	object, _, _ := jsonbody.Parse(text) // known to be valid
	return object
}

func appendKey(dst []byte, start int, name string) []byte {
	if len(dst) > start {
		dst = append(dst, ',')
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(name) // a string always encodes
	return append(append(dst, bytes.TrimSuffix(b.Bytes(), []byte{'\n'})...), ':')
}
