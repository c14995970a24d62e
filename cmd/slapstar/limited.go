package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// limitFlags are the limits of all commands that evaluate files.
func limitFlags(l *limit.Limits) []cli.Flag {
	*l = limit.Default
	return []cli.Flag{
		&cli.GenericFlag{Name: "max-memory", Usage: "how much memory evaluating and planning may take, such as `512MiB`", Value: &l.Memory},
		&cli.DurationFlag{Name: "max-time", Usage: "how long evaluating and planning may take, without what is waited for", Value: l.Time, Destination: &l.Time},
	}
}

// watched runs what evaluates files. It ends within the limits: by itself, or with the
// process. What waits for somebody else says so with [limit.Watch.Wait] of e.watch.
func (e *env) watched(ctx context.Context, do func(context.Context) error) (err error) {
	if err := e.checkLimits(); err != nil {
		return err
	}
	var watched context.Context
	watched, e.watch = limit.Begin(limit.Options{
		Signal: ctx, Limits: e.global.limits, Place: e.place, Err: e.dying, Last: e.last, ExitFailed: exitFailed, ExitInterrupted: exitInterrupted,
	})
	defer func() {
		e.watch.End()
		e.watch = nil
	}()
	err = func() (err error) {
		defer func() {
			if broken := recover(); broken != nil {
				err = e.broken(broken)
			}
		}()
		return do(watched)
	}()
	// Some of what ends with a context tells only that it did.
	if cause := context.Cause(watched); err != nil && !isA[*limit.ExceededError](err) && errors.Is(err, context.Canceled) && isA[*limit.ExceededError](cause) {
		return cause
	}
	return err
}

// broken is the error of a mistake in slapstar, which a file has found. Files are
// anybody's, and a trace is nothing for who reads what became of them.
func (e *env) broken(what any) error {
	if e.global.connection.Verbosity > 0 {
		fmt.Fprintf(e.Err, "%s\n", debug.Stack())
	}
	err := lang.Hint(fmt.Errorf("this is a mistake in slapstar, and not in the files: %v", what), "-v shows where it is; please report it, with the file")
	if at, known := e.place.Position(); known {
		return lang.NewError(at, err)
	}
	return err
}

func (e *env) checkLimits() error {
	if err := e.global.limits.Check(); err != nil {
		return usagef("%v", err)
	}
	return nil
}

// A watchedMaster says when it is written to.
type watchedMaster struct {
	engine.Master
	watch *limit.Watch
}

func (m *watchedMaster) RequestInstance(ctx context.Context, r slap.InstanceRequest) (slap.Instance, error) {
	m.watch.Writing()
	return m.Master.RequestInstance(ctx, r)
}

func (m *watchedMaster) Supply(ctx context.Context, s slap.SoftwareInstallation) error {
	m.watch.Writing()
	return m.Master.Supply(ctx, s)
}
