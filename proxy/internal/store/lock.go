package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/gofrs/flock"
)

// locks make this process the only one that has a database open for writing: two
// would give the same partition to two instances, or wait for each other.
//
// A lock is on the file itself and holds whatever that is called: through a
// symbolic or a hard link, and after the file or its folder was renamed. Another
// one is on a file beside the database, which stays. It holds when the database
// was removed or replaced while it was open, and on systems that lack the first.
type locks struct {
	beside *flock.Flock
	files  []*os.File // that are locked themselves
}

// lockOwn locks a database of ours. It makes the file if there is none, and makes
// it private; see [narrow] for log.
func (l *locks) lockOwn(path string, log func(string)) error {
	file := path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		file = target
	}
	l.beside = flock.New(file + ".lock")
	locked, err := l.beside.TryLock()
	if err != nil {
		return fmt.Errorf("locking it: %w", err)
	}
	if !locked {
		return &InUseError{Path: path}
	}
	if !slices.ContainsFunc(l.files, func(f *os.File) bool { return f.Name() == path }) {
		if err := l.lockFile(path, os.O_CREATE); err != nil {
			return err
		}
	}
	narrow(path, log)
	return nil
}

// held are the files that this process has locked. To open and close such a file
// once more would drop the locks that SQLite has on it: those of POSIX belong to
// the process, and closing any descriptor of the file ends them.
var held struct {
	sync.Mutex
	files []os.FileInfo
}

// lockFile locks a file itself. The flag may be os.O_CREATE.
func (l *locks) lockFile(path string, flag int) error {
	held.Lock()
	defer held.Unlock()
	if info, err := os.Stat(path); err == nil && isHeld(info) {
		return &InUseError{Path: path}
	}
	f, err := os.OpenFile(path, os.O_RDWR|flag, private)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		var locked bool
		if locked, err = tryLock(f); err == nil && !locked {
			err = &InUseError{Path: path}
		}
	}
	if err != nil {
		f.Close()
		return err
	}
	held.files = append(held.files, info)
	l.files = append(l.files, f)
	return nil
}

func isHeld(info os.FileInfo) bool {
	return slices.ContainsFunc(held.files, func(h os.FileInfo) bool { return os.SameFile(h, info) })
}

// lockForeign locks a file that there is and that may be of another program. One
// that may not be written is left unlocked: it may still be read.
func (l *locks) lockForeign(path string) error {
	err := l.lockFile(path, 0)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}

// release is for when SQLite has closed the files.
func (l *locks) release() error {
	var err error
	held.Lock()
	defer held.Unlock()
	for _, f := range l.files {
		if info, statErr := f.Stat(); statErr == nil {
			held.files = slices.DeleteFunc(held.files, func(h os.FileInfo) bool { return os.SameFile(h, info) })
		}
		err = errors.Join(err, f.Close())
	}
	l.files = nil
	if l.beside != nil {
		err = errors.Join(err, l.beside.Unlock())
	}
	return err
}

// An InUseError says that another process has the database open for writing.
type InUseError struct{ Path string } // of the database

func (e *InUseError) Error() string {
	return fmt.Sprintf("database %s: another process has it open", e.Path)
}
