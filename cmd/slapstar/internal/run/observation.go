package run

import (
	"context"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/engine"
	"slapstar/slap"
)

// An observation is a bulk read of the Master that is under way, or done.
type observation struct {
	master *Master
	reader slap.Reader // with which the plan reads on
	done   chan struct{}
	state  *engine.State
	err    error
}

// observe starts to read. All reads of one plan count together.
func (p *Planner) observe(ctx context.Context) *observation {
	o := &observation{master: p.master, reader: p.master.Reader().Bounded(), done: make(chan struct{})}
	go func() {
		defer close(o.done)
		o.state, o.err = engine.Observe(ctx, o.reader)
	}()
	return o
}

// State waits for what was read; the clock of w stops meanwhile, see [Master.Wait].
func (o *observation) State(w *limit.Watch) (*engine.State, error) {
	defer o.master.Wait(w)()
	<-o.done
	return o.state, o.err
}
