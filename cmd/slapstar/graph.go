package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
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
		ArgsUsage: "[FILE|ENV]",
		Flags: append([]cli.Flag{
			formatFlag(&o.format, "mermaid, dot for Graphviz, or text: a tree", "mermaid", "dot", "text"),
			&cli.BoolFlag{Name: "all", Usage: "also what is unchanged", Destination: &o.all},
		}, o.planning.flags()...),
		Action: onEntry(e, &o.file, func(ctx context.Context, e *env) error {
			return e.watched(ctx, func(ctx context.Context) error { return runGraph(ctx, e, o) })
		}),
	}
}

func runGraph(ctx context.Context, e *env, o graphOptions) error {
	o.planning.missingSecrets, o.planning.unchecked = true, true // the order needs neither
	return withMaster(e, o.file, readOnly, func(m *run.Master) error {
		_, plan, err := o.planning.plan(ctx, e, m, o.file)
		if err != nil {
			return err
		}
		e.sayWithheld(plan)
		graph := view.Graph{W: e.Out, All: o.all}
		switch o.format {
		case "dot":
			return graph.DOT(plan)
		case "text":
			return graph.Text(plan)
		}
		return graph.Mermaid(plan)
	})
}
