package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// questions are asked one after the other on a terminal: what was typed ahead is for the
// next one.
type questions struct {
	env *env
	in  *bufio.Reader
}

// errNoAnswer is the error of a question that somebody does not answer.
var errNoAnswer = errors.New("there is no answer; nothing was written")

func newQuestions(e *env) *questions { return &questions{e, bufio.NewReader(e.In)} }

// ask returns the line that somebody types, without blanks around it. The end of what is
// typed is an error.
func (q *questions) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(q.env.Err, question)
	if err := q.env.flush(); err != nil {
		return "", err
	}
	type answer struct {
		line string
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		line, err := q.in.ReadString('\n')
		read <- answer{line, err}
	}()
	select {
	case <-ctx.Done(): // the read is left waiting, and the process is about to end
		fmt.Fprintln(q.env.Err)
		return "", ctx.Err()
	case a := <-read:
		if a.err != nil {
			fmt.Fprintln(q.env.Err)
			if errors.Is(a.err, io.EOF) {
				return "", errNoAnswer
			}
			return "", a.err
		}
		return strings.TrimSpace(a.line), nil
	}
}
