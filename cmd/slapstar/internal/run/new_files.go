package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"slapstar/starlib/lang"
)

// A NewFile is a file that is not there yet.
type NewFile struct {
	Path string
	Text []byte
	Mode fs.FileMode
}

// WriteNew writes files, in their order, all of them or none: each is written beside its
// place first. What is there already is an error, and stays, unless it may be replaced.
func WriteNew(files []NewFile, replace bool) (err error) {
	if !replace {
		if err := CheckNew(files); err != nil {
			return err
		}
	}
	var temporary, made []string
	defer func() {
		for _, path := range temporary {
			os.Remove(path)
		}
		if err != nil {
			for _, path := range slices.Backward(made) {
				os.Remove(path)
			}
		}
	}()
	for _, f := range files {
		path, err := beside(f)
		if err != nil {
			return fmt.Errorf("writing %s: %w", f.Path, err)
		}
		temporary = append(temporary, path)
	}
	for n, f := range files {
		if replace {
			if info, err := os.Lstat(f.Path); err == nil && !info.Mode().IsRegular() {
				return fmt.Errorf("writing %s: it is no regular file", f.Path)
			}
			if err := os.Rename(temporary[n], f.Path); err != nil {
				return err
			}
			continue
		}
		if err := os.Link(temporary[n], f.Path); errors.Is(err, fs.ErrExist) { // a link replaces nothing
			return thereAlready(f.Path)
		} else if err != nil {
			return fmt.Errorf("writing %s: %w", f.Path, err)
		}
		made = append(made, f.Path)
	}
	return nil
}

// CheckNew returns an error if one of some files is there already.
func CheckNew(files []NewFile) error {
	for _, f := range files {
		if _, err := os.Lstat(f.Path); err == nil {
			return thereAlready(f.Path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func thereAlready(path string) error {
	return lang.Hint(fmt.Errorf("%s already exists", path), "name another file, or --overwrite replaces it")
}

// beside writes the text of a file into a new one in the same folder.
func beside(f NewFile) (path string, err error) {
	to, err := os.CreateTemp(filepath.Dir(f.Path), "."+filepath.Base(f.Path)+".*")
	if err != nil {
		return "", err
	}
	_, err = to.Write(f.Text)
	if err = errors.Join(err, to.Chmod(f.Mode), to.Sync(), to.Close()); err != nil {
		os.Remove(to.Name())
	}
	return to.Name(), err
}
