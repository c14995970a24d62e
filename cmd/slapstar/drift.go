package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/engine/document"
)

type driftOptions struct {
	file      string
	format    string
	title     string
	since     string
	selection selectionFlags
	inputs    inputFlags

	environments targetFlags
}

func driftCommand(e *env) *cli.Command {
	var o driftOptions
	return &cli.Command{
		Name:      "drift",
		Usage:     "show what differs on the Master though nobody has edited the files; writes nothing, and exits with 5 if there is any",
		ArgsUsage: "[FILE|ENV ...]",
		Flags: slices.Concat([]cli.Flag{
			formatFlag(&o.format, "text, markdown for a comment, or json (docs/drift.schema.json)", "text", "markdown", "json"),
			&cli.StringFlag{Name: "since", Usage: "what is edited since the git revision `REV` is no drift (default: HEAD)", Destination: &o.since},
			&cli.StringFlag{Name: "title", Usage: "`TITLE` of the Markdown, by which several are told apart", Destination: &o.title},
		}, o.environments.flags(), o.selection.flags(), o.inputs.flags()),
		Action: func(c *cli.Context) error {
			if o.title != "" && o.format != "markdown" {
				return usagef("--title goes with --format markdown")
			}
			return onTargets(e, &o.environments, &o.format, func(ctx context.Context, e *env, file string) error {
				o := o
				o.file = file
				return e.watched(ctx, func(ctx context.Context) error { return runDrift(ctx, e, o) })
			})(c)
		},
	}
}

func runDrift(ctx context.Context, e *env, o driftOptions) error {
	return withMaster(e, o.file, readOnly, func(m *run.Master) error {
		found, err := o.find(ctx, e, m)
		if err != nil {
			return err
		}
		if err := o.show(e, found); err != nil {
			return err
		}
		if found.Drifted() {
			return errDrift
		}
		return nil
	})
}

func (o driftOptions) find(ctx context.Context, e *env, m *run.Master) (*engine.Drift, error) {
	planning := planningFlags{missingSecrets: true, unchecked: true, selection: o.selection, inputs: o.inputs}
	planner, err := planning.planner(ctx, e, m, o.file)
	if err != nil {
		return nil, err
	}
	without, err := planner.CompareBase(ctx, o.since)
	if err != nil {
		return nil, err
	}
	if without != nil {
		fmt.Fprintf(e.Err, "slapstar: what was edited is not known, so all that differs counts: %s\n", term.Escape(without.Error()))
	}
	found, err := planner.Drift(ctx)
	if err != nil {
		return nil, err
	}
	return found, checkSelection(found.Plan)
}

func (o driftOptions) show(e *env, found *engine.Drift) error {
	switch o.format {
	case "json":
		return view.DriftJSON(e.Out, found)
	case "markdown":
		base := linkBase(target{e, o.file}.folder())
		return view.Markdown{W: e.Out, Context: document.Context{Title: e.title(o.title), Commit: commit()}, LinkBase: base}.Drift(found)
	}
	return view.Text{W: e.Out, Color: e.Color, Width: e.OutColumns()}.Drift(found)
}
