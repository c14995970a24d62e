package main

import (
	"context"
	"reflect"
	"slices"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/view"
	"slapstar/starlib/lang"
	"slapstar/starlib/project"
)

// validateTargets validates one FILE, or environments. What a CI system shows on lines is
// one report of all of them.
func (o validateOptions) validateTargets(c *cli.Context, e *env) error {
	r := o.reporter(c.Args().First())
	switch {
	case o.list && r.machine():
		return usagef("--inputs: there is no list of inputs in %s, want text or json", o.format)
	case o.strict && o.noSchemas:
		return usagef("--strict does not go with --no-schemas")
	case !r.machine():
		return onTargets(e, &o.environments, &o.format, o.validate)(c)
	}
	return e.annotated(r, func() error {
		targets, err := e.targets(c, o.environments)
		if err != nil {
			return err
		}
		if !o.environments.several(targets) {
			t := targets[0]
			r.of(t, o.inputs.root)
			o.found = &[]view.Finding{}
			err := o.validate(c.Context, t.env, t.file)
			if err != nil && !silent(err) {
				return err
			}
			if failed := r.write(e, *o.found); failed != nil {
				return failed
			}
			return err
		}
		return o.annotateEach(c.Context, e, r, targets)
	})
}

func (o validateOptions) validate(ctx context.Context, e *env, file string) error {
	o.file = file
	return e.watched(ctx, func(ctx context.Context) error {
		if o.list {
			return o.listInputs(ctx, e)
		}
		return runValidate(ctx, e, o)
	})
}

// annotateEach validates environments, and writes one report. What is wrong with a file that
// several of them load is in it once.
func (o validateOptions) annotateEach(ctx context.Context, e *env, r *reporter, targets []target) error {
	var all []ended
	for _, t := range targets {
		n := ended{target: t, err: errNotStarted}
		if ctx.Err() == nil {
			r.of(t, "")
			o.found = &[]view.Finding{}
			e.sayEnvironment(e.Err, t)
			if n.err = o.validate(ctx, t.env, t.file); n.message() != "" {
				printError(e.Err, n.err)
				*o.found = append(*o.found, findingsOf(n.err)...)
			}
			for _, f := range *o.found {
				if f.File == "" { // the report is of several entry files
					f.File = t.env.entryName()
				}
				if !slices.ContainsFunc(r.found, func(other view.Finding) bool { return reflect.DeepEqual(f, other) }) {
					r.found = append(r.found, f)
				}
			}
		}
		all = append(all, n)
	}
	if ctx.Err() != nil {
		return worst(all)
	}
	found := r.found
	r.found = nil
	if err := r.write(e, found); err != nil {
		return err
	}
	return worst(all)
}

// reporter is what tells a CI system what is wrong with the files, before it is known which
// they are: with an argument that may be a file.
func (o validateOptions) reporter(arg string) *reporter {
	r := &reporter{format: o.format, folder: ".", entry: project.File}
	switch {
	case o.environments.all || o.environments.changed != "":
	case arg == "":
		r.of(target{file: defaultEntry}, o.inputs.root)
	case namesFile(arg):
		r.of(target{file: arg}, o.inputs.root)
	}
	return r
}

// of makes the report one of a target.
func (r *reporter) of(t target, root string) {
	if root == "" && t.env != nil && t.env.project != nil {
		root = t.env.project.Root
	}
	r.folder, r.entry = lang.Source{File: t.file, Root: root}.Folder(), t.file
}
