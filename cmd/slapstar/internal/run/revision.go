package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"slapstar/internal/tree"
)

// A snapshot is a folder of files as it is in the work tree, or at a revision.
type snapshot struct {
	folder     string      // from the working folder
	repository *repository // nil: the work tree
	commit     string
}

// takeSnapshot finds a folder at a git revision, or in the work tree if that is empty. At a
// revision the folder need not be there today.
func takeSnapshot(ctx context.Context, folder, revision string) (*snapshot, error) {
	if revision == "" {
		return &snapshot{folder: folder}, nil
	}
	there := ExistingFolder(folder)
	gone, err := within(there, folder)
	if err != nil {
		return nil, err
	}
	r, err := openRepository(ctx, there)
	if err != nil {
		return nil, err
	}
	r.folder = path.Join(r.folder, gone)
	commit, err := r.commit(ctx, revision)
	if err != nil {
		return nil, err
	}
	return &snapshot{folder: folder, repository: r, commit: commit}, nil
}

// read reads a regular file by its name below the folder. Links do not lead out of it. The
// error is [fs.ErrNotExist] where there is none.
func (s *snapshot) read(ctx context.Context, name string) ([]byte, error) {
	if s.repository == nil {
		return readFile(s.folder, name)
	}
	data, err := s.repository.read(ctx, s.commit, name)
	if errors.Is(err, tree.ErrOutside) { // in the words of [lang.Evaluation.Read]
		err = errors.New("in this revision it is outside of the folder of the entry file, which load does not leave")
	}
	return data, err
}

// has reports whether there is a file of that name, whatever it is.
func (s *snapshot) has(ctx context.Context, name string) (bool, error) {
	var err error
	if s.repository == nil {
		_, err = os.Lstat(filepath.Join(s.folder, filepath.FromSlash(name)))
	} else if _, err = s.repository.entry(ctx, s.commit, name); errors.Is(err, fs.ErrNotExist) {
		_, err = s.repository.read(ctx, s.commit, name) // below a folder that is a link
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// ExistingFolder is a folder if it exists, or the nearest one above it that does.
func ExistingFolder(folder string) string {
	for !Exists(folder) && folder != filepath.Dir(folder) {
		folder = filepath.Dir(folder)
	}
	return folder
}

// within is the name of a file below a folder, with slashes.
func within(folder, file string) (string, error) {
	absoluteFolder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	name, err := filepath.Rel(absoluteFolder, absolute)
	if err != nil || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%s is outside of %s", file, folder)
	}
	return strings.TrimPrefix(filepath.ToSlash(name), "./"), nil
}
