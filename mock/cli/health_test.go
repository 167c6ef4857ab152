package cli_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthNamesTheOtherScheme(t *testing.T) {
	t.Parallel()
	plain, secure := httptest.NewServer(http.NotFoundHandler()), httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	for asked, want := range map[string]string{
		strings.Replace(plain.URL, "http:", "https:", 1):  "; it speaks no TLS: use " + plain.URL + "\n",
		strings.Replace(secure.URL, "https:", "http:", 1): "; it speaks TLS: use " + secure.URL + "\n",
	} {
		for _, command := range [][]string{{"health", asked}, {"wait", "--timeout", "100ms", asked}} {
			if got := run(t, nil, command...); got.code != 1 || !strings.HasSuffix(got.err, want) {
				t.Errorf("%q: got %d %q, want the end %q", command, got.code, got.err, want)
			}
		}
	}
}
