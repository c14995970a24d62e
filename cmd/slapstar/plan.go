package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
)

type planOptions struct {
	file             string
	format           string
	detailedExitcode bool
	allowMass        bool
	inputs           inputFlags
}

func planCommand(e *env) *cli.Command {
	var o planOptions
	return &cli.Command{
		Name:      "plan",
		Usage:     "show what apply would do; writes nothing",
		ArgsUsage: "[FILE]",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "format", Usage: "text or json", Value: "text", Destination: &o.format},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 when there are changes", Destination: &o.detailedExitcode},
			allowMassFlag(&o.allowMass),
		}, o.inputs.flags()...),
		Action: func(c *cli.Context) (err error) {
			if o.file, err = entryFile(c); err != nil {
				return err
			}
			return runPlan(c.Context, e, o)
		},
	}
}

func runPlan(ctx context.Context, e *env, o planOptions) (err error) {
	if o.format != "text" && o.format != "json" {
		return usagef("--format: got %q, want text or json", o.format)
	}
	in, err := o.inputs.inputs(o.file)
	if err != nil {
		return err
	}
	m, err := openMaster(e, o.file, true)
	if err != nil {
		return err
	}
	defer func() { err = m.closeAfter(err) }()
	stage := newStage(e, m, in)
	stage.options.AllowMassDestroy = o.allowMass
	plan, _, err := stage.plan(ctx)
	if err != nil {
		return err
	}
	if e.global.verbosity > 0 {
		fmt.Fprintf(e.Err, "the plan took %d requests\n", m.requests.Requests())
	}
	if err := showPlan(e, plan, o.format); err != nil {
		return err
	}
	switch {
	case !plan.CanApply():
		return refused(plan)
	case plan.Pending() && o.detailedExitcode:
		return errPending
	}
	return nil
}

func allowMassFlag(to *bool) cli.Flag {
	return &cli.BoolFlag{Name: "allow-mass-destroy", Usage: "destroy also many of the owned instances that are no longer declared", Destination: to}
}

func showPlan(e *env, plan *engine.Plan, format string) error {
	if format == "json" {
		return view.PlanJSON(e.Out, plan)
	}
	return view.Text{W: e.Out, Color: e.Color}.Plan(plan)
}

// refused is the error for a plan whose refusals have been shown.
func refused(plan *engine.Plan) error {
	return fmt.Errorf("this plan cannot be applied: %d of its changes %w", len(plan.Refusals), errRefused)
}
