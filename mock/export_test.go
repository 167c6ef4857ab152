package mock

import "time"

// Patience sets how long a slow sender is waited for: tests have less of it than users.
func Patience(headers, whole time.Duration) Option {
	return func(c *config) { c.headerTimeout, c.readTimeout = headers, whole }
}

// SlowReaders sets how long a slow reader of an answer is waited for.
func SlowReaders(patience time.Duration) Option {
	return func(c *config) { c.writeTimeout = patience }
}

// Memory sets how many bytes the requests under way, and the records that sessions write, may take together.
func Memory(underWay, written int64) Option {
	return func(c *config) { c.underWay, c.written = underWay, written }
}
