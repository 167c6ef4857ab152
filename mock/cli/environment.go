package cli

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/salesos/salesos-mock/mock/internal/diag"
)

// prefix begins the names of all variables that are settings.
const prefix = "SALESOS_MOCK_"

// environment is the environment of the process. As a resolver of kong it fills the flags that the command line left
// out: a flag says in its tag "from" which variable stands for it. (Kong's own tag "env" reads the environment of the
// real process, which a test cannot choose.) An empty variable is one that is not set.
type environment map[string]string

func newEnvironment(environ []string) environment {
	e := make(environment, len(environ))
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		e[name] = value
	}
	return e
}

// Validate is asked for by kong.
func (environment) Validate(*kong.Application) error { return nil }

// Resolve gives a flag its value. A wrong one is found out here, where the name of the variable is known.
func (e environment) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	name := flag.Tag.Get("from")
	value := e[name]
	if value == "" || fromKubernetes(name, value) {
		return nil, nil
	}
	scratch := reflect.New(flag.Target.Type()).Elem()
	if err := flag.Parse(kong.Scan().PushTyped(value, kong.FlagValueToken), scratch); err != nil {
		if bad := (*badValue)(nil); errors.As(err, &bad) {
			bad.source = name
		}
		return nil, err
	}
	return value, nil
}

// fromKubernetes: for a service called salesos-mock Kubernetes sets these variables in every pod, and means something
// else by them.
func fromKubernetes(name, value string) bool {
	return name == prefix+"PORT" && strings.Contains(value, "://") ||
		strings.HasPrefix(name, prefix+"PORT_") || strings.HasPrefix(name, prefix+"SERVICE_")
}

// forLauncher tells the npm package which program to run.
const forLauncher = prefix + "BINARY"

// strangers are variables that look like settings and are none: a misspelt one must not be silently left out.
func (e environment) strangers(app *kong.Application) []string {
	known, warnings := []string{forLauncher}, []string(nil)
	_ = kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok && flag.Tag.Get("from") != "" {
			known = append(known, flag.Tag.Get("from"))
		}
		return next(nil)
	})
	for name, value := range e {
		if !strings.HasPrefix(name, prefix) || slices.Contains(known, name) || fromKubernetes(name, value) {
			continue
		}
		warning := fmt.Sprintf("the variable %s is no setting and is ignored", name)
		if nearest := diag.Nearest(name, known); nearest != "" {
			warning += "; did you mean " + nearest + "?"
		}
		warnings = append(warnings, warning)
	}
	slices.Sort(warnings)
	return warnings
}

// helpOf adds the variable to the help of a flag.
func helpOf(value *kong.Value) string {
	if value.Tag == nil || value.Tag.Get("from") == "" {
		return value.Help
	}
	return strings.TrimSuffix(value.Help, ".") + " ($" + value.Tag.Get("from") + ")."
}
