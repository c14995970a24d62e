package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/starlib"
)

type orphansOptions struct {
	file   string
	format string
	inputs inputFlags
}

func orphansCommand(e *env) *cli.Command {
	var o orphansOptions
	return &cli.Command{
		Name:      "orphans",
		Usage:     "list the instances on the Master that FILE does not declare",
		ArgsUsage: "[FILE]",
		Flags:     append([]cli.Flag{formatFlag(&o.format, "text, or json (docs/orphans.schema.json)", "text", "json")}, o.inputs.flags()...),
		Action:    onEntry(&o.file, func(ctx context.Context) error { return runOrphans(ctx, e, o) }),
	}
}

func runOrphans(ctx context.Context, e *env, o orphansOptions) error {
	in, err := o.inputs.inputs(o.file)
	if err != nil {
		return err
	}
	return withMaster(e, o.file, readOnly, func(m *run.Master) error { return showOrphans(ctx, e, m, in, o.format) })
}

func showOrphans(ctx context.Context, e *env, m *run.Master, in starlib.Inputs, format string) error {
	planner := run.NewPlanner(m, in)
	planner.Print = e.printer()
	plan, state, err := planner.Plan(ctx)
	if err != nil {
		return err
	}
	if err := m.Complete(ctx, state); err != nil {
		return err
	}
	if plan.More != nil {
		fmt.Fprintf(e.Err, "slapstar: the files may declare more once %s of instance %s is known\n",
			term.Quote(plan.More.Reference.Key), term.Name(plan.More.Reference.Instance))
	}
	return e.show(format, view.NewOrphanList(state, plan.Declared))
}
