package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"slapstar/internal/tree"
)

// EntryName returns the name of the entry file below the root.
func (s Source) EntryName() (string, error) {
	root, name, err := openEntry(s)
	if err == nil && root != nil {
		err = root.Close()
	}
	return name, err
}

// Folder returns the root folder: the one that was named, or that of the entry file.
func (s Source) Folder() string {
	switch {
	case s.Root != "":
		return s.Root
	case s.File == "":
		return "."
	}
	return filepath.Dir(s.File)
}

// openEntry opens the root folder of an evaluation, where there is one, and returns
// the name of the entry file below it, with slashes.
func openEntry(s Source) (root *os.Root, name string, err error) {
	if s.Sources.elsewhere() {
		return nil, s.File, nil
	}
	if root, err = openRoot(s); err != nil || s.File == "" {
		return root, "", err
	}
	if name, err = entryName(root, s); err != nil {
		root.Close()
		return nil, "", err
	}
	return root, name, nil
}

func openRoot(s Source) (*os.Root, error) {
	if s.Base == "" {
		return tree.Open(s.Folder())
	}
	base, err := tree.Open(s.Base)
	if err != nil {
		return nil, err
	}
	defer base.Close()
	name, err := relative(s.Base, s.Folder())
	if err != nil {
		return nil, err
	}
	root, err := base.OpenRoot(filepath.FromSlash(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: %w", s.Folder(), tree.ErrOutside)
	}
	return root, err
}

// entryName returns the name of the entry file below the root. The file has to be
// there, and no link may lead to one elsewhere.
func entryName(root *os.Root, s Source) (string, error) {
	name, err := relative(s.Folder(), s.File)
	if err != nil {
		return "", err
	}
	info, err := root.Stat(filepath.FromSlash(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", &missingError{s.File}
	case err != nil:
		return "", Hint(fmt.Errorf("%s is a link that leads out of the folder %s", s.File, s.Folder()), "--root FOLDER names a folder that holds both, or name the file itself")
	case info.IsDir():
		return "", fmt.Errorf("%s is a folder, want a file", s.File)
	}
	return name, nil
}

// relative returns the name of a file below a folder, with slashes.
func relative(folder, file string) (string, error) {
	folderPath, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	filePath, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	name, err := filepath.Rel(folderPath, filePath)
	if err != nil || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%s is not below the root %s", file, folder)
	}
	return filepath.ToSlash(name), nil
}

// A missingError is the error of an entry file that does not exist.
type missingError struct{ file string }

func (e *missingError) Error() string { return "there is no file " + e.file }

// Is makes it a [fs.ErrNotExist].
func (e *missingError) Is(target error) bool { return target == fs.ErrNotExist }
