package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
)

// A waitLine says what is waited for: on a terminal in one line that is written
// again, elsewhere in a line every ten seconds. Between a call of waiting and end
// what else is written to standard error goes through it. It may be used
// concurrently.
type waitLine struct {
	env      *env
	oneLine  bool
	reported time.Duration

	mu      sync.Mutex
	written bool // the line is there
}

func (c *shell) newWaitLine() *waitLine {
	return &waitLine{env: c.env, oneLine: c.env.Interactive && !c.plainTerminal(), reported: -1}
}

func (p *waitLine) waiting(what, status string, elapsed, limit time.Duration, trouble error) {
	text := fmt.Sprintf("… waiting for %s (%s of %s; Ctrl-C ends the wait)", what, elapsed.Round(time.Second), limit)
	if trouble != nil {
		text += ": " + term.Escape(trouble.Error())
	} else if status != "" {
		text += "; " + status
	}
	text = p.env.hidden.Text(text)
	switch {
	case p.oneLine:
		p.env.stderr.Divert(p)
		p.mu.Lock()
		defer p.mu.Unlock()
		// One that fills the last column would go on in a row that is not cleared.
		fmt.Fprint(p.env.stderr.W, term.ClearLine, term.Cut(text, p.width()-1))
		p.written = true
	case p.reported < 0 || elapsed-p.reported >= 10*time.Second:
		fmt.Fprintln(p.env.Err, text)
		p.reported = elapsed
	}
}

// width is that of the terminal.
func (p *waitLine) width() int {
	if width := p.env.ErrColumns(); width > 0 {
		return width
	}
	return 80
}

// Write implements [io.Writer]: other text takes the place of the line, which
// comes again below it.
func (p *waitLine) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	return p.env.stderr.W.Write(text)
}

var _ io.Writer = (*waitLine)(nil)

func (p *waitLine) clear() {
	if p.written {
		fmt.Fprint(p.env.stderr.W, term.ClearLine)
		p.written = false
	}
}

// event is for the waits of an apply.
func (p *waitLine) event(e engine.Event) {
	switch e.Kind {
	case engine.Waiting:
		p.waiting(view.Missing(e.Waits, p.env.hidden), p.env.reported(e.Waits), e.Elapsed, e.Limit, e.Err)
	case engine.Unlisted:
		p.waiting("the Master to list "+view.Several(e.Changes, p.env.hidden), "", e.Elapsed, e.Limit, nil)
	case engine.Postponed:
		p.waiting("the Master to "+letGo(e)+view.Several(e.Changes, p.env.hidden), "", e.Elapsed, e.Limit, e.Err)
	}
}

// letGo says what a Master has to do before it can take a change.
func letGo(e engine.Event) string {
	if e.Err != nil {
		return "take "
	}
	return "let go of the name of "
}

// reported is why the first of the instances does not come of which that is known: its
// node reports an error, or a full Master tells how far it is.
func (e *env) reported(list []engine.Need) string {
	for _, w := range list {
		if strings.HasPrefix(w.Status, "#error") || w.Phase != "" {
			return view.Reports([]engine.Need{w}, e.hidden)[0]
		}
	}
	return ""
}

// end takes the line away.
func (p *waitLine) end() {
	if !p.oneLine {
		return
	}
	p.env.stderr.Divert(nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}
