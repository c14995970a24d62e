package store

import (
	"fmt"
	"os"
	"path/filepath"
)

// private is the mode of the files of a database: there are passwords in it.
const private = 0o600

// narrow makes a database of ours that exists private, and its log files. SQLite
// gives those that it makes later the mode of the database. What was open to
// others, and what cannot be closed to them, is said: the owner of the database
// may have wanted that, and a file system may have no modes.
func narrow(path string, log func(string)) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		file := path + suffix
		info, err := os.Lstat(file)
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&^private == 0 {
			continue
		}
		err = os.Chmod(file, private)
		if log == nil {
			continue
		}
		if err != nil {
			log(fmt.Sprintf("%s has mode %04o, which lets others read passwords in it, and that cannot be changed: %v", file, info.Mode().Perm(), err))
		} else {
			log(fmt.Sprintf("%s had mode %04o, which let others read passwords in it; it has %04o now", file, info.Mode().Perm(), private))
		}
	}
}
