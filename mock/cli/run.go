package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/referee"
	"github.com/salesos/salesos-mock/mock/internal/requestlog"
)

// exitGate is the exit code when the command was fine but a gate was not met.
const exitGate = 3

// runCommand holds the flags of run.
type runCommand struct {
	Port port `default:"0" placeholder:"N" help:"Port to listen on. Default: a free one."`
	servedFlags
	gateFlags
	eachFlags
	Log choice `default:"off" choice:"text,json,off" placeholder:"FORMAT" help:"Request log on standard error: text, json or off. Default: off."`
	tlsFlags

	Command []string `arg:"" optional:"" passthrough:"partial" placeholder:"COMMAND" help:"The command to run, with its arguments."`
}

// Run serves for as long as the command takes.
func (c *runCommand) Run(p *process) error {
	if len(c.Command) > 0 && c.Command[0] == "--" {
		c.Command = c.Command[1:]
	}
	if len(c.Command) == 0 {
		return usageError{errors.New("there is no command to run; something like this is meant: " + program + " run -- npm test"), "run"}
	}
	defer survivePipes()()
	defer p.adaptCollector(p.ctx)()
	if err := c.eachFlags.check(); err != nil {
		return err
	}
	h, err := c.host(p)
	if err != nil {
		return err
	}
	g, err := c.read(h.Server)
	switch {
	case err != nil:
		return errors.Join(err, h.end())
	case c.EachError:
		return c.eachError(p, h, g)
	}
	return c.once(p, h, g)
}

// once runs the command in the default session.
func (c *runCommand) once(p *process, h *hosted, g *gates) error {
	own, err := h.Session(mock.DefaultSession)
	if err != nil {
		return err
	}
	environ, err := h.environ(own, p.environ)
	if err != nil {
		return err
	}
	code, err := p.inForeground(command(p.ctx, c.Command, environ))
	if broken := h.end(); broken != nil {
		p.warn("the mock ended with an error: %v", broken)
	}
	if err != nil {
		return err
	}
	return c.conclude(p, h, g, code)
}

// conclude tells what was found, on standard error: standard output is the command's. Its exit code comes first.
func (c *runCommand) conclude(p *process, h *hosted, g *gates, code int) error {
	reports, unmet := g.total(h.Totals())
	p.say("")
	if len(h.Totals().Calls(mock.AllSessions)) == 0 {
		p.say("%s: the command never called the API; it finds the address in SALESOS_API_URL", program)
		reports = reports[2:] // there is nothing to judge but what was expected
	}
	_ = referee.WriteAll(p.streams.Err, mock.Text, p.colorful(p.streams.Err), reports...) // nobody is left to be told that this failed
	err := g.write(p, reports)
	switch {
	case code != 0:
		p.tell(err)
		for _, u := range unmet {
			p.say("%s: %s", program, u)
		}
		return exitError{code, nil}
	case err != nil:
		return err
	}
	return unmetError(unmet)
}

// hosted is a server that answers in the background.
type hosted struct {
	*mock.Server
	stop  context.CancelFunc
	ended chan error
	log   *requestlog.Log // nil: none is wanted
}

// host starts the server.
func (c *runCommand) host(p *process) (*hosted, error) {
	certificate, err := c.certificate("run")
	if err != nil {
		return nil, err
	}
	from, steering := c.sources()
	if err := errors.Join(from.there(), steering.there()); err != nil {
		return nil, err
	}
	h := &hosted{ended: make(chan error, 1)}
	options := append(c.options(), mock.KeepTotals(), mock.Port(int(c.Port)), mock.Fixtures(from.folder), mock.Scenarios(steering.folder), mock.TLS(certificate), mock.Log(p.logger(logOff, p.streams.Err)))
	onStandardError := *p
	onStandardError.streams.Out = p.streams.Err
	if h.log = onStandardError.requestLog(c.Log); h.log != nil {
		options = append(options, mock.Observe(func(e mock.Exchange) { h.log.Record(logged(e)) }))
	}
	if h.Server, err = mock.New(options...); err != nil {
		return nil, unservable(from, err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(p.ctx))
	h.stop = stop
	if err := h.Listen(ctx); err != nil {
		stop()
		return nil, fmt.Errorf("cannot listen on --port %d: %w; without --port a free one is taken", c.Port, err)
	}
	go func() { h.ended <- h.Serve(ctx) }()
	for _, known := range []source{from, steering} {
		if known.reservations() != "" {
			p.warn("%s", known.reservations())
		}
	}
	return h, nil
}

// end lets the requests under way finish, and what is left of them be recorded.
func (h *hosted) end() error {
	h.stop()
	err := <-h.ended
	if h.log != nil {
		_ = h.log.Close() // whoever read it has been told what could be told
	}
	return err
}

// environ tells a command where the mock is, and with what it is called in a session.
func (h *hosted) environ(s *mock.Session, inherited []string) ([]string, error) {
	token, err := s.Token("", "")
	if err != nil {
		return nil, err
	}
	return append(slices.Clip(inherited),
		"SALESOS_API_URL="+s.URL(), "SALESOS_API_KEY="+s.APIKey(), "SALESOS_TOKEN="+token, "SALESOS_ADMIN_URL="+s.AdminURL(),
	), nil
}
