package store

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unsafe"
)

// endSize is how many bytes each value's end takes behind a record's JSON.
const endSize = 4

// Record is one record, immutable, encoded once. Its values must have been valid JSON when encoded.
type Record struct {
	layout *Layout
	id     string
	// data is the JSON, then the end of each value in it as a little-endian uint32: one allocation, which
	// the garbage collector need not look into. The starts follow from the layout.
	data string
}

// Encode makes a record of values in layout order; nil is null. Each must be one canonical JSON value, the id
// a string; the bytes are copied. It panics when the number of values is not that of the fields.
func (l *Layout) Encode(values []json.RawMessage) *Record {
	if len(values) != len(l.fields) {
		panic("store: a record needs " + strconv.Itoa(len(l.fields)) + " values, not " + strconv.Itoa(len(values)))
	}
	size := 1 + endSize*len(values)
	for i, v := range values {
		size += len(l.prefixes[i]) + max(len(v), len("null")*b2i(v == nil))
	}
	data := make([]byte, 0, size)
	ends := make([]uint32, 0, 64) // stays on the stack for layouts of ordinary size
	for i, v := range values {
		data = append(data, l.prefixes[i]...)
		if v == nil {
			data = append(data, "null"...)
		} else {
			data = append(data, v...)
		}
		ends = append(ends, uint32(len(data)))
	}
	data = append(data, '}')
	for _, end := range ends {
		data = append(data, byte(end), byte(end>>8), byte(end>>16), byte(end>>24))
	}
	r := &Record{layout: l, data: unsafe.String(unsafe.SliceData(data), len(data))} // data is not touched again
	r.id, _ = r.Text(l.id)
	return r
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// end is where the i-th value ends in the JSON.
func (r *Record) end(i int) int {
	d := r.data[len(r.data)-endSize*(len(r.layout.fields)-i):]
	return int(uint32(d[0]) | uint32(d[1])<<8 | uint32(d[2])<<16 | uint32(d[3])<<24)
}

// raw is the i-th value's JSON.
func (r *Record) raw(i int) string {
	start := len(r.layout.prefixes[i])
	if i > 0 {
		start += r.end(i - 1)
	}
	return r.data[start:r.end(i)]
}

// ID returns the record's id, "" if it is no string.
func (r *Record) ID() string { return r.id }

// Layout returns the layout that the record was encoded with.
func (r *Record) Layout() *Layout { return r.layout }

// JSON returns the whole record. The caller must not modify it.
func (r *Record) JSON() []byte { return readOnly(r.data[:len(r.data)-endSize*len(r.layout.fields)]) }

// Raw returns the i-th value's JSON, "null" if it is null. The caller must not modify it.
func (r *Record) Raw(i int) json.RawMessage { return readOnly(r.raw(i)) }

// readOnly shows a string as bytes without a copy; nobody may write to them.
func readOnly(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// Text returns the i-th value decoded, and false if it is null or no string.
func (r *Record) Text(i int) (string, bool) { return decodeText(r.raw(i)) }

func decodeText(raw string) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	inner := raw[1 : len(raw)-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner, true
	}
	var text string
	err := json.Unmarshal([]byte(raw), &text)
	return text, err == nil
}

// Number returns the i-th value, and false if it is null or no number. What is too large for a float64 is infinite.
func (r *Record) Number(i int) (float64, bool) { return decodeNumber(r.raw(i)) }

func decodeNumber(raw string) (float64, bool) {
	if raw == "" || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return 0, false
	}
	n, err := strconv.ParseFloat(raw, 64)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}

// Bool returns the i-th value, and false if it is null or no boolean.
func (r *Record) Bool(i int) (value, ok bool) { return decodeBool(r.raw(i)) }

func decodeBool(raw string) (value, ok bool) { return raw == "true", raw == "true" || raw == "false" }

// IsNull reports whether the i-th value is null.
func (r *Record) IsNull(i int) bool { return r.raw(i) == "null" }

// Values returns a fresh slice of the record's values, to edit and Encode again. The values themselves
// belong to the record: replace them, do not modify them.
func (r *Record) Values() []json.RawMessage {
	values := make([]json.RawMessage, len(r.layout.fields))
	for i := range values {
		if raw := r.raw(i); raw != "null" {
			values[i] = readOnly(raw)
		}
	}
	return values
}

// adapt re-encodes a record for another layout by field name; what the record has no field for comes from added.
func (r *Record) adapt(to *Layout, added func(field int) json.RawMessage) *Record {
	if to.fits(r.layout) {
		return r
	}
	values := make([]json.RawMessage, len(to.fields))
	for i, f := range to.fields {
		if old := r.layout.Index(f.Name); old >= 0 {
			values[i] = r.Raw(old)
		} else {
			values[i] = added(i)
		}
	}
	return to.Encode(values)
}
