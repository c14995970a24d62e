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

// listChanges says the same of some changes, a line each.
func listChanges(e *env, list []*engine.Change, what string) {
	const most = 10
	for i, c := range list {
		if i == most {
			fmt.Fprintf(e.Err, "slapstar: %d more: %s\n", len(list)-most, what)
			return
		}
		fmt.Fprintf(e.Err, "slapstar: %s: %s\n", term.Escape(fmt.Sprintf("%v: %s", c.Resource.Declared().Position(), c.Address())), what)
	}
}

// goOn is the hint after an apply that was interrupted.
const (
	goOn      = "apply again goes on from here"
	goOnSaved = "make a new plan and apply it, to go on from here: the saved one is carried out in part"
)

// report says what failed and why, and ends with the counts, if they are wanted. Its
// error decides
// the exit code: what stopped the apply, or that changes failed, which counts
// for more than a wait that was too long.
func report(e *env, o *engine.Outcome, stopped error, counts bool, goOn string) error {
	for _, c := range o.Failed {
		err := fmt.Errorf("%s: %w", term.Escape(fmt.Sprintf("%v: %s", c.Resource.Declared().Position(), c.Address())), o.Errors[c.Address()])
		printError(e.Err, err)
	}
	listChanges(e, o.Needless, "nothing left to do: the Master has it so")
	listChanges(e, o.NotStarted, "not started")
	if errors.Is(stopped, engine.ErrNotReadyInTime) {
		for _, line := range view.Reports(o.Waits, e.hidden) {
			fmt.Fprintf(e.Err, "slapstar: %s\n", line)
		}
		stopped = fmt.Errorf("%w: %s", stopped, view.Missing(o.Waits))
	}
	if counts {
		if err := (view.Text{W: e.Out, Color: e.Color}).Outcome(o); err != nil {
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
