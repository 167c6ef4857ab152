//go:build race

package main

// underRace: the race detector makes sync.Pool forget, and so allocations come and go.
const underRace = true
