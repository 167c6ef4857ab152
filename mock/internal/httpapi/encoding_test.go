package httpapi

import (
	"strings"
	"testing"
)

// Only who names gzip, or all that there is, gets it; in no order of parts does it take long.
func FuzzAcceptsGzip(f *testing.F) {
	for _, accepted := range []string{"", "gzip", "br, gzip;q=0.5", "*;q=0, gzip", "gzip; q = 0.0", ";;;,,,", "x-gzip;q=1e-400", "*"} {
		f.Add(accepted)
	}
	f.Fuzz(func(t *testing.T, accepted string) {
		if acceptsGzip(accepted) && !strings.Contains(strings.ToLower(accepted), "gzip") && !strings.Contains(accepted, "*") {
			t.Errorf("%q does not ask for gzip", accepted)
		}
		if acceptsGzip("gzip;q=0," + accepted) {
			t.Errorf("%q was refused gzip before all else", accepted)
		}
		if !acceptsGzip("gzip," + accepted) {
			t.Errorf("%q was asked for gzip before all else", accepted)
		}
	})
}
