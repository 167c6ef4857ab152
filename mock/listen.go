package mock

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/salesos/salesos-mock/mock/internal/httpapi"
	"github.com/salesos/salesos-mock/mock/internal/wire"
)

// Time-outs of connections. None may be held open for nothing; answers that take longer by design (hangs, event
// streams) lift the write time-out for themselves.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	writeTimeout  = 2 * time.Minute
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 5 * time.Second

	maxHeaderBytes = 64 << 10
)

// ErrPortTaken says that another program listens on the port.
var ErrPortTaken = errors.New("port is taken")

// ErrAdminPort says that it is the port of the admin API that cannot be had.
var ErrAdminPort = errors.New("the port of the admin API")

// Listen binds the server's addresses, so that its URL is known. Serve then answers.
func (s *Server) Listen(ctx context.Context) error {
	listeners, err := listen(ctx, s.config.host, s.config.port)
	if err != nil {
		return err
	}
	s.listeners = listeners
	if s.config.adminPort == samePort {
		return nil
	}
	if s.adminListeners, err = listen(ctx, s.config.host, s.config.adminPort); err != nil {
		for _, l := range listeners {
			_ = l.Close()
		}
		s.listeners = nil
		return fmt.Errorf("%w: %w", ErrAdminPort, err)
	}
	return nil
}

// portOf is the port that listeners share.
func portOf(listeners []net.Listener) string {
	return strconv.Itoa(listeners[0].Addr().(*net.TCPAddr).Port)
}

// listen binds one host or, without one, both loopbacks on the same port: what "localhost" means differs between
// machines and between clients.
func listen(ctx context.Context, host string, port int) ([]net.Listener, error) {
	if host != "" {
		l, err := bind(ctx, host, port)
		if err != nil {
			return nil, err
		}
		return []net.Listener{l}, nil
	}
	const attempts = 20 // a port that is free on one loopback may be taken on the other
	for attempt := 1; ; attempt++ {
		four, err := bind(ctx, "127.0.0.1", port)
		if err != nil {
			return nil, err
		}
		six, err := bind(ctx, "::1", four.Addr().(*net.TCPAddr).Port)
		switch {
		case err == nil:
			return []net.Listener{four, six}, nil
		case !errors.Is(err, ErrPortTaken):
			return []net.Listener{four}, nil // a machine without IPv6
		}
		_ = four.Close()
		if port != 0 || attempt == attempts {
			return nil, err
		}
	}
}

func bind(ctx context.Context, host string, port int) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%w: another program listens on %s", ErrPortTaken, net.JoinHostPort(host, strconv.Itoa(port)))
	}
	return l, err
}

// Serve answers until ctx ends, then lets requests under way finish for a few seconds. It listens first, if that
// was not done.
func (s *Server) Serve(ctx context.Context) error {
	if s.listeners == nil {
		if err := s.Listen(ctx); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	s.serveUntil(ctx, group, s.handler, s.listeners)
	s.serveUntil(ctx, group, s.adminHandler, s.adminListeners)
	group.Go(func() error { return s.watchFiles(ctx) })
	group.Go(func() error { return s.sessions.Run(ctx) })
	return group.Wait()
}

// serveUntil answers on listeners, if there are any, until ctx ends.
func (s *Server) serveUntil(ctx context.Context, group *errgroup.Group, handler http.Handler, listeners []net.Listener) {
	if len(listeners) == 0 {
		return
	}
	server := s.httpServer(handler)
	for _, l := range listeners {
		group.Go(func() error { return serveOn(server, s.secured(l)) })
	}
	group.Go(func() error {
		<-ctx.Done()
		return s.drain(server)
	})
}

func (s *Server) httpServer(handler http.Handler) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler: httpapi.CountRequests(handler), Protocols: &protocols, TLSConfig: s.config.tls,
		ReadHeaderTimeout: s.config.headerTimeout, ReadTimeout: s.config.readTimeout, WriteTimeout: s.config.writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes,
		// What net/http says of single connections is of use only to somebody who debugs the server.
		ErrorLog:    slog.NewLogLogger(s.config.log.Handler(), slog.LevelDebug),
		ConnContext: httpapi.TrackConnection,
	}
}

func (s *Server) secured(l net.Listener) net.Listener {
	l = patientListener{l, &s.descriptors}
	if s.config.tls == nil {
		return wire.Listener{Listener: l}
	}
	return tls.NewListener(l, s.config.tls)
}

func serveOn(server *http.Server, l net.Listener) error {
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// drain ends the waits that answers make on purpose, then waits for the answers.
func (s *Server) drain(server *http.Server) error {
	s.endWaits()
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return server.Close()
	}
	return nil
}

// URL is where the API is, without a slash at its end; only known after Listen.
func (s *Server) URL() string { return s.Origin() + s.basePath() }

// Origin is scheme, host and port of the server; only known after Listen.
func (s *Server) Origin() string { return s.originOf(s.listeners) }

// AdminOrigin is the Origin of the admin API; only known after Listen.
func (s *Server) AdminOrigin() string {
	if s.adminListeners == nil {
		return s.Origin()
	}
	return s.originOf(s.adminListeners)
}

func (s *Server) originOf(listeners []net.Listener) string {
	scheme := "http"
	if s.config.tls != nil {
		scheme = "https"
	}
	return scheme + "://" + listeners[0].Addr().String()
}
