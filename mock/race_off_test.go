//go:build !race

package mock_test

// slowdown is how many times slower than usual things may be; the race detector has one of its own.
const slowdown = 1
