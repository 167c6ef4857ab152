package mock

import (
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/httpapi"
	"github.com/salesos/salesos-mock/mock/internal/watch"
)

// config is what the options build up. Its zero value, completed by New, is the program's default.
type config struct {
	host      string
	port      int
	basePath  string
	fixtures  string   // folder; "" serves the embedded defaults
	scenarios string   // folder; "" offers the embedded ones
	shipped   *Shipped // read ahead; nil: nothing was
	activate  []string
	auth      auth.Mode
	rateLimit bool
	csrf      bool
	cors      httpapi.CORS
	seed      uint64
	delay     time.Duration
	journal   int
	totals    bool
	watch     watch.Mode
	log       *slog.Logger
	observe   func(Exchange)
	tls       *tls.Config
	version   string

	adminToken string
	adminHosts []string
	adminPort  int // samePort, or that of the admin API alone

	headerTimeout, readTimeout, writeTimeout time.Duration
	underWay, written                        int64 // what may be held in memory; 0: the defaults
}

// Exchange is what is told of each finished request, for a request log.
type Exchange = httpapi.Observation

// Option sets one thing about a Server.
type Option func(*config)

// Host is the address to listen on. Without it both loopbacks are listened on.
func Host(host string) Option { return func(c *config) { c.host = host } }

// Port is the port to listen on; 0 takes a free one. The default is 4000.
func Port(port int) Option { return func(c *config) { c.port = port } }

// BasePath is the path that the API begins with; the default is /api.
func BasePath(path string) Option { return func(c *config) { c.basePath = path } }

// Fixtures is the folder to serve instead of the embedded data.
func Fixtures(folder string) Option { return func(c *config) { c.fixtures = folder } }

// Scenarios is the folder of scenario files to offer instead of the embedded ones.
func Scenarios(folder string) Option { return func(c *config) { c.scenarios = folder } }

// Scenario puts scenarios in force from the start, in every session.
func Scenario(names ...string) Option {
	return func(c *config) { c.activate = append(c.activate, names...) }
}

// AdminToken is what the admin API asks for; without one it answers callers on this machine.
func AdminToken(token string) Option { return func(c *config) { c.adminToken = token } }

// AdminHost adds host names that the admin API answers to, besides those of the loopback.
func AdminHost(names ...string) Option {
	return func(c *config) { c.adminHosts = append(c.adminHosts, names...) }
}

// samePort says that the admin API is on the port of the API.
const samePort = -1

// AdminPort gives the admin API a port of its own; 0 takes a free one. On the port of the API only health and the overlay
// stay then; Handler and AdminHandler are parted likewise.
func AdminPort(port int) Option { return func(c *config) { c.adminPort = port } }

// Auth says how strictly credentials are judged: strict, lenient or off.
func Auth(mode string) Option { return func(c *config) { c.auth = auth.Mode(mode) } }

// RateLimit rejects what exceeds the documented limits; they are counted in any case.
func RateLimit(reject bool) Option { return func(c *config) { c.rateLimit = reject } }

// CSRF asks writers who use a token for X-CSRF-Token.
func CSRF(ask bool) Option { return func(c *config) { c.csrf = ask } }

// CORS says which pages may call: permissive, off, or origins parted by commas.
func CORS(policy string) Option { return func(c *config) { c.cors = httpapi.ParseCORS(policy) } }

// Seed is what ids, chance and session seeds derive from; the default is 1.
func Seed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// Delay is waited before every answer of the API.
func Delay(d time.Duration) Option { return func(c *config) { c.delay = d } }

// Journal is how many requests are kept, of all sessions together, within a bound of memory (3 MiB for each 20,000); 0 keeps
// none, and then nothing can be verified. The default is 20,000.
func Journal(entries int) Option { return func(c *config) { c.journal = entries } }

// KeepTotals lets the server remember, in its Totals, what resets and dropped sessions forget.
func KeepTotals() Option { return func(c *config) { c.totals = true } }

// Watch says how the folders are watched: auto, notify, poll or off.
func Watch(mode string) Option { return func(c *config) { c.watch = watch.Mode(mode) } }

// Log takes what the server has to say; by default that is nothing.
func Log(log *slog.Logger) Option { return func(c *config) { c.log = log } }

// Observe is called after each request. It must be quick and safe for concurrent use.
func Observe(f func(Exchange)) Option { return func(c *config) { c.observe = f } }

// TLS serves HTTPS.
func TLS(t *tls.Config) Option { return func(c *config) { c.tls = t } }

// Version is what the admin API says of the program.
func Version(v string) Option { return func(c *config) { c.version = v } }
