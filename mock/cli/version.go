package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionFlag is --version.
type versionFlag bool

type versionCommand struct{}

// Run prints which program this is.
func (versionCommand) Run(p *process) error {
	info, _ := debug.ReadBuildInfo()
	return p.print("%s\n", describeBuild(info))
}

// version is the module's version as the go command stamped it: a tag, or a pseudo-version with the commit.
func version(info *debug.BuildInfo) string {
	if info == nil || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

func describeBuild(info *debug.BuildInfo) string {
	text := program + " " + version(info)
	setting := func(key string) string {
		if info == nil {
			return ""
		}
		for _, s := range info.Settings {
			if s.Key == key {
				return s.Value
			}
		}
		return ""
	}
	if commit := setting("vcs.revision"); commit != "" {
		text += fmt.Sprintf(" (commit %.12s", commit)
		if setting("vcs.modified") == "true" {
			text += " and changes"
		}
		text += ", " + setting("vcs.time") + ")"
	}
	return fmt.Sprintf("%s %s %s/%s", text, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
