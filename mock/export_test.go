package mock

import "time"

// Patience sets how long a slow sender is waited for: tests have less of it than users.
func Patience(headers, whole time.Duration) Option {
	return func(c *config) { c.headerTimeout, c.readTimeout = headers, whole }
}
