package main

import (
	"context"
	"fmt"
	"path/filepath"

	"slapstar/cmd/slapstar/internal/adopt"
	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// importedFile is what a file is called that goes to standard output.
const importedFile = "imported.star"

// runImport writes declarations of what FILE does not declare.
func (o *orphansOptions) runImport(ctx context.Context, e *env) error {
	if o.into.secrets == secretsFile { // where secrets are read is where new ones go
		o.into.secretDir = o.inputs.secretDir
	}
	if err := o.into.check(); err != nil {
		return err
	}
	if o.into.secretDir != "" {
		if o.inputs.secretDir = ""; run.Exists(o.into.secretDir) {
			o.inputs.secretDir = o.into.secretDir
		}
	}
	in, err := o.inputs.inputs(e, o.file)
	if err != nil {
		return err
	}
	in.Secret = run.GivenSecrets(in.Secret)
	name, err := o.nameIn(in.Source)
	if err != nil {
		return err
	}
	o.into.schemas = o.inputs.schemas
	return withMaster(e, o.file, readOnly, func(m *run.Master) error {
		planner := run.NewPlanner(m, in)
		planner.Watch = e.watch
		planner.Schemas.Dir = o.inputs.schemas
		if err := e.lookAtNeighbours(planner, o.inputs); err != nil {
			return err
		}
		plan, state, err := planner.Plan(ctx)
		if err != nil {
			return err
		}
		i := &run.Import{Entry: name, Onto: &in, Paste: o.into.out == "", Options: adopt.Options{Declared: map[string]bool{}, Taken: map[string]bool{}, Without: notOwned(plan.Declared, state, plan.Options.Others)}}
		for _, c := range append([]*engine.Config{plan.Declared}, plan.Options.Others...) {
			for _, r := range c.Resources {
				i.Options.Declared[string(r.Address())] = true
			}
		}
		for _, asked := range plan.Declared.Inputs {
			i.Options.Taken[asked] = true
		}
		for _, secret := range plan.Declared.Secrets {
			i.Options.Hidden = append(i.Options.Hidden, secret.Literal)
		}
		if plan.More != nil {
			view.Say(e.Err, "the files may declare more once they know more: what that is would be declared twice")
		}
		done, err := o.into.run(ctx, e, m, i)
		if err != nil {
			return err
		}
		done.Files[filepath.Base(o.into.entry())] = done.Files[name]
		if filepath.Base(o.into.entry()) != name {
			delete(done.Files, name)
		}
		if err := o.into.write(e, done); err != nil {
			return err
		}
		if o.into.out != "" && len(done.Config.Resources) > 0 {
			fmt.Fprintf(e.Err, "Next: add this line to %s:\n%s", term.Escape(o.file), starlib.LoadLine("//"+name))
		}
		return nil
	})
}

// nameIn is the name of the new file below the root of FILE, which has to load it.
func (o *orphansOptions) nameIn(in lang.Source) (string, error) {
	if o.into.out == "" {
		return importedFile, nil
	}
	root, err := filepath.Abs(in.Folder())
	if err != nil {
		return "", err
	}
	out, err := filepath.Abs(o.into.out)
	if err != nil {
		return "", err
	}
	name, err := filepath.Rel(root, out)
	if err != nil || !filepath.IsLocal(name) {
		return "", lang.Hint(usagef("--out %s: %s cannot load it: it is outside of its folder", o.into.out, o.file), "--root FOLDER names a folder that holds both")
	}
	return filepath.ToSlash(name), nil
}

// notOwned are the instances that the files cannot declare: those of which they claim none,
// where they have claims, and those that other environments claim.
func notOwned(c *engine.Config, s *engine.State, others []*engine.Config) map[string]string {
	without := map[string]string{}
	add := func(of *engine.Config, claimed bool, why string) {
		if len(of.Claims) == 0 {
			return
		}
		owners := of.Ownership(s)
		for _, name := range s.Names() {
			if (owners.Claim(name) != nil) == claimed {
				without[string(engine.InstanceAddress(name))] = why
			}
		}
	}
	add(c, false, "it is not among those that the files own")
	for _, other := range others {
		add(other, true, "it is among those that another environment owns")
	}
	return without
}
