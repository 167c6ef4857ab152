package httpapi

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/jsonbody"
	"github.com/salesos/salesos-mock/mock/internal/schema"
)

// body is a request body: read at most once, within bounds.
type body struct {
	read bool
	data []byte
	err  error
}

// bodyBytes reads the body. It is a documented 413 over the limit, also where a small body inflates to a big one.
func (x *exchange) bodyBytes() ([]byte, error) {
	if x.body.read {
		return x.body.data, x.body.err
	}
	x.body.read = true
	if x.req.Body == nil || x.req.Body == http.NoBody {
		return nil, nil
	}
	x.body.data, x.body.err = x.readBody()
	return x.body.data, x.body.err
}

func (x *exchange) readBody() ([]byte, error) {
	limit := x.api.options.BodyLimit
	if x.req.ContentLength > limit {
		return nil, apierror.NewTooLarge()
	}
	data, err := readUpTo(claimed(x.req.Body, x.claim), x.req.ContentLength, limit)
	if err != nil || len(data) == 0 {
		return nil, err
	}
	return x.inflate(data, x.req.Header.Get("Content-Encoding"), limit)
}

func readUpTo(r io.Reader, expected, limit int64) ([]byte, error) {
	var b bytes.Buffer
	// A sender may announce much and send little: what is announced is not yet worth memory.
	const trusted = 64 << 10
	if expected > 0 {
		b.Grow(int(min(expected, trusted)) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(r, limit+1))
	var tooLarge *http.MaxBytesError
	var documented *apierror.Error
	switch {
	case errors.As(err, &documented):
		return nil, documented
	case n > limit || errors.As(err, &tooLarge):
		return nil, apierror.NewTooLarge()
	case err != nil:
		return nil, apierror.NewMalformed("the request body ended early: " + err.Error())
	}
	return b.Bytes(), nil
}

// inflate undoes the content encodings that NestJS's body parser knows.
func (x *exchange) inflate(data []byte, encoding string, limit int64) ([]byte, error) {
	var r io.Reader
	var err error
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return data, nil
	case "gzip":
		r, err = gzip.NewReader(bytes.NewReader(data))
	case "deflate":
		r, err = zlib.NewReader(bytes.NewReader(data))
	default:
		return nil, apierror.NewUnsupportedEncoding(encoding)
	}
	if err != nil {
		return nil, apierror.NewMalformed("the request body is not valid " + encoding + ": " + err.Error())
	}
	inflated, err := readUpTo(claimed(r, x.claim), 0, limit)
	var documented *apierror.Error
	if err != nil && !(errors.As(err, &documented) && documented.Status != http.StatusBadRequest) {
		return nil, apierror.NewMalformed("the request body is not valid " + encoding)
	}
	return inflated, err
}

// object reads the body as the JSON object that it should be; none, or one of another content type, is empty.
func (x *exchange) object() (jsonbody.Object, error) {
	data, err := x.bodyBytes()
	if err != nil || len(data) == 0 {
		return jsonbody.Object{}, err
	}
	if sent := x.req.Header.Get("Content-Type"); !isJSON(sent) {
		x.warn(`the body was not read: its content type is "` + sent + `", only application/json is`)
		return jsonbody.Object{}, nil
	}
	object, duplicates, err := jsonbody.Parse(data)
	if err != nil {
		return jsonbody.Object{}, apierror.NewMalformed(err.Error())
	}
	for _, name := range duplicates {
		x.warn(`the key "` + name + `" came more than once in the body: the last value counts`)
	}
	return object, nil
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}

// input validates the body by the operation's definition, or is the documented 400.
func (x *exchange) input() ([]schema.Value, error) {
	object, err := x.object()
	if err != nil {
		return nil, err
	}
	o := x.match.Operation
	values, messages := o.Body.Validate(o.BodyMode, object, "")
	if len(messages) > 0 {
		return nil, apierror.NewValidation(messages)
	}
	return values, nil
}
