package term

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Streams are where a command reads and writes. Results go to Out, all else to
// Err.
type Streams struct {
	In          io.Reader
	Out, Err    io.Writer
	Color       bool // Out takes colours
	ErrColor    bool // Err takes colours
	Interactive bool // there is somebody to ask, on Err
	Redirected  bool // Out is not what that somebody sees
	Live        bool // somebody watches Err, where lines can be written again
	Plain       bool // the terminal has no abilities of which a line editor could make use

	Width, ErrWidth func() int // columns of Out and Err; nil: no terminal
}

// New returns the streams of a process, with what its environment says of them.
func New(in, out, err *os.File) Streams {
	kind, watched := os.Getenv("TERM"), !CI()
	return Streams{
		In:          in,
		Out:         out,
		Err:         err,
		Color:       wantsColor(out),
		ErrColor:    wantsColor(err),
		Interactive: isTerminal(in) && isTerminal(err) && watched,
		Redirected:  !isTerminal(out),
		Live:        isTerminal(err) && kind != dumb && watched,
		Plain:       kind == dumb || kind == "",
		Width:       width(out),
		ErrWidth:    width(err),
	}
}

// dumb is the $TERM of what only takes lines.
const dumb = "dumb"

// OutColumns is how many columns Out has; 0 when it is no terminal.
func (s Streams) OutColumns() int {
	if s.Width == nil {
		return 0
	}
	return s.Width()
}

// ErrColumns is how many columns Err has; 0 when it is no terminal.
func (s Streams) ErrColumns() int {
	if s.ErrWidth == nil {
		return 0
	}
	return s.ErrWidth()
}

// width asks a terminal each time: it may be resized.
func width(f *os.File) func() int {
	if !isTerminal(f) {
		return nil
	}
	return func() int {
		if columns, _, err := Size(f); err == nil {
			return columns
		}
		return 80
	}
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// wantsColor follows no-color.org and bixense.com/clicolors.
func wantsColor(out *os.File) bool {
	switch force := os.Getenv("CLICOLOR_FORCE"); {
	case os.Getenv("NO_COLOR") != "":
		return false
	case force != "" && force != "0":
		return true
	}
	return isTerminal(out) && os.Getenv("TERM") != dumb
}

// CI reports whether the environment is that of a CI job. Any value of CI says so,
// but 0, false and the empty one.
func CI() bool {
	switch strings.ToLower(os.Getenv("CI")) {
	case "", "0", "false":
		return false
	}
	return true
}
