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
	name = strings.ToLower(name)
	name = strings.NewReplacer("_", "", "-", "", ".", "", " ", "").Replace(name)
	switch name {
	case "authorization", "proxyauthorization", "apikey", "xapikey", "cookie", "setcookie", "jwt", "credential", "credentials":
		return true
	}
	return strings.Contains(name, "password") || strings.Contains(name, "passwd") || strings.Contains(name, "secret") ||
		strings.HasSuffix(name, "token") || strings.HasSuffix(name, "apikey")
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
	return path + "?" + redactQuery(query)
}

// redactQuery redacts the parameters of a query string or of a form.
func redactQuery(query string) string {
	if query == "" {
		return ""
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, _, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		if decoded, err := url.QueryUnescape(name); err == nil && isSecret(decoded) || err != nil && isSecret(name) {
			parts[i] = name + "=" + Redacted
		}
	}
	return strings.Join(parts, "&")
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
