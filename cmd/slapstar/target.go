package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/engine"
	"slapstar/starlib/lang"
	"slapstar/starlib/project"
)

// A target is what a command works on: an entry file, alone or of an environment.
type target struct {
	env  *env // of the target: with the project and the environment
	file string
}

// name is the target as messages name it.
func (t target) name() string {
	if t.env.environment != nil {
		return t.env.environment.Name
	}
	return t.file
}

// folder is the one that names of files are relative to: that of the project, or of the file.
func (t target) folder() string {
	if t.env != nil && t.env.project != nil {
		return t.env.project.Root
	}
	return filepath.Dir(t.file)
}

// title tells what is shown of one environment from what is shown of others: the title that
// is given, with the environment.
func (e *env) title(given string) string {
	given = strings.TrimSpace(given)
	switch {
	case e.environment == nil:
		return given
	case given == "":
		return e.environment.Name
	}
	return given + ", " + e.environment.Name
}

// environmentName is that of the environment; empty: there is none.
func (e *env) environmentName() string {
	if e.environment == nil {
		return ""
	}
	return e.environment.Name
}

// environmentArgument is what names the environment after the other arguments of a command.
func (e *env) environmentArgument() string {
	if e.environment == nil {
		return ""
	}
	return " " + e.environment.Name
}

// targetFlags choose environments without naming them.
type targetFlags struct {
	all     bool
	changed string
}

func (f *targetFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "all", Usage: "all environments of the project, one after the other as " + project.File + " has them", Destination: &f.all},
		&cli.StringFlag{Name: "changed", Usage: "of the environments those of which a file has changed since the git revision `REV`", Destination: &f.changed},
	}
}

// targets are what the arguments of a command and the flags name: one FILE, or
// environments of the project that the working folder is in. A name that is both is an
// error. Without any it is main.star.
func (e *env) targets(c *cli.Context, f targetFlags) (list []target, err error) {
	err = e.watched(c.Context, func(ctx context.Context) error {
		list, err = e.find(ctx, c.Command.Name, c.Args().Slice(), f)
		return err
	})
	return list, err
}

func (e *env) find(ctx context.Context, command string, args []string, f targetFlags) ([]target, error) {
	if f.all && len(args) > 0 {
		return nil, usagef("--all takes no argument, got %q", args)
	}
	if !f.all && f.changed == "" && (len(args) == 0 || len(args) == 1 && namesFile(args[0])) {
		t, err := e.fileTarget(ctx, command, args)
		if err != nil {
			return nil, err
		}
		return []target{t}, nil
	}
	p, err := e.findProject(ctx, ".")
	if err != nil {
		return nil, err
	}
	if f.all || len(args) == 0 {
		if args, err = allNames(p); err != nil {
			return nil, err
		}
	}
	list, err := e.environments(p, command, args)
	if err != nil || f.changed == "" {
		return list, err
	}
	return e.changed(ctx, list, f.changed)
}

// namesFile reports whether an argument is a file: one that exists, or that has the name of
// one. A folder is none.
func namesFile(arg string) bool {
	info, err := os.Lstat(arg)
	return err == nil && !info.IsDir() || arg != filepath.Base(arg) || strings.HasSuffix(arg, ".star") || strings.HasSuffix(arg, ".json")
}

// allNames are those of all environments of a project.
func allNames(p *run.Project) ([]string, error) {
	switch {
	case p == nil:
		return nil, lang.Hint(fmt.Errorf("there is no %s here, nor above, which would declare environments", project.File), "docs/howto/environments.md shows one")
	case p.Withheld:
		return nil, errWithheldProject
	case len(p.Environments) == 0:
		return nil, fmt.Errorf("%s declares no environment", filepath.Join(p.Root, project.File))
	}
	return p.Names(), nil
}

// errWithheldProject refuses to take environments from a stranger's project file.
var errWithheldProject = lang.Hint(fmt.Errorf("%w: the files are untrusted, and %s says which Master, which secrets and which policies are used", run.ErrRefused, project.File),
	"--base REV takes it as it is at a revision that you trust")

// environments are the targets of these names.
func (e *env) environments(p *run.Project, command string, names []string) ([]target, error) {
	if p == nil && len(names) == 1 {
		_, err := checkEntry(command, names[0], true)
		return nil, err
	}
	if p == nil {
		return nil, usagef("%s takes one FILE, got %q, and there is no %s here that would declare environments", command, names, project.File)
	}
	if p.Withheld {
		return nil, errWithheldProject
	}
	var list []target
	selected := map[string]bool{}
	around := &neighbours{known: map[string]*run.Neighbour{}}
	for _, name := range names {
		v := p.Find(name)
		switch {
		case v == nil && len(names) == 1:
			_, err := checkEntry(command, name, true)
			return nil, lang.Hint(fmt.Errorf("%w, and no environment of %s has this name", err, filepath.Join(p.Root, project.File)), unknownEnvironment(p, name))
		case v == nil:
			return nil, lang.Hint(usagef("there is no environment %q in %s", name, filepath.Join(p.Root, project.File)), unknownEnvironment(p, name))
		case selected[name]:
			continue
		}
		selected[name] = true
		if err := v.Check(e.global.connection.Trust); err != nil {
			return nil, err
		}
		sub := *e
		sub.project, sub.environment, sub.selected, sub.neighbours = p, v, selected, around
		if sub.global.connection.File == "" {
			sub.global.connection.File = v.Configuration()
		}
		list = append(list, target{&sub, v.File()})
	}
	return list, nil
}

// named is the environment that a flag names.
func (e *env) named(ctx context.Context, command, name string) (target, error) {
	p, err := e.findProject(ctx, ".")
	if err != nil {
		return target{}, err
	}
	if _, err := allNames(p); err != nil {
		return target{}, err
	}
	if p.Find(name) == nil {
		return target{}, lang.Hint(usagef("--environment: there is no environment %q in %s", name, filepath.Join(p.Root, project.File)), unknownEnvironment(p, name))
	}
	list, err := e.environments(p, command, []string{name})
	if err != nil {
		return target{}, err
	}
	return list[0], nil
}

func unknownEnvironment(p *run.Project, name string) string {
	if hint := lang.DidYouMean(name, p.Names()); hint != "" {
		return hint
	}
	if len(p.Environments) == 0 {
		return "it declares none"
	}
	return "its environments are " + engine.Quoted(p.Names())
}

// fileTarget is an entry file, which in a project has the root of that.
func (e *env) fileTarget(ctx context.Context, command string, args []string) (target, error) {
	given := len(args) > 0
	file := defaultEntry
	if given {
		file = args[0]
	}
	folder := filepath.Dir(file)
	if !run.Exists(folder) {
		_, err := checkEntry(command, file, given)
		return target{}, err
	}
	p, err := e.findProject(ctx, folder)
	if err != nil {
		return target{}, err
	}
	if p != nil && given && file == filepath.Base(file) && p.Find(file) != nil {
		return target{}, lang.Hint(usagef("%s is a file here, and an environment of %s", file, filepath.Join(p.Root, project.File)),
			fmt.Sprintf("./%s names the file; from another folder %s is the environment", file, file))
	}
	if _, err := checkEntry(command, file, given); err != nil {
		if p != nil && !given && len(p.Environments) > 0 {
			err = lang.Hint(err, fmt.Sprintf("slapstar %s ENV takes an environment of this project: %s", command, engine.Quoted(p.Names())))
		}
		return target{}, err
	}
	sub := *e
	sub.project = p
	return target{&sub, file}, nil
}

// findProject returns the project that a folder is in, or nil.
func (e *env) findProject(ctx context.Context, folder string) (*run.Project, error) {
	p, err := run.FindProject(ctx, run.Lookup{Folder: folder, Trust: e.global.connection.Trust, Source: e.projectSource, Version: version()})
	if err != nil {
		return nil, err
	}
	if p != nil && e.global.connection.Verbosity > 0 {
		for _, constraint := range p.NotCompared {
			fmt.Fprintf(e.Err, "slapstar: this slapstar (%s) is no release, so that required_version(%q) was not compared\n", version(), constraint)
		}
	}
	return p, nil
}

func (e *env) projectSource(s lang.Source) lang.Source {
	s.Print = e.printer()
	return e.watch.Source(s)
}

// environmentNames are those that an argument of a command may be, for the completion of a
// shell; none where there is no project, or a broken one.
func (e *env) environmentNames(ctx context.Context) (names []string) {
	_ = e.watched(ctx, func(ctx context.Context) error {
		p, err := run.FindProject(ctx, run.Lookup{Folder: ".", Trust: e.global.connection.Trust, Source: e.watch.Source, Version: version()})
		if err == nil && p != nil {
			names = p.Names()
		}
		return err
	})
	return names
}

// errOneTarget is the error of a command that takes one environment and was given more.
func errOneTarget(c *cli.Context) error {
	return usagef("%s takes one FILE or ENV, got %q", c.Command.Name, c.Args().Slice())
}

// checkEntry requires that an entry file exists.
func checkEntry(command, file string, given bool) (string, error) {
	info, err := os.Lstat(file) // a link is for the evaluation to judge
	switch {
	case errors.Is(err, os.ErrNotExist) && !given:
		return "", lang.Hint(fmt.Errorf("there is no file %s here", file), fmt.Sprintf("slapstar %s FILE takes another", command))
	case errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("there is no file %s", file)
	case err != nil:
		return "", err
	case info.IsDir():
		err := fmt.Errorf("%s is a folder, want a file", file)
		if inside := filepath.Join(file, defaultEntry); run.Exists(inside) {
			return "", lang.Hint(err, fmt.Sprintf("did you mean %s?", inside))
		}
		return "", err
	}
	return file, checkNoPlan(file)
}
