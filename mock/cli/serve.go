package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/salesos/salesos-mock/mock"
	"github.com/salesos/salesos-mock/mock/internal/diag"
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
	Port       port       `default:"4000" placeholder:"N" from:"SALESOS_MOCK_PORT" help:"Port to listen on; 0 takes a free one. Default: 4000."`
	Host       hostName   `placeholder:"ADDRESS" from:"SALESOS_MOCK_HOST" help:"Address to listen on, such as 0.0.0.0. Default: 127.0.0.1 and ::1."`
	BasePath   basePath   `default:"/api" placeholder:"PATH" from:"SALESOS_MOCK_BASE_PATH" help:"What the paths of the API begin with. Default: /api."`
	Fixtures   text       `placeholder:"DIR" from:"SALESOS_MOCK_FIXTURES" help:"Folder with the data. Default: ./fixtures if there is one, else what is built in."`
	Scenarios  text       `placeholder:"DIR" from:"SALESOS_MOCK_SCENARIOS" help:"Folder with the scenarios. Default: ./scenarios if there is one, else what is built in."`
	Scenario   []text     `placeholder:"NAME" from:"SALESOS_MOCK_SCENARIO" help:"Scenario that is in force from the start. Repeatable."`
	Auth       choice     `default:"strict" choice:"strict,lenient,off" placeholder:"MODE" from:"SALESOS_MOCK_AUTH" help:"strict, as SalesOS; lenient: any well-formed credential; off: none is needed. Default: strict."`
	RateLimit  choice     `default:"off" choice:"off,on" placeholder:"off|on" from:"SALESOS_MOCK_RATE_LIMIT" help:"on answers 429 above the documented limits. Default: off."`
	CSRF       choice     `name:"csrf" default:"off" choice:"off,on" placeholder:"off|on" from:"SALESOS_MOCK_CSRF" help:"on asks for X-CSRF-Token. Default: off."`
	CORS       corsPolicy `name:"cors" default:"permissive" placeholder:"POLICY" from:"SALESOS_MOCK_CORS" help:"Which pages may call: permissive, off, or origins parted by commas. Default: permissive."`
	Seed       seed       `default:"1" placeholder:"N" from:"SALESOS_MOCK_SEED" help:"What made-up ids and chance derive from, or random. Default: 1."`
	Delay      period     `default:"0" bare:"ms" min:"0s" max:"90s" placeholder:"TIME" from:"SALESOS_MOCK_DELAY" help:"Wait before every answer: 800ms, 1.5s."`
	Watch      choice     `default:"auto" choice:"auto,notify,poll,off" placeholder:"MODE" from:"SALESOS_MOCK_WATCH" help:"How changed files are noticed: auto, notify, poll or off. Default: auto."`
	PortFile   text       `placeholder:"FILE" from:"SALESOS_MOCK_PORT_FILE" help:"Write the port to this file once it can be called."`
	Log        choice     `default:"text" choice:"text,json,off" placeholder:"FORMAT" from:"SALESOS_MOCK_LOG" help:"Request log on standard output: text, json (only JSON follows the ready line) or off. Default: text."`
	AdminToken text       `placeholder:"TEXT" from:"SALESOS_MOCK_ADMIN_TOKEN" help:"What /__admin asks for as Authorization: Bearer. Default: it answers callers on this machine."`
	AdminHost  []hostName `placeholder:"NAME" from:"SALESOS_MOCK_ADMIN_HOST" help:"Host name that /__admin answers to besides those of this machine. Repeatable."`
	TLSCert    text       `name:"tls-cert" placeholder:"FILE" from:"SALESOS_MOCK_TLS_CERT" help:"Serve HTTPS with this certificate (PEM)."`
	TLSKey     text       `name:"tls-key" placeholder:"FILE" from:"SALESOS_MOCK_TLS_KEY" help:"The certificate's key (PEM)."`
}

// Run serves until a signal comes.
func (c *serveCommand) Run(p *process) error {
	certificate, err := c.certificate()
	if err != nil {
		return err
	}
	ctx, stop := p.untilSignal()
	defer stop()
	defer survivePipes()()
	defer p.adaptCollector(ctx)()
	from, steering := chooseSource(string(c.Fixtures)), chooseScenarios(string(c.Scenarios))
	log := p.logger(c.Log)
	options := append(c.options(), mock.Fixtures(from.folder), mock.Scenarios(steering.folder), mock.TLS(certificate), mock.Log(log))
	requests := p.requestLog(c.Log)
	if requests != nil {
		defer func() { _ = requests.Close() }() // whoever read it has been told what could be told
		options = append(options, mock.Observe(func(e mock.Exchange) { requests.Record(requestlog.Entry(e)) }))
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

func (c *serveCommand) options() []mock.Option {
	info, _ := debug.ReadBuildInfo()
	return []mock.Option{
		mock.Port(int(c.Port)), mock.Host(string(c.Host)), mock.BasePath(string(c.BasePath)), mock.Auth(string(c.Auth)),
		mock.RateLimit(c.RateLimit == on), mock.CSRF(c.CSRF == on), mock.CORS(string(c.CORS)), mock.Seed(c.Seed.value),
		mock.Delay(time.Duration(c.Delay)), mock.Watch(string(c.Watch)), mock.Version(version(info)),
		mock.Scenario(texts(c.Scenario)...), mock.AdminToken(string(c.AdminToken)), mock.AdminHost(texts(c.AdminHost)...),
	}
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

// certificate loads what --tls-cert and --tls-key name; nil: plain HTTP.
func (c *serveCommand) certificate() (*tls.Config, error) {
	switch {
	case c.TLSCert == "" && c.TLSKey == "":
		return nil, nil
	case c.TLSCert == "" || c.TLSKey == "":
		return nil, usageError{errors.New("--tls-cert and --tls-key belong together; one of them is missing"), "serve"}
	}
	pair, err := tls.LoadX509KeyPair(string(c.TLSCert), string(c.TLSKey))
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s with --tls-key %s: %w", c.TLSCert, c.TLSKey, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}, nil
}

// unservable says which files cannot be served; what is wrong with them says the list.
func unservable(from source, err error) error {
	if problems := (diag.List)(nil); errors.As(err, &problems) {
		return err
	}
	return fmt.Errorf("%s cannot be served: %w", from, err)
}
