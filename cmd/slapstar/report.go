package main

import (
	"context"
	"errors"
	"fmt"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/starlib/lang"
)

// The hints after an apply that was interrupted.
const (
	goOn      = "apply again goes on from here"
	goOnSaved = "make a new plan and apply it, to go on from here: the saved one is carried out in part"
)

// report says what failed and why, and ends with the counts, if they are wanted. Its
// error decides the exit code: what stopped the apply, or that changes failed, which
// counts for more than a wait that was too long.
func report(e *env, o *engine.Outcome, stopped error, counts bool, goOn string) error {
	for _, c := range o.Failed {
		err := fmt.Errorf("%s: %s: %w", term.Escape(c.Resource.Declared().Position().String()), term.Name(string(c.Address())), o.Errors[c.Address()])
		printError(e.Err, err)
	}
	notes := view.Text{W: e.Err}
	notes.Left(o)
	if errors.Is(stopped, engine.ErrNotReadyInTime) {
		notes.Reports(o.Waits)
		stopped = fmt.Errorf("%w: %s", stopped, view.Missing(o.Waits, e.hidden))
	}
	if counts {
		// Nobody may read along any more, which has ended the apply.
		if err := (view.Text{W: e.Out, Color: e.Color}).Outcome(o); err != nil && !errors.Is(stopped, context.Canceled) {
			return err
		}
	}
	switch {
	case len(o.Failed) > 0 && errors.Is(stopped, engine.ErrNotReadyInTime):
		printError(e.Err, stopped)
		return errFailed
	case stopped == nil && len(o.Failed) > 0:
		return errFailed
	case errors.Is(stopped, context.Canceled) && len(o.NotStarted) > 0:
		return lang.Hint(stopped, goOn)
	case stopped == nil && len(o.NotStarted) > 0:
		return errFailed // each was named
	}
	return stopped
}
