package term

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// ClearLine empties the line that the cursor is in, and goes to its beginning.
const ClearLine = "\r\x1b[K"

// Sequences of a terminal: down one line, where the last one scrolls, in the same
// column; and up by a number of lines.
const (
	down = "\x1bD"
	up   = "\x1b[%dA"
)

// Reserve returns what makes room for some rows below the cursor: it scrolls the
// screen where the cursor is near its bottom, and changes nothing elsewhere.
func Reserve(rows int) string {
	return strings.Repeat(down, rows) + fmt.Sprintf(up, rows)
}

// Size returns the columns and rows of a terminal.
func Size(f *os.File) (columns, rows int, err error) {
	columns, rows, err = term.GetSize(int(f.Fd()))
	if err == nil && columns < 1 {
		err = errors.New("the terminal does not say how wide it is")
	}
	return columns, rows, err
}

// Save notes the mode of a terminal, such as whether it echoes, and returns the
// function that restores it.
func Save(f *os.File) (restore func() error, err error) {
	before, err := term.GetState(int(f.Fd()))
	if err != nil {
		return nil, err
	}
	return func() error { return term.Restore(int(f.Fd()), before) }, nil
}
