package main

import (
	"context"
	"slices"

	"github.com/urfave/cli/v2"
)

// applyTargets applies to one FILE, or to environments in the order of the project file;
// what is destroyed goes in the reverse order. Each is asked about, and what fails in one
// leaves the others alone.
func (o applyOptions) applyTargets(c *cli.Context, e *env) error {
	targets, err := e.targets(c, o.environments)
	if err != nil {
		return err
	}
	apply := func(ctx context.Context, e *env, file string) error {
		o := o
		o.file = file
		return e.watched(ctx, func(ctx context.Context) error {
			if err := o.read(); err != nil {
				return err
			}
			return o.checkedRun(ctx, e)
		})
	}
	if !o.environments.several(targets) {
		return apply(c.Context, targets[0].env, targets[0].file)
	}
	if err := refuseSeveral("--approved", o.approvedBy, "it approves one plan"); err != nil {
		return err
	}
	if err := refuseSeveral("--outcome", o.outcome, "the file would have that of the last one"); err != nil {
		return err
	}
	if !o.autoApprove && !e.Interactive {
		return errNobodyToAsk
	}
	if o.destroy {
		slices.Reverse(targets)
	}
	if o.format != "json" {
		return e.each(c.Context, targets, "text", apply)
	}
	return e.stream(c.Context, targets, apply)
}

// applySaved applies a saved plan. An environment says which configuration and which
// secrets it is applied with: the plan does not.
func (o applyOptions) applySaved(c *cli.Context, e *env) error {
	if flag := o.planning.given(c); flag != "" {
		return usagef("%s does not go with a saved plan, which has its own", flag)
	}
	if o.environments.all || o.environments.changed != "" {
		return usagef("--plan does not go with --all and --changed: a plan is of one environment")
	}
	if name := c.Args().First(); c.NArg() > 1 || c.NArg() == 1 && name != o.planFile {
		if c.NArg() > 1 || namesFile(name) {
			return usagef("apply takes a FILE or --plan PLAN, not both")
		}
		t, err := e.entry(c)
		if err != nil {
			return err
		}
		e = t.env
	}
	return e.watched(c.Context, func(ctx context.Context) error {
		if err := o.read(); err != nil {
			return err
		}
		return o.checkedRun(ctx, e)
	})
}
