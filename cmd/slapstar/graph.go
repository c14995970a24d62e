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
			return e.watched(c.Context, func(ctx context.Context) error { return runGraph(ctx, e, o) })
		},
	}
}

func runGraph(ctx context.Context, e *env, o graphOptions) (err error) {
	if o.format != "mermaid" && o.format != "dot" {
		return usagef("--format: got %q, want mermaid or dot", o.format)
	}
	m, err := e.connection().Open(o.file, true)
	if err != nil {
		return err
	}
	defer func() { err = closing(m, err) }()
	_, plan, err := o.planning.plan(ctx, e, m, o.file)
	if err != nil {
		return err
	}
	graph := view.Graph{W: e.Out, All: o.all}
	if o.format == "dot" {
		return graph.DOT(plan)
	}
	return graph.Mermaid(plan)
}
