//go:build race

package mock_test

// slowdown is how many times slower than usual the race detector may make things.
const slowdown = 3
