package httpapi

import (
	"io"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/scenario"
	"github.com/salesos/salesos-mock/mock/internal/wirefault"
)

const (
	// defaultUnderWay bounds what all requests that are under way hold together, in bytes.
	defaultUnderWay = 512 << 20

	// freeOfCharge is how large a body may be that is not accounted for, in bytes.
	freeOfCharge = 16 << 10

	// costOfWaiting is what a request that is kept waiting takes, in bytes: its goroutines and its connection's buffers.
	costOfWaiting = 24 << 10
)

// claim accounts for memory that the request takes until it is answered. When all requests together hold as much as they
// may, it is the documented 503: a server that is out of memory would answer nobody.
func (x *exchange) claim(n int64) error {
	if x.api.underWay.Take(n) != nil {
		x.warn("the requests under way hold all the memory that they may hold together: this one was not carried out")
		return apierror.NewUnavailable()
	}
	x.claimed += n
	return nil
}

// claimSize accounts for a body of so many bytes, unless it is a small one.
func (x *exchange) claimSize(n int) error {
	if n <= freeOfCharge {
		return nil
	}
	return x.claim(int64(n))
}

// claimWaiting accounts for a request that will be kept waiting, with the headers that it holds meanwhile.
func (x *exchange) claimWaiting(d *scenario.Decision) error {
	if d.Wait+x.api.options.Delay <= 0 && d.Dribble == nil && d.Outcome.Fault != wirefault.Hang {
		return nil
	}
	size := costOfWaiting + len(x.req.RequestURI)
	for name, values := range x.req.Header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return x.claim(int64(size))
}

// claiming accounts for what is read through it.
type claiming struct {
	io.Reader
	claim func(int64) error
	free  int64
}

func claimed(r io.Reader, claim func(int64) error) *claiming {
	return &claiming{r, claim, freeOfCharge}
}

// Read is asked for by io.Reader.
func (c *claiming) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.free -= int64(n); c.free >= 0 {
		return n, err
	}
	over := -c.free
	c.free = 0
	if refused := c.claim(over); refused != nil {
		return n, refused
	}
	return n, err
}
