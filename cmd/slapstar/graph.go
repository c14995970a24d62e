package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/view"
)

type graphOptions struct {
	file     string
	format   string
	all      bool
	planning planningFlags
}

func graphCommand(e *env) *cli.Command {
	var o graphOptions
	return &cli.Command{
		Name:      "graph",
		Usage:     "show in which order the plan is carried out",
		ArgsUsage: "[FILE]",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "format", Usage: "mermaid, or dot for Graphviz", Value: "mermaid", Destination: &o.format},
			&cli.BoolFlag{Name: "all", Usage: "also what is unchanged", Destination: &o.all},
		}, o.planning.flags()...),
		Action: func(c *cli.Context) (err error) {
			if o.file, err = entryFile(c); err != nil {
				return err
			}
			return runGraph(c.Context, e, o)
		},
	}
}

func runGraph(ctx context.Context, e *env, o graphOptions) (err error) {
	if o.format != "mermaid" && o.format != "dot" {
		return usagef("--format: got %q, want mermaid or dot", o.format)
	}
	o.planning.missingSecrets = true // the order does not need them
	m, err := e.connection().Open(o.file, true)
	if err != nil {
		return err
	}
	defer func() { err = closing(m, err) }()
	_, plan, err := o.planning.plan(ctx, e, m, o.file)
	if err != nil {
		return err
	}
	e.sayWithheld(plan)
	graph := view.Graph{W: e.Out, All: o.all}
	if o.format == "dot" {
		return graph.DOT(plan)
	}
	return graph.Mermaid(plan)
}
