package mock

import (
	"io/fs"
	"path/filepath"

	"github.com/salesos/salesos-mock/fixtures"
	"github.com/salesos/salesos-mock/mock/internal/diag"
	"github.com/salesos/salesos-mock/mock/internal/fixture"
	"github.com/salesos/salesos-mock/mock/internal/watch"
	"github.com/salesos/salesos-mock/scenarios"
)

// maxFileBytes bounds one file: a million records in JSON fit.
const maxFileBytes = 2 << 30

// source is where the files of one kind come from: a folder or, without one, the program itself.
type source struct {
	name     string // as messages call the embedded files' folder
	folder   string
	embedded fs.FS
}

func (c *config) fixtureSource() source  { return source{"fixtures", c.fixtures, fixtures.FS} }
func (c *config) scenarioSource() source { return source{"scenarios", c.scenarios, scenarios.FS} }

// openFolders prepares to read and watch the folders, if there are any.
func (s *Server) openFolders() (err error) {
	var folders []string
	for _, folder := range []string{s.config.fixtures, s.config.scenarios} {
		if folder != "" {
			folders = append(folders, folder)
		}
	}
	if folders == nil {
		return nil
	}
	s.watcher, err = watch.New(watch.Options{
		Folders: folders, Relevant: fixture.Relevant, Mode: s.config.watch, Log: s.config.log, MaxFileBytes: maxFileBytes,
	})
	return err
}

// read gives the files of a source, as a reading of the folders found them. What cannot be read is a problem: such a
// folder says nothing of what it should hold.
func (from source) read(snapshots watch.Snapshots) ([]fixture.File, diag.List) {
	if from.folder == "" {
		files, err := fixture.ReadFS(from.embedded, from.name)
		if err != nil {
			return nil, diag.List{{Position: diag.Position{File: from.name}, What: err.Error()}}
		}
		return files, nil
	}
	for _, snapshot := range snapshots.Folders {
		if snapshot.Folder == from.folder {
			return filesOf(snapshot)
		}
	}
	return nil, nil
}

func filesOf(folder watch.Snapshot) ([]fixture.File, diag.List) {
	var problems diag.List
	if folder.Missing {
		problems.Add(diag.Problem{Position: diag.Position{File: folder.Folder}, What: "the folder does not exist"})
	}
	for _, p := range folder.Problems {
		problems.Add(diag.Problem{Position: diag.Position{File: inFolder(folder, p.Name)}, What: "cannot be read: " + p.Err.Error()})
	}
	files := make([]fixture.File, len(folder.Files))
	for i, file := range folder.Files {
		files[i] = fixture.File{Path: inFolder(folder, file.Name), Data: file.Data}
	}
	return files, problems
}

func inFolder(folder watch.Snapshot, name string) string {
	return filepath.ToSlash(filepath.Join(folder.Folder, name))
}
