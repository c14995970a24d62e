package view

import (
	"fmt"
	"io"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
)

// A Problem is something that is wrong, and what to do about it.
type Problem struct {
	File    string           `json:"file,omitempty"` // relative to the root of the evaluation; empty when it is in no file
	Line    int              `json:"line,omitempty"`
	Column  int              `json:"column,omitempty"`
	Message string           `json:"message"`
	Hint    string           `json:"hint,omitempty"`
	Stack   []document.Frame `json:"stack,omitempty"` // outermost first, when there is more than one call
}

// NewProblem returns a Problem in a file, and the calls that led there.
func NewProblem(at engine.Position, stack []engine.Frame, message, hint string) Problem {
	p := Problem{File: at.File, Line: at.Line, Column: at.Col, Message: message, Hint: hint}
	if len(stack) < 2 {
		return p
	}
	for _, f := range stack {
		p.Stack = append(p.Stack, document.Frame{Function: f.Function, File: f.Position.File, Line: f.Position.Line, Column: f.Position.Col})
	}
	return p
}

// WriteProblems writes problems as people read them: what is wrong and where, the
// calls that led there, what to do.
func WriteProblems(w io.Writer, list []Problem) {
	hidden := mask.Of(w)
	for _, p := range list {
		text := clean(p.Message, hidden)
		if p.File != "" {
			text = fmt.Sprintf("%v: %s", engine.Position{File: clean(p.File, hidden), Line: p.Line, Col: p.Column}, text)
		}
		say(w, "slapstar: ", text)
		if len(p.Stack) > 0 {
			mask.WriteOwn(w, "Traceback (most recent call last):\n")
		}
		for _, f := range p.Stack {
			mask.WriteOwn(w, fmt.Sprintf("  %s:%d:%d: in %s\n", hidden.Text(term.Leading(f.File)), f.Line, f.Column, hidden.Text(term.Escape(f.Function))))
		}
		sayHint(w, p.Hint)
	}
}
