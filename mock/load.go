package mock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/fixture"
	"github.com/salesos/salesos-mock/mock/internal/identity"
	"github.com/salesos/salesos-mock/mock/internal/session"
	"github.com/salesos/salesos-mock/mock/internal/watch"
)

// loadState is what one load of the files leaves for the next. It is guarded by Server.reloading.
type loadState struct {
	number uint64 // of the newest generation
	// provisional: the generation in service stands in for files that were never good.
	provisional bool
	seq         uint64       // of the newest reading that was taken over
	set         *fixture.Set // what the fixture files said then

	records []records // of the newest generation

	shipped *identity.Directory // the embedded users, once they were asked for
}

// load reads the files and compiles a generation of them, or says what is wrong.
func (s *Server) load(ctx context.Context) (*session.Generation, diag.List, error) {
	var snapshots watch.Snapshots
	if s.watcher != nil {
		var err error
		if snapshots, err = s.watcher.Load(ctx); err != nil {
			return nil, nil, err
		}
		s.loaded.seq = snapshots.Seq
	}
	generation, problems := s.compileSnapshots(snapshots)
	return generation, problems, nil
}

// compileSnapshots turns what was read of the folders into a generation.
func (s *Server) compileSnapshots(snapshots watch.Snapshots) (*session.Generation, diag.List) {
	data, problems := s.config.fixtureSource().read(snapshots)
	steering, more := s.config.scenarioSource().read(snapshots)
	if problems.Add(more...); len(problems) > 0 {
		return nil, problems
	}
	return s.compile(data, steering)
}

// waitForFolders is the generation of a server whose folder is yet to appear: what that would hold is missing, but
// users can log in. Nil: the folders are there, so what is wrong with them must be mended before the start.
func (s *Server) waitForFolders() *session.Generation {
	files := func(from source) ([]fixture.File, bool) {
		if _, err := os.Stat(from.folder); from.folder != "" && errors.Is(err, fs.ErrNotExist) {
			return nil, true
		}
		found, _ := from.read(watch.Snapshots{})
		return found, false
	}
	data, noData := files(s.config.fixtureSource())
	steering, noSteering := files(s.config.scenarioSource())
	if !noData && !noSteering {
		return nil
	}
	generation, _ := s.compile(data, steering)
	return generation
}

// Reload reads the files again and takes them over, all or none. The list says what is wrong with them; the last
// good ones then stay in service.
func (s *Server) Reload(ctx context.Context) (diag.List, error) {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	generation, problems, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	s.takeOver(generation, problems)
	return problems, nil
}

// watchFiles takes over what is saved, until ctx ends.
func (s *Server) watchFiles(ctx context.Context) error {
	if s.watcher == nil {
		return nil
	}
	return s.watcher.Run(ctx, func(snapshots watch.Snapshots) {
		s.reloading.Lock()
		defer s.reloading.Unlock()
		if snapshots.Seq < s.loaded.seq {
			return // a reload on demand was faster
		}
		s.loaded.seq = snapshots.Seq
		s.takeOver(s.compileSnapshots(snapshots))
	})
}

// takeOver publishes a generation, or keeps the last good one and says what is wrong.
func (s *Server) takeOver(generation *session.Generation, problems diag.List) {
	if len(problems) > 0 {
		s.report(problems)
		message := "a file is broken, the last good one stays in service"
		if s.loaded.provisional {
			message = "a file is broken, and nothing is served until it is mended"
		}
		for _, p := range problems {
			s.config.log.Error(message, "problem", p.Error())
		}
		return
	}
	s.loaded.provisional = false
	s.publish(generation, nil)
	s.config.log.Info(fmt.Sprintf("files reloaded, generation %d", generation.Number))
}
