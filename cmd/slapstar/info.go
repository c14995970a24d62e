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
	"slapstar/slap"
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
		Flags:     []cli.Flag{formatFlag(&o.format, "text, or json (docs/info.schema.json)", "text", "json"), showSecretsFlag(&o.showSecrets)},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 || c.Args().First() == "" {
				return lang.Hint(usagef("info takes the NAME of one instance, got %q", c.Args().Slice()), "slapstar list shows the names")
			}
			o.name = c.Args().First()
			if err := checkShowSecrets(e, o.showSecrets); err != nil {
				return err
			}
			return e.watched(c.Context, func(ctx context.Context) error {
				return withMaster(e, "", readOnly, func(m *run.Master) error { return runInfo(ctx, e, m, o) })
			})
		},
	}
}

func runInfo(ctx context.Context, e *env, m *run.Master, o infoOptions) error {
	resume := m.Wait(e.watch)
	_, err := m.Reader().Full(ctx) // first: of a full Master more is read, with owner and project
	if err != nil && ctx.Err() != nil {
		resume()
		return err
	}
	i, err := m.Reader().Instance(ctx, o.name)
	resume()
	switch {
	case errors.Is(err, slap.ErrNotFound):
		return unknownInstance(ctx, e, m, o.name)
	case errors.Is(err, slap.ErrNotReady):
		return fmt.Errorf("instance %q is on the Master and not ready: nothing can be read of it yet: %w", o.name, err)
	case err != nil:
		return err
	}
	details := view.NewInstanceDetails(o.name, i, o.showSecrets)
	resume = m.Wait(e.watch)
	upgrades, err := pendingUpgrades(ctx, m)
	resume()
	if err != nil {
		return err
	}
	details.Upgrade = upgrades[o.name]
	return e.show(o.format, details)
}

// unknownInstance suggests a name that there is.
func unknownInstance(ctx context.Context, e *env, m *run.Master, name string) error {
	err := fmt.Errorf("there is no instance %q on this Master", name)
	hint := "slapstar list shows the names"
	resume := m.Wait(e.watch)
	list, readErr := m.Reader().Instances(ctx)
	resume()
	if readErr == nil {
		names := slices.Sorted(maps.Keys(list.Instances))
		names = append(names, slices.Sorted(maps.Keys(list.Partial))...)
		if guess := lang.DidYouMean(name, names); guess != "" {
			hint = guess + " " + hint
		}
	}
	return lang.Hint(err, hint)
}
