package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"

	"slapstar/cmd/slapstar/internal/prompt"
	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/starlib/console"
)

// A terminal is what a console at a prompt has besides.
type terminal struct {
	editor     *prompt.Editor
	history    *prompt.History
	interrupts chan os.Signal
	typing     atomic.Bool // somebody types: nothing may be written in between
}

// takeInterrupts makes SIGINT end what is running in the session. The process
// came with a handler of its own, which would end everything.
func (c *shell) takeInterrupts() {
	c.interrupts = make(chan os.Signal, 1)
	signal.Reset(os.Interrupt)
	signal.Notify(c.interrupts, os.Interrupt)
}

func (c *shell) restoreInterrupts() { signal.Stop(c.interrupts) }

// quietEnv is the environment of what may write while somebody types: requests
// for completion, which are repeated and logged like others.
func (c *shell) quietEnv() *env {
	quiet := *c.env
	quiet.Err = &quietWriter{c.env.Err, &c.typing}
	return &quiet
}

type quietWriter struct {
	w      io.Writer
	typing *atomic.Bool
}

func (q *quietWriter) Write(p []byte) (int, error) {
	if q.typing.Load() {
		return len(p), nil
	}
	return q.w.Write(p)
}

// plainTerminal reports whether lines are read as they come: the terminal cannot
// do more, or what is written does not go there.
func (c *shell) plainTerminal() bool { return c.env.Plain || c.env.Redirected }

// loop reads entries and evaluates them until the input ends.
func (c *shell) loop(ctx context.Context) error {
	in, ok := c.env.In.(*os.File)
	if !ok {
		return errors.New("the console needs a file to read from")
	}
	var err error
	if c.history, err = prompt.OpenHistory(historyFile()); err != nil {
		view.Say(c.env.Err, err.Error())
	}
	c.editor = prompt.New(prompt.Options{
		In: in, Out: c.env.terminal, Plain: c.plainTerminal(), History: c.history, Interrupts: c.interrupts,
		Unfinished: console.Unfinished, Complete: c.complete,
	})
	c.greet()
	for {
		text, err := c.read(ctx, c.editor.Read)
		switch {
		case errors.Is(err, prompt.ErrInterrupted):
			continue
		case errors.Is(err, io.EOF):
			if c.plainTerminal() {
				fmt.Fprintln(c.env.Err)
			}
			return nil
		case err != nil:
			return err
		}
		switch strings.TrimSpace(text) {
		case "":
			continue
		case "exit", "exit()", "quit", "quit()":
			return nil
		}
		c.enter(ctx, text)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// complete is what the session says, for the editor. A note that several candidates
// have is left out: the editor would put them into columns that are too narrow, one
// name into the other, with the note at the end of the row.
func (c *shell) complete(text string) prompt.Completion {
	found := c.session.Complete(text)
	completion := prompt.Completion{Start: found.Start}
	notes := map[string]int{}
	for _, candidate := range found.Candidates {
		notes[candidate.Note]++
	}
	for _, candidate := range found.Candidates {
		word := prompt.Word{Text: candidate.Text, Note: candidate.Note}
		if notes[word.Note] > 1 {
			word.Note = ""
		}
		completion.Words = append(completion.Words, word)
	}
	return completion
}

func (c *shell) greet() {
	how := "changes ask first"
	switch {
	case c.options.staged:
		how = "staged: plan() shows, apply() carries out, save(\"main.star\") writes a file"
	case c.options.yes:
		how = "changes do not ask"
	}
	fmt.Fprintf(c.env.Err, "slapstar console (%s). help() lists what there is, Ctrl-D ends.\n", how)
}

// read reads with the terminal to itself.
func (c *shell) read(ctx context.Context, read func(context.Context) (string, error)) (string, error) {
	c.env.flush()
	c.typing.Store(true)
	defer c.typing.Store(false)
	c.dropInterrupt() // of what has ended by itself
	text, err := read(ctx)
	c.dropInterrupt() // sent by somebody else, while nothing ran
	return text, err
}

func (c *shell) dropInterrupt() {
	select {
	case <-c.interrupts:
	default:
	}
}

// enter evaluates one entry and shows what comes of it. An error does not end the
// session.
func (c *shell) enter(ctx context.Context, text string) {
	entry, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		select {
		case <-c.interrupts:
			cancel()
		case <-done:
		}
	}()
	c.env.global.schemas.Renew() // an entry is a run
	var shown string
	err := c.watched(entry, func(ctx context.Context) (err error) {
		shown, err = c.session.Entry(ctx, text)
		return err
	})
	close(done)
	cancel()
	fmt.Fprint(c.env.Out, term.Clean(shown))
	if err != nil && ctx.Err() == nil {
		if errors.Is(err, context.Canceled) && !c.plainTerminal() {
			fmt.Fprint(c.env.Err, term.ClearLine) // over the ^C that the terminal has written
		}
		printError(c.env.Err, err)
	}
	if err := c.history.Add(text, !c.session.Sensitive(text)); err != nil {
		view.Say(c.env.Err, err.Error())
	}
	c.names.forget()
}

// ask reads the answer to a question.
func (c *shell) ask(ctx context.Context, question string) (string, error) {
	if c.editor == nil {
		return readLine(ctx, c.env, question)
	}
	answer, err := c.read(ctx, func(ctx context.Context) (string, error) { return c.editor.Ask(ctx, question) })
	switch {
	case errors.Is(err, prompt.ErrInterrupted):
		return "", errors.New("interrupted; nothing was changed")
	case errors.Is(err, io.EOF):
		return "", nil
	}
	return answer, err
}

// historyFile is where the history is kept. Empty: nowhere.
func historyFile() string {
	folder, err := run.StateFolder()
	if err != nil {
		return ""
	}
	return filepath.Join(folder, "history")
}
