//go:build !linux

package watch

// onRemote is not known here; the looks of mode Auto find what no event tells.
func onRemote(string) bool { return false }
