//go:build race || conformance

package mock_test

// slowdown is how many times slower than usual the race detector may make things, and servers that check each answer.
const slowdown = 3
