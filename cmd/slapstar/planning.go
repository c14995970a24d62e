package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// planningFlags are those of the commands that plan.
type planningFlags struct {
	withoutSecrets bool // ask for none
	missingSecrets bool // do without those that are not given
	unchanged      bool // list what stays as it is
	unchecked      bool // parameters are not compared with schemas, whatever noSchemas says

	allowMass bool
	since     string
	noSchemas bool
	selection selectionFlags
	inputs    inputFlags
	policies  policyFlags
}

func (f *planningFlags) flags() []cli.Flag {
	list := []cli.Flag{
		&cli.BoolFlag{Name: "allow-mass-destroy", Usage: "destroy also many, or all, of what is owned and no longer declared", Destination: &f.allowMass},
		&cli.BoolFlag{Name: "no-schemas", Usage: "do not check parameters against the schemas of the releases", Destination: &f.noSchemas},
		&cli.StringFlag{Name: "since", Usage: "compare with the files at the git revision `REV`: what they no longer declare is destroyed", Destination: &f.since},
	}
	return append(append(list, f.selection.flags()...), f.inputs.flags()...)
}

// given are the flags that a saved plan has an answer to of its own.
func (f *planningFlags) given(c *cli.Context) string {
	for _, name := range []string{"allow-mass-destroy", "since", "target", "exclude", "root", "var", "var-file"} {
		if c.IsSet(name) {
			return "--" + name
		}
	}
	return ""
}

// planner makes the Planner of an entry file.
func (f *planningFlags) planner(ctx context.Context, e *env, m *run.Master, file string) (*run.Planner, error) {
	f.inputs.ask = !f.withoutSecrets && !f.missingSecrets
	in, err := f.inputs.inputs(e, file)
	if err != nil {
		return nil, err
	}
	switch {
	case f.withoutSecrets:
		in.Secret = run.NoSecrets
	case f.missingSecrets:
		in.Secret = run.GivenSecrets(in.Secret)
	}
	in.Sources = &lang.Sources{Text: map[string]string{}}
	p := run.NewPlanner(m, in)
	p.Print, p.Watch = e.printer(), e.watch
	p.Schemas.Dir = f.inputs.schemas
	p.Check = !f.noSchemas && !f.unchecked
	e.watchSchemas(p)
	p.Options.AllowMassDestroy, p.Options.Key, p.Options.Unchanged = f.allowMass, e.key, f.unchanged
	p.Options.Selection = f.selection.selection()
	if p.Policies, err = f.policies.policies(ctx, e, in.Source); err != nil {
		return nil, err
	}
	if f.since != "" {
		before, err := run.Since(ctx, f.since, in)
		if err != nil {
			return nil, err
		}
		p.CompareSince(f.since, before)
		if err := run.CompareFork(ctx, p, f.since, in); err != nil {
			return nil, err
		}
	}
	if err := e.lookAtNeighbours(p, f.inputs); err != nil {
		return nil, err
	}
	return p, f.protectBase(ctx, e, p, in)
}

// protectBase makes plans of a stranger's files keep what the base protects.
func (f *planningFlags) protectBase(ctx context.Context, e *env, p *run.Planner, in starlib.Inputs) error {
	revision := e.global.connection.Trust.Base
	if revision == "" {
		return nil
	}
	base, there, err := run.Base(ctx, revision, in)
	if err != nil || !there {
		return err
	}
	p.ProtectBase(revision, base)
	return nil
}

// sayWithheld says what a plan does not show for want of secrets.
func (e *env) sayWithheld(plan *engine.Plan) {
	n := plan.NotCompared()
	switch {
	case n > 0 && len(plan.Withheld()) == 0:
		fmt.Fprintf(e.Err, "slapstar: not compared, since the files are untrusted and make something of a credential: %s\n", term.Counted(n, "value"))
	case n > 0:
		fmt.Fprintf(e.Err, "slapstar: not compared, since the secrets %s are not given: %s\n", engine.Quoted(plan.Withheld()), term.Counted(n, "value"))
	}
}

// plan makes the plan of an entry file, whole or as it is selected.
func (f *planningFlags) plan(ctx context.Context, e *env, m *run.Master, file string) (*run.Planner, *engine.Plan, error) {
	p, err := f.planner(ctx, e, m, file)
	if err != nil {
		return nil, nil, err
	}
	plan, _, err := p.Plan(ctx)
	if err != nil {
		return nil, nil, err
	}
	return p, plan, checkSelection(plan)
}
