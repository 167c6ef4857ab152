package referee

import (
	"fmt"
	"slices"
	"testing"

	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/ledger"
)

// Whatever there is room for, good conduct is never accused.
func TestNobodyIsAccusedOnHalfTheEvidence(t *testing.T) {
	t.Parallel()
	for limit := int64(0); limit < 12_000; limit += 250 {
		for _, c := range goodConducts() {
			sent := slices.Clone(c.sent)
			slices.SortStableFunc(sent, func(a, b *journal.Exchange) int { return a.Answered().Compare(b.Answered()) })
			r := New(ledger.New(limit))
			for _, x := range sent {
				r.Record(x)
			}
			if report := r.Audit("s"); rulesOf(report) != "" || report.Omitted > 0 {
				t.Errorf("%s, with room for %d bytes: found %q, %d left out", c.name, limit, rulesOf(report), report.Omitted)
			}
		}
	}
}

func TestWhatTheAuditKeepsIsAccountedFor(t *testing.T) {
	t.Parallel()
	const limit = 100_000
	account := ledger.New(limit)
	judges := []*Referee{New(account), New(account), New(account)}
	for i := range 3000 {
		r := judges[i/7%3]
		for _, c := range badConducts()[i%40 : i%40+1] {
			for _, x := range c.sent {
				other := *x
				other.Credential = fmt.Sprint(x.Credential, i%90)
				r.Record(&other)
			}
		}
		sum := 0
		for _, each := range judges {
			sum += each.auditor.held
		}
		if held := account.Held(); held != int64(sum) || held > limit || held < 0 {
			t.Fatalf("%d bytes are accounted for, the sessions say %d", held, sum)
		}
	}
	judges[0].Reset()
	judges[1].Close()
	judges[2].Close()
	judges[1].Record(get(0, 500))
	if left := account.Held(); left != 0 {
		t.Errorf("%d bytes are left on the account", left)
	}
}

// The sums that auditor.held keeps are those of what is there.
func TestHeldIsTheSumOfWhatIsHeld(t *testing.T) {
	t.Parallel()
	r := New(ledger.New(1 << 30))
	for i := range 500 {
		r.Record(at(i*300, "GET", fmt.Sprint("/leads/", i/3), 500+i%2*3, retry("2"), token(fmt.Sprint(i%200))))
		r.Record(at(i*300+5, "GET", fmt.Sprint("/leads/", i), 429, retry("1"), token(fmt.Sprint(i%200))))
	}
	a := &r.auditor
	sum := findingsHeld(a)
	for _, of := range a.chains {
		sum += of.size()
	}
	for _, who := range a.callers {
		sum += who.size()
	}
	if sum != a.held {
		t.Errorf("%d bytes are held, %d are said to be", sum, a.held)
	}
}

// findingsHeld is what findings took that were not repeated, as these are.
func findingsHeld(a *auditor) (sum int) {
	for _, f := range a.findings {
		sum += findingBytes
		for i := range f.Requests {
			sum += 8 + f.Requests[i].size()
		}
	}
	return sum
}
