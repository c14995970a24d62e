package prompt

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
)

// A plain editor reads lines as the terminal gives them.
type plain struct {
	out        io.Writer
	lines      chan string // closed at the end of the input
	interrupts <-chan os.Signal
}

// newPlain reads ahead in one goroutine: a read that Ctrl-C has cancelled must
// not take the next line away.
func newPlain(o Options) *plain {
	p := &plain{out: o.Out, lines: make(chan string), interrupts: o.Interrupts}
	go func() {
		defer close(p.lines)
		in := bufio.NewReader(o.In)
		for {
			line, err := in.ReadString('\n')
			if err == nil || line != "" {
				p.lines <- strings.TrimRight(line, "\r\n")
			}
			if err != nil {
				return
			}
		}
	}()
	return p
}

func (p *plain) entry(ctx context.Context, unfinished func(string) bool) (string, error) {
	text, err := p.line(ctx, Primary)
	for err == nil && unfinished(text) {
		var more string
		more, err = p.line(ctx, Secondary)
		text += "\n" + more
	}
	return text, err
}

func (p *plain) line(ctx context.Context, question string) (string, error) {
	fmt.Fprint(p.out, question)
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-p.interrupts:
		fmt.Fprintln(p.out)
		return "", ErrInterrupted
	case line, ok := <-p.lines:
		if !ok {
			return "", io.EOF
		}
		return line, nil
	}
}
