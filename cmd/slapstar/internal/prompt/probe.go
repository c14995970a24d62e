package prompt

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"golang.org/x/term"
)

// probeLimit is how long a terminal may take to say where its cursor is.
const probeLimit = time.Second

var cursorAnswer = regexp.MustCompile("\x1b\\[[0-9]+;[0-9]+R")

// probe asks the terminal where its cursor is, which the line editor wants to know
// again and again, and waits for the answer for ever. What drives a
// pseudo-terminal may be no terminal that answers. typed is what else came.
//
// Where there is no way to wait for a while only, the terminal is trusted.
func probe() (answers bool, typed string) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return true, ""
	}
	defer tty.Close()
	if err := tty.SetReadDeadline(time.Now().Add(probeLimit)); err != nil {
		return true, ""
	}
	raw, err := tty.SyscallConn()
	if err != nil {
		return true, ""
	}
	// Fd would take the deadline away.
	var before *term.State
	if err := errors.Join(raw.Control(func(fd uintptr) { before, err = term.MakeRaw(int(fd)) }), err); err != nil {
		return true, ""
	}
	defer raw.Control(func(fd uintptr) { term.Restore(int(fd), before) })
	fmt.Fprint(tty, "\x1b[6n")
	buffer := make([]byte, 256)
	for {
		n, err := tty.Read(buffer)
		typed += string(buffer[:n])
		if at := cursorAnswer.FindStringIndex(typed); at != nil {
			return true, typed[:at[0]] + typed[at[1]:]
		}
		if err != nil {
			return false, typed
		}
	}
}
