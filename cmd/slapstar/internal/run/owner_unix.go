//go:build unix

package run

import (
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// othersFile reports whether a file belongs to another user. With sudo the files of who
// called it are one's own, as for git.
func othersFile(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) == os.Geteuid() {
		return false
	}
	caller, err := strconv.Atoi(os.Getenv("SUDO_UID"))
	return err != nil || os.Geteuid() != 0 || int(stat.Uid) != caller
}
