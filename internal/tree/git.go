package tree

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// mostLinks is how many symbolic links are followed on the way to one file.
const mostLinks = 40

// InGit reports whether a name below root, with slashes, leads into a folder .git, by
// itself or by links. What leads out of root, or is not there, does not.
func InGit(root *os.Root, name string) bool {
	rest := strings.Split(name, "/")
	var at []string
	for links := 0; len(rest) > 0; {
		step := rest[0]
		rest = rest[1:]
		switch {
		case step == "" || step == ".":
			continue
		case step == "..":
			at = at[:max(0, len(at)-1)]
			continue
		case isGit(step):
			return true
		}
		at = append(at, step)
		path := filepath.Join(at...)
		info, err := root.Lstat(path)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		target, err := root.Readlink(path)
		if links++; err != nil || links > mostLinks || filepath.IsAbs(target) {
			return false // it is not opened either
		}
		at = at[:len(at)-1]
		rest = append(strings.Split(filepath.ToSlash(target), "/"), rest...)
	}
	return false
}

// isGit reports whether a name means .git on some file system: letters of either case,
// with blanks and dots that Windows leaves out, or in its short form.
func isGit(name string) bool {
	name = strings.TrimRight(name, " .")
	return strings.EqualFold(name, ".git") || strings.EqualFold(name, "git~1")
}
