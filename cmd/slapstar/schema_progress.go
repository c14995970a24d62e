package main

import (
	"fmt"
	"sync"
	"time"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
)

// A schemaLine says on a terminal how many schemas are read, once that takes a while. It
// may be used concurrently.
type schemaLine struct {
	env *env

	mu      sync.Mutex
	n, of   int
	timer   *time.Timer // until the line is there
	written bool
}

// schemaPatience is how long reading schemas may take until it is said.
const schemaPatience = 500 * time.Millisecond

// watchSchemas shows the progress of a Planner that reads schemas, and what it says.
func (e *env) watchSchemas(p *run.Planner) {
	p.Say = func(message string) { view.Say(e.Err, message) }
	if e.Live && e.global.connection.Verbosity <= 0 { // without -v it is -1
		p.Reading = (&schemaLine{env: e}).reading
	}
}

func (l *schemaLine) reading(n, of int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n, l.of = n, of
	switch {
	case n >= of:
		if l.timer != nil {
			l.timer.Stop()
		}
		if l.written {
			fmt.Fprint(l.env.stderr.W, term.ClearLine)
		}
		l.timer, l.written = nil, false
	case l.written:
		l.draw()
	case l.timer == nil:
		l.timer = time.AfterFunc(schemaPatience, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.n < l.of {
				l.draw()
			}
		})
	}
}

func (l *schemaLine) draw() {
	l.written = true
	fmt.Fprintf(l.env.stderr.W, "%s… reading schemas: %d of %d", term.ClearLine, l.n, l.of)
}
