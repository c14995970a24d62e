// Package tree reads and writes files below a folder that a stranger may have filled:
// regular files only, of a size that is checked first, and nothing that a name or a
// symbolic link leads out of the folder to. Its errors say the name of the file, and
// never whether something exists elsewhere.
package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrOutside is the error of a name that leads out of the folder.
var ErrOutside = errors.New("it leads out of the folder")

// ErrNotRegular is the error of a name that is no regular file: a folder, a device or
// a pipe, which might have no end.
var ErrNotRegular = errors.New("it is not a regular file")

// ErrGit is the error of a name in a folder .git: what is there is no file of a
// repository, and what is written there runs.
var ErrGit = errors.New("it is part of git's own data")

// Open opens a folder that is named by a person. What a relative name leads to stays
// below the working folder: the links on the way may be a stranger's. Other names may
// lead anywhere.
func Open(folder string) (*os.Root, error) {
	if !filepath.IsLocal(folder) {
		return os.OpenRoot(folder)
	}
	working, err := os.OpenRoot(".")
	if err != nil {
		return nil, err
	}
	defer working.Close()
	root, err := working.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, cause(err))
	}
	return root, nil
}

// Read reads a file below root, of at most so many bytes. The name has slashes. The
// error wraps [fs.ErrNotExist], [ErrOutside] or [ErrNotRegular] where that is the cause.
func Read(root *os.Root, name string, most int64) ([]byte, error) {
	if InGit(root, name) {
		return nil, ErrGit
	}
	// Without O_NONBLOCK a pipe would be waited for.
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	return readAll(f, most)
}

// Text returns the content of a text file without the byte order mark that some editors
// put in front.
func Text(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\uFEFF")) }

// ReadNamed reads a file that a person names: it may lie anywhere, and be a pipe.
func ReadNamed(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder, want a file", name)
	case info.Mode().IsRegular() && info.Size() > most:
		return nil, fmt.Errorf("%s: %w", name, tooLong(most))
	}
	data, err := limited(f, most)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

func readAll(f *os.File, most int64) ([]byte, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, cause(err)
	case !info.Mode().IsRegular():
		return nil, ErrNotRegular
	case info.Size() > most:
		return nil, tooLong(most)
	}
	return limited(f, most)
}

func limited(r io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, cause(err)
	}
	if int64(len(data)) > most {
		return nil, tooLong(most)
	}
	return data, nil
}

func tooLong(most int64) error {
	if most < 1<<20 {
		return fmt.Errorf("the file is longer than %d KiB", most>>10)
	}
	return fmt.Errorf("the file is longer than %d MiB", most>>20)
}

// Write replaces a file below root, all of it or nothing, and makes the folders on the
// way to it. What is there must be a regular file, and no link.
func Write(root *os.Root, name string, data []byte) (err error) {
	if InGit(root, name) {
		return ErrGit
	}
	name = filepath.FromSlash(name)
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return ErrNotRegular
	}
	if dir := path.Dir(filepath.ToSlash(name)); dir != "." {
		if err := root.MkdirAll(filepath.FromSlash(dir), 0o777); err != nil {
			return cause(err)
		}
	}
	temporary := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.%d", filepath.Base(name), os.Getpid()))
	f, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return cause(err)
	}
	defer func() {
		if err != nil {
			root.Remove(temporary)
		}
	}()
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return cause(err)
	}
	return cause(root.Rename(temporary, name))
}

// cause is what is wrong with a file, without the name under which it was opened.
func cause(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err, text = p.Err, p.Err.Error()
	}
	switch {
	case strings.Contains(text, "path escapes"): // os.Root has no name for it
		return ErrOutside
	case errors.Is(err, syscall.ELOOP):
		return errors.New("there are too many symbolic links on the way to it")
	}
	return err
}
