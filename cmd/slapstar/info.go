package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/credential"
	"slapstar/starlib/lang"
)

type infoOptions struct {
	name        string
	format      string
	showSecrets bool
}

func infoCommand(e *env) *cli.Command {
	var o infoOptions
	return &cli.Command{
		Name:      "info",
		Usage:     "show all that the Master tells of one instance",
		ArgsUsage: "NAME",
		Flags:     []cli.Flag{formatFlag(&o.format), showSecretsFlag(&o.showSecrets)},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 || c.Args().First() == "" {
				return lang.Hint(usagef("info takes the NAME of one instance, got %q", c.Args().Slice()), "slapstar list shows the names")
			}
			o.name = c.Args().First()
			if err := checkFormat(o.format); err != nil {
				return err
			}
			if err := checkShowSecrets(e, o.showSecrets); err != nil {
				return err
			}
			return reading(e, func(m *run.Master) error { return runInfo(c.Context, e, m, o) })
		},
	}
}

func runInfo(ctx context.Context, e *env, m *run.Master, o infoOptions) error {
	i, err := m.Reader().Instance(ctx, o.name)
	switch {
	case errors.Is(err, slap.ErrNotFound):
		return unknownInstance(ctx, m, o.name)
	case errors.Is(err, slap.ErrNotReady):
		return fmt.Errorf("instance %q is on the Master and not ready: nothing can be read of it yet: %w", o.name, err)
	case err != nil:
		return err
	}
	d := newInstanceDetails(i, o.showSecrets)
	d.Name = o.name
	if o.format == "json" {
		return view.JSON(e.Out, d)
	}
	return d.write(e)
}

// unknownInstance suggests a name that there is.
func unknownInstance(ctx context.Context, m *run.Master, name string) error {
	err := fmt.Errorf("there is no instance %q on this Master", name)
	hint := "slapstar list shows the names"
	if list, err := m.Reader().Instances(ctx); err == nil {
		names := slices.Sorted(maps.Keys(list.Instances))
		names = append(names, slices.Sorted(maps.Keys(list.Partial))...)
		if guess := lang.DidYouMean(name, names); guess != "" {
			hint = guess + " " + hint
		}
	}
	return lang.Hint(err, hint)
}

// instanceDetails are an instance as info shows it.
type instanceDetails struct {
	listed
	GUID                 string            `json:"guid"`
	Root                 string            `json:"root"`
	Status               string            `json:"status"` // what the node reported last; empty where the Master does not tell
	Parameters           map[string]string `json:"parameters"`
	ConnectionParameters map[string]string `json:"connection_parameters"`
	SLA                  map[string]string `json:"sla"` // null where the Master does not tell
}

func newInstanceDetails(i slap.Instance, showSecrets bool) instanceDetails {
	d := instanceDetails{listed: newListed(i.Name, i), GUID: i.GUID, Root: i.Root, Status: i.AccessStatus,
		Parameters: masked(i.Parameters, showSecrets), ConnectionParameters: masked(i.ConnectionParameters, showSecrets)}
	if i.SLAKnown {
		d.SLA = masked(i.SLA, true)
	}
	return d
}

// masked are parameters without what looks like a credential; of a JSON document only
// the leaves that do are left out.
func masked(p slap.Parameters, show bool) map[string]string {
	m := make(map[string]string, len(p))
	for key, value := range p {
		if !show {
			value = credential.Mask(key, value, engine.Masked)
		}
		m[key] = value
	}
	return m
}

func (d *instanceDetails) write(e *env) error {
	place := orDash(d.Computer)
	if d.Partition != "" {
		place += ", " + d.Partition
	}
	rows := [][]string{
		{"name", d.Name},
		{"state", d.State},
		{"software release", d.SoftwareRelease},
		{"software type", d.SoftwareType},
		{"shared", yesNo(d.Shared)},
		{"node", place},
		{"guid", orDash(d.GUID)},
		{"status", orDash(d.Status)},
	}
	for _, group := range []struct {
		name   string
		values map[string]string
		absent string
	}{
		{"sla", d.SLA, "(this Master does not tell)"},
		{"parameters", d.Parameters, "(none)"},
		{"connection parameters", d.ConnectionParameters, "(none)"},
	} {
		first := "(none)"
		switch {
		case group.values == nil:
			first = group.absent
		case len(group.values) > 0:
			first = ""
		}
		rows = append(rows, []string{group.name, first})
		for _, key := range slices.Sorted(maps.Keys(group.values)) {
			rows = append(rows, []string{"  " + key, group.values[key]})
		}
	}
	return view.Table(e.Out, rows)
}
