// Package cli is the command line: it reads flags and environment, and lets package mock do the work. Each command
// is one file with a struct (its flags) and a method Run, and one line in grammar. Everything that a command sees of
// the world comes in through Main, so that texts and exit codes are tested as those of a function.
//
// What goes where: standard output carries what was asked for (the ready line and the request log, a token, findings);
// standard error carries what the program has to say about itself.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/diag"
)

// The exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

const program = "salesos-mock"

// Streams are the standard streams.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Main runs a command line, without the program's name, and returns the exit code: 0, 1 for a failure, 2 for wrong
// usage. The environment is a list of KEY=value. A command that waits ends when ctx does, or at SIGINT and SIGTERM.
func Main(ctx context.Context, args, environ []string, streams Streams) int {
	p := &process{ctx: ctx, env: newEnvironment(environ), environ: environ, streams: streams}
	err := p.run(args)
	p.tell(err)
	return exitCode(err)
}

// grammar is the command line.
type grammar struct {
	Version versionFlag `help:"Show the version."`

	Serve       serveCommand    `cmd:"" default:"withargs" help:"Serve the API (the default command)."`
	Run         runCommand      `cmd:"" help:"Run a command with a mock of its own, and judge what it sent."`
	Check       checkCommand    `cmd:"" help:"Say everything that is wrong with fixture and scenario files."`
	Init        initCommand     `cmd:"" help:"Write the built-in files into a folder, to be edited."`
	Token       tokenCommand    `cmd:"" help:"Print an access token."`
	Health      healthCommand   `cmd:"" help:"Ask a running mock how it is."`
	Wait        waitCommand     `cmd:"" help:"Wait until a mock answers."`
	Explain     explainCommand  `cmd:"" help:"Say what would be done to a request, and what each rule says of it."`
	Verify      verifyCommand   `cmd:"" help:"Ask a running mock whether what a file expects was requested."`
	Audit       auditCommand    `cmd:"" help:"Ask a running mock what its clients do that they should not."`
	Coverage    coverageCommand `cmd:"" help:"Ask a running mock which documented errors its clients have met."`
	OpenAPI     openapiCommand  `cmd:"" name:"openapi" help:"Print the OpenAPI document of the API."`
	Schema      schemaCommand   `cmd:"" help:"Print the JSON Schema of a kind of file."`
	ShowVersion versionCommand  `cmd:"" name:"version" help:"Show the version."`
}

// process is what a command can use.
type process struct {
	ctx     context.Context
	env     environment
	environ []string // as it was given
	streams Streams
	shipped *mock.Shipped // the data inside the program, where it will probably be served; else nil
}

// usageError is a command line that makes no sense.
type usageError struct {
	error
	command string // whose help says more; empty: that of the program
}

func (u usageError) help() string {
	if u.command == "" {
		return program + " --help"
	}
	return program + " " + u.command + " --help"
}

// run parses and runs. Kong prints help while it parses, and expects the program to end then.
func (p *process) run(args []string) error {
	ctx, end := context.WithCancel(p.ctx)
	defer end()
	defer p.adaptCollector(ctx)()
	if ran, err := p.serveAtOnce(args); ran {
		return err
	}
	var g grammar
	helped := false
	parser, err := p.parser(&g, kong.Exit(func(int) { helped = true }))
	if err != nil {
		return err
	}
	command, err := parser.Parse(withoutHelpCommand(args))
	switch {
	case helped:
		return nil
	case err != nil:
		return parseError(parser.Model, args, err)
	case bool(g.Version):
		return g.ShowVersion.Run(p)
	}
	for _, warning := range p.env.strangers(parser.Model) {
		p.warn("%s", warning)
	}
	return command.Run(p)
}

func (p *process) parser(grammar any, more ...kong.Option) (*kong.Kong, error) {
	parser, err := kong.New(grammar, append([]kong.Option{
		kong.Name(program),
		kong.Description("A SalesOS API on your machine that fails on demand. Each flag with a $NAME behind it can be set in the environment too; a flag on the command line comes first."),
		kong.Writers(p.streams.Out, p.streams.Err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
		kong.ValueFormatter(helpOf),
		kong.WithHyphenPrefixedParameters(true), // --expires-in -1h
		kong.Resolvers(p.env),
	}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("the command line is built wrongly: %w", err)
	}
	return parser, nil
}

// withoutHelpCommand takes "help serve" for "serve --help".
func withoutHelpCommand(args []string) []string {
	if len(args) > 0 && args[0] == "help" {
		return append(append([]string{}, args[1:]...), "--help")
	}
	return args
}

// parseError says what is wrong with the command line, and where to read more. Kong takes an unknown command for an
// argument of the default one, and then has no name to suggest.
func parseError(app *kong.Application, args []string, err error) error {
	var commands []string
	for _, node := range app.Children {
		commands = append(commands, node.Name)
	}
	word := append(args, "")[0]
	known := slices.Contains(commands, word)
	switch {
	case word != "" && !strings.HasPrefix(word, "-") && !known:
		return usageError{unknownName("command", word, commands), ""}
	case !known:
		word = app.DefaultCmd.Name
	}
	if bad := (*badValue)(nil); errors.As(err, &bad) {
		err = bad // without how the flag is written in the help
	}
	return usageError{err, word}
}

// tell says on standard error why a command failed.
func (p *process) tell(err error) {
	var usage usageError
	var problems diag.List
	exit := exitError{error: err}
	switch errors.As(err, &exit); {
	case exit.error == nil: // all is said
	case errors.As(err, &problems):
		p.say("%s\n%s: %s", problems.Error(), program, count(len(problems), "problem", "problems"))
	case errors.As(err, &usage):
		p.say("%s: %v\nRun \"%s\" for what there is.", program, err, usage.help())
	default:
		p.say("%s: %v", program, err)
	}
}

// say writes lines on standard error. Nobody is left to be told that this failed.
func (p *process) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.streams.Err, format+"\n", args...)
}

func (p *process) warn(format string, args ...any) {
	p.say(program+": warning: "+format, args...)
}

// print writes on standard output, where failing matters: it is what was asked for.
func (p *process) print(format string, args ...any) error {
	_, err := fmt.Fprintf(p.streams.Out, format, args...)
	return err
}

func exitCode(err error) int {
	var usage usageError
	var exit exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.code
	case errors.As(err, &usage):
		return exitUsage
	default:
		return exitFailure
	}
}

// count is a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
