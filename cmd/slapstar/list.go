package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/slap"
)

func listCommand(e *env) *cli.Command {
	var format string
	return &cli.Command{
		Name:  "list",
		Usage: "list the instances that the Master has",
		Flags: []cli.Flag{formatFlag(&format, "text or json", "text", "json")},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, "slapstar info NAME shows one instance"); err != nil {
				return err
			}
			return withMaster(e, "", readOnly, func(m *run.Master) error { return runList(c.Context, e, m, format) })
		},
	}
}

// A listed is an instance as list and orphans show it.
type listed struct {
	Name            string `json:"name"`
	State           string `json:"state"` // "not ready" when the Master cannot tell yet
	SoftwareRelease string `json:"software_release"`
	SoftwareType    string `json:"software_type"`
	Shared          bool   `json:"shared"`
	Computer        string `json:"computer"` // empty where the Master does not tell
	Partition       string `json:"partition"`
	OwnedBy         string `json:"owned_by,omitempty"` // of orphans: the claim that destroys it
}

func runList(ctx context.Context, e *env, m *run.Master, format string) error {
	state, err := engine.Observe(ctx, m.Reader())
	if err != nil {
		return err
	}
	list, err := readListed(ctx, m, state, instanceNames(state))
	if err != nil {
		return err
	}
	if format == "json" {
		return view.JSON(e.Out, list)
	}
	if len(list) == 0 {
		fmt.Fprintln(e.Err, "slapstar: there is no instance on this Master")
		return nil
	}
	rows := [][]string{{"NAME", "STATE", "NODE", "SHARED", "RELEASE"}}
	for _, l := range list {
		rows = append(rows, []string{l.Name, l.State, orDash(l.Computer), yesNo(l.Shared), l.SoftwareRelease})
	}
	return view.Table(e.Out, rows)
}

// instanceNames are those of all instances that a Master told of, in order.
func instanceNames(s *engine.State) []string {
	all := map[string]bool{}
	for name := range s.Instances {
		all[name] = true
	}
	for _, list := range []map[string]bool{s.NotReady, s.Unread} {
		for name := range list {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// readListed reads what a bulk read did not answer of the named instances.
func readListed(ctx context.Context, m *run.Master, s *engine.State, names []string) ([]listed, error) {
	if _, err := s.Complete(ctx, m.Reader(), &engine.Config{Reads: names}); err != nil {
		return nil, err
	}
	list := []listed{}
	for _, name := range names {
		i, ok := s.Instances[name]
		if !ok {
			list = append(list, listed{Name: name, State: "not ready"})
			continue
		}
		list = append(list, newListed(name, i))
	}
	return list, nil
}

func newListed(name string, i slap.Instance) listed {
	return listed{Name: name, State: i.State, SoftwareRelease: i.SoftwareRelease, SoftwareType: i.SoftwareType,
		Shared: i.Shared, Computer: i.Computer, Partition: i.Partition}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
