package run

import (
	"context"

	"slapstar/engine"
	"slapstar/slap"
)

// An observation is a bulk read of the Master that is under way, or done.
type observation struct {
	reader slap.Reader // with which the plan reads on
	done   chan struct{}
	state  *engine.State
	err    error
}

// observe starts to read. All reads of one plan count together.
func (p *Planner) observe(ctx context.Context) *observation {
	o := &observation{reader: p.master.Reader().Bounded(), done: make(chan struct{})}
	go func() {
		defer close(o.done)
		o.state, o.err = engine.Observe(ctx, o.reader)
	}()
	return o
}

// State waits for what was read.
func (o *observation) State() (*engine.State, error) {
	<-o.done
	return o.state, o.err
}
