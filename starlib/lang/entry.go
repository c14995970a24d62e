package lang

import (
	"fmt"
	"os"
	"path/filepath"
)

// EntryName returns the name of the entry file below the root.
func (s Source) EntryName() (string, error) {
	root, name, err := openEntry(&s)
	if err == nil && root != nil {
		err = root.Close()
	}
	return name, err
}

// openEntry opens the root folder of an evaluation, where there is one, and returns
// the name of the entry file below it.
func openEntry(in *Source) (root *os.Root, name string, err error) {
	if in.Sources.elsewhere() {
		return nil, in.File, nil
	}
	if in.File == "" {
		if in.Root == "" {
			in.Root = "."
		}
		root, err = os.OpenRoot(in.Root)
		return root, "", err
	}
	// A link to an entry file elsewhere stands for that file, and its folder.
	if file, err := filepath.EvalSymlinks(in.File); err == nil {
		in.File = file
	}
	if in.Root == "" {
		in.Root = filepath.Dir(in.File)
	}
	if root, err = os.OpenRoot(in.Root); err != nil {
		return nil, "", err
	}
	if name, err = entryName(*in); err != nil {
		root.Close()
		return nil, "", err
	}
	return root, name, nil
}

// entryName returns the name of the entry file below the root, with slashes.
func entryName(in Source) (string, error) {
	info, err := os.Stat(in.File)
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return "", fmt.Errorf("%s is a folder, want a file", in.File)
	}
	root, err := filepath.Abs(in.Root)
	if err != nil {
		return "", err
	}
	file, err := filepath.Abs(in.File)
	if err != nil {
		return "", err
	}
	name, err := filepath.Rel(root, file)
	if err != nil || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%s is not below the root %s", in.File, in.Root)
	}
	return filepath.ToSlash(name), nil
}
