// Package prompt reads what a person types: with a line editor on a terminal
// that has one's abilities, else line by line.
//
// It does not know what the entries mean, nor where they go: when one is
// finished, what could complete it and what is kept of it is told.
package prompt

import (
	"context"
	"errors"
	"io"
	"os"
)

// ErrInterrupted is the error of a line that Ctrl-C has cancelled.
var ErrInterrupted = errors.New("interrupted")

// Options say how entries are read.
type Options struct {
	In      *os.File
	Out     io.Writer // where a plain editor writes its prompt
	Plain   bool      // no line editor: the terminal cannot, or the output is not on it
	History *History

	// Unfinished reports whether an entry goes on in the next line.
	Unfinished func(text string) bool

	// Complete says what could stand at the end of text.
	Complete func(text string) Completion

	// Interrupts tells of SIGINT, which is how Ctrl-C arrives where there is no
	// line editor.
	Interrupts <-chan os.Signal
}

// A Completion is a list of words for the end of a text.
type Completion struct {
	Start int // of the word that they replace, in bytes
	Words []Word
}

// A Word is one of them.
type Word struct{ Text, Note string }

// An Editor reads entries.
type Editor struct {
	Options
	rich  *rich
	plain *plain
}

// The prompts of an entry: of its first line, and of the others.
const (
	Primary   = ">>> "
	Secondary = "... "
)

// New returns an editor.
func New(o Options) *Editor {
	e := &Editor{Options: o}
	if o.Plain {
		e.plain = newPlain(o)
	} else {
		e.rich = newRich(o)
	}
	return e
}

// Read reads one entry, which may be of several lines. The error is
// [ErrInterrupted] for a cancelled line, [io.EOF] at the end, or that of ctx.
func (e *Editor) Read(ctx context.Context) (string, error) {
	if e.plain != nil {
		return e.plain.entry(ctx, e.Unfinished)
	}
	return e.rich.read(ctx, Primary, true)
}

// Ask reads the one line that answers a question. It has the errors of Read.
func (e *Editor) Ask(ctx context.Context, question string) (string, error) {
	if e.plain != nil {
		return e.plain.line(ctx, question)
	}
	return e.rich.read(ctx, question, false)
}
