package journal

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// isSecret says whether a header, parameter or member holds a secret, by its name.
func isSecret(name string) bool {
	var room [64]byte // the request log asks about each parameter: nothing is allocated
	plain := appendPlain(room[:0], name)
	switch string(plain) {
	case "authorization", "proxyauthorization", "apikey", "xapikey", "cookie", "setcookie", "jwt", "credential", "credentials":
		return true
	}
	return bytes.Contains(plain, []byte("password")) || bytes.Contains(plain, []byte("passwd")) || bytes.Contains(plain, []byte("secret")) ||
		bytes.HasSuffix(plain, []byte("token")) || bytes.HasSuffix(plain, []byte("apikey"))
}

// appendPlain adds a name as all ways to write it have it in common: small, and without what parts its words.
func appendPlain(b []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_' || c == '-' || c == '.' || c == ' ':
		case 'A' <= c && c <= 'Z':
			b = append(b, c+'a'-'A')
		default:
			b = append(b, c)
		}
	}
	return b
}

// redactHeader keeps the scheme of an Authorization: whether it was Bearer or Basic is worth knowing.
func redactHeader(h Header) string {
	if !isSecret(h.Name) {
		return h.Value
	}
	if scheme, _, ok := strings.Cut(h.Value, " "); ok && (strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "Basic")) {
		return scheme + " " + Redacted
	}
	return Redacted
}

// RedactTarget redacts the query of a path.
func RedactTarget(target string) string {
	path, query, ok := strings.Cut(target, "?")
	if !ok {
		return target
	}
	if shown := redactQuery(query); shown != query {
		return path + "?" + shown
	}
	return target
}

// redactQuery redacts the parameters of a query string or of a form.
func redactQuery(query string) string {
	secret := false
	for part := range strings.SplitSeq(query, "&") {
		secret = secret || isSecretParameter(part)
	}
	if !secret {
		return query
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		if isSecretParameter(part) {
			name, _, _ := strings.Cut(part, "=")
			parts[i] = name + "=" + Redacted
		}
	}
	return strings.Join(parts, "&")
}

func isSecretParameter(part string) bool {
	name, _, ok := strings.Cut(part, "=")
	if !ok {
		return false
	}
	if decoded, err := url.QueryUnescape(name); err == nil {
		name = decoded
	}
	return isSecret(name)
}

// redactBody redacts members of JSON, and the parameters of a form.
func redactBody(body []byte) []byte {
	out := redactMembers(body)
	if first := bytes.TrimLeft(body, " \t\r\n\ufeff"); len(first) == 0 || first[0] != '{' && first[0] != '[' && first[0] != '"' {
		return []byte(redactQuery(string(out)))
	}
	return out
}

// redactMembers reads text, not JSON: a body may be cut, or broken on purpose, and its secrets are secret all the same.
func redactMembers(body []byte) []byte {
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); {
		if body[i] != '"' {
			out = append(out, body[i])
			i++
			continue
		}
		end := endOfString(body, i)
		out = append(out, body[i:end]...)
		value := startOfValue(body, end)
		if value > 0 && isSecret(unquote(body[i:end])) {
			out = append(append(out, body[end:value]...), `"`+Redacted+`"`...)
			end = endOfValue(body, value)
		}
		i = end
	}
	return out
}

// endOfString is behind the closing quote of the string that begins at i, or the end.
func endOfString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// startOfValue is where the value begins whose name ends at i; 0 if no value follows.
func startOfValue(b []byte, i int) int {
	i = skipSpace(b, i)
	if i >= len(b) || b[i] != ':' {
		return 0
	}
	if i = skipSpace(b, i+1); i >= len(b) {
		return 0
	}
	return i
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

// endOfValue is behind the value that begins at i, whatever it is.
func endOfValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = endOfString(b, i); depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

// unquote reads a name as JSON does: p\u0061ssword is one.
func unquote(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return strings.Trim(string(quoted), `"`)
	}
	var name string
	if json.Unmarshal(quoted, &name) != nil {
		return string(quoted)
	}
	return name
}
