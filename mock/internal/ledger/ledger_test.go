package ledger_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/salesos/salesos-mock/mock/internal/ledger"
)

func TestALedgerHoldsItsLimit(t *testing.T) {
	t.Parallel()
	l := ledger.New(100)
	if err := l.Take(60); err != nil {
		t.Error(err)
	}
	if err := l.Take(41); !errors.Is(err, ledger.ErrFull) || l.Held() != 60 {
		t.Errorf("%v, held %d", err, l.Held())
	}
	if err := l.Take(40); err != nil {
		t.Error(err)
	}
	l.Give(100)
	if l.Held() != 0 {
		t.Errorf("held %d", l.Held())
	}
	if err := l.Take(-5); err != nil || l.Held() != -5 {
		t.Errorf("%v, held %d", err, l.Held())
	}
}

func TestNoLedgerHasNoLimit(t *testing.T) {
	t.Parallel()
	var none *ledger.Ledger
	none.Give(1)
	if err := none.Take(1 << 62); err != nil || none.Held() != 0 {
		t.Errorf("%v, held %d", err, none.Held())
	}
}

func TestManyTakersNeverHoldMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	l := ledger.New(10)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 1000 {
				if l.Take(1) == nil {
					l.Give(1)
				}
			}
		})
	}
	all.Wait()
	if l.Held() != 0 {
		t.Errorf("held %d", l.Held())
	}
}
