package view

import (
	"fmt"
	"io"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
)

// continued begins the second and further lines of a message. What reads the log of a
// CI system takes lines such as ::add-mask:: for commands: none may begin with text
// that comes from a file, a Master or a node.
const continued = "  | "

// Say writes a message.
func Say(w io.Writer, message string) {
	say(w, "slapstar: ", clean(message, mask.Of(w)))
}

// say writes a text after a word of slapstar. What is hidden is not in the text any
// more.
func say(w io.Writer, word, text string) {
	mask.WriteOwn(w, term.Lines(word, continued, text))
}

// clean is a text of several lines without what is hidden.
func clean(text string, hidden *mask.Filter) string { return hidden.Text(term.Clean(text)) }

// sayHint writes a hint, if there is one.
func sayHint(w io.Writer, text string) {
	if text != "" {
		say(w, "hint: ", clean(text, mask.Of(w)))
	}
}

// Printed returns what shows on w the text that files print: each line after where
// they do.
func Printed(w io.Writer) func(engine.Position, string) {
	return func(at engine.Position, text string) {
		where := fmt.Sprintf("%s:%d: ", term.Leading(at.File), at.Line)
		fmt.Fprint(w, term.Lines(where, where, text))
	}
}
