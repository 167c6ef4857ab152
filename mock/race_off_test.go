//go:build !race && !conformance

package mock_test

// slowdown is how many times slower than usual things may be; the race detector, and the tag conformance, have one of their own.
const slowdown = 1
