package cli

import (
	"crypto/tls"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/salesos/salesos-mock/mock"
)

// servedFlags say what is served and how. Every command that starts a server has them.
type servedFlags struct {
	BasePath  basePath   `default:"/api" placeholder:"PATH" from:"SALESOS_MOCK_BASE_PATH" help:"What the paths of the API begin with. Default: /api."`
	Fixtures  text       `placeholder:"DIR" from:"SALESOS_MOCK_FIXTURES" help:"Folder with the data. Default: ./fixtures if there is one, else what is built in."`
	Scenarios text       `placeholder:"DIR" from:"SALESOS_MOCK_SCENARIOS" help:"Folder with the scenarios. Default: ./scenarios if there is one, else what is built in."`
	Scenario  []text     `placeholder:"NAME" from:"SALESOS_MOCK_SCENARIO" help:"Scenario that is in force from the start. Repeatable."`
	Auth      choice     `default:"strict" choice:"strict,lenient,off" placeholder:"MODE" from:"SALESOS_MOCK_AUTH" help:"strict, as SalesOS; lenient: any well-formed credential; off: none is needed. Default: strict."`
	RateLimit choice     `default:"off" choice:"off,on" placeholder:"off|on" from:"SALESOS_MOCK_RATE_LIMIT" help:"on answers 429 above the documented limits. Default: off."`
	CSRF      choice     `name:"csrf" default:"off" choice:"off,on" placeholder:"off|on" from:"SALESOS_MOCK_CSRF" help:"on asks for X-CSRF-Token. Default: off."`
	CORS      corsPolicy `name:"cors" default:"permissive" placeholder:"POLICY" from:"SALESOS_MOCK_CORS" help:"Which pages may call: permissive, off, or origins parted by commas. Default: permissive."`
	Seed      seed       `default:"1" placeholder:"N" from:"SALESOS_MOCK_SEED" help:"What made-up ids and chance derive from, or random. Default: 1."`
	Delay     period     `default:"0" bare:"ms" min:"0s" max:"90s" placeholder:"TIME" from:"SALESOS_MOCK_DELAY" help:"Wait before every answer: 800ms, 1.5s."`
	Watch     choice     `default:"auto" choice:"auto,notify,poll,off" placeholder:"MODE" from:"SALESOS_MOCK_WATCH" help:"How changed files are noticed: auto, notify, poll or off. Default: auto."`
	Journal   entries    `default:"20000" placeholder:"N" from:"SALESOS_MOCK_JOURNAL" help:"How many requests are kept for verify and the dashboard; 0 keeps none. Default: 20000."`
}

func (f *servedFlags) options() []mock.Option {
	info, _ := debug.ReadBuildInfo()
	return []mock.Option{
		mock.BasePath(string(f.BasePath)), mock.Auth(string(f.Auth)), mock.RateLimit(f.RateLimit == on), mock.CSRF(f.CSRF == on),
		mock.CORS(string(f.CORS)), mock.Seed(f.Seed.value), mock.Delay(time.Duration(f.Delay)), mock.Watch(string(f.Watch)),
		mock.Version(version(info)), mock.Scenario(texts(f.Scenario)...), mock.Journal(int(f.Journal)),
	}
}

// sources are where the data and the scenarios come from.
func (f *servedFlags) sources() (data, steering source) {
	return chooseSource(string(f.Fixtures)), chooseScenarios(string(f.Scenarios))
}

// tlsFlags say with what to serve HTTPS.
type tlsFlags struct {
	TLSCert text `name:"tls-cert" placeholder:"FILE" from:"SALESOS_MOCK_TLS_CERT" help:"Serve HTTPS with this certificate (PEM)."`
	TLSKey  text `name:"tls-key" placeholder:"FILE" from:"SALESOS_MOCK_TLS_KEY" help:"The certificate's key (PEM)."`
}

// certificate loads what --tls-cert and --tls-key name; nil: plain HTTP.
func (f *tlsFlags) certificate(command string) (*tls.Config, error) {
	switch {
	case f.TLSCert == "" && f.TLSKey == "":
		return nil, nil
	case f.TLSCert == "" || f.TLSKey == "":
		return nil, usageError{errors.New("--tls-cert and --tls-key belong together; one of them is missing"), command}
	}
	pair, err := tls.LoadX509KeyPair(string(f.TLSCert), string(f.TLSKey))
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s with --tls-key %s: %w", f.TLSCert, f.TLSKey, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}, nil
}
