package main

import (
	"context"
	"errors"
	"fmt"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/engine"
	"slapstar/engine/document"
)

// The exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitPending     = 2 // plan --detailed-exitcode: there are changes
	exitNotReady    = 3 // applied, but not ready in time
	exitRefused     = 4
	exitDrift       = 5 // drift: there is some
	exitUsage       = 64
	exitInterrupted = 130
)

// A usageError is a command line that cannot be understood.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

var (
	errPending = errors.New("there are changes") // printed by nobody: the plan says so
	errDrift   = errors.New("there is drift")    // each was shown
	errFailed  = errors.New("something failed")  // each was printed

	errUnformatted = errors.New("some files are not formatted") // each was printed
)

// silent reports whether all that an error says has been said.
func silent(err error) bool {
	return errors.Is(err, errPending) || errors.Is(err, errDrift) || errors.Is(err, errFailed) || errors.Is(err, errUnformatted) || isA[*endedError](err)
}

// exitCode maps an error to the code of the process.
func exitCode(err error) int {
	switch {
	case err == nil:
		return exitDone
	case isA[*endedError](err):
		several, _ := errors.AsType[*endedError](err)
		return several.code
	case isA[*usageError](err), isA[*run.OverrideError](err):
		return exitUsage
	case errors.Is(err, errPending):
		return exitPending
	case errors.Is(err, errDrift):
		return exitDrift
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, engine.ErrNotReadyInTime):
		return exitNotReady
	case errors.Is(err, run.ErrRefused), isA[*engine.RefusedError](err), isA[*engine.NotApprovedError](err), isA[*engine.DivergedError](err), isA[*document.StaleError](err):
		return exitRefused
	}
	return exitFailed
}

// isA reports whether an error is, or wraps, one of a type.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
