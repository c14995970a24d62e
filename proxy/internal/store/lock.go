package store

import (
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockDatabase makes this process the only one that has a database open for
// writing: two would give the same partition to two instances, or wait for each
// other. The lock is on a file beside it, which stays. A database has one,
// however many symbolic links lead to it.
func lockDatabase(path string) (*flock.Flock, error) {
	file := path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		file = target
	}
	lock := flock.New(file + ".lock")
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking it: %w", err)
	}
	if !locked {
		return nil, &InUseError{Path: path}
	}
	return lock, nil
}

// An InUseError says that another process has the database open for writing.
type InUseError struct{ Path string } // of the database

func (e *InUseError) Error() string {
	return fmt.Sprintf("database %s: another process has it open", e.Path)
}
