package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/entropy"
	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/requestlog"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// The values of --log.
const (
	logText choice = "text"
	logJSON choice = "json"
	logOff  choice = "off"
)

const on choice = "on"

// serveCommand holds the flags of serve. Their names, and those of their variables, are promises.
type serveCommand struct {
	Port port     `default:"4000" placeholder:"N" from:"SALESOS_MOCK_PORT" help:"Port to listen on; 0 takes a free one. Default: 4000."`
	Host hostName `placeholder:"ADDRESS" from:"SALESOS_MOCK_HOST" help:"Address to listen on, such as 0.0.0.0. Default: 127.0.0.1 and ::1."`
	servedFlags
	PortFile   text       `placeholder:"FILE" from:"SALESOS_MOCK_PORT_FILE" help:"Write the port to this file once it can be called."`
	Log        choice     `default:"text" choice:"text,json,off" placeholder:"FORMAT" from:"SALESOS_MOCK_LOG" help:"Request log on standard output: text, json (only JSON follows the ready line) or off. Default: text."`
	AdminToken text       `placeholder:"TEXT" from:"SALESOS_MOCK_ADMIN_TOKEN" help:"What /__admin asks for as Authorization: Bearer. Default: it answers callers on this machine."`
	AdminHost  []hostName `placeholder:"NAME" from:"SALESOS_MOCK_ADMIN_HOST" help:"Host name that /__admin answers to besides those of this machine. Repeatable."`
	AdminPort  *port      `placeholder:"N" from:"SALESOS_MOCK_ADMIN_PORT" help:"Port for /__admin alone; 0 takes a free one. Default: that of the API."`
	tlsFlags
}

// Run serves until a signal comes.
func (c *serveCommand) Run(p *process) error {
	if c.AdminPort != nil && *c.AdminPort == c.Port && c.Port != 0 {
		return usageError{fmt.Errorf("--admin-port %d is --port: leave --admin-port out to have both on one port, or take another", c.Port), "serve"}
	}
	certificate, err := c.certificate("serve")
	if err != nil {
		return err
	}
	ctx, stop := p.untilSignal()
	defer stop()
	defer survivePipes()()
	from, steering := c.sources()
	spoken := p.errorLog(c.Log)
	defer func() { _ = spoken.Close() }()
	log := p.logger(c.Log, spoken)
	options := append(c.options(), mock.Fixtures(from.folder), mock.Scenarios(steering.folder), mock.TLS(certificate), mock.Log(log), mock.Ahead(p.shipped))
	requests := p.requestLog(c.Log)
	if requests != nil {
		defer func() { _ = requests.Close() }() // whoever read it has been told what could be told
		options = append(options, mock.Observe(func(e mock.Exchange) { requests.Record(logged(e)) }))
	}
	server, err := mock.New(options...)
	if err != nil {
		return unservable(from, err)
	}
	if err := server.Listen(ctx); err != nil {
		return c.explainListen(ctx, err)
	}
	return c.serve(ctx, p, server, []source{from, steering}, log)
}

// serve announces a server that listens, and lets it answer.
func (c *serveCommand) serve(ctx context.Context, p *process, server *mock.Server, sources []source, log *slog.Logger) error {
	if c.PortFile != "" {
		u, err := url.Parse(server.Origin())
		if err != nil {
			return err
		}
		file, err := writePortFile(string(c.PortFile), u.Port())
		if err != nil {
			return err
		}
		defer file.remove()
	}
	// A reader who has gone is no reason not to serve: whoever called the port needs no banner.
	_ = p.print("%s", c.greeting(server, sources).text(c.Log, palette(p.colorful(p.streams.Out))))
	for _, warning := range c.warnings(sources) {
		log.Warn(warning)
	}
	return server.Serve(ctx)
}

// options are those of the flags that only serve has, and of those that it shares.
func (c *serveCommand) options() []mock.Option {
	options := append(c.servedFlags.options(),
		mock.Port(int(c.Port)), mock.Host(string(c.Host)), mock.AdminToken(string(c.AdminToken)), mock.AdminHost(texts(c.AdminHost)...))
	if c.AdminPort != nil {
		options = append(options, mock.AdminPort(int(*c.AdminPort)))
	}
	return options
}

// requestLog is nil when none is wanted.
func (p *process) requestLog(format choice) *requestlog.Log {
	o := requestlog.Options{Session: session.Default}
	switch format {
	case logOff:
		return nil
	case logJSON:
		o.Format = requestlog.JSON
	default:
		o.Color = p.colorful(p.streams.Out)
	}
	return requestlog.New(p.streams.Out, o)
}

// logged is what the request log tells of an exchange: a token that stands in an address is not written down.
func logged(e mock.Exchange) requestlog.Entry {
	entry := requestlog.Entry(e)
	entry.Target = journal.RedactTarget(entry.Target)
	return entry
}

// errorLog is what the server speaks through: like the request log, it holds nobody up when nobody reads it.
func (p *process) errorLog(format choice) *requestlog.Log {
	o := requestlog.Options{Now: entropy.WallNow}
	if format == logJSON {
		o.Format = requestlog.JSON
	}
	return requestlog.New(p.streams.Err, o)
}

// warnings are about settings that are allowed and may surprise.
func (c *serveCommand) warnings(sources []source) []string {
	var warnings []string
	if c.Host != "" && !isLoopback(string(c.Host)) {
		warnings = append(warnings, fmt.Sprintf("listening on %s: whoever reaches this machine can call the API with credentials that everybody knows", c.Host))
	}
	for _, from := range sources {
		if known := from.reservations(); known != "" {
			warnings = append(warnings, known)
		}
	}
	return warnings
}

// unservable says which files cannot be served; what is wrong with them says the list.
func unservable(from source, err error) error {
	if problems := (diag.List)(nil); errors.As(err, &problems) {
		return err
	}
	return fmt.Errorf("%s cannot be served: %w", from, err)
}
