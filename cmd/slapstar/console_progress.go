package main

import (
	"fmt"
	"io"
	"time"

	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
)

// A waitLine says what is waited for: on a terminal in one line that is written
// again, elsewhere in a line every ten seconds.
type waitLine struct {
	w        io.Writer
	oneLine  bool
	written  bool
	reported time.Duration
}

func (c *shell) newWaitLine() *waitLine {
	return &waitLine{w: c.env.Err, oneLine: c.env.Interactive && !c.plainTerminal(), reported: -1}
}

func (p *waitLine) waiting(what string, elapsed, limit time.Duration, trouble error) {
	text := fmt.Sprintf("waiting for %s (%s of %s; Ctrl-C ends the wait)", what, elapsed.Round(time.Second), limit)
	if trouble != nil {
		text += ": " + view.Escape(trouble.Error())
	}
	switch {
	case p.oneLine:
		fmt.Fprintf(p.w, "\r\x1b[K… %s", shorten(text, 100))
		p.written = true
	case p.reported < 0 || elapsed-p.reported >= 10*time.Second:
		fmt.Fprintf(p.w, "… %s\n", text)
		p.reported = elapsed
	}
}

// event is for the waits of an apply.
func (p *waitLine) event(e engine.Event) {
	if e.Kind == engine.Waiting {
		p.waiting(view.Missing(e.Waits), e.Elapsed, e.Limit, e.Err)
	}
}

// end takes the line away.
func (p *waitLine) end() {
	if p.written {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.written = false
	}
}

func shorten(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}
