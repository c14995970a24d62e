package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
)

func listCommand(e *env) *cli.Command {
	var format string
	return &cli.Command{
		Name:  "list",
		Usage: "list the instances that the Master has",
		Flags: []cli.Flag{formatFlag(&format, "text, or json (docs/list.schema.json)", "text", "json")},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, "slapstar info NAME shows one instance"); err != nil {
				return err
			}
			return e.watched(c.Context, func(ctx context.Context) error {
				return withMaster(e, "", readOnly, func(m *run.Master) error { return runList(ctx, e, m, format) })
			})
		},
	}
}

func runList(ctx context.Context, e *env, m *run.Master, format string) error {
	resume := m.Wait(e.watch)
	state, err := engine.Observe(ctx, m.Reader())
	if err == nil {
		err = m.Complete(ctx, state)
	}
	resume()
	if err != nil {
		return err
	}
	return e.show(format, view.NewInstanceList(state))
}
