package main

import (
	"context"
	"maps"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/starlib/lang"
)

// testTargets runs the tests of files and folders, or of environments: those below the
// folder of the entry file, each with the configuration and the inputs of the environment.
func (o testOptions) testTargets(c *cli.Context, e *env) error {
	args := c.Args().Slice()
	if o.environments.all || o.environments.changed != "" || len(args) > 0 && !run.Exists(args[0]) && !namesFile(args[0]) {
		targets, err := e.targets(c, o.environments)
		if err != nil {
			return err
		}
		test := func(ctx context.Context, e *env, file string) error {
			return e.watched(ctx, func(ctx context.Context) error { return runTests(ctx, e, o, []string{filepath.Dir(file)}) })
		}
		if !o.environments.several(targets) {
			return test(c.Context, targets[0].env, targets[0].file)
		}
		return e.each(c.Context, targets, o.format == "json", test)
	}
	return e.watched(c.Context, func(ctx context.Context) error { return runTests(ctx, e, o, args) })
}

// newTestRun makes the run of a file of tests. In a project its root is that of the project.
func newTestRun(ctx context.Context, e *env, o testOptions, file string) (*testRun, error) {
	sub := *e
	if sub.project == nil {
		var err error
		if sub.project, err = e.findProject(ctx, filepath.Dir(file)); err != nil {
			return nil, err
		}
	}
	root := o.root
	if root == "" && sub.project != nil {
		root = sub.project.Root
	}
	return &testRun{env: &sub, options: o, file: file, inputs: e.watch.Source(lang.Source{File: file, Root: root, Print: e.printer()})}, nil
}

// vars are the inputs that a test gives to a file, on top of those of the environment.
func (h *testHarness) vars(given map[string]lang.Var) map[string]lang.Var {
	all := map[string]lang.Var{}
	if v := h.env.environment; v != nil {
		for name, value := range v.Vars {
			all[name] = lang.Var{JSON: value}
		}
	}
	maps.Copy(all, given)
	return all
}

// open opens the Master of an entry file, with the products that its configuration lists:
// that of the environment, or of the only one that has this entry file, or that which
// belongs to the file.
func (h *testHarness) open(entry string) (*run.Master, error) {
	connection := h.env.connection()
	if v := h.env.soleEnvironment(entry); connection.File == "" && v != nil {
		connection.File = v.Configuration()
	}
	at, err := connection.Beside(entry)
	if err != nil {
		return nil, err
	}
	if h.used = h.masters[at]; h.used != nil {
		return h.used, nil
	}
	m, err := connection.InMemory(entry)
	if err != nil {
		return nil, err
	}
	h.masters[at], h.used = m, m
	return m, nil
}

// soleEnvironment is the only environment of the project that has an entry file; nil: none
// has it, or several do with different configurations.
func (e *env) soleEnvironment(entry string) (found *run.Environment) {
	if e.project == nil {
		return nil
	}
	path, err := filepath.Abs(entry)
	if err != nil {
		return nil
	}
	for _, name := range e.project.Names() {
		v := e.project.Find(name)
		if own, err := filepath.Abs(v.File()); err != nil || own != path {
			continue
		}
		if found != nil && found.Configuration() != v.Configuration() {
			return nil
		}
		found = v
	}
	return found
}
