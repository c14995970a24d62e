package store

import (
	"errors"
	"os"
	"syscall"
)

// setOpenFileLock is F_OFD_SETLK of fcntl(2): a lock of one open file, not of the
// process. SQLite's locks are of the other kind, and on other bytes.
const setOpenFileLock = 37

// tryLock locks an open file, until it is closed. It reports false if it is locked.
func tryLock(f *os.File) (locked bool, err error) {
	err = syscall.FcntlFlock(f.Fd(), setOpenFileLock, &syscall.Flock_t{Type: syscall.F_WRLCK, Len: 1})
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EACCES):
		return false, nil
	case errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOTSUP):
		return true, nil // there is no such lock here: that on the file beside is left
	}
	return err == nil, err
}
