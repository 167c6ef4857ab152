// Package scenarios holds the scenario files that salesos-mock offers when it is given no folder of its own. Each is
// meant to be read: it says what it does, and is a start for one's own.
package scenarios

import "embed"

// FS is this folder.
//
//go:embed *.yaml
var FS embed.FS
