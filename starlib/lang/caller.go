package lang

import (
	"context"

	"go.starlark.net/starlark"

	"slapstar/engine"
)

// A Caller calls functions of files that were evaluated before, one after the other, with
// values that belong to all of the calls. It is used by one goroutine at a time.
type Caller struct{ e *Evaluation }

// Caller returns a Caller of the functions of the evaluation, which may be closed; file and
// load_data read until it is.
func (e *Evaluation) Caller(ctx context.Context) *Caller {
	return &Caller{&Evaluation{ctx: ctx, print: e.print, predeclared: e.predeclared, maxMemory: e.maxMemory, marks: e.marks,
		root: e.root, sources: e.sources, holdsSecret: e.holdsSecret}}
}

// Value returns a string where that says all, and else a [Text] that functions of the
// Caller may be given.
func (c *Caller) Value(t engine.Text) starlark.Value { return c.e.Value(t) }

// Call calls a function in a thread and with limits of its own. It cannot load files.
// Errors are those of [Evaluation.Entry].
func (c *Caller) Call(f Call) (starlark.Value, error) {
	e := c.e
	e.owner, e.stopped, e.problems, e.printed, e.encoding, e.writing, e.printing = f.Owner, nil, nil, 0, nil, nil, false
	e.run(f.Function.Name(), f.Steps)
	defer e.Watch()()
	v, err := starlark.Call(e.thread, f.Function, f.Args, nil)
	switch {
	case e.ctx.Err() != nil:
		return nil, e.interrupted(err)
	case err != nil || e.stopped != nil:
		return nil, e.Explain(err)
	}
	return v, nil
}
