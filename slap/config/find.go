package config

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strings"
)

// ExpandHome replaces ~ and ~USER in front of a path by the home folder, as Python's
// os.path.expanduser does. A path whose user does not exist stays as it is.
func ExpandHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok {
		return path
	}
	name, rest := rest, ""
	if i := strings.IndexByte(name, '/'); i >= 0 {
		name, rest = name[:i], name[i:]
	}
	home, ok := homeOf(name)
	if !ok {
		return path
	}
	return strings.TrimRight(home, "/") + rest
}

// homeOf returns the home folder of a user, of that of the process if it has no name.
func homeOf(name string) (string, bool) {
	if name != "" {
		other, err := user.Lookup(name)
		return homeDir(other), err == nil
	}
	if home := os.Getenv("HOME"); home != "" {
		return home, true
	}
	self, err := user.Current()
	return homeDir(self), err == nil
}

func homeDir(u *user.User) string {
	if u == nil {
		return ""
	}
	return u.HomeDir
}

// A Location is where a configuration file is.
type Location struct {
	Path  string // empty: there is no file
	Named bool   // by a person, or in the home folder: not found beside other files
	Given bool   // as an argument of Find
}

// Find returns the configuration file to use: named if it is not empty,
// else the one named by [Variable], else slapos.cfg beside the entry
// file, else slapos.cfg in the working folder, else the stock client's in the
// home folder. A file that was named is returned whether or not it exists.
func Find(named, entryFile string) (Location, error) {
	if named != "" {
		return Location{ExpandHome(named), true, true}, nil
	}
	if path := os.Getenv(Variable); path != "" {
		return Location{Path: ExpandHome(path), Named: true}, nil
	}
	for _, at := range []Location{
		{Path: filepath.Join(filepath.Dir(entryFile), "slapos.cfg")},
		{Path: "slapos.cfg"},
		{Path: ExpandHome("~/.slapos/slapos-client.cfg"), Named: true},
	} {
		_, err := os.Lstat(at.Path)
		if err == nil {
			return at, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return Location{}, err
		}
	}
	return Location{}, nil
}
