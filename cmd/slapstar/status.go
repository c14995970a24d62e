package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
)

type statusOptions struct {
	file     string
	format   string
	watch    bool
	interval time.Duration
	timeout  time.Duration // of watching; 0: none
	inputs   inputFlags

	environments targetFlags
}

// leastInterval is the shortest pause between two looks: each reads the Master.
const leastInterval = 100 * time.Millisecond

func statusCommand(e *env) *cli.Command {
	var o statusOptions
	return &cli.Command{
		Name:  "status",
		Usage: "show how all is that FILE declares, as far as the Master tells; exits with 3 if something is not ready or not well",
		Description: "What is stopped as requested is well. --watch shows it again until Ctrl-C; with --timeout\n" +
			"it ends when all is well.\n\n" +
			"Examples:\n   slapstar status main.star\n   slapstar status --watch --timeout 10m main.star",
		ArgsUsage: "[FILE|ENV ...]",
		Flags: slices.Concat([]cli.Flag{
			formatFlag(&o.format, "text, or json (docs/status.schema.json); with --watch a document a line, for each change", "text", "json"),
			&cli.BoolFlag{Name: "watch", Usage: "look again and again: redrawn on a terminal, elsewhere a line for each change", Destination: &o.watch},
			&cli.DurationFlag{Name: "interval", Usage: "with --watch, the pause between two looks", Value: 5 * time.Second, Destination: &o.interval},
			&cli.DurationFlag{Name: "timeout", Usage: "with --watch, end when all is well, and after this time at the latest", Destination: &o.timeout},
		}, o.environments.flags(), o.inputs.flags()),
		Action: func(c *cli.Context) error {
			switch {
			case !o.watch && (c.IsSet("interval") || c.IsSet("timeout")):
				return usagef("--interval and --timeout go with --watch")
			case o.interval < leastInterval:
				return usagef("--interval: got %s, want %s or more", o.interval, leastInterval)
			case c.IsSet("timeout") && o.timeout <= 0:
				return usagef("--timeout: got %s, want a time above 0", o.timeout)
			case o.watch && (o.environments.all || o.environments.changed != "" || c.NArg() > 1):
				return usagef("--watch takes one FILE or environment")
			}
			return onTargets(e, &o.environments, &o.format, func(ctx context.Context, e *env, file string) error {
				o := o
				o.file = file
				return e.watched(ctx, func(ctx context.Context) error { return o.run(ctx, e) })
			})(c)
		},
	}
}

func (o statusOptions) run(ctx context.Context, e *env) error {
	return withMaster(e, o.file, readOnly, func(m *run.Master) error {
		planning := planningFlags{missingSecrets: true, unchecked: true, inputs: o.inputs}
		planner, err := planning.planner(ctx, e, m, o.file)
		if err != nil {
			return err
		}
		look := func() (view.Status, error) {
			config, state, err := planner.Look(ctx)
			if err != nil {
				return view.Status{}, err
			}
			return view.NewStatus(config, state, m.Name(), e.now(), e.hidden), nil
		}
		if o.watch {
			return o.watching(ctx, e, look)
		}
		status, err := look()
		if err != nil {
			return err
		}
		if err := e.show(o.format, status); err != nil {
			return err
		}
		return wellness(status)
	})
}

// wellness is the error of a status.
func wellness(s view.Status) error {
	if !s.Well {
		return errNotWell
	}
	return nil
}

// watching shows the status until ctx ends, or all is well where there is a limit. A Master
// that is away for a while is said, and looked at again.
func (o statusOptions) watching(ctx context.Context, e *env, look func() (view.Status, error)) error {
	shown := statusWatcher{o: o, e: e}
	begun := time.Now()
	for {
		status, err := look()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !engine.Passes(err):
			return err
		case err != nil:
			shown.away(err)
		default:
			if err := shown.show(status); err != nil {
				return err
			}
			if o.timeout > 0 && status.Well {
				return nil
			}
		}
		pause := o.interval
		if o.timeout > 0 {
			left := o.timeout - time.Since(begun)
			if left <= 0 {
				return errNotWell
			}
			pause = min(pause, left)
		}
		if err := o.pause(ctx, e, pause); err != nil {
			return err
		}
	}
}

func (o statusOptions) pause(ctx context.Context, e *env, d time.Duration) error {
	if err := e.flush(); err != nil { // who reads along sees it now
		return err
	}
	e.watch.Rest()
	defer e.watch.Wait()()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// A statusWatcher shows one status after the other.
type statusWatcher struct {
	o      statusOptions
	e      *env
	before *view.Status // nil: none was shown
	said   string       // why the Master could not be asked; empty: it could
}

func (w *statusWatcher) show(s view.Status) error {
	before := w.before
	w.before, w.said = &s, ""
	at := w.e.now().Format("15:04:05")
	switch {
	case before != nil && w.e.Width != nil && w.o.format == "text":
	case before != nil && len(s.Changes(*before)) == 0:
		return nil
	case w.o.format == "json":
		return s.WriteLine(w.e.Out)
	case before != nil:
		for _, line := range s.Changes(*before) {
			if _, err := fmt.Fprintf(w.e.Out, "%s %s\n", at, line); err != nil {
				return err
			}
		}
		return nil
	}
	if w.e.Width != nil { // a terminal
		if _, err := fmt.Fprintf(w.e.Out, "\x1b[H\x1b[2J%s, every %s; Ctrl-C ends it\n\n", at, w.o.interval); err != nil {
			return err
		}
	}
	return s.WriteText(w.e.Out, w.e.Err)
}

// away says once why the Master cannot be asked.
func (w *statusWatcher) away(err error) {
	if said := err.Error(); w.said != said {
		w.said = said
		view.Say(w.e.Err, said)
	}
}
