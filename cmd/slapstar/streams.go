package main

import (
	"io"
	"os"
	"sync"

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

	Width, ErrWidth func() int // columns of Out and Err; nil: no terminal
}

// A diversion is a writer that can be sent elsewhere for a while. It may be used
// concurrently.
type diversion struct {
	w  io.Writer
	mu sync.Mutex
	to io.Writer // nil: to w
}

// divert sends what is written to another writer, or back with nil.
func (d *diversion) divert(to io.Writer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = to
}

// Write implements [io.Writer].
func (d *diversion) Write(p []byte) (int, error) {
	d.mu.Lock()
	to := d.to
	d.mu.Unlock()
	if to == nil {
		to = d.w
	}
	return to.Write(p)
}

// width is how many columns Out has; 0 when it is no terminal.
func (s Streams) width() int {
	if s.Width == nil {
		return 0
	}
	return s.Width()
}

// errWidth is how many columns Err has; 0 when it is no terminal.
func (s Streams) errWidth() int {
	if s.ErrWidth == nil {
		return 0
	}
	return s.ErrWidth()
}

func newStreams(in, out, err *os.File) Streams {
	return Streams{
		In:          in,
		Out:         out,
		Err:         err,
		Color:       wantsColor(out),
		ErrColor:    wantsColor(err),
		Interactive: isTerminal(in) && isTerminal(err) && os.Getenv("CI") == "",
		Redirected:  !isTerminal(out),
		Width:       terminalWidth(out),
		ErrWidth:    terminalWidth(err),
	}
}

// terminalWidth asks a terminal each time: it may be resized.
func terminalWidth(f *os.File) func() int {
	if !isTerminal(f) {
		return nil
	}
	return func() int {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil || width < 1 {
			return 80
		}
		return width
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
	return isTerminal(out) && os.Getenv("TERM") != "dumb"
}
