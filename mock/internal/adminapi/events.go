package adminapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/journal"
	"github.com/salesos/salesos-mock/mock/internal/wirefault"
)

// heartbeat is the pause after which a comment is sent, so that proxies and readers know that the stream lives.
const heartbeat = 15 * time.Second

// events streams the requests of a session as they are recorded, as server-sent events. After a reader was cut off, its
// Last-Event-ID brings what it has missed, as far as the journal has it.
func (a *API) events(c echo.Context) error {
	of, err := a.sessions(c)
	if err != nil {
		return respond(c, err)
	}
	from := journal.Filter{Session: of}
	if err := since(c.Request().Header.Get("Last-Event-ID"), &from); err != nil {
		return respond(c, err)
	}
	if sent := c.QueryParam(sinceParameter); sent != "" && !from.Following {
		if err := since(sent, &from); err != nil {
			return respond(c, err)
		}
	}
	ctx, cancel := wirefault.Context(c.Request(), a.options.Draining)
	defer cancel()
	followed := a.options.Sessions.Follow(of, 0)
	defer followed.Close()
	s := newStream(c)
	defer s.endWith(ctx)()
	s.begin()
	if from.Following {
		for _, e := range a.journal().List(from) {
			s.request(e)
		}
	}
	s.follow(ctx, followed)
	return nil
}

// stream writes events. After the first error it writes no more.
type stream struct {
	w       io.Writer
	control *http.ResponseController
	header  http.Header
	last    uint64 // the latest request that was sent
	missed  uint64 // how many the reader was told that it missed
	err     error
}

func newStream(c echo.Context) *stream {
	wirefault.Unbounded(c.Response())
	return &stream{w: c.Response(), control: http.NewResponseController(c.Response()), header: c.Response().Header()}
}

// endWith lets go of a reader that takes nothing when ctx ends.
func (s *stream) endWith(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	giveUp := context.AfterFunc(ctx, func() {
		defer close(done)
		_ = s.control.SetWriteDeadline(time.Unix(1, 0)) // a writer without deadlines does not wait either
	})
	return func() {
		if !giveUp() {
			<-done
		}
	}
}

// begin sends the head, so that the reader knows from when on it sees everything.
func (s *stream) begin() {
	s.header.Set("Content-Type", "text/event-stream; charset=utf-8")
	s.header.Set("Cache-Control", "no-store")
	s.header.Set("X-Accel-Buffering", "no")
	s.write("retry: 1000\n: each event is a request, as GET requests lists them\n\n")
}

func (s *stream) write(format string, args ...any) {
	if s.err != nil {
		return
	}
	if _, s.err = fmt.Fprintf(s.w, format, args...); s.err == nil {
		s.err = s.control.Flush()
	}
}

// follow sends what comes, until ctx ends or the reader has left.
func (s *stream) follow(ctx context.Context, followed *journal.Subscription) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for s.err == nil {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			s.write(": still here\n\n")
		case e := <-followed.C:
			s.request(e)
		}
		s.tellMissed(followed.Dropped())
	}
}

func (s *stream) request(e *journal.Entry) {
	if e.Seq <= s.last {
		return // it was listed before it was followed
	}
	data, err := json.Marshal(e.View())
	if err != nil {
		s.err = err
		return
	}
	s.last = e.Seq
	s.write("id: %s\nevent: request\ndata: %s\n\n", strconv.FormatUint(e.Seq, 10), data)
}

// tellMissed says how many requests the reader was too slow for since it was told last.
func (s *stream) tellMissed(dropped uint64) {
	if dropped > s.missed {
		s.write("event: missed\ndata: {\"missed\":%d}\n\n", dropped-s.missed)
		s.missed = dropped
	}
}
