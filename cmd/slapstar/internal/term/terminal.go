package term

import (
	"context"
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

// ReadHidden reads a line that is not shown. The terminal shows again what is typed when it
// returns, also when ctx ends first; the read is then left waiting, and the process is
// about to end.
func ReadHidden(ctx context.Context, f *os.File) (string, error) {
	restore, err := Save(f)
	if err != nil {
		return "", err
	}
	type answer struct {
		line []byte
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(int(f.Fd()))
		read <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), restore())
	case a := <-read:
		return string(a.line), a.err
	}
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
