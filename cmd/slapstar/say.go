package main

import (
	"fmt"
	"io"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
)

// continued begins the second and further lines of a message. What reads the log of a
// CI system takes lines such as ::add-mask:: for commands: none may begin with text
// that comes from a file, a Master or a node.
const continued = "  | "

// say writes a message.
func say(w io.Writer, message string) {
	fmt.Fprint(w, term.Lines("slapstar: ", continued, message))
}

// sayHint writes a hint, if there is one.
func sayHint(w io.Writer, text string) {
	if text != "" {
		fmt.Fprint(w, term.Lines("hint: ", continued, text))
	}
}

// printed returns what shows on w the text that files print: each line after where
// they do.
func printed(w io.Writer) func(engine.Position, string) {
	return func(at engine.Position, text string) {
		where := fmt.Sprintf("%s:%d: ", term.Leading(at.File), at.Line)
		fmt.Fprint(w, term.Lines(where, where, text))
	}
}

// A cleaned is a writer of lines that begin with words of slapstar.
type cleaned struct{ w io.Writer }

// Write implements [io.Writer].
func (c cleaned) Write(p []byte) (int, error) {
	_, err := fmt.Fprint(c.w, term.Clean(string(p)))
	return len(p), err
}
