package main

import (
	"io"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
)

type showOptions struct {
	path    string
	format  string
	summary bool
	group   bool
	outputs outputFlags
}

func showCommand(e *env) *cli.Command {
	var o showOptions
	return &cli.Command{
		Name:      "show",
		Usage:     "show a plan that plan --out has saved; needs neither the files nor the Master",
		ArgsUsage: "PLAN",
		Flags: append([]cli.Flag{
			formatFlag(&o.format, "text, json (docs/plan.schema.json), markdown for a merge request, or html: a page", "text", "json", "markdown", "html"),
			&cli.BoolFlag{Name: "summary", Usage: "a line a change, without details", Destination: &o.summary},
			&cli.BoolFlag{Name: "group", Usage: "changes that are alike are one entry with all names", Destination: &o.group},
		}, o.outputs.flags()...),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return usagef("got %d arguments, want the file of a plan: slapstar show PLAN", c.NArg())
			}
			o.path = c.Args().First()
			return runShow(e, o)
		},
	}
}

func runShow(e *env, o showOptions) error {
	if o.summary && o.format == "json" {
		return usagef("--summary: JSON has its counts under \"summary\" and is always whole")
	}
	if err := o.outputs.check(); err != nil {
		return err
	}
	saved, err := run.ReadPlan(o.path)
	if err != nil {
		return err
	}
	plan := saved.Plan.Restore()
	if o.outputs.title != "" {
		saved.Plan.Context.Title = o.outputs.title
	}
	o.outputs.context = saved.Plan.Context
	inJSON := func(w io.Writer) error { return view.SavedJSON(w, saved.Plan) }
	if err := o.outputs.write(e, plan, saved.File, inJSON); err != nil {
		return err
	}
	switch o.format {
	case "json":
		return inJSON(e.Out)
	case "html":
		return o.outputs.page(e.Out).Plan(plan)
	case "markdown":
		return o.outputs.markdownView(e.Out, saved.File, o.summary).Plan(plan)
	}
	return view.Text{W: e.Out, Color: e.Color, Width: e.OutColumns(), Brief: o.summary, Group: o.group}.Plan(plan)
}
