package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/slap"
)

func computersCommand(e *env) *cli.Command {
	var format string
	return &cli.Command{
		Name:  "computers",
		Usage: "list the compute nodes that the Master knows",
		Flags: []cli.Flag{formatFlag(&format, "text or json", "text", "json")},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, ""); err != nil {
				return err
			}
			return withMaster(e, "", readOnly, func(m *run.Master) error { return runComputers(c.Context, e, m, format) })
		},
	}
}

func runComputers(ctx context.Context, e *env, m *run.Master, format string) error {
	nodes, err := m.Reader().Nodes(ctx)
	if err != nil {
		return fmt.Errorf("reading the compute nodes: %w", err)
	}
	slices.SortFunc(nodes, func(a, b slap.Node) int {
		return cmp.Or(cmp.Compare(a.Reference, b.Reference), cmp.Compare(a.Title, b.Title))
	})
	if format == "json" {
		type node struct {
			Reference string `json:"reference"`
			Title     string `json:"title"`
		}
		list := make([]node, len(nodes))
		for i, n := range nodes {
			list[i] = node(n)
		}
		return view.JSON(e.Out, list)
	}
	if len(nodes) == 0 {
		fmt.Fprintln(e.Err, "slapstar: this Master knows no compute node")
		return nil
	}
	rows := [][]string{{"REFERENCE", "TITLE"}}
	for _, n := range nodes {
		rows = append(rows, []string{n.Reference, n.Title})
	}
	return view.Table(e.Out, rows)
}
