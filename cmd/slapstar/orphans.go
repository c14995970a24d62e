package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/slap"
	"slapstar/starlib"
)

type orphansOptions struct {
	file   string
	format string
	inputs inputFlags
	adopt  bool
	into   importFlags

	environments targetFlags
}

func orphansCommand(e *env) *cli.Command {
	var o orphansOptions
	return &cli.Command{
		Name:      "orphans",
		Usage:     "list the instances and the software on the Master that FILE does not declare",
		ArgsUsage: "[FILE|ENV ...]",
		Flags: slices.Concat([]cli.Flag{
			formatFlag(&o.format, "text, or json (docs/orphans.schema.json)", "text", "json"),
			&cli.BoolFlag{Name: "import", Usage: "write declarations of them instead, to --out or standard output: as slapstar import does, beside FILE", Destination: &o.adopt},
		}, o.into.flags(), o.environments.flags(), o.inputs.flags()),
		Action: func(c *cli.Context) error {
			if err := o.check(); err != nil {
				return err
			}
			run := func(ctx context.Context, e *env, file string) error {
				o := o
				o.file = file
				return e.watched(ctx, func(ctx context.Context) error { return runOrphans(ctx, e, o) })
			}
			if o.adopt { // one file is written
				return onEntry(e, &o.file, func(ctx context.Context, e *env) error { return run(ctx, e, o.file) })(c)
			}
			return onTargets(e, &o.environments, &o.format, run)(c)
		},
	}
}

// check returns an error for flags that do not go together.
func (o *orphansOptions) check() error {
	switch {
	case !o.adopt && o.into != (importFlags{secrets: secretsEnv}):
		return usagef("--out, --overwrite, --secrets and --no-schemas go with --import")
	case o.adopt && (o.environments.all || o.environments.changed != ""):
		return usagef("--import does not go with --all and --changed: it writes one file, for one environment")
	case o.adopt && o.format != "text":
		return usagef("--import writes Starlark: it does not go with --format")
	}
	return nil
}

func runOrphans(ctx context.Context, e *env, o orphansOptions) error {
	if o.adopt {
		return o.runImport(ctx, e)
	}
	in, err := o.inputs.inputs(e, o.file)
	if err != nil {
		return err
	}
	in.Secret = run.GivenSecrets(in.Secret) // a name holds none
	return withMaster(e, o.file, readOnly, func(m *run.Master) error { return o.show(ctx, e, m, in) })
}

func (o orphansOptions) show(ctx context.Context, e *env, m *run.Master, in starlib.Inputs) error {
	planner := run.NewPlanner(m, in)
	planner.Print, planner.Watch = e.printer(), e.watch
	planner.Schemas.Dir = o.inputs.schemas
	if err := e.lookAtNeighbours(planner, o.inputs); err != nil {
		return err
	}
	plan, state, err := planner.Plan(ctx)
	if err != nil {
		return err
	}
	resume := m.Wait(e.watch)
	err = errors.Join(m.Complete(ctx, state), m.CompleteSoftware(ctx, state))
	resume()
	if errors.Is(err, slap.ErrUnsupported) {
		fmt.Fprintln(e.Err, "slapstar: this Master does not list its compute nodes: only the software of those that FILE names is looked at")
	} else if err != nil {
		return err
	}
	switch more := plan.More; {
	case more != nil && more.Secret != "":
		fmt.Fprintf(e.Err, "slapstar: the files may declare more with the secret %s, which is not given\n", term.Quote(more.Secret))
	case more != nil:
		fmt.Fprintf(e.Err, "slapstar: the files may declare more once %s of instance %s is known\n",
			term.Quote(more.Reference.Name()), term.Name(more.Reference.Instance))
	}
	return e.show(o.format, view.NewOrphanList(state, plan.Declared, plan.Options.Others...))
}
