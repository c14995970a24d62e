package run

import (
	"context"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/engine"
)

// An observation is a bulk read of the Master that is under way, or done.
type observation struct {
	done  chan struct{}
	state *engine.State
	err   error
}

// observe starts to read.
func (p *Planner) observe(ctx context.Context) *observation {
	o := &observation{done: make(chan struct{})}
	go func() {
		defer close(o.done)
		o.state, o.err = engine.Observe(ctx, p.master.Reader())
	}()
	return o
}

// State waits for what was read; the clock of w stops meanwhile.
func (o *observation) State(w *limit.Watch) (*engine.State, error) {
	defer w.Wait()()
	<-o.done
	return o.state, o.err
}
