package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type healthCommand struct {
	target
}

// target is the mock that is asked. Its port has no variable of its own: that of serve counts anyway.
type target struct {
	URL  string `arg:"" optional:"" name:"url" help:"Address of the mock; what follows the port is not looked at. Without it, 127.0.0.1 and the port of $SALESOS_MOCK_PORT, or 4000."`
	Port *port  `placeholder:"N" help:"Port of a mock on this machine, instead of an address."`
}

// origin is where the mock is.
func (t target) origin(p *process, command string) (string, error) {
	switch {
	case t.Port == nil:
		return p.originOf(t.URL, command)
	case t.URL != "":
		return "", usageError{fmt.Errorf("--port %d and the address %s say the same thing twice: leave one of them out", *t.Port, t.URL), command}
	case *t.Port == 0:
		return "", usageError{errors.New("--port 0 is a free port that only the mock knows; give the one that it took"), command}
	}
	return p.originOf(p.ownScheme()+"://"+net.JoinHostPort("127.0.0.1", strconv.Itoa(int(*t.Port))), command)
}

// Run fails if there is no mock. A degraded one serves the last good files, so it is alive: a container must not be
// restarted because somebody saved half a file.
func (c *healthCommand) Run(p *process) error {
	origin, err := c.origin(p, "health")
	if err != nil {
		return err
	}
	ctx, stop := p.untilSignal()
	defer stop()
	h, err := askHealth(ctx, origin)
	if err != nil {
		return err
	}
	p.warnDegraded(origin, h)
	return p.print("%s %s\n", h.Status, origin)
}

func (p *process) warnDegraded(origin string, h health) {
	if h.Status != "ok" {
		p.warn("%s serves the last good files, if there were any, since these are broken:\n  %s", origin, harmless(strings.Join(h.Problems, "\n  ")))
	}
}

// health is what a mock says about itself.
type health struct {
	Status   string   `json:"status"`
	Problems []string `json:"problems"`
}

// healthWithin bounds how long a mock may take to say how it is, and largestHealth how long that may be, in bytes.
const (
	healthWithin  = 2 * time.Second
	largestHealth = 1 << 20
)

// askHealth asks the mock at an origin.
func askHealth(ctx context.Context, origin string) (health, error) {
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/__admin/health", nil)
	if err != nil {
		return health{}, err
	}
	status, answer, err := askMock(request, largestHealth)
	if err != nil {
		return health{}, fmt.Errorf("no mock answers at %s: %w%s", origin, err, otherScheme(origin, err, nil))
	}
	var h health
	err = json.Unmarshal(answer, &h)
	if err != nil || status != http.StatusOK || h.Status != "ok" && h.Status != "degraded" {
		return health{}, fmt.Errorf("something else than %s answers at %s (status %d)%s", program, origin, status, otherScheme(origin, nil, answer))
	}
	return h, nil
}

// otherScheme is a hint for whoever took http for https, or https for http, if that is what the answer shows: Go's servers
// say so in plain text.
func otherScheme(origin string, err error, answer []byte) string {
	_, address, _ := strings.Cut(origin, "://")
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return "; it speaks no TLS: use http://" + address
	case bytes.Contains(answer, []byte("Client sent an HTTP request to an HTTPS server")):
		return "; it speaks TLS: use https://" + address
	}
	return ""
}

// askMock sends a request to a mock, and reads its answer: at most so many bytes of it.
func askMock(request *http.Request, most int64) (status int, answer []byte, err error) {
	client := http.Client{
		Transport:     directTransport(request.URL),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, most))
	return response.StatusCode, answer, err
}

// directTransport asks directly, not through a proxy. On this machine it does not judge a certificate, which is made
// for another name or signed by nobody: the question is only whether the mock lives.
func directTransport(u *url.URL) *http.Transport {
	return &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: isLoopback(u.Hostname())}, //nolint:gosec // loopback alone
	}
}

// isLoopback says whether a host is this machine and can be reached from nowhere else.
func isLoopback(host string) bool {
	if ip := net.ParseIP(strings.Trim(host, "[]")); ip != nil {
		return ip.IsLoopback()
	}
	return strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost")
}

// originOf is scheme, host and port of an address, or of the mock that this environment would start.
func (p *process) originOf(address, command string) (string, error) {
	if address == "" {
		return p.ownOrigin(command)
	}
	text := address
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", usageError{fmt.Errorf("%q is no address of a mock; allowed: something like http://127.0.0.1:4000", address), command}
	}
	return u.Scheme + "://" + u.Host, nil
}

// ownOrigin reads the settings that serve reads, so that a container's health check needs no argument.
func (p *process) ownOrigin(command string) (string, error) {
	host, port := p.env[prefix+"HOST"], p.env[prefix+"PORT"]
	if port == "" || fromKubernetes(prefix+"PORT", port) {
		port = "4000"
	}
	if port == "0" {
		return "", usageError{errors.New(prefix + "PORT is 0, a free port that only the mock knows; give its address, such as http://127.0.0.1:4000"), command}
	}
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	return p.originOf(p.ownScheme()+"://"+net.JoinHostPort(host, port), command)
}

func (p *process) ownScheme() string {
	if p.env[prefix+"TLS_CERT"] != "" {
		return "https"
	}
	return "http"
}
