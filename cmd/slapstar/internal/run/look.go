package run

import (
	"context"

	"slapstar/engine"
)

// Outputs are what the files of the last plan make for other tools, with all that was known
// then.
func (p *Planner) Outputs() []*engine.FileOutput { return p.outputs }

// Look reads the Master and evaluates the files. It compares nothing, and checks no
// parameters. With an error of the files it returns nothing.
func (p *Planner) Look(ctx context.Context) (*engine.Config, *engine.State, error) {
	ctx, cancel := context.WithCancel(ctx)
	reading := p.observe(ctx)
	defer func() { // nothing reads any more when this is over
		cancel()
		<-reading.done
		p.judging.wait()
	}()
	config, err := p.complete(ctx, p.files, reading)
	if !p.silent {
		p.say()
	}
	if err != nil {
		return nil, nil, err
	}
	state, err := reading.State(p.Watch)
	return config, state, err
}
