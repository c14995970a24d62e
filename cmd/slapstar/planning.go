package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"slapstar/engine"
	"slapstar/starlib"
)

// planningFlags are those of the commands that plan.
type planningFlags struct {
	allowMass bool
	since     string
	selection selectionFlags
	inputs    inputFlags
}

func (f *planningFlags) flags() []cli.Flag {
	list := []cli.Flag{
		&cli.BoolFlag{Name: "allow-mass-destroy", Usage: "destroy also many of the owned instances that are no longer declared", Destination: &f.allowMass},
		&cli.StringFlag{Name: "since", Usage: "compare with the files at the git revision `REV`: what they no longer declare is destroyed", Destination: &f.since,
			Action: func(_ *cli.Context, revision string) error {
				if revision == "" {
					return usagef("--since: got nothing, want a git revision")
				}
				return nil
			}},
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

// stage makes the stage of an entry file.
func (f *planningFlags) stage(ctx context.Context, e *env, m *master, file string) (*stage, error) {
	in, err := f.inputs.inputs(file)
	if err != nil {
		return nil, err
	}
	in.Sources = &starlib.Sources{Text: map[string]string{}}
	s := newStage(e, m, in)
	s.options.AllowMassDestroy = f.allowMass
	if s.options.Selection, err = f.selection.selection(); err != nil {
		return nil, err
	}
	if f.since != "" {
		before, err := sinceInputs(ctx, f.since, in)
		if err != nil {
			return nil, err
		}
		s.compareSince(f.since, before)
	}
	return s, nil
}

// plan makes the plan of an entry file, whole or as it is selected.
func (f *planningFlags) plan(ctx context.Context, e *env, m *master, file string) (*stage, *engine.Plan, error) {
	s, err := f.stage(ctx, e, m, file)
	if err != nil {
		return nil, nil, err
	}
	plan, _, err := s.plan(ctx)
	if err != nil {
		return nil, nil, err
	}
	return s, plan, checkSelection(plan)
}
