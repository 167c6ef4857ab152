package mock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/salesos/salesos-mock/fixtures"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/fixture"
	"github.com/salesos/salesos-mock/mock/internal/session"
	"github.com/salesos/salesos-mock/mock/internal/watch"
)

// loadState is what one load of the files leaves for the next. It is guarded by Server.reloading.
type loadState struct {
	number uint64       // of the newest generation
	seq    uint64       // of the newest reading that was taken over
	set    *fixture.Set // what the files said then
}

// openFolders prepares to read and watch the fixture folder, if there is one.
func (s *Server) openFolders() (err error) {
	if s.config.fixtures == "" {
		return nil
	}
	s.watcher, err = watch.New(watch.Options{
		Folders: []string{s.config.fixtures}, Relevant: fixture.Relevant, Mode: s.config.watch, Log: s.config.log,
		MaxFileBytes: maxFixtureBytes,
	})
	return err
}

// maxFixtureBytes bounds one fixture file: a million records in JSON fit.
const maxFixtureBytes = 2 << 30

// load reads the files and compiles a generation of them, or says what is wrong.
func (s *Server) load(ctx context.Context) (*session.Generation, diag.List, error) {
	if s.watcher == nil {
		files, err := embedded()
		if err != nil {
			return nil, nil, err
		}
		generation, problems := s.compile(files)
		return generation, problems, nil
	}
	snapshots, err := s.watcher.Load(ctx)
	if err != nil {
		return nil, nil, err
	}
	s.loaded.seq = snapshots.Seq
	generation, problems := s.compileSnapshots(snapshots)
	return generation, problems, nil
}

// embedded is the data inside the program.
func embedded() ([]fixture.File, error) {
	entries, err := fs.ReadDir(fixtures.FS, ".")
	if err != nil {
		return nil, err
	}
	var files []fixture.File
	for _, entry := range entries {
		data, err := fs.ReadFile(fixtures.FS, entry.Name())
		if err != nil {
			return nil, err
		}
		files = append(files, fixture.File{Path: "fixtures/" + entry.Name(), Data: data})
	}
	return files, nil
}

// compileSnapshots turns what was read of the folder into a generation.
func (s *Server) compileSnapshots(snapshots watch.Snapshots) (*session.Generation, diag.List) {
	var files []fixture.File
	var unread diag.List
	for _, folder := range snapshots.Folders {
		unread.Add(unreadable(folder)...)
		for _, file := range folder.Files {
			files = append(files, fixture.File{Path: filepath.ToSlash(filepath.Join(folder.Folder, file.Name)), Data: file.Data})
		}
	}
	if len(unread) > 0 {
		return nil, unread
	}
	return s.compile(files)
}

// waitForFolder is the generation of a server whose folder is yet to appear: no data, but users who can log in. Nil:
// the folder is there, so what is wrong with it must be mended before the start.
func (s *Server) waitForFolder() *session.Generation {
	if _, err := os.Stat(s.config.fixtures); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	generation, _ := s.compile(nil)
	return generation
}

// unreadable says what of a folder could not be read: such a folder says nothing of what it should hold.
func unreadable(folder watch.Snapshot) []diag.Problem {
	var problems []diag.Problem
	if folder.Missing {
		problems = append(problems, diag.Problem{Position: diag.Position{File: folder.Folder}, What: "the folder does not exist"})
	}
	for _, p := range folder.Problems {
		name := filepath.ToSlash(filepath.Join(folder.Folder, p.Name))
		problems = append(problems, diag.Problem{Position: diag.Position{File: name}, What: "cannot be read: " + p.Err.Error()})
	}
	return problems
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
		for _, p := range problems {
			s.config.log.Error("a file is broken, the last good one stays in service", "problem", p.Error())
		}
		return
	}
	s.publish(generation, nil)
	s.config.log.Info(fmt.Sprintf("files reloaded, generation %d", generation.Number))
}
