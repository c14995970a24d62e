package release

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"slapstar/internal/tree"
	"slapstar/slap"
)

// errOutside says of a path only that it leads out of the folder, and not whether there
// is something.
var errOutside = errors.New("it is outside of the folder of the files, which schemas do not leave")

// readBelow reads a regular file below a folder. Links that lead out of the folder are
// not followed. Errors name the file as it was given.
func (s *Schemas) readBelow(folder, name, given string) ([]byte, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := openRegular(root, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", given, err)
	}
	defer f.Close()
	return s.readAll(f, given)
}

// openRegular opens a file that can be read to its end, and is not too long.
func openRegular(root *os.Root, name string) (*os.File, error) {
	if tree.InGit(root, filepath.ToSlash(name)) {
		return nil, tree.ErrGit
	}
	info, err := root.Stat(name) // first: opening a pipe would wait for a writer
	if err != nil {
		return nil, plainPathError(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	if info.Size() > maxSchema {
		return nil, fmt.Errorf("%w: it is longer than %d MiB", errBroken, maxSchema>>20)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, plainPathError(err)
	}
	return f, nil
}

// plainPathError returns the error of a path without the path.
func plainPathError(err error) error {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		err = wrapped.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return slap.ErrNotFound
	case isEscape(err):
		return errOutside
	}
	return err
}

// isEscape reports whether a path leads out of its root. Package os has no name for
// this error.
func isEscape(err error) bool { return err.Error() == "path escapes from parent" }
