package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
)

func computersCommand(e *env) *cli.Command {
	var format string
	return &cli.Command{
		Name:  "computers",
		Usage: "list the nodes that the Master knows; of a full one also instance nodes, remote nodes and networks",
		Flags: []cli.Flag{formatFlag(&format, "text, or json (docs/computers.schema.json)", "text", "json")},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, ""); err != nil {
				return err
			}
			return e.watched(c.Context, func(ctx context.Context) error {
				return withMaster(e, "", readOnly, func(m *run.Master) error { return runComputers(ctx, e, m, format) })
			})
		},
	}
}

func runComputers(ctx context.Context, e *env, m *run.Master, format string) error {
	resume := m.Wait(e.watch)
	nodes, err := m.Reader().AllNodes(ctx)
	resume()
	if err != nil {
		return fmt.Errorf("reading the compute nodes: %w", err)
	}
	return e.show(format, view.NewNodeList(nodes))
}
