package prompt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/reeflective/readline"

	"slapstar/cmd/slapstar/internal/term"
)

// A rich editor is the line editor of a terminal.
type rich struct {
	in         *os.File
	shell      *readline.Shell
	unfinished func(string) bool
	complete   func(string) Completion
	question   string
	entry      bool // an entry is read, and no answer
}

func newRich(o Options) *rich {
	r := &rich{in: o.In, shell: readline.NewShell(), unfinished: o.Unfinished, complete: o.Complete}
	for name, value := range map[string]any{
		"enable-bracketed-paste":       true,
		"menu-complete-display-prefix": true, // the first Tab inserts what all words share, and lists them
		"multiline-column":             true, // a bar before the lines of a block
		// Where the cursor is would be asked at every key, and what was typed while
		// the answer was under way would be lost; see reserve.
		"cursor-position-probe": false,
		// Letters above ASCII are letters, and not keys pressed with Meta.
		"convert-meta":              false,
		"input-meta":                true,
		"output-meta":               true,
		"completion-list-separator": " ",
	} {
		r.shell.Config.Set(name, value)
	}
	r.shell.Prompt.Primary(func() string { return r.question })
	r.shell.AcceptMultiline = func(line []rune) bool { return !r.entry || !r.unfinished(string(line)) }
	r.shell.SyntaxHighlighter = func(line []rune) string { r.reserve(string(line)); return string(line) }
	r.shell.Completer = r.completions
	r.shell.History.Delete()
	r.shell.History.Add("history", o.History)
	return r
}

// read reads a line, or an entry. When ctx ends, it leaves the read waiting:
// the process is about to end.
func (r *rich) read(ctx context.Context, question string, entry bool) (string, error) {
	r.question, r.entry = question, entry
	r.reserve("")
	restore, err := term.Save(r.in)
	if err != nil {
		return "", err
	}
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := r.shell.Readline()
		done <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), restore())
	case a := <-done:
		if errors.Is(a.err, readline.ErrInterrupt) {
			return "", ErrInterrupted
		}
		return a.text, a.err
	}
}

// reserve makes room below the cursor for a text and one more line. At the bottom
// of the screen that scrolls it; elsewhere nothing changes. The line editor counts
// on the room when it moves down.
func (r *rich) reserve(text string) {
	width, height, err := term.Size(r.in)
	if err != nil || height <= 1 {
		return
	}
	rows := 1
	for line := range strings.SplitSeq(text, "\n") {
		rows += 1 + (len(Primary)+utf8.RuneCountInString(line))/width
	}
	fmt.Print(term.Reserve(min(rows, height-1)))
}

// completions puts words into the form of the line editor.
func (r *rich) completions(line []rune, cursor int) readline.Completions {
	if !r.entry {
		return readline.Completions{}
	}
	text := string(line[:cursor])
	c := r.complete(text)
	// The line editor takes an empty prefix for one to be found by itself, so
	// the letter before it is made one.
	prefix, before := text[c.Start:], ""
	if last, _ := utf8.DecodeLastRuneInString(text); prefix == "" && text != "" && !unicode.IsSpace(last) {
		before = string(last)
	}
	var words []readline.Completion
	for _, w := range c.Words {
		words = append(words, readline.Completion{Value: before + w.Text, Display: term.Escape(w.Text), Description: term.Escape(w.Note)})
	}
	list := readline.CompleteRaw(words)
	list.PREFIX = before + prefix
	return list
}
