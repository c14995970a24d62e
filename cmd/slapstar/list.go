package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

func listCommand(e *env) *cli.Command {
	var o listOptions
	return &cli.Command{
		Name:  "list",
		Usage: "list the instances that the Master has",
		Flags: []cli.Flag{
			formatFlag(&o.format, "text, or json (docs/list.schema.json)", "text", "json"),
			&cli.BoolFlag{Name: "all", Usage: "also those of others, and of all projects, that a full Master lets you see, with their owners", Destination: &o.all},
			&cli.BoolFlag{Name: "wide", Usage: "more columns: types, and upgrade decisions that are pending", Destination: &o.wide},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, "slapstar info NAME shows one instance"); err != nil {
				return err
			}
			return e.watched(c.Context, func(ctx context.Context) error {
				return withMaster(e, "", readOnly, func(m *run.Master) error { return o.run(ctx, e, m) })
			})
		},
	}
}

type listOptions struct {
	format    string
	all, wide bool
}

func (o listOptions) run(ctx context.Context, e *env, m *run.Master) error {
	list, odd, err := o.read(ctx, e, m)
	if err != nil {
		return err
	}
	view.SayOddities(e.Err, odd)
	if o.format == "text" {
		return e.show(o.format, view.InstanceTable{List: list, Owners: o.all, Wide: o.wide})
	}
	return e.show(o.format, list)
}

func (o listOptions) read(ctx context.Context, e *env, m *run.Master) (list view.InstanceList, odd []slap.Oddity, err error) {
	defer m.Wait(e.watch)()
	if o.all {
		var all []slap.Instance
		all, odd, err = m.Reader().AllInstances(ctx)
		if errors.Is(err, slap.ErrUnsupported) {
			err = lang.Hint(errors.New("this Master has no owners and no projects"), "without --all list shows all that it has")
		}
		list = view.NewInstances(all)
	} else {
		var state *engine.State
		if state, err = engine.Observe(ctx, m.Reader()); err == nil {
			err = m.Complete(ctx, state)
		}
		if err == nil {
			list, odd = view.NewInstanceList(state), state.Odd
		}
	}
	if err != nil || !o.wide && o.format == "text" {
		return list, odd, err
	}
	upgrades, err := pendingUpgrades(ctx, m)
	list.Upgrades(upgrades)
	return list, odd, err
}

// pendingUpgrades are the states of the upgrade decisions of a full Master that are not
// carried out yet, by the name of the instance. What cannot be read is not known.
func pendingUpgrades(ctx context.Context, m *run.Master) (map[string]string, error) {
	decisions, err := m.Reader().UpgradeDecisions(ctx)
	if err != nil {
		return nil, ctx.Err()
	}
	states := map[string]string{}
	for _, d := range decisions {
		if d.Tree != "" {
			states[d.Tree] = d.State
		}
	}
	return states, nil
}
