package run

import (
	"os"
	"path/filepath"
)

// RepositoryNames returns what names files of a folder as their repository does: from the
// root of its git work tree, with slashes. The names of files are relative to the folder,
// or absolute. Without a work tree, and for a file outside of it, they are relative to the
// working folder, as far as they are below it. Git is not asked.
func RepositoryNames(folder string) func(file string) string {
	root := ""
	if r, err := findRepository(folder); err == nil {
		root = r.workTree
	} else if here, err := os.Getwd(); err == nil {
		root, _ = filepath.EvalSymlinks(here)
	}
	return func(file string) string {
		path := filepath.FromSlash(file)
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		named, resolved, err := places(path)
		if err != nil || root == "" {
			return filepath.ToSlash(path)
		}
		for _, place := range []string{resolved, named} {
			if name, err := filepath.Rel(root, place); place != "" && err == nil && filepath.IsLocal(name) {
				return filepath.ToSlash(name)
			}
		}
		return filepath.ToSlash(named)
	}
}
