package main

import (
	"context"
	"maps"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/proxy"
	"slapstar/starlib/lang"
)

// testTargets runs the tests of files and folders, or of environments: those below the
// folder of the entry file, each with the configuration and the inputs of the environment.
func (o testOptions) testTargets(c *cli.Context, e *env) error {
	switch {
	case o.verbose && o.format == "json":
		return usagef("--list: JSON has every test")
	case o.verbose && o.format == "junit":
		return usagef("--list: JUnit has every test")
	}
	r := &testReport{env: e, options: o}
	return r.ended(func() error { return r.testTargets(c) })
}

func (r *testReport) testTargets(c *cli.Context) error {
	e, o, args := r.env, r.options, c.Args().Slice()
	if o.environments.all || o.environments.changed != "" || len(args) > 0 && !run.Exists(args[0]) && !namesFile(args[0]) {
		targets, err := e.targets(c, o.environments)
		if err != nil {
			return err
		}
		switch {
		case !o.environments.several(targets):
			return r.test(c.Context, targets[0].env, []string{filepath.Dir(targets[0].file)})
		case o.format == "junit":
			return r.testEach(c.Context, targets)
		}
		return e.each(c.Context, targets, o.format, func(ctx context.Context, e *env, file string) error {
			return (&testReport{env: e, options: o}).test(ctx, e, []string{filepath.Dir(file)})
		})
	}
	return r.test(c.Context, e, args)
}

// test runs tests, and shows them.
func (r *testReport) test(ctx context.Context, e *env, args []string) error {
	return e.watched(ctx, func(ctx context.Context) error {
		if err := runTests(ctx, e, r, args); err != nil {
			return err
		}
		return r.show()
	})
}

// testEach runs the tests of several environments, and shows all of them in one document.
// One whose tests cannot be run has the error in it.
func (r *testReport) testEach(ctx context.Context, targets []target) error {
	r.begin()
	var all []ended
	for _, t := range targets {
		n := ended{target: t, err: errNotStarted}
		if r.environment = t.name(); ctx.Err() == nil {
			n.err = t.env.watched(ctx, func(ctx context.Context) error {
				return runTests(ctx, t.env, r, []string{filepath.Dir(t.file)})
			})
		}
		if ctx.Err() == nil && n.message() != "" {
			if err := r.add(view.Test{Problems: problems(n.err)}); err != nil {
				return err
			}
		}
		all = append(all, n)
	}
	return worst(append(all, ended{err: r.show()}))
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

// vars are the inputs of a file: those that the test gives, on top of those of the
// environment.
func (h *testHarness) vars(entry string, given map[string]lang.Var) map[string]lang.Var {
	all := map[string]lang.Var{}
	if list := h.env.environmentsOf(entry); len(list) == 1 {
		for name, value := range list[0].Vars {
			all[name] = lang.Var{JSON: value}
		}
	}
	maps.Copy(all, given)
	return all
}

// open opens the Master of an entry file, with the products that its configuration lists:
// that of the environment, where all that have this entry file have the same one, or that
// which belongs to the file.
func (h *testHarness) open(entry string) (*run.Master, error) {
	connection := h.env.connection()
	if connection.File == "" {
		connection.File = configurationOf(h.env.environmentsOf(entry))
	}
	at, err := connection.Beside(entry)
	if err != nil {
		return nil, err
	}
	if h.used = h.masters[at]; h.used != nil {
		return h.used, nil
	}
	var nodes proxy.Simulator
	if h.nodes != nil {
		nodes = fileSimulator{h.nodes}
	}
	m, err := connection.InMemory(entry, nodes)
	if err != nil {
		return nil, err
	}
	h.masters[at], h.used = m, m
	return m, nil
}

// environmentsOf are the environments that an entry file may be of: that which is tested,
// or those of the project that have it.
func (e *env) environmentsOf(entry string) (list []*run.Environment) {
	if e.environment != nil {
		return []*run.Environment{e.environment}
	}
	path, err := filepath.Abs(entry)
	if err != nil || e.project == nil {
		return nil
	}
	for _, name := range e.project.Names() {
		v := e.project.Find(name)
		if own, err := filepath.Abs(v.File()); err == nil && own == path {
			list = append(list, v)
		}
	}
	return list
}

// configurationOf is the one that all of some environments have; else it is empty.
func configurationOf(list []*run.Environment) string {
	for _, v := range list {
		if v.Configuration() != list[0].Configuration() {
			return ""
		}
	}
	if len(list) == 0 {
		return ""
	}
	return list[0].Configuration()
}
