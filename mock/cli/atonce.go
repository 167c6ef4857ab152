package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/salesos/salesos-mock/mock"
)

// serving is the part of the grammar that serve needs. To build the whole of it, with all that the other commands
// know, would take a start as long as to read its data.
type serving struct {
	Serve serveCommand `cmd:"" default:"withargs"`
}

// serveAtOnce serves, if a command line asks for that and is in order. Of any other the whole grammar knows what to say;
// false: nothing was done.
func (p *process) serveAtOnce(args []string) (ran bool, err error) {
	if !asksToServe(args) {
		return false, nil
	}
	p.readAhead(args)
	var g serving
	parser, err := p.parser(&g, kong.NoDefaultHelp())
	if err != nil {
		return false, nil
	}
	command, err := parser.Parse(args)
	if err != nil || len(p.env.strangers(parser.Model)) > 0 {
		return false, nil
	}
	return true, command.Run(p)
}

// asksToServe: serve is what is done without a command.
func asksToServe(args []string) bool {
	return len(args) == 0 || args[0] == "serve" || strings.HasPrefix(args[0], "-") && args[0] != "-"
}

// readAhead begins to read the data inside the program, unless it looks as if a folder was to be served.
func (p *process) readAhead(args []string) {
	asked := p.env["SALESOS_MOCK_FIXTURES"] != "" ||
		slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--fixtures") })
	if !asked && chooseSource("").folder == "" {
		p.shipped = mock.ReadShipped()
	}
}
